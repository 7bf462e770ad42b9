//! Tests of redemptions: refusals with their reasons, and locks.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::super::super::limits::Limits;
use super::super::super::products::Products;
use super::super::super::validity::{Extend, Validity};
use super::super::super::{
    Cause, Command, Enrolments, LineKind, Needs, Orders, Redelivery, UnknownSubscriber, decide as decide_any,
};
use super::super::Ladder;
use super::*;

const SENDER: &str = "38349111222";
const HASH: CodeHash = CodeHash([7; 32]);

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn number() -> Msisdn {
    "38349123456".parse().unwrap()
}

fn command(hash: CodeHash, at: DateTime<Utc>) -> RedeemCommand {
    RedeemCommand {
        id: Uuid::from_u128(7),
        bank: "operator".into(),
        form: "card".into(),
        hashes: vec![CodeHash([1; 32]), hash],
        sender: SENDER.into(),
        line: Line { msisdn: number(), kind: LineKind::Mobile, operator: None },
        received_at: at,
        order: None,
    }
}

fn used() -> Use {
    Use { sender: SENDER.into(), number: number(), transfer: Uuid::max(), at: DateTime::UNIX_EPOCH }
}

fn card(state: State) -> Card {
    let (own, batch) = match state {
        State::Used => (Some(State::Used), State::Active),
        state => (None, state),
    };
    Card {
        serial: Serial::new(12, 1).unwrap(),
        amount: Amount::whole(5).unwrap(),
        days: None,
        own,
        batch,
        expires_at: if state == State::Expired { now() } else { now() + TimeDelta::days(1) },
        used: (state == State::Used).then(used),
    }
}

fn loaded(card: Card) -> LoadedRows {
    LoadedRows { cards: [(HASH, card)].into(), ..LoadedRows::default() }
}

fn rules() -> Rules {
    Rules {
        validity: Validity::new(Validity::published_tiers(), Extend::Max, 14).unwrap(),
        unknown_subscriber: UnknownSubscriber::Create,
        language: None,
        amount_min: Amount::whole(1).unwrap(),
        amount_max: Amount::whole(50).unwrap(),
        limits: Limits::default(),
        products: Products::default(),
        bonuses: Vec::new(),
        credit_transfer: crate::domain::credit_transfer::tests::rules(),
        dealers: crate::domain::DealerRules::default(),
        redelivery: Redelivery::default(),
        ladder: Ladder::default(),
        code_rates: crate::domain::voucher::GuessRates::default(),
        pin_rates: crate::domain::voucher::GuessRates::default(),
        routes: crate::domain::Routes::default(),
        links: crate::domain::LinkRules::default(),
        courtesies: crate::domain::CourtesyRules::default(),
        answered_later: std::collections::BTreeSet::new(),
        banks: BTreeMap::new(),
        accounts: BTreeMap::new(),
    }
}

fn posted(decision: Decision) -> Posting {
    match decision {
        Decision::Post(posting) => posting,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_an_active_card_is_redeemed() {
    let earlier = Earlier { transfer: Uuid::max(), at: DateTime::UNIX_EPOCH };
    for (state, expected) in [
        (State::Generating, Verdict::Wrong),
        (State::Generated, Verdict::Refuse(Reason::VoucherNotActive)),
        (State::Printed, Verdict::Refuse(Reason::VoucherNotActive)),
        (State::Distributed, Verdict::Refuse(Reason::VoucherNotActive)),
        (State::Active, Verdict::Redeem),
        (State::Used, Verdict::Duplicate(earlier)),
        (State::Blocked, Verdict::Refuse(Reason::VoucherBlocked)),
        (State::Expired, Verdict::Refuse(Reason::VoucherExpired)),
        (State::Void, Verdict::Refuse(Reason::VoucherBlocked)),
    ] {
        assert_eq!(judge(Some(&card(state)), SENDER, number(), now()), expected, "{state}");
    }
    assert_eq!(judge(None, SENDER, number(), now()), Verdict::Wrong);
    for (sender, number) in [("38349111223", number()), (SENDER, "38349123457".parse().unwrap())] {
        let elsewhere = judge(Some(&card(State::Used)), sender, number, now());
        assert_eq!(elsewhere, Verdict::Refuse(Reason::VoucherUsed), "whose it was is nobody else's business");
    }
}

#[test]
fn a_card_pays_from_its_batch_and_gives_its_tiers_days_or_its_own() {
    for (days, expected) in [(None, 60), (Some(7), 7)] {
        let loaded = loaded(Card { days, ..card(State::Active) });
        let posting = posted(decide(&loaded, &command(HASH, now()), &rules(), now()));
        assert_eq!(posting.main.debit.to_string(), "voucher_liability:00012");
        assert_eq!(posting.main.credit, AccountKey::subscriber(number()));
        let after = rules().validity.extended_by(None, expected, now());
        assert_eq!(posting.main.validity, Some(ValidityChange { before: None, after: Some(after) }));
        let used = Use { transfer: Uuid::from_u128(7), at: now(), ..used() };
        assert_eq!(posting.card.as_deref(), Some(&Redeemed { hash: HASH, used }));
    }
}

#[test]
fn a_card_is_not_used_up_where_the_number_takes_no_credit() {
    let strict = Rules { unknown_subscriber: UnknownSubscriber::Refuse, ..rules() };
    let decision = decide(&loaded(card(State::Active)), &command(HASH, now()), &strict, now());
    assert!(matches!(decision, Decision::Refuse(rejection) if rejection.reason == Reason::SubscriberUnknown));
}

#[test]
fn a_card_is_redeemed_once_within_a_batch_too() {
    let mut loaded = loaded(card(State::Active));
    let first = posted(decide(&loaded, &command(HASH, now()), &rules(), now()));
    let cause = Cause::Message("ipko:1".into());
    loaded.post(Uuid::from_u128(7), &cause, &first, now()).unwrap();
    let again = decide(&loaded, &command(HASH, now()), &rules(), now());
    assert!(matches!(again, Decision::Duplicate { of, .. } if of.transfer == Uuid::from_u128(7)), "{again:?}");
}

#[test]
fn three_wrong_codes_lock_and_a_right_one_forgives() {
    let (mut loaded, rules) = (loaded(card(State::Active)), rules());
    let wrong = CodeHash([9; 32]);
    for (left, reason) in
        [(Some(2), Reason::VoucherUnknown), (Some(1), Reason::VoucherUnknown), (Some(0), Reason::VoucherLocked)]
    {
        let Decision::Strike { rejection, sender, lockout } = decide(&loaded, &command(wrong, now()), &rules, now())
        else {
            panic!("a wrong code counts")
        };
        assert_eq!((rejection.reason, rejection.details.left), (reason, left));
        loaded.lockouts.insert(sender, lockout);
    }
    let until = now() + TimeDelta::minutes(15);
    let right = decide(&loaded, &command(HASH, now()), &rules, now());
    let Decision::Refuse(rejection) = right else { panic!("who is locked is not listened to: {right:?}") };
    assert_eq!((rejection.reason, rejection.details.until), (Reason::VoucherLocked, Some(until)));
    assert_eq!(rejection.details.left, None, "it was not looked at");

    let posting = posted(decide(&loaded, &command(HASH, until), &rules, until));
    let cause = Cause::Message("ipko:1".into());
    loaded.post(Uuid::from_u128(7), &cause, &posting, until).unwrap();
    assert_eq!(loaded.lockouts[SENDER], Lockout::default());
}

#[test]
fn it_says_what_it_needs_and_shows_no_hash() {
    let command = Command::Redeem(Box::new(command(HASH, now())));
    let Needs { accounts, lookups, .. } = command.needs(&rules(), &Enrolments::new(), &Orders::new(), now());
    assert_eq!(accounts, [AccountKey::subscriber(number())]);
    assert_eq!(lookups[0].hashes.len(), 2);
    assert!(!format!("{command:?}").contains("7, 7"));
    let decision = decide_any(&LoadedRows::default(), &command, &rules(), now());
    assert!(matches!(decision, Decision::Strike { .. }));
}
