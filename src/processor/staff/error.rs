//! The ways in which an order of staff is not carried out.

use uuid::Uuid;

use crate::domain::voucher::Serial;
use crate::domain::{
    AccountKey, HoldProblem, NotAName, NotChecked, Reason, Receipt, Rejection, TransferKind, Unpostable,
};
use crate::store::StoreError;

/// It was not done, and nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no transfer with this receipt.
    #[error("there is no transfer with the receipt {0}")]
    NoSuchReceipt(Receipt),
    /// By a rare coincidence, several transfers have it.
    #[error("several transfers have the receipt {0}; take the one you mean back by an adjustment")]
    SeveralReceipts(Receipt),
    /// It goes back with the one that it belongs to.
    #[error("it belongs to {0}, and goes back with that one: reverse {0}")]
    Companion(Receipt),
    /// It was taken back before.
    #[error("it was taken back before")]
    AlreadyReversed,
    /// It is of a kind that is not taken back.
    #[error("a transfer of the kind {0} is not taken back; an adjustment puts a balance right")]
    NotReversible(TransferKind),
    /// The account has less than is to be taken.
    #[error("the account has only {available} EUR that are free")]
    Insufficient {
        /// Balance less what is held, in euros.
        available: String,
    },
    /// Decided against, for another reason.
    #[error("refused: {}", .0.reason.words())]
    Refused(Rejection),
    /// The reason is for dealers.
    #[error("{0} is no dealer's account, and stock_sold is said where a dealer pays for stock: give another reason")]
    NoStock(AccountKey),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(AccountKey),
    /// Accounts of this kind keep no balance.
    #[error("{0} keeps no balance: nothing can be held or adjusted there")]
    NoBalance(AccountKey),
    /// There is no such card.
    #[error("there is no card {0}; `mbush voucher show SERIAL` finds a card by its serial")]
    NoSuchCard(Serial),
    /// There is no such action.
    #[error("there is no action {0}; `mbush adjust list` shows what waits")]
    NoSuchAction(Uuid),
    /// It may not be checked by this one, or not any more.
    #[error(transparent)]
    NotChecked(#[from] NotChecked),
    /// A hold is not as it would have to be.
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
            _ => Self::Refused(rejection),
        }
    }
}
