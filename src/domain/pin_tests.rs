//! Tests of PINs: changes, and locks after wrong ones.

use chrono::TimeDelta;

use super::super::recharge::tests::rules;
use super::super::{Account, AccountKey};
use super::*;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_420)
}

fn owner() -> Msisdn {
    "38349111222".parse().unwrap()
}

fn change(check: PinCheck, hash: Option<&str>) -> ChangePinCommand {
    ChangePinCommand {
        id: Uuid::from_u128(1),
        bank: "operator".into(),
        form: "another PIN".into(),
        owner: owner(),
        account: AccountKey::subscriber(owner()),
        check,
        new: hash.map_or(NewPin::Guessable, |hash| NewPin::Hash(hash.to_owned())),
        print: Fingerprint([1; 16]),
        language: None,
        received_at: now(),
        redelivery_doubt_since: None,
    }
}

fn known() -> LoadedRows {
    let key = AccountKey::subscriber(owner());
    LoadedRows { accounts: [(key.clone(), Account::open(key, now()))].into(), ..LoadedRows::default() }
}

const FIRST: PinCheck = PinCheck { against: None, right: true };

#[test]
fn the_pin_that_all_begin_with_changes_itself_and_nothing_else() {
    let mut loaded = known();
    let account = AccountKey::subscriber(owner());
    let refused = refusal(&loaded, &account, Some(FIRST), &rules(), now()).unwrap();
    assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinInitial));
    let command = change(FIRST, Some("$argon2id$"));
    let Decision::Keep(kept) = decide(&loaded, &command, &rules(), now()) else { panic!() };
    loaded.keep(command.id, &kept, now());
    let own = PinCheck { against: Some(command.id), right: true };
    assert_eq!(refusal(&loaded, &account, Some(own), &rules(), now()), None);
    // The network redelivers the message: the old PIN is wrong by now, and no attempt is counted.
    let Decision::Keep(kept) = decide(&loaded, &command, &rules(), now()) else { panic!() };
    assert_eq!((kept.pin, kept.topic), (None, Topic::PinChanged));
    let given = PinRecord { initial: true, ..loaded.pins[&account].clone() };
    loaded.pins.insert(account.clone(), given);
    let refused = refusal(&loaded, &account, Some(own), &rules(), now()).unwrap();
    assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinInitial));
}

#[test]
fn a_comparison_with_the_pin_before_is_no_try_and_admits_nobody() {
    let mut loaded = known();
    let command = change(FIRST, Some("$argon2id$"));
    let Decision::Keep(kept) = decide(&loaded, &command, &rules(), now()) else { panic!() };
    loaded.keep(command.id, &kept, now());
    let account = AccountKey::subscriber(owner());
    let refused = refusal(&loaded, &account, Some(FIRST), &rules(), now());
    let Some(Decision::Strike { lockout, .. }) = refused else { panic!() };
    assert_eq!(lockout.wrong, 0);
}

#[test]
fn wrong_pins_lock_and_a_new_pin_that_is_right_forgives() {
    let mut loaded = known();
    let wrong = PinCheck { right: false, ..FIRST };
    for expected in [Reason::PinWrong, Reason::PinWrong, Reason::PinLocked] {
        let decision = decide(&loaded, &change(wrong, Some("x")), &rules(), now());
        let Decision::Strike { rejection, sender, lockout } = decision else { panic!("{decision:?}") };
        assert_eq!(rejection.reason, expected);
        loaded.lockouts.insert(sender, lockout);
    }
    let right = change(FIRST, Some("x"));
    let refused = decide(&loaded, &right, &rules(), now() + TimeDelta::minutes(14));
    assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinLocked));
    let later = now() + TimeDelta::minutes(15);
    let Decision::Keep(kept) = decide(&loaded, &right, &rules(), later) else { panic!() };
    loaded.keep(right.id, &kept, later);
    assert_eq!(loaded.lockouts[&kept.forgiven], super::super::voucher::Lockout::default());
}

#[test]
fn what_everybody_would_try_first_is_no_new_pin() {
    for weak in ["0000", "1234", "9876", "7890", "12345678", "111"] {
        assert!(is_guessable(weak), "{weak}");
    }
    for good in ["4711", "1243", "00001", "135790"] {
        assert!(!is_guessable(good), "{good}");
    }
    let refused = decide(&known(), &change(FIRST, None), &rules(), now());
    assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinWeak));
    let nobody = decide(&LoadedRows::default(), &change(FIRST, Some("x")), &rules(), now());
    assert!(matches!(nobody, Decision::Refuse(rejection) if rejection.reason == Reason::SubscriberUnknown));
}
