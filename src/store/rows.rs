//! Rows of the tables in the terms of the domain.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::hot::is_remote_id;
use super::{AccountEvent, StoreError, WithheldReply};
use crate::domain::limits::{Usage, UsageKey};
use crate::domain::voucher::{Lockout, Redeemed};
use crate::domain::{
    Account, AccountKey, Action, Amount, Cause, ContentHash, Courtesies, Earlier, Fingerprint, Hold, InboundSms,
    Msisdn, Offer, OutboundSms, Outcome, PinRecord, ReasonCode, Receipt, Report, Stored, Transfer, TransferKind,
};

/// Longest identifier of an SMSC's that is kept. The specification has 64; some exceed it.
pub(super) const REMOTE_ID_OCTETS_MAX: usize = 255;

/// A message that was answered before.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Hash of its content.
    pub content: ContentHash,
    /// Its ending.
    pub outcome: Outcome,
    /// The reply to its sender.
    pub reply: Option<String>,
    /// Instant at which it came.
    pub received_at: DateTime<Utc>,
}

/// A message with its ending: a row of the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// The message.
    pub message: InboundSms,
    /// The bank whose form was read.
    pub bank: Option<String>,
    /// The form that was read.
    pub form: Option<String>,
    /// Identifier of the grammars that read it.
    pub grammars: String,
    /// Its ending.
    pub outcome: Outcome,
    /// The reply to its sender.
    pub reply: Option<String>,
    /// Trace of reading, if that failed.
    pub trace: Option<String>,
}

/// A request that was carried out.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// The request.
    pub fingerprint: Fingerprint,
    /// The transfer that carried it out.
    pub done: Earlier,
}

/// All that a batch writes.
#[derive(Debug, Default)]
pub struct Writes {
    /// Messages.
    pub inbox: Vec<InboxRow>,
    /// Accounts as they are after the batch, each once.
    pub accounts: Vec<Account>,
    /// Changes in the life of accounts, each with its number, in their order.
    pub events: Vec<(AccountKey, i64, AccountEvent)>,
    /// Movements.
    pub transfers: Vec<Transfer>,
    /// Requests, each once.
    pub requests: Vec<Carried>,
    /// Usage of limits after the batch, each once.
    pub usage: Vec<(UsageKey, Usage)>,
    /// Scratch cards that are used up, each once.
    pub cards: Vec<Redeemed>,
    /// Lock-outs of senders of wrong codes, by address, each once.
    pub lockouts: Vec<(String, Lockout)>,
    /// PINs that are set, each account's once.
    pub pins: Vec<PinRecord>,
    /// Credit that waits for its sender's confirmation.
    pub offers: Vec<Offer>,
    /// Replies.
    pub outbox: Vec<OutboundSms>,
    /// Reports to the machines that submitted messages; they go out by the outbox too.
    pub reports: Vec<(OutboundSms, Report)>,
    /// Holds as they are after the batch, each once.
    pub holds: Vec<Hold>,
    /// Actions of staff as they are after the batch.
    pub actions: Vec<Action>,
    /// Records of phones that write messages which are not understood, each once.
    pub courtesies: Vec<(Msisdn, Courtesies)>,
    /// Messages whose reply is withheld.
    pub withheld: Vec<WithheldReply>,
}

/// The right to send some replies for a while.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Its identifier; a final state is written only by who holds it.
    pub id: Uuid,
    /// Instant at which it is taken.
    pub now: DateTime<Utc>,
    /// Instant at which it ends.
    pub until: DateTime<Utc>,
}

/// The ages from which on replies and reports are given up.
#[derive(Debug, Clone, Copy)]
pub struct Oldest {
    /// Of replies: nobody waits for them any more.
    pub reply: DateTime<Utc>,
    /// Of reports: somebody's books wait for them.
    pub report: DateTime<Utc>,
}

/// A reply that this dispatcher may send until the lease ends.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The reply; of a report, its addresses and the beginning of the message that it is about.
    pub sms: OutboundSms,
    /// The report, if it is one.
    pub report: Option<Report>,
    /// Attempts before this one.
    pub attempts: u32,
    /// The lease that it was taken under.
    pub lease: Uuid,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The other side took it.
    Sent {
        /// The identifier there of each of its parts, where it was given one.
        remote_ids: Vec<Option<String>>,
    },
    /// It is tried again at this instant.
    Retry {
        /// The instant.
        due_at: DateTime<Utc>,
        /// The reason why it was not taken.
        error: String,
        /// It counts as an attempt: the other side was there and did not take it.
        counts: bool,
    },
    /// It is given up.
    Failed {
        /// The reason.
        error: String,
    },
    /// It may have been taken: nobody answered, and it is not tried again.
    Unknown {
        /// The event that left it unknown.
        error: String,
        /// The identifier there of each of the parts that were taken for certain, where it was given one.
        remote_ids: Vec<Option<String>>,
    },
}

impl Delivery {
    /// The identifier of a reply of one part.
    pub(super) fn remote_id(&self) -> Option<&str> {
        match self {
            Self::Sent { remote_ids } if remote_ids.len() == 1 => usable(remote_ids.first().and_then(Option::as_ref)),
            _ => None,
        }
    }

    /// The parts of a longer reply that were taken, from number 1, each with its identifier.
    pub(super) fn parts(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        let ids: &[Option<String>] = match self {
            Self::Sent { remote_ids } if remote_ids.len() > 1 => remote_ids,
            Self::Unknown { remote_ids, .. } => remote_ids,
            _ => &[],
        };
        // If there is none at all, no receipt can name one.
        let ids = if ids.iter().any(Option::is_some) { ids } else { &[] };
        (1..).zip(ids.iter().map(|id| usable(id.as_ref())))
    }
}

/// A text that cannot be looked up is no identifier: an index has no room for a longer one.
fn usable(id: Option<&String>) -> Option<&str> {
    id.map(String::as_str).filter(|id| is_remote_id(id))
}

/// A reply with its state, for staff.
#[derive(Debug, Clone)]
pub struct OutboxRow {
    /// The reply.
    pub sms: OutboundSms,
    /// The report, if it is one.
    pub report: Option<Report>,
    /// `open`, `sent`, `failed` or `unknown`; `delivered` or `undeliverable` once a receipt said so.
    pub state: String,
    /// Attempts so far.
    pub attempts: u32,
    /// The reason why the last attempt failed.
    pub last_error: Option<String>,
}

/// One line of an account's history.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// The transfer.
    pub id: Uuid,
    /// Its number for people.
    pub receipt: Receipt,
    /// The kind of movement.
    pub kind: Stored<TransferKind>,
    /// The account on the other side.
    pub other: Stored<AccountKey>,
    /// The amount that moved.
    pub amount: Amount,
    /// The amount that it brought to the account, in cents: negative if the account was debited.
    pub cents: i64,
    /// Balance after it, in cents.
    pub balance_cents: i64,
    /// Receipt of the transfer that it took back.
    pub reverses: Option<Receipt>,
    /// The reason that staff gave.
    pub reason: Option<Stored<ReasonCode>>,
    /// The cause of the transfer.
    pub cause: Cause,
    /// The sender of the message, or the member of staff; `None` if the program did it by itself.
    pub wanted_by: Option<String>,
    /// The instant.
    pub at: DateTime<Utc>,
}

/// Sums over the whole ledger; that of subscribers' balances and that of transfers to them must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Transfers.
    pub transfers: i64,
    /// Sum of all transfers' amounts, in cents.
    pub transferred_cents: i64,
    /// Sum of the balances kept on accounts, in cents.
    pub balances_cents: i64,
    /// Messages of the inbox.
    pub messages: i64,
    /// Messages of the inbox that were applied.
    pub applied: i64,
    /// Replies that are not final.
    pub outbox_open: i64,
    /// Transfers that top somebody up: through a bank, a dealer, a machine or by a card.
    pub top_ups: i64,
    /// Those of them that were taken back.
    pub reversed: i64,
    /// The dealers' part of the balances, in cents.
    pub stock_cents: i64,
}

/// The columns of an inbox row that both databases hold as one text or number.
#[derive(Debug)]
pub(super) struct ContentOf {
    pub(super) hash: [u8; 16],
    /// JSON of the body.
    pub(super) body: String,
    /// JSON of the ending.
    pub(super) outcome: String,
    /// The transfer that the message made.
    pub(super) transfer: Option<Uuid>,
}

impl ContentOf {
    /// Of each of these rows, beside it.
    pub(super) fn rows(rows: &[InboxRow]) -> Result<Vec<(&InboxRow, Self)>, StoreError> {
        rows.iter().map(|row| Ok((row, Self::row(&row.message, &row.outcome)?))).collect()
    }

    pub(super) fn row(message: &InboundSms, outcome: &Outcome) -> Result<Self, StoreError> {
        let unwritable = |error: serde_json::Error| StoreError::corrupt("inbox", error.to_string());
        Ok(Self {
            hash: message.content_hash().0,
            body: serde_json::to_string(&message.body).map_err(unwritable)?,
            outcome: serde_json::to_string(outcome).map_err(unwritable)?,
            transfer: match outcome {
                Outcome::Applied(applied) => Some(applied.transfer),
                _ => None,
            },
        })
    }
}

/// The column of an address that a reply goes to instead of its recipient.
pub(super) fn source_column(sms: &OutboundSms) -> Option<String> {
    // Two numbers and a text: that always can be written.
    sms.to_source.as_ref().and_then(|source| serde_json::to_string(source).ok())
}

/// The columns that an attempt at a reply changes.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    pub(super) state: &'static str,
    /// `None`: as it is.
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    pub(super) remote_id: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    /// The number of attempts that are added.
    pub(super) attempts: i64,
}

impl<'a> Ending<'a> {
    pub(super) fn of(delivery: &'a Delivery, now: DateTime<Utc>) -> Self {
        let last = |state, remote_id, error| Self {
            state,
            due_at: None,
            finished_at: Some(now),
            remote_id,
            error,
            attempts: 1,
        };
        match delivery {
            Delivery::Sent { .. } => last("sent", delivery.remote_id(), None),
            Delivery::Retry { due_at, error, counts } => Self {
                state: "open",
                due_at: Some(*due_at),
                finished_at: None,
                remote_id: None,
                error: Some(error),
                attempts: i64::from(*counts),
            },
            Delivery::Failed { error } => last("failed", None, Some(error)),
            Delivery::Unknown { error, .. } => last("unknown", None, Some(error)),
        }
    }
}
