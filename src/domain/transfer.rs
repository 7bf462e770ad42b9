//! Movements of money.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::{AccountKey, Amount};

closed_set! {
    /// Why money moved.
    pub enum TransferKind ("a kind of transfer") {
        /// A customer's top-up through a bank.
        TopUp = "top_up",
        /// A scratch card that a customer redeemed.
        Voucher = "voucher",
        /// Credit that one subscriber sends to another.
        CreditTransfer = "credit_transfer",
        /// What a customer pays for another movement.
        Fee = "fee",
        /// Stock that a dealer hands on to one below it.
        Stock = "stock",
        /// What a dealer earns by a sale.
        Commission = "commission",
        /// Commission that has to come back and is spent: the dealer owes it from now on.
        Receivable = "receivable",
        /// A dealer pays what it owes.
        Settlement = "settlement",
        /// What a rule gives on top of another movement.
        Bonus = "bonus",
        /// Takes another transfer back; it names that one.
        Reversal = "reversal",
        /// Staff put a balance right; it names the reason.
        Adjustment = "adjustment",
        /// What a hold kept is taken; it names the hold.
        Capture = "capture",
    }
}

impl TransferKind {
    /// Whether it can be taken back. What staff put right is put right again by another adjustment.
    pub const fn may_be_reversed(self) -> bool {
        match self {
            Self::TopUp | Self::Bonus | Self::CreditTransfer | Self::Fee | Self::Stock | Self::Commission => true,
            Self::Reversal | Self::Adjustment | Self::Capture | Self::Voucher | Self::Receivable | Self::Settlement => {
                false
            }
        }
    }

    /// Whether it is about what a dealer owes. It comes with another movement and does not go back with that one: what is
    /// paid stays paid, and what is owed stays owed.
    pub const fn is_of_a_debt(self) -> bool {
        matches!(self, Self::Receivable | Self::Settlement)
    }
}

closed_set! {
    /// Why staff moved or held money.
    pub enum ReasonCode ("a reason's code") {
        /// The customer meant another number.
        WrongNumber = "wrong_number",
        /// The customer meant another amount.
        WrongAmount = "wrong_amount",
        /// It was done twice.
        DoneTwice = "done_twice",
        /// The bank or the seller took its money back, or never got it.
        NotPaid = "not_paid",
        /// The customer never got what was paid for.
        NotDelivered = "not_delivered",
        /// Somebody else's money was used.
        Fraud = "fraud",
        /// The customer disputes it, and it is looked into.
        Disputed = "disputed",
        /// A present of the operator for what went wrong.
        Goodwill = "goodwill",
        /// A dealer has paid for stock.
        StockSold = "stock_sold",
        /// An earlier entry was wrong.
        Correction = "correction",
        /// The customer has not yet confirmed what it is for.
        Unconfirmed = "unconfirmed",
    }
}

/// What made money move: each transfer has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The message of this key in the inbox, whichever door it came in by.
    Message(String),
    /// The action of staff with this identifier.
    Operator(Uuid),
    /// The program itself: the name of the part (`sweeper`).
    System(String),
}

impl Cause {
    /// The key of the message.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Message(key) => Some(key),
            Self::Operator(_) | Self::System(_) => None,
        }
    }

    /// The action of staff.
    pub const fn action(&self) -> Option<Uuid> {
        match self {
            Self::Operator(action) => Some(*action),
            Self::Message(_) | Self::System(_) => None,
        }
    }

    /// The part of the program.
    pub fn system(&self) -> Option<&str> {
        match self {
            Self::System(name) => Some(name),
            Self::Message(_) | Self::Operator(_) => None,
        }
    }
}

/// As one text: `message:ipko:17`, `operator:0195…`, `system:sweeper`.
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

/// What a movement does to the end of validity of the customer's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityChange {
    /// The end before it; `None` before the first top-up.
    pub before: Option<DateTime<Utc>>,
    /// The end after it.
    pub after: Option<DateTime<Utc>>,
}

/// A movement of money that was decided and is not yet a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Why it moves.
    pub kind: TransferKind,
    /// The account that gives.
    pub debit: AccountKey,
    /// The account that takes.
    pub credit: AccountKey,
    /// How much.
    pub amount: Amount,
    /// What it does to the end of validity of the account that takes; of a reversal, of the account that gives back.
    pub validity: Option<ValidityChange>,
    /// The transfer that it takes back.
    pub reverses: Option<Uuid>,
    /// The hold that it captures.
    pub hold: Option<Uuid>,
    /// Why staff ordered it.
    pub reason: Option<ReasonCode>,
}

impl Movement {
    /// From one account to another, and no more to it.
    pub const fn new(kind: TransferKind, debit: AccountKey, credit: AccountKey, amount: Amount) -> Self {
        Self { kind, debit, credit, amount, validity: None, reverses: None, hold: None, reason: None }
    }

    /// What it brings to this account, in cents: negative where that gives.
    pub fn cents_to(&self, account: &AccountKey) -> i64 {
        if self.credit == *account {
            self.amount.cents()
        } else if self.debit == *account {
            -self.amount.cents()
        } else {
            0
        }
    }

    /// The account whose end of validity it may change.
    pub const fn dated(&self) -> &AccountKey {
        match self.kind {
            TransferKind::Reversal => &self.debit,
            _ => &self.credit,
        }
    }
}

/// One immutable movement of money, as it is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its identifier. Those of one command follow each other: that of the command is the first, the main one's.
    pub id: Uuid,
    /// What moves, and why.
    pub movement: Movement,
    /// Balance of the debited account after it, in cents, where that keeps one.
    pub debit_balance_cents: Option<i64>,
    /// Balance of the credited account after it, in cents, where that keeps one.
    pub credit_balance_cents: Option<i64>,
    /// What made it move.
    pub cause: Cause,
    /// When it was decided.
    pub at: DateTime<Utc>,
}

impl Transfer {
    /// Most transfers of one command.
    pub const OF_ONE_COMMAND_MAX: u8 = 26;

    /// The identifier of a command's transfer by its place, 0 being the main one.
    pub fn id_at(command: Uuid, place: u8) -> Uuid {
        Uuid::from_u128(command.as_u128().wrapping_add(u128::from(place)))
    }

    /// Whether this identifier is one that a command of that identifier gives to its transfers.
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
    fn words_in_the_code_are_the_words_in_json() {
        for kind in TransferKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        let refused = "gift".parse::<ReasonCode>().unwrap_err();
        assert!(refused.contains("goodwill") && refused.contains("`gift`"), "{refused}");
    }
}
