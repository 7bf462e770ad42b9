//! Decisions on top-ups, as a table of the cases that an operator asks about.

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::limits::Limits;
use super::super::products::Products;
use super::super::validity::{Extend, Validity};
use super::super::{
    Account, BankRules, Channel, Command, Earlier, Fields, Line, LineKind, Payer, Redelivery, Request, Target,
    decide as decide_any,
};
use super::*;

pub(in crate::domain) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_420)
}

pub(in crate::domain) fn rules() -> Rules {
    Rules {
        validity: Validity::new(Validity::published_tiers(), Extend::Max, 14).unwrap(),
        unknown_subscriber: UnknownSubscriber::Refuse,
        language: None,
        amount_min: Amount::whole(1).unwrap(),
        amount_max: Amount::whole(50).unwrap(),
        redelivery: Redelivery::default(),
        limits: Limits::default(),
        products: Products::default(),
        bonuses: Vec::new(),
        credit_transfer: crate::domain::credit_transfer::tests::rules(),
        dealers: crate::domain::DealerRules::default(),
        ladder: super::super::voucher::Ladder::default(),
        code_rates: super::super::voucher::GuessRates::default(),
        pin_rates: super::super::voucher::GuessRates::default(),
        routes: super::super::Routes::default(),
        links: super::super::LinkRules::default(),
        courtesies: super::super::CourtesyRules::default(),
        answered_later: std::collections::BTreeSet::new(),
        banks: [("closed".to_owned(), BankRules { enabled: false, ..BankRules::default() })].into(),
        accounts: std::collections::BTreeMap::new(),
    }
}

pub(in crate::domain) fn command(minor: i64) -> RechargeCommand {
    let line = Line { msisdn: "38349123456".parse().unwrap(), kind: LineKind::Mobile, operator: None };
    RechargeCommand {
        id: Uuid::from_u128(7),
        request: Request {
            bank: "ekonomike".into(),
            form: "another number".into(),
            service: Service::Mobile,
            target: Target::Line(line),
            amount: Amount::from_minor(minor).ok(),
            repeat: false,
            reference: None,
            fields: Fields::default(),
            language: None,
        },
        payer: Payer::Phone("38349111222".parse().unwrap()),
        channel: Channel::Sms,
        received_at: now(),
        redelivery_doubt_since: None,
    }
}

fn account(balance_minor: i64, valid_until: Option<DateTime<Utc>>) -> Account {
    let key = AccountKey::subscriber("38349123456".parse().unwrap());
    Account { balance_minor, valid_until, ..Account::open(key, now()) }
}

/// The account, and the earlier request if there is one; under a reference, with the same content.
fn loaded(account: Option<&Account>, earlier: Option<Earlier>, same: bool, command: &RechargeCommand) -> LoadedRows {
    let prints = [Some(command.fingerprint()), command.content_print().filter(|_| same)].into_iter().flatten();
    LoadedRows {
        accounts: account.map(|account| (account.key.clone(), account.clone())).into_iter().collect(),
        earlier: prints
            .zip(std::iter::repeat(earlier))
            .filter_map(|(print, earlier)| Some((print, earlier?)))
            .collect(),
        ..LoadedRows::default()
    }
}

fn run(account: Option<&Account>, earlier: Option<Earlier>, command: &RechargeCommand, rules: &Rules) -> Decision {
    let loaded = loaded(account, earlier, true, command);
    decide_any(&loaded, &Command::Recharge(command.clone()), rules, now())
}

fn reason(decision: &Decision) -> Option<Reason> {
    match decision {
        Decision::Refuse(rejection) => Some(rejection.reason),
        _ => None,
    }
}

#[test]
fn credit_comes_from_the_bank_and_extends_validity() {
    let before = Some(now() + TimeDelta::days(3));
    let account = account(250, before);
    let command = command(500);
    let Decision::Post(posting) = run(Some(&account), None, &command, &rules()) else { panic!("not posted") };
    let amount = Amount::whole(5).unwrap();
    let bank = AccountKey::bank_clearing("ekonomike");
    let after = Some(now() + TimeDelta::days(60));
    let validity = Some(ValidityChange { before, after });
    let main = Movement { validity, ..Movement::new(TransferKind::TopUp, bank, account.key.clone(), amount) };
    assert_eq!(posting, Posting { requests: vec![command.fingerprint()], ..Posting::of(main) });
}

#[test]
fn an_unknown_number_is_refused_or_opened_as_configured() {
    assert_eq!(reason(&run(None, None, &command(500), &rules())), Some(Reason::SubscriberUnknown));
    let open = Rules { unknown_subscriber: UnknownSubscriber::Create, ..rules() };
    assert!(matches!(run(None, None, &command(500), &open), Decision::Post(_)));
}

#[test]
fn a_suspended_number_takes_no_credit() {
    let by_time = account(0, Some(now() - TimeDelta::days(14)));
    let by_staff = Account { state: AccountState::Suspended, ..account(0, Some(now() + TimeDelta::days(9))) };
    for account in [by_time, by_staff] {
        assert_eq!(reason(&run(Some(&account), None, &command(500), &rules())), Some(Reason::SubscriberSuspended));
    }
    let receiving = account(0, Some(now() - TimeDelta::days(13)));
    assert!(matches!(run(Some(&receiving), None, &command(500), &rules()), Decision::Post(_)));
}

#[test]
fn amounts_out_of_limits_are_refused_with_the_limits() {
    for minor in [99, 5001] {
        let Decision::Refuse(rejection) = run(Some(&account(0, None)), None, &command(minor), &rules()) else {
            panic!("{minor} minor units were not refused");
        };
        assert_eq!((rejection.details.min.as_deref(), rejection.details.max.as_deref()), (Some("1.00"), Some("50.00")));
    }
}

#[test]
fn the_same_request_within_the_window_points_to_the_first() {
    let earlier = |seconds| Some(Earlier { transfer: Uuid::from_u128(3), at: now() - TimeDelta::seconds(seconds) });
    let account = account(0, None);
    assert!(matches!(run(Some(&account), earlier(119), &command(500), &rules()), Decision::Duplicate { .. }));
    assert!(matches!(run(Some(&account), earlier(120), &command(500), &rules()), Decision::Post(_)));
    let mut referenced = command(500);
    referenced.request.reference = Some("A1".into());
    assert!(matches!(run(Some(&account), earlier(1_000_000), &referenced, &rules()), Decision::Duplicate { .. }));
}

#[test]
fn another_request_under_a_used_reference_is_neither_done_nor_passed_for_the_first() {
    let earlier = Some(Earlier { transfer: Uuid::from_u128(3), at: now() - TimeDelta::days(9) });
    let mut referenced = command(500);
    referenced.request.reference = Some("A1".into());
    let account = account(0, None);
    let loaded = loaded(Some(&account), earlier, false, &referenced);
    assert_eq!(reason(&decide(&loaded, &referenced, &rules(), now())), Some(Reason::ReferenceReused));
}

#[test]
fn what_was_done_on_an_earlier_session_is_known_again_soon_after_the_next_bind() {
    let done = |minutes| Some(Earlier { transfer: Uuid::from_u128(3), at: now() - TimeDelta::minutes(minutes) });
    let bound = |minutes| {
        let redelivery_doubt_since = Some(now() - TimeDelta::minutes(minutes));
        RechargeCommand { redelivery_doubt_since, ..command(500) }
    };
    let account = account(0, None);
    for (done_before, bound_before, again) in [
        (20, 5, true),   // done on the session before, delivered again after the bind
        (59, 14, true),  // as late as that may be
        (61, 5, false),  // too long ago
        (20, 16, false), // the session has been up for too long
        (20, 30, false), // done on this very session
    ] {
        let decision = run(Some(&account), done(done_before), &bound(bound_before), &rules());
        assert_eq!(
            matches!(decision, Decision::Duplicate { .. }),
            again,
            "done {done_before}, bound {bound_before} min ago"
        );
    }
}

#[test]
fn a_clock_set_back_does_not_let_a_duplicate_through() {
    let future = Some(Earlier { transfer: Uuid::from_u128(3), at: now() + TimeDelta::hours(1) });
    assert!(matches!(run(Some(&account(0, None)), future, &command(500), &rules()), Decision::Duplicate { .. }));
}

#[test]
fn a_bank_that_is_switched_off_and_a_service_without_accounts_are_refused_honestly() {
    let mut closed = command(500);
    closed.request.bank = "closed".into();
    assert_eq!(reason(&run(Some(&account(0, None)), None, &closed, &rules())), Some(Reason::BankUnavailable));
    let mut tv = command(500);
    tv.request.service = Service::Tv;
    tv.request.target = Target::Username("arben".into());
    assert_eq!(reason(&run(None, None, &tv, &rules())), Some(Reason::ServiceNotAvailable));
}
