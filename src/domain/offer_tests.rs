//! Tests of confirmations: an offer is held, and moves once after its confirmation.

use super::super::credit_transfer::tests::{command, euros, known, now};
use super::super::recharge::tests::rules;
use super::super::{Asking, HoldProblem};
use super::*;

fn asked() -> TransferCommand {
    TransferCommand { asking: Some(Asking { minutes: 10, fee: None }), ..command(0, 1, euros(5)) }
}

/// An offer, and the loaded after it.
fn held() -> (LoadedRows, Offer) {
    let mut loaded = known(&[1_000, 0]);
    let Decision::Offer(offered) = super::super::credit_transfer::decide(&loaded, &asked(), &rules(), now()) else {
        panic!("it is asked first")
    };
    loaded.offer(asked().id, &offered, now()).unwrap();
    (loaded, offered.placed.unwrap().1)
}

fn confirm(offer: Option<Offer>) -> ConfirmCommand {
    let sender = asked().sender;
    let id = Uuid::from_u128(900);
    let (bank, form) = ("operator".into(), "yes".into());
    ConfirmCommand { id, bank, form, sender, offer, language: None, received_at: now(), redelivery_doubt_since: None }
}

fn sums(loaded: &LoadedRows) -> (i64, i64) {
    let account = &loaded.accounts[&asked().debited()];
    (account.balance_minor, account.available_minor())
}

#[test]
fn what_is_asked_is_held_and_moves_once_it_is_confirmed() {
    let (mut loaded, offer) = held();
    assert_eq!(sums(&loaded), (1_000, 492), "the fee is held too");
    let again = super::super::credit_transfer::decide(&loaded, &asked(), &rules(), now());
    assert!(matches!(again, Decision::Offer(offered) if offered.placed.is_none()), "asked once");
    let command = confirm(Some(offer));
    let Decision::Post(posting) = decide(&loaded, &command, &rules(), now()) else { panic!() };
    loaded.post(command.id, &Cause::Message("ipko:2".into()), &posting, now()).unwrap();
    assert_eq!(sums(&loaded), (492, 492));
    assert_eq!(loaded.holds[&asked().id].state, HoldState::Voided);
    assert!(matches!(decide(&loaded, &command, &rules(), now()), Decision::Duplicate { .. }));
}

#[test]
fn too_late_and_nothing_are_told() {
    let (mut loaded, offer) = held();
    let reason = |loaded: &LoadedRows, command: &ConfirmCommand, at| match decide(loaded, command, &rules(), at) {
        Decision::Refuse(rejection) => Some(rejection.reason),
        _ => None,
    };
    let late = now() + TimeDelta::minutes(10);
    let command = confirm(Some(offer));
    assert_eq!(reason(&loaded, &command, late), Some(Reason::NothingToConfirm));
    assert_eq!(reason(&loaded, &command, late - TimeDelta::seconds(1)), None);
    assert_eq!(reason(&loaded, &confirm(None), now()), Some(Reason::NothingToConfirm));
    loaded.release_hold(asked().id, HoldState::Expired, &Cause::System("holds".into()), late).unwrap();
    assert_eq!(sums(&loaded), (1_000, 1_000));
    assert_eq!(reason(&loaded, &command, now()), Some(Reason::NothingToConfirm));
}

#[test]
fn nothing_is_held_that_is_not_there() {
    let mut loaded = known(&[1_000, 0]);
    let rules = rules();
    let ask = |loaded: &LoadedRows, id| {
        let command = TransferCommand { id: Uuid::from_u128(id), repeat: id == 2, ..asked() };
        super::super::credit_transfer::decide(loaded, &command, &rules, now())
    };
    let Decision::Offer(first) = ask(&loaded, 1) else { panic!() };
    let Decision::Offer(second) = ask(&loaded, 2) else { panic!() };
    loaded.offer(Uuid::from_u128(1), &first, now()).unwrap();
    let refused = loaded.offer(Uuid::from_u128(2), &second, now());
    assert!(matches!(refused, Err(HoldProblem::Insufficient { available_minor: 492 })), "{refused:?}");
    assert!(matches!(ask(&loaded, 2), Decision::Refuse(rejection) if rejection.reason == Reason::TransferTooLittle));
}
