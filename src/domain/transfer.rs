//! Movements of money.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::{AccountKey, Amount, ListCommand};

closed_set! {
    pub enum TransferKind ("a kind of transfer") {
        /// A customer's top-up through a bank.
        TopUp = "top_up",
        /// A scratch card that a customer redeemed.
        Voucher = "voucher",
        /// Credit from one subscriber to another.
        CreditTransfer = "credit_transfer",
        /// Fee for another movement.
        Fee = "fee",
        /// Stock from a dealer to one below it.
        Stock = "stock",
        /// Commission of a dealer on a sale.
        Commission = "commission",
        /// Commission that must be returned and was spent, now a debt of the dealer.
        Receivable = "receivable",
        /// Payment of a dealer's debt.
        Settlement = "settlement",
        /// Bonus on another movement.
        Bonus = "bonus",
        /// Reversal of another transfer, which it names.
        Reversal = "reversal",
        /// Adjustment by staff, with a reason.
        Adjustment = "adjustment",
        /// Capture of a hold, which it names.
        Capture = "capture",
    }
}

impl TransferKind {
    /// Returns true if the transfer can be reversed. An adjustment is corrected by another adjustment.
    pub const fn may_be_reversed(self) -> bool {
        match self {
            Self::TopUp | Self::Bonus | Self::CreditTransfer | Self::Fee | Self::Stock | Self::Commission => true,
            Self::Reversal | Self::Adjustment | Self::Capture | Self::Voucher | Self::Receivable | Self::Settlement => {
                false
            }
        }
    }

    /// Returns true for movements of a dealer's debt. They accompany another movement and are not reversed with it:
    /// payments and debts remain.
    pub const fn is_of_a_debt(self) -> bool {
        matches!(self, Self::Receivable | Self::Settlement)
    }
}

closed_set! {
    /// Reason for an order of staff.
    pub enum ReasonCode ("a reason's code") {
        /// The customer meant another number.
        WrongNumber = "wrong_number",
        /// The customer meant another amount.
        WrongAmount = "wrong_amount",
        /// It was done twice.
        DoneTwice = "done_twice",
        /// The bank or the seller reclaimed its money, or never received it.
        NotPaid = "not_paid",
        /// The customer did not receive the service.
        NotDelivered = "not_delivered",
        /// The payer used another person's money.
        Fraud = "fraud",
        /// The customer disputes the payment, and it is examined.
        Disputed = "disputed",
        /// A present of the operator after a problem.
        Goodwill = "goodwill",
        /// A dealer has paid for stock.
        StockSold = "stock_sold",
        /// An earlier entry was wrong.
        Correction = "correction",
        /// The customer has not confirmed the purpose yet.
        Unconfirmed = "unconfirmed",
    }
}

/// The cause of a transfer. Each has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The message with this key in the inbox, from any channel.
    Message(String),
    /// The order of staff with this identifier.
    Operator(Uuid),
    /// A part of the program, by name (`sweeper`).
    System(String),
}

impl Cause {
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Message(key) => Some(key),
            Self::Operator(_) | Self::System(_) => None,
        }
    }

    pub const fn action(&self) -> Option<Uuid> {
        match self {
            Self::Operator(action) => Some(*action),
            Self::Message(_) | Self::System(_) => None,
        }
    }

    pub fn system(&self) -> Option<&str> {
        match self {
            Self::System(name) => Some(name),
            Self::Message(_) | Self::Operator(_) => None,
        }
    }
}

/// Formats the cause: `message:ipko:17`, `operator:0195…`, `system:sweeper`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(key) => write!(f, "message:{key}"),
            Self::Operator(action) => write!(f, "operator:{action}"),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

impl FromStr for Cause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("message", key)) => Ok(Self::Message(key.to_owned())),
            Some(("operator", id)) => id.parse().map(Self::Operator).map_err(|error| format!("`{text}`: {error}")),
            Some(("system", name)) => Ok(Self::System(name.to_owned())),
            _ => Err(format!("`{text}` is no cause of a transfer")),
        }
    }
}

/// Change of the end of validity of the customer's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityChange {
    /// `None` before the first top-up.
    pub before: Option<DateTime<Utc>>,
    pub after: Option<DateTime<Utc>>,
}

/// A movement of money that was decided and is not yet a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub kind: TransferKind,
    pub debit: AccountKey,
    pub credit: AccountKey,
    pub amount: Amount,
    /// Change of the end of validity of the credited account; for a reversal, of the debited account.
    pub validity: Option<ValidityChange>,
    /// The transfer that it reverses.
    pub reverses: Option<Uuid>,
    /// The hold that it captures.
    pub hold: Option<Uuid>,
    /// Reason for the order of staff.
    pub reason: Option<ReasonCode>,
}

impl Movement {
    /// A movement without further data.
    pub const fn new(kind: TransferKind, debit: AccountKey, credit: AccountKey, amount: Amount) -> Self {
        Self { kind, debit, credit, amount, validity: None, reverses: None, hold: None, reason: None }
    }

    /// Change of the balance of this account, in minor units; negative for a debit.
    pub fn minor_to(&self, account: &AccountKey) -> i64 {
        if self.credit == *account {
            self.amount.minor()
        } else if self.debit == *account {
            -self.amount.minor()
        } else {
            0
        }
    }

    /// The account whose end of validity may change.
    pub const fn dated(&self) -> &AccountKey {
        match self.kind {
            TransferKind::Reversal => &self.debit,
            _ => &self.credit,
        }
    }
}

/// An immutable movement of money, stored for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Identifiers of one command are consecutive; the main transfer has the identifier of the command.
    pub id: Uuid,
    pub movement: Movement,
    /// Balance of the debited account after the transfer, in minor units, if the account stores one.
    pub debit_balance_minor: Option<i64>,
    /// Balance of the credited account after the transfer, in minor units, if the account stores one.
    pub credit_balance_minor: Option<i64>,
    pub cause: Cause,
    /// Instant of the decision.
    pub at: DateTime<Utc>,
}

impl Transfer {
    /// Most transfers of one command.
    pub const OF_ONE_COMMAND_MAX: u8 = 26;

    /// Distance of the identifiers of two items of a list. An earlier version, which knows no lists, takes all transfers of one
    /// cause within [`Self::OF_ONE_COMMAND_MAX`] of each other for one command: it sees each item as a command of its own.
    pub const ITEMS_APART: u8 = 64;

    /// Identifier of a command's transfer by its place; 0 is the main one.
    pub fn id_at(command: Uuid, place: u8) -> Uuid {
        Uuid::from_u128(command.as_u128().wrapping_add(u128::from(place)))
    }

    /// Identifier of the command of a list's item by its place in the list; 0 is the first, whose identifier is that of
    /// the list.
    pub fn item_at(list: Uuid, place: u8) -> Uuid {
        let items_before = u128::from(place) * u128::from(Self::ITEMS_APART);
        Uuid::from_u128(list.as_u128().wrapping_add(items_before))
    }

    /// Place in a list of the item that this transfer belongs to; `None` if it is of none. For a command that is no list,
    /// it is 0 for all its transfers.
    pub fn item_of(id: Uuid, list: Uuid) -> Option<u8> {
        let item = id.as_u128().wrapping_sub(list.as_u128()) / u128::from(Self::ITEMS_APART);
        u8::try_from(item).ok().filter(|item| usize::from(*item) < ListCommand::ITEMS_MAX)
    }

    /// Returns true if the identifier belongs to a transfer of this command.
    pub fn is_of(id: Uuid, command: Uuid) -> bool {
        id.as_u128().wrapping_sub(command.as_u128()) < u128::from(Self::OF_ONE_COMMAND_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_as_it_is_written() {
        let id = Uuid::from_u128(7);
        for cause in [Cause::Message("ipko:a:b".into()), Cause::Operator(id), Cause::System("sweeper".into())] {
            assert_eq!(cause.to_string().parse(), Ok(cause));
        }
        for refused in ["", "message", "operator:nobody", "other:1"] {
            assert!(refused.parse::<Cause>().is_err(), "{refused}");
        }
    }

    #[test]
    fn transfers_of_one_command_are_known_by_their_identifiers() {
        let command = Uuid::from_u128(u128::MAX - 1);
        assert_eq!(Transfer::id_at(command, 0), command);
        assert!(
            (0..Transfer::OF_ONE_COMMAND_MAX).all(|place| Transfer::is_of(Transfer::id_at(command, place), command))
        );
        assert!(!Transfer::is_of(Transfer::id_at(command, Transfer::OF_ONE_COMMAND_MAX), command));
        assert!(!Transfer::is_of(Uuid::from_u128(u128::MAX - 2), command));
    }

    #[test]
    fn transfers_of_a_list_are_known_by_the_item_that_they_belong_to() {
        let list = Uuid::from_u128(u128::MAX - 30);
        let items = u8::try_from(ListCommand::ITEMS_MAX).unwrap();
        for item in 0..items {
            let main = Transfer::item_at(list, item);
            for place in [0, 1, Transfer::OF_ONE_COMMAND_MAX - 1] {
                assert_eq!(Transfer::item_of(Transfer::id_at(main, place), list), Some(item));
            }
        }
        assert_eq!(Transfer::item_at(list, 0), list);
        assert_eq!(Transfer::item_of(Transfer::item_at(list, items), list), None);
        assert_eq!(Transfer::item_of(Uuid::from_u128(u128::MAX - 31), list), None);
    }

    #[test]
    fn words_in_the_code_are_the_words_in_json() {
        for kind in TransferKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        let refused = "gift".parse::<ReasonCode>().unwrap_err();
        assert!(refused.contains("goodwill") && refused.contains("`gift`"), "{refused}");
    }
}
