//! Debts of dealers. After the reversal of a sale, its commission is taken back as far as the wallet covers it. The
//! rest is lent to the wallet by an account of the dealer's debt, so that all of it can be taken. Later credits of the
//! wallet (stock, commission, a reversed sale) settle the debt first, in the same command.
//!
//! A receivable is an account with a negative balance, the amount of the debt. The balance is never positive.

use std::collections::BTreeSet;

use super::{Account, AccountKey, AccountKind, Amount, LoadedRows, Movement, Posting, TransferKind};

/// The account of the debt for this wallet; `None` if the account is not a wallet.
pub fn receivable(wallet: &AccountKey) -> Option<AccountKey> {
    (wallet.kind == AccountKind::Dealer).then(|| of_dealer(wallet))
}

fn of_dealer(wallet: &AccountKey) -> AccountKey {
    AccountKey::new(AccountKind::Receivable, wallet.key.as_str())
}

/// Movement of the part of a debit that the wallet does not cover, which the dealer then owes.
pub(super) fn owed(wallet: &AccountKey, missing: Amount) -> Movement {
    Movement::new(TransferKind::Receivable, of_dealer(wallet), wallet.clone(), missing)
}

/// Adds to a posting the settlements of dealers whose wallets it credits.
pub(super) fn settled(loaded: &LoadedRows, mut posting: Posting) -> Posting {
    let movements = || std::iter::once(&posting.main).chain(&posting.further);
    let comes = movements().filter(|movement| movement.kind != TransferKind::Receivable);
    let wallets: BTreeSet<&AccountKey> =
        comes.map(|movement| &movement.credit).filter(|key| key.kind == AccountKind::Dealer).collect();
    let paid = wallets.into_iter().filter_map(|wallet| {
        let debt = of_dealer(wallet);
        let owed_minor = loaded.accounts.get(&debt)?.balance_minor.saturating_neg();
        let known = loaded.accounts.get(wallet).map_or(0, Account::available_minor);
        let free_minor = movements().fold(known, |minor, movement| minor.saturating_add(movement.minor_to(wallet)));
        let amount = Amount::from_minor(owed_minor.min(free_minor).min(Amount::MAX.minor())).ok()?;
        Some(Movement::new(TransferKind::Settlement, wallet.clone(), debt, amount))
    });
    let paid: Vec<Movement> = paid.collect();
    posting.further.extend(paid);
    posting
}

#[cfg(test)]
#[path = "debts_tests.rs"]
mod tests;
