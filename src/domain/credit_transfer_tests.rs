//! Tests of credit transfer: each refusal, the postings, and invariants over any sequence.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::limits::{Allowance, UsageLimits};
use super::super::recharge::tests::rules as all_rules;
use super::super::voucher::Lockout;
use super::super::{AccountState, Cause, Earlier, LineKind, PinRecord, TransferKind};
use super::*;

const PIN: Uuid = Uuid::from_u128(4711);

pub(in crate::domain) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_420)
}

pub(in crate::domain) fn euros(euros: u32) -> Amount {
    Amount::whole(euros).unwrap()
}

pub(in crate::domain) fn rules() -> CreditTransferRules {
    CreditTransferRules {
        enabled: true,
        amount_min: euros(1),
        amount_max: euros(5),
        fee: Amount::from_minor(8).ok(),
        balance_min_minor: 120,
        remaining_min_minor: 0,
        days: 30,
        confirm_minutes: None,
        limits: UsageLimits::default(),
    }
}

fn number(last: u16) -> Msisdn {
    format!("383491{last:05}").parse().unwrap()
}

pub(in crate::domain) fn command(from: u16, to: u16, amount: Amount) -> TransferCommand {
    TransferCommand {
        id: Uuid::from_u128(7),
        bank: "operator".into(),
        form: "credit for another number".into(),
        sender: number(from),
        line: Line { msisdn: number(to), kind: LineKind::Mobile, operator: None },
        amount,
        check: Some(PinCheck { against: Some(PIN), right: true }),
        asking: None,
        repeat: false,
        language: None,
        received_at: now(),
        redelivery_doubt_since: None,
    }
}

fn account(last: u16, balance_minor: i64) -> Account {
    let valid_until = Some(now() + TimeDelta::days(3));
    Account { balance_minor, valid_until, ..Account::open(AccountKey::subscriber(number(last)), now()) }
}

pub(in crate::domain) fn known(balances: &[i64]) -> LoadedRows {
    let accounts = (0..).zip(balances).map(|(last, minor)| account(last, *minor));
    let accounts: std::collections::HashMap<_, _> = accounts.map(|account| (account.key.clone(), account)).collect();
    let pin = |key: &AccountKey| {
        let (account, hash) = (key.clone(), String::new());
        (key.clone(), PinRecord { account, id: PIN, hash, initial: false, set_at: now(), given_by: None })
    };
    let pins = accounts.keys().map(pin).collect();
    LoadedRows { accounts, pins, ..LoadedRows::default() }
}

fn decided(loaded: &LoadedRows, command: &TransferCommand) -> Decision {
    decide(loaded, command, &all_rules(), now())
}

fn reason(decision: &Decision) -> Option<Reason> {
    match decision {
        Decision::Refuse(rejection) | Decision::Strike { rejection, .. } => Some(rejection.reason),
        Decision::Post(_)
        | Decision::PostList(_)
        | Decision::Keep(_)
        | Decision::Offer(_)
        | Decision::Cancel(_)
        | Decision::Forward(_)
        | Decision::ForwardedBefore(_)
        | Decision::Duplicate { .. } => None,
    }
}

#[test]
fn credit_and_its_fee_leave_the_sender_and_the_receiver_gets_days() {
    let mut loaded = known(&[1_000, 50]);
    let Decision::Post(posting) = decided(&loaded, &command(0, 1, euros(5))) else { panic!("it is allowed") };
    let transfers = loaded.post(Uuid::from_u128(7), &Cause::Message("ipko:1".into()), &posting, now()).unwrap();
    let shown: Vec<_> = transfers
        .iter()
        .map(|transfer| (transfer.movement.kind, transfer.movement.amount.minor(), transfer.debit_balance_minor))
        .collect();
    assert_eq!(shown, [(TransferKind::CreditTransfer, 500, Some(500)), (TransferKind::Fee, 8, Some(492))]);
    let receiver = &loaded.accounts[&AccountKey::subscriber(number(1))];
    assert_eq!((receiver.balance_minor, receiver.valid_until), (550, Some(now() + TimeDelta::days(30))));
    let sender = &loaded.accounts[&AccountKey::subscriber(number(0))];
    assert_eq!(sender.valid_until, Some(now() + TimeDelta::days(3)), "the sender's stays");
}

#[test]
fn each_refusal() {
    let suspended = |last, minor| Account { state: AccountState::Suspended, ..account(last, minor) };
    let ended = |last, days| Account { valid_until: Some(now() - TimeDelta::days(days)), ..account(last, 1_000) };
    let with = |changed: Account| {
        let mut loaded = known(&[1_000, 0]);
        loaded.accounts.insert(changed.key.clone(), changed);
        loaded
    };
    for (loaded, command, expected) in [
        (known(&[1_000]), command(0, 0, euros(1)), Reason::TransferToOneself),
        (known(&[1_000, 0]), command(0, 1, Amount::from_minor(99).unwrap()), Reason::TransferAmount),
        (known(&[1_000, 0]), command(0, 1, euros(6)), Reason::TransferAmount),
        (known(&[1_000]), command(0, 1, euros(1)), Reason::TransferTargetUnknown),
        (with(suspended(1, 0)), command(0, 1, euros(1)), Reason::TransferTargetSuspended),
        (with(ended(1, 15)), command(0, 1, euros(1)), Reason::TransferTargetSuspended),
        (with(suspended(0, 1_000)), command(0, 1, euros(1)), Reason::TransferSenderInactive),
        (with(ended(0, 1)), command(0, 1, euros(1)), Reason::TransferSenderInactive),
        (known(&[119, 0]), command(0, 1, euros(1)), Reason::TransferTooLittle),
        (known(&[507, 0]), command(0, 1, euros(5)), Reason::TransferTooLittle),
        (with(Account { held_minor: 900, ..account(0, 1_000) }), command(0, 1, euros(1)), Reason::TransferTooLittle),
    ] {
        assert_eq!(reason(&decided(&loaded, &command)), Some(expected));
    }
    // A number that can only receive accepts credit: that reactivates it.
    assert_eq!(reason(&decided(&with(ended(1, 1)), &command(0, 1, euros(1)))), None);
    assert_eq!(reason(&decided(&known(&[508, 0]), &command(0, 1, euros(5)))), None);
    let off = Rules { credit_transfer: CreditTransferRules { enabled: false, ..rules() }, ..all_rules() };
    let decision = decide(&known(&[1_000, 0]), &command(0, 1, euros(1)), &off, now());
    assert_eq!(reason(&decision), Some(Reason::TransferOff));
}

#[test]
fn the_refusal_says_what_it_takes() {
    let Decision::Refuse(rejection) = decided(&known(&[119, 0]), &command(0, 1, euros(1))) else { panic!() };
    let details = rejection.details;
    assert_eq!((details.limit.as_deref(), details.available.as_deref()), (Some("1.20"), Some("1.19")));
    let keep = Rules { credit_transfer: CreditTransferRules { remaining_min_minor: 50, ..rules() }, ..all_rules() };
    let Decision::Refuse(rejection) = decide(&known(&[557, 0]), &command(0, 1, euros(5)), &keep, now()) else {
        panic!()
    };
    assert_eq!(rejection.details.limit.as_deref(), Some("5.58"));
}

#[test]
fn without_the_pin_nothing_is_said_of_the_account() {
    let wrong = PinCheck { against: Some(PIN), right: false };
    let unknown = TransferCommand { check: Some(wrong), ..command(0, 9, euros(1)) };
    let mut loaded = known(&[10]);
    for left in [2, 1] {
        let Decision::Strike { rejection, sender, lockout } = decided(&loaded, &unknown) else { panic!() };
        assert_eq!((rejection.reason, rejection.details.left), (Reason::PinWrong, Some(left)));
        loaded.lockouts.insert(sender, lockout);
    }
    let Decision::Strike { rejection, sender, lockout } = decided(&loaded, &unknown) else { panic!() };
    assert_eq!(rejection.reason, Reason::PinLocked);
    loaded.lockouts.insert(sender, lockout);
    let right = command(0, 1, euros(1));
    assert_eq!(reason(&decided(&loaded, &right)), Some(Reason::PinLocked), "the right one waits too");
    let unchecked = TransferCommand { check: None, ..right };
    assert_eq!(reason(&decided(&known(&[1_000, 0]), &unchecked)), Some(Reason::PinMissing));
}

#[test]
fn the_same_within_two_minutes_is_one_and_a_marked_one_is_another() {
    let mut loaded = known(&[2_000, 0]);
    let first = command(0, 1, euros(5));
    let Decision::Post(posting) = decided(&loaded, &first) else { panic!() };
    loaded.post(first.id, &Cause::Message("ipko:1".into()), &posting, now()).unwrap();
    let of = Earlier { transfer: first.id, at: now() };
    assert_eq!(decided(&loaded, &first), Decision::Duplicate { of, amount: euros(5) });
    let marked = TransferCommand { repeat: true, ..first.clone() };
    assert!(matches!(decided(&loaded, &marked), Decision::Post(_)));
    let later = decide(&loaded, &first, &all_rules(), now() + TimeDelta::seconds(120));
    assert!(matches!(later, Decision::Post(_)));
    // The network redelivers the message on its next session, after an hour of silence.
    let minutes = |minutes| now() + TimeDelta::minutes(minutes);
    let again = TransferCommand { redelivery_doubt_since: Some(minutes(49)), received_at: minutes(50), ..first };
    assert!(matches!(decide(&loaded, &again, &all_rules(), minutes(50)), Decision::Duplicate { .. }));
}

#[test]
fn caps_of_a_day_and_a_month() {
    let day = Allowance { amount_max: Some(euros(7)), count_max: Some(2) };
    let month = Allowance { amount_max: Some(euros(20)), count_max: None };
    let limits = UsageLimits { day, month, velocity: Vec::new() };
    let capped = Rules { credit_transfer: CreditTransferRules { limits, ..rules() }, ..all_rules() };
    let mut loaded = known(&[10_000, 0, 0, 0]);
    let mut send = |to: u16, amount: Amount, at: DateTime<Utc>| {
        let command = TransferCommand { id: Uuid::from_u128(u128::from(to) * 100), ..command(0, to, amount) };
        let decision = decide(&loaded, &command, &capped, at);
        if let Decision::Post(posting) = &decision {
            loaded.post(command.id, &Cause::Message("ipko:1".into()), posting, at).unwrap();
        }
        reason(&decision)
    };
    assert_eq!(send(1, euros(5), now()), None);
    assert_eq!(send(2, euros(3), now()), Some(Reason::TransferDayAmount));
    assert_eq!(send(2, euros(1), now()), None);
    assert_eq!(send(3, euros(1), now()), Some(Reason::TransferDayCount));
    // The next day has a new limit; the month is the same.
    assert_eq!(send(3, euros(5), now() + TimeDelta::days(1)), None);
}

proptest! {
    /// For any transfers among some numbers: the sum of their balances changes by the fees only, no balance falls below
    /// the required remainder, and a refusal changes nothing.
    #[test]
    fn credit_is_conserved_and_nobody_falls_below_what_remains(
        balances in prop::collection::vec(0_i64..3_000, 3),
        sent in prop::collection::vec((0_u16..3, 0_u16..3, 1_i64..800), 1..40),
        remaining_min_minor in 0_i64..200,
        fee in prop::option::of(1_i64..50),
    ) {
        let fee = fee.and_then(|minor| Amount::from_minor(minor).ok());
        let terms = CreditTransferRules { fee, remaining_min_minor, ..rules() };
        let rules = Rules { credit_transfer: terms, ..all_rules() };
        let mut loaded = known(&balances);
        let total = |loaded: &LoadedRows| loaded.accounts.values().map(|account| account.balance_minor).sum::<i64>();
        let (before, mut fees) = (total(&loaded), 0);
        for (place, (from, to, minor)) in (0_u128..).zip(sent) {
            let amount = Amount::from_minor(minor).unwrap();
            let id = Uuid::from_u128(place * 100);
            let command = TransferCommand { id, repeat: place % 2 == 0, ..command(from, to, amount) };
            let at = now() + TimeDelta::minutes(i64::try_from(place).unwrap() * 3);
            let held = loaded.accounts[&command.debited()].balance_minor;
            match decide(&loaded, &command, &rules, at) {
                Decision::Post(posting) => {
                    loaded.post(id, &Cause::Message("ipko:1".into()), &posting, at).unwrap();
                    fees += fee.map_or(0, Amount::minor);
                    let left = loaded.accounts[&command.debited()].balance_minor;
                    prop_assert!(left >= remaining_min_minor && held >= 120, "{left} of {held}");
                    prop_assert_eq!(left, held - minor - fee.map_or(0, Amount::minor));
                }
                Decision::Duplicate { .. } => {}
                refused => prop_assert!(reason(&refused).is_some()),
            }
            prop_assert_eq!(total(&loaded), before - fees);
        }
        prop_assert!(loaded.lockouts.values().all(|lockout| *lockout == Lockout::default()));
    }
}
