//! Effects of a reversal, as a table of the cases that staff ask about.

use chrono::TimeDelta;

use super::super::{Amount, Cause};
use super::*;

fn at(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + day)
}

fn number() -> AccountKey {
    AccountKey::subscriber("38349123456".parse().unwrap())
}

fn euros(euros: u32) -> Amount {
    Amount::whole(euros).unwrap()
}

fn rules() -> Rules {
    crate::domain::recharge::tests::rules()
}

/// A top-up of 5 on day 0 with a bonus of 1, as posted.
fn command() -> ReverseCommand {
    let transfer = |place, movement| Transfer {
        id: Transfer::id_at(Uuid::from_u128(70), place),
        movement,
        debit_balance_minor: None,
        credit_balance_minor: None,
        cause: Cause::Message("ipko:1".into()),
        at: at(0),
    };
    let bank = AccountKey::bank_clearing("nlb");
    let validity = Some(ValidityChange { before: Some(at(3)), after: Some(at(60)) });
    let main = Movement { validity, ..Movement::new(TransferKind::TopUp, bank, number(), euros(5)) };
    let given = AccountKey::new(crate::domain::AccountKind::Bonus, "summer");
    let bonus = Movement::new(TransferKind::Bonus, given, number(), euros(1));
    let further = vec![transfer(1, bonus)];
    let (id, reason) = (Uuid::from_u128(90), ReasonCode::WrongNumber);
    ReverseCommand { id, main: transfer(0, main), further, reason, payer: None, undo: None }
}

fn known(balance_minor: i64, held_minor: i64, valid_until: DateTime<Utc>) -> LoadedRows {
    let open = Account::open(number(), at(0));
    let account = Account { balance_minor, held_minor, valid_until: Some(valid_until), ..open };
    LoadedRows { accounts: [(number(), account)].into(), ..LoadedRows::default() }
}

fn refusal(loaded: &LoadedRows, command: &ReverseCommand) -> (Reason, Option<String>) {
    match decide(loaded, command, &rules(), DateTime::UNIX_EPOCH) {
        Decision::Refuse(rejection) => (rejection.reason, rejection.details.available),
        other => panic!("{other:?}"),
    }
}

fn validity(loaded: &LoadedRows) -> Option<ValidityChange> {
    let Decision::Post(posting) = decide(loaded, &command(), &rules(), DateTime::UNIX_EPOCH) else {
        panic!("not posted")
    };
    posting.main.validity
}

fn back_to(day: i64) -> ValidityChange {
    ValidityChange { before: Some(at(60)), after: Some(at(day)) }
}

#[test]
fn all_of_a_command_goes_back_where_it_came_from() {
    let mut loaded = known(600, 0, at(60));
    let command = command();
    let Decision::Post(posting) = decide(&loaded, &command, &rules(), DateTime::UNIX_EPOCH) else {
        panic!("not posted")
    };
    let cause = Cause::Operator(Uuid::from_u128(1));
    let transfers = loaded.post(command.id, &cause, &posting, at(1)).unwrap();
    let sides: Vec<_> = transfers
        .iter()
        .map(|transfer| {
            (transfer.movement.credit.to_string(), transfer.movement.reverses, transfer.debit_balance_minor)
        })
        .collect();
    let reverses = |place| Some(Transfer::id_at(Uuid::from_u128(70), place));
    assert_eq!(
        sides,
        [("bank_clearing:nlb".into(), reverses(0), Some(100)), ("bonus:summer".into(), reverses(1), Some(0))]
    );
    let account = &loaded.accounts[&number()];
    assert_eq!((account.balance_minor, account.valid_until), (0, Some(at(3))));
    assert_eq!(refusal(&loaded, &command).0, Reason::AlreadyReversed, "within the same batch, too");
}

#[test]
fn what_was_spent_or_is_held_cannot_be_taken_back() {
    assert_eq!(refusal(&known(599, 0, at(60)), &command()), (Reason::InsufficientCredit, Some("5.99".into())));
    assert_eq!(refusal(&known(900, 400, at(60)), &command()), (Reason::InsufficientCredit, Some("5.00".into())));
    assert_eq!(refusal(&LoadedRows::default(), &command()), (Reason::InsufficientCredit, Some("0.00".into())));
}

#[test]
fn a_reversal_is_not_reversed() {
    let mut reversal = command();
    reversal.main.movement.kind = TransferKind::Reversal;
    assert_eq!(refusal(&known(600, 0, at(60)), &reversal).0, Reason::NotReversible);
}

#[test]
fn validity_goes_back_only_where_no_later_top_up_extended_it() {
    assert_eq!(validity(&known(600, 0, at(60))), Some(back_to(3)));
    assert_eq!(validity(&known(600, 0, at(90))), None, "a later one extended it");
    let later = |kind, amount| Later { kind, amount: euros(amount), at: at(10) };
    // A later one of 1 EUR on day 10 gives 10 days, which had no effect beside the 60 of this one.
    let mut loaded = known(700, 0, at(60));
    loaded.later.insert(Uuid::from_u128(70), vec![later(TransferKind::TopUp, 1)]);
    assert_eq!(validity(&loaded), Some(back_to(20)));
    // Credit from another subscriber gives days of its own, whatever the amount; returned credit gives none.
    let mut rules = rules();
    rules.credit_transfer.days = 9;
    for (kind, day) in [(TransferKind::CreditTransfer, 19), (TransferKind::Reversal, 3)] {
        loaded.later.insert(Uuid::from_u128(70), vec![later(kind, 40)]);
        let Decision::Post(posting) = decide(&loaded, &command(), &rules, DateTime::UNIX_EPOCH) else {
            panic!("not posted")
        };
        assert_eq!(posting.main.validity, Some(back_to(day)), "{kind}");
    }
}
