//! Errors of staff orders.

use uuid::Uuid;

use crate::domain::voucher::Serial;
use crate::domain::{
    AccountKey, Amount, CURRENCY, HoldProblem, NotAName, NotChecked, Reason, Receipt, Rejection, TransferKind,
    Unpostable, format_minor,
};
use crate::store::StoreError;

/// The order was not carried out, and nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no transfer with the receipt {0}")]
    NoSuchReceipt(Receipt),
    /// Receipts are short, so that several transfers can have the same one.
    #[error("several transfers have the receipt {0}; reverse the one you mean by an adjustment")]
    SeveralReceipts(Receipt),
    /// The transfer is part of another and is reversed with it.
    #[error("this transfer belongs to {0} and is reversed with it: reverse {0}")]
    Companion(Receipt),
    #[error("it has already been reversed")]
    AlreadyReversed,
    /// Transfers of this kind cannot be reversed.
    #[error("a transfer of the kind {0} cannot be reversed; use an adjustment")]
    NotReversible(TransferKind),
    /// The account has less available than the order takes.
    #[error("the account has only {available} {CURRENCY} available")]
    Insufficient {
        /// Balance less held amounts.
        available: String,
    },
    #[error("the amount is out of limits: give {} to {max} {CURRENCY}", format_minor(1))]
    OutOfLimits {
        /// The highest amount.
        max: String,
    },
    /// Refused for another reason.
    #[error("refused: {}", .0.reason.words())]
    Refused(Rejection),
    /// The reason `stock_sold` is for dealers.
    #[error("{0} is not a dealer's account; stock_sold is for dealers only: give another reason")]
    NoStock(AccountKey),
    #[error("there is no account {0}")]
    NoAccount(AccountKey),
    /// Accounts of this kind have no balance.
    #[error("{0} has no balance; nothing can be held or adjusted")]
    NoBalance(AccountKey),
    #[error("there is no card {0}; `mbush voucher show SERIAL` finds a card by its serial")]
    NoSuchCard(Serial),
    #[error("there is no action {0}; `mbush adjust list` shows the pending ones")]
    NoSuchAction(Uuid),
    /// This person may not check the action, or it is not pending.
    #[error(transparent)]
    NotChecked(#[from] NotChecked),
    /// The hold is in the wrong state.
    #[error(transparent)]
    Hold(#[from] HoldProblem),
    /// A balance would overflow.
    #[error(transparent)]
    Unpostable(#[from] Unpostable),
    /// The order needs the name of a person.
    #[error("--by: {0}")]
    Nameless(#[from] NotAName),
}

impl From<Rejection> for NotDone {
    fn from(rejection: Rejection) -> Self {
        match (rejection.reason, &rejection.details.available) {
            (Reason::InsufficientCredit, Some(available)) => Self::Insufficient { available: available.clone() },
            (Reason::AlreadyReversed, _) => Self::AlreadyReversed,
            (Reason::AmountOutOfLimits, _) => {
                let max = rejection.details.max;
                Self::OutOfLimits { max: max.unwrap_or_else(|| Amount::MAX.to_string()) }
            }
            _ => Self::Refused(rejection),
        }
    }
}
