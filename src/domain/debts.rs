//! What dealers owe. Commission of a sale that is taken back comes back as far as it is still in the wallet; the rest is
//! lent to the wallet by an account of what its dealer owes, so that all of it goes back. Whatever comes to the wallet
//! afterwards (stock, commission, a sale that goes back) settles that first, in the same command.
//!
//! A receivable is an account whose balance is below zero by what is owed, and never above it.

use std::collections::BTreeSet;

use super::{Account, AccountKey, AccountKind, Amount, Movement, Posting, Snapshot, TransferKind};

/// The account of what the dealer of this wallet owes; `None` where this is no wallet.
pub fn receivable(wallet: &AccountKey) -> Option<AccountKey> {
    (wallet.kind == AccountKind::Dealer).then(|| of_dealer(wallet))
}

fn of_dealer(wallet: &AccountKey) -> AccountKey {
    AccountKey::new(AccountKind::Receivable, wallet.key.as_str())
}

/// So much of what is to be taken from this wallet is not there: its dealer owes it.
pub(super) fn owed(wallet: &AccountKey, missing: Amount) -> Movement {
    Movement::new(TransferKind::Receivable, of_dealer(wallet), wallet.clone(), missing)
}

/// What a command does, and behind it what the dealers pay of their debts to whose wallets something came.
pub(super) fn settled(snapshot: &Snapshot, mut posting: Posting) -> Posting {
    let movements = || std::iter::once(&posting.main).chain(&posting.further);
    let comes = movements().filter(|movement| movement.kind != TransferKind::Receivable);
    let wallets: BTreeSet<&AccountKey> =
        comes.map(|movement| &movement.credit).filter(|key| key.kind == AccountKind::Dealer).collect();
    let paid = wallets.into_iter().filter_map(|wallet| {
        let debt = of_dealer(wallet);
        let owed_cents = snapshot.accounts.get(&debt)?.balance_cents.saturating_neg();
        let known = snapshot.accounts.get(wallet).map_or(0, Account::available_cents);
        let free_cents = movements().fold(known, |cents, movement| cents.saturating_add(movement.cents_to(wallet)));
        let amount = Amount::from_cents(owed_cents.min(free_cents).min(Amount::MAX.cents())).ok()?;
        Some(Movement::new(TransferKind::Settlement, wallet.clone(), debt, amount))
    });
    let paid: Vec<Movement> = paid.collect();
    posting.further.extend(paid);
    posting
}

#[cfg(test)]
#[path = "debts_tests.rs"]
mod tests;
