//! Rows of the tables in the terms of the domain.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{AccountEvent, NewForward, StoreError, WithheldReply};
use crate::domain::limits::{Usage, UsageKey};
use crate::domain::voucher::{Lockout, Redeemed};
use crate::domain::{
    Account, AccountKey, Action, Amount, Cause, ContentHash, Courtesies, Earlier, Fields, Fingerprint, Hold,
    InboundSms, Msisdn, Offer, OutboundSms, Outcome, PinRecord, ReasonCode, Receipt, Report, Stored, Transfer,
    TransferKind,
};

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
    /// Values that only the form knows.
    pub fields: Fields,
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
    /// Requests that are handed on.
    pub forwards: Vec<NewForward>,
}

impl Writes {
    /// Returns whether there are rows of other tables than those that every top-up writes.
    pub(super) fn have_others(&self) -> bool {
        let money = self.cards.is_empty() && self.holds.is_empty() && self.offers.is_empty() && self.usage.is_empty();
        let people =
            self.lockouts.is_empty() && self.pins.is_empty() && self.actions.is_empty() && self.events.is_empty();
        let replies = self.reports.is_empty() && self.courtesies.is_empty() && self.withheld.is_empty();
        let said = self.forwards.is_empty() && self.inbox.iter().all(|row| row.fields.is_empty());
        !(money && people && replies && said)
    }
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
    /// The amount that it brought to the account, in minor units: negative if the account was debited.
    pub minor: i64,
    /// Balance after it, in minor units.
    pub balance_minor: i64,
    /// Receipt of the transfer that it took back.
    pub reverses: Option<Receipt>,
    /// The reason that staff gave.
    pub reason: Option<Stored<ReasonCode>>,
    /// The cause of the transfer.
    pub cause: Cause,
    /// The sender of the message, or the member of staff; `None` if the program did it by itself.
    pub wanted_by: Option<String>,
    /// Values of the message that only its form knows.
    pub fields: Fields,
    /// The instant.
    pub at: DateTime<Utc>,
}

/// Sums over the whole ledger; that of subscribers' balances and that of transfers to them must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Transfers.
    pub transfers: i64,
    /// Sum of all transfers' amounts, in minor units.
    pub transferred_minor: i64,
    /// Sum of the balances kept on accounts, in minor units.
    pub balances_minor: i64,
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
    /// The dealers' part of the balances, in minor units.
    pub stock_minor: i64,
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
