//! Debts after a reversal, and their settlement, as a table.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::{Cause, ReasonCode, ReverseCommand, Transfer, TransferKind, adjust, decide};
use super::super::{Command, Decision};
use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn minor(minor: i64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn account(name: &str) -> AccountKey {
    name.parse().unwrap()
}

fn known(accounts: &[(&str, i64, i64)]) -> LoadedRows {
    let row = |&(name, balance_minor, held_minor): &(&str, i64, i64)| {
        let key = account(name);
        (key.clone(), Account { balance_minor, held_minor, ..Account::open(key, NOW) })
    };
    LoadedRows { accounts: accounts.iter().map(row).collect(), ..LoadedRows::default() }
}

/// A sale of 10.00 with commissions of 0.30, 0.10 and 0.05, as posted.
fn reversal() -> Command {
    let sold =
        Movement::new(TransferKind::TopUp, account("dealer:shop"), account("subscriber:38349123456"), minor(1_000));
    let earned = [("shop", 30), ("agron", 10), ("top", 5)].map(|(dealer, earned)| {
        let (rule, wallet) = (account("commission:rule"), account(&format!("dealer:{dealer}")));
        Movement::new(TransferKind::Commission, rule, wallet, minor(earned))
    });
    let paid = Movement::new(TransferKind::Settlement, account("dealer:agron"), account("receivable:agron"), minor(10));
    let mut done = std::iter::once(sold).chain(earned).chain([paid]).zip(0..).map(|(movement, place)| Transfer {
        id: Transfer::id_at(Uuid::from_u128(70), place),
        movement,
        debit_balance_minor: None,
        credit_balance_minor: None,
        cause: Cause::Message("ipko:1".into()),
        at: NOW,
    });
    let main = done.next().unwrap();
    let (id, reason) = (Uuid::from_u128(90), ReasonCode::WrongNumber);
    Command::Reverse(ReverseCommand { id, main, further: done.collect(), reason, payer: None, undo: None })
}

/// The movements of debts by a reversal, and the balances after it.
fn reversed(mut loaded: LoadedRows) -> (Vec<String>, LoadedRows) {
    let Decision::Post(posting) = decide(&loaded, &reversal(), &crate::domain::recharge::tests::rules(), NOW) else {
        panic!("not posted")
    };
    let debts: Vec<String> = posting
        .further
        .iter()
        .filter(|movement| movement.kind.is_of_a_debt())
        .map(|Movement { debit, credit, amount, .. }| format!("{debit} {credit} {amount}"))
        .collect();
    let cause = Cause::Operator(Uuid::from_u128(1));
    let transfers = loaded.post(Uuid::from_u128(90), &cause, &posting, NOW).unwrap();
    for transfer in &transfers {
        for (key, balance) in [
            (&transfer.movement.debit, transfer.debit_balance_minor),
            (&transfer.movement.credit, transfer.credit_balance_minor),
        ] {
            let is_fine = balance.is_none_or(|minor| minor >= 0 || key.kind == AccountKind::Receivable);
            assert!(is_fine, "{key:?} has {balance:?} after {transfer:?}");
        }
    }
    assert_eq!(transfers.iter().filter(|transfer| transfer.movement.reverses.is_some()).count(), 4);
    (debts, loaded)
}

fn balance(loaded: &LoadedRows, name: &str) -> i64 {
    loaded.accounts.get(&account(name)).map_or(0, |account| account.balance_minor)
}

#[test]
fn commission_comes_back_as_far_as_it_can_and_the_rest_is_owed_at_each_level() {
    let customer = ("subscriber:38349123456", 1_000, 0);
    let (debts, after) = reversed(known(&[customer, ("dealer:agron", 4, 0), ("dealer:top", 5, 5)]));
    assert_eq!(debts, ["receivable:agron dealer:agron 0.06", "receivable:top dealer:top 0.05"]);
    let found = ["dealer:shop", "dealer:agron", "dealer:top", "receivable:agron", "receivable:top"]
        .map(|name| balance(&after, name));
    assert_eq!(found, [970, 0, 5, -6, -5], "what is held stays");
    let (debts, _) = reversed(known(&[customer, ("dealer:agron", 10, 0), ("dealer:top", 5, 0)]));
    assert!(debts.is_empty(), "{debts:?}");
}

#[test]
fn what_comes_to_a_wallet_settles_what_its_dealer_owes_and_no_more() {
    for (owed, settled) in [(-250, Some("2.50")), (-2_000, Some("9.70")), (0, None)] {
        let customer = ("subscriber:38349123456", 1_000, 0);
        let levels = [("dealer:agron", 10, 0), ("dealer:top", 5, 0)];
        let (debts, after) = reversed(known(&[customer, levels[0], levels[1], ("receivable:shop", owed, 0)]));
        let expected: Vec<String> =
            settled.iter().map(|amount| format!("dealer:shop receivable:shop {amount}")).collect();
        assert_eq!(debts, expected);
        let sum = balance(&after, "dealer:shop") + balance(&after, "receivable:shop");
        assert_eq!(sum, 970 + owed, "what the shop has less what it owes moves by the sale alone");
    }
}

#[test]
fn stock_that_a_dealer_buys_settles_first_and_nobody_pays_more_than_is_owed() {
    let loaded = known(&[("dealer:agron", 100, 100), ("receivable:agron", -30, 0)]);
    let buy = |minor| adjust(&loaded, &account("dealer:agron"), minor, ReasonCode::StockSold).unwrap();
    let paid: Vec<i64> = buy(5_000).further.iter().map(|movement| movement.amount.minor()).collect();
    assert_eq!(paid, [30]);
    assert_eq!(buy(20).further[0].amount.minor(), 20, "what is held pays nothing");
    let pay = |minor| adjust(&loaded, &account("receivable:agron"), minor, ReasonCode::Correction);
    assert_eq!(pay(30).unwrap().further, []);
    for refused in [31, -1] {
        assert!(pay(refused).is_err(), "{refused}");
    }
}
