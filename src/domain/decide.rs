//! The decision: the effect of a command, computed from the loaded rows and the rules. Pure and deterministic.
//!
//! A new command is a variant of [`Command`], with its decision in a file of its own beside `recharge`. The rows that
//! it reads are fields of [`Needs`] and of [`super::LoadedRows`]; its effects beside movements of money are fields of
//! [`Posting`].

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{Counted, UsageKey};
use super::voucher::{Lockout, Lookup, Redeemed};
use super::{
    AccountKey, AccountKind, Amount, Command, Earlier, Fingerprint, Kept, LoadedRows, Movement, Msisdn, Offered,
    Rejection, Rules, credit_transfer, debts, forward, list, offer, pin, recharge, reversal, stock, voucher,
    withdrawal,
};

/// The rows that a decision reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Accounts. In a transaction they are locked until its end.
    pub accounts: Vec<AccountKey>,
    /// For accounts whose validity ended before this instant, the last recorded state is read.
    pub ended_before: Option<DateTime<Utc>>,
    pub fingerprints: Vec<Fingerprint>,
    /// Usage of limits. In a transaction it is locked until its end.
    pub usage: Vec<UsageKey>,
    /// Scratch cards, and the senders of their codes.
    pub lookups: Vec<Lookup>,
    /// Accounts whose PINs are read.
    pub pins: Vec<AccountKey>,
    /// Transfers that are to be reversed.
    pub reversed: Vec<Uuid>,
    pub holds: Vec<Uuid>,
    /// Orders of staff.
    pub actions: Vec<Uuid>,
    /// Phones that sent a text which was not understood.
    pub courtesies: Vec<Msisdn>,
}

/// The result of a decision, by the action of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this posting.
    Post(Posting),
    /// Write the postings of a list's items, in their order, all or none.
    PostList(Vec<Posting>),
    /// Write this; no money moves.
    Keep(Box<Kept>),
    /// Place this hold, and ask the sender for a confirmation.
    Offer(Box<Offered>),
    /// Write only the ending: the request was carried out before.
    Duplicate {
        /// The earlier request.
        of: Earlier,
        /// Amount of the earlier request.
        amount: Amount,
    },
    /// Keep the request of this fingerprint for another system or staff; no money moves.
    Forward(Fingerprint),
    /// Write only the ending: the request was handed on before.
    ForwardedBefore(Earlier),
    /// Write only the ending, and tell the customer the reason.
    Refuse(Rejection),
    /// Record that this order is withdrawn. If it arrives later, it is refused.
    Cancel(Fingerprint),
    /// Tell the customer the reason, and count a wrong code or PIN.
    Strike {
        rejection: Rejection,
        /// Source address, or the subject that wrong PINs of an account are counted for.
        sender: String,
        /// The new count.
        lockout: Lockout,
    },
}

/// All effects of one command. They are committed together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The movement that the command is about; it is written first, and the ending names it.
    pub main: Movement,
    /// Movements beside it, such as bonuses and commissions; fewer than [`super::Transfer::OF_ONE_COMMAND_MAX`].
    pub further: Vec<Movement>,
    /// The requests that it carries out. A repetition of one is a duplicate.
    pub requests: Vec<Fingerprint>,
    /// The counters of limits that it changes.
    pub counted: Vec<Counted>,
    /// The scratch card that it uses. The wrong codes of the sender are reset.
    pub card: Option<Box<Redeemed>>,
    /// Subject whose count of wrong PINs is reset.
    pub forgiven: Option<String>,
    /// The hold that reserved the amount, if there is one.
    pub released: Option<Box<Uuid>>,
}

impl Needs {
    /// Adds the needs of another command.
    pub fn extend(&mut self, other: Self) {
        self.accounts.extend(other.accounts);
        self.ended_before = self.ended_before.max(other.ended_before);
        self.fingerprints.extend(other.fingerprints);
        self.reversed.extend(other.reversed);
        self.usage.extend(other.usage);
        self.lookups.extend(other.lookups);
        self.pins.extend(other.pins);
        self.holds.extend(other.holds);
        self.actions.extend(other.actions);
        self.courtesies.extend(other.courtesies);
    }

    /// Returns whether the rows may be read without a lock, because a change of each of them by another transaction is
    /// noticed when they are written, and is rare: numbers of customers, whose messages are processed one after the other.
    /// The accounts of dealers and the usage of limits are shared by many messages. A card may be blocked with its whole
    /// batch, which its own row does not show.
    pub fn can_be_read_ahead(&self) -> bool {
        let is_of_subscriber = |key: &AccountKey| key.kind == AccountKind::Subscriber;
        let has_shared =
            !self.usage.is_empty() || !self.lookups.is_empty() || !self.accounts.iter().all(is_of_subscriber);
        let has_orders = !self.reversed.is_empty() || !self.holds.is_empty() || !self.actions.is_empty();
        !has_shared && !has_orders && self.pins.is_empty()
    }

    /// Removes duplicates and sorts, so that all batches lock and read in the same order. A wallet is read together
    /// with the debt of its dealer, because a credit settles the debt.
    pub fn put_in_order(&mut self) {
        let debts: Vec<AccountKey> = self.accounts.iter().filter_map(debts::receivable).collect();
        self.accounts.extend(debts);
        self.accounts.sort_unstable();
        self.accounts.dedup();
        self.pins.sort_unstable();
        self.pins.dedup();
        self.fingerprints.sort_unstable();
        self.fingerprints.dedup();
        self.usage.sort_unstable();
        self.usage.dedup();
        self.courtesies.sort_unstable();
        self.courtesies.dedup();
        for ids in [&mut self.reversed, &mut self.holds, &mut self.actions] {
            ids.sort_unstable();
            ids.dedup();
        }
    }
}

impl Posting {
    /// A posting of a single movement.
    pub const fn of(main: Movement) -> Self {
        Self {
            main,
            further: Vec::new(),
            requests: Vec::new(),
            counted: Vec::new(),
            card: None,
            forgiven: None,
            released: None,
        }
    }
}

/// Decides one command at `now`.
pub fn decide(loaded: &LoadedRows, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(loaded, command, rules, now) {
        Decision::Post(posting) => Decision::Post(debts::settled(loaded, posting)),
        other => other,
    }
}

fn decided(loaded: &LoadedRows, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match command {
        Command::Recharge(command) => recharge::decide(loaded, command, rules, now),
        Command::List(command) => list::decide(loaded, command, rules, now),
        Command::Redeem(command) => voucher::decide(loaded, command, rules, now),
        Command::Transfer(command) => credit_transfer::decide(loaded, command, rules, now),
        Command::Stock(command) => stock::decide(loaded, command, rules, now),
        Command::ChangePin(command) => pin::decide(loaded, command, rules, now),
        Command::Confirm(command) => offer::decide(loaded, command, rules, now),
        Command::Reverse(command) => reversal::decide(loaded, command, rules, now),
        Command::Withdraw(command) => withdrawal::decide(loaded, command, rules, now),
        Command::Forward(command) => forward::decide(loaded, command, rules, now),
    }
}
