//! The cause of a transfer, as the audit reads it beside the transfer, to be hashed again.

use serde::Deserialize;
use uuid::Uuid;

use super::raw::{Micros, RawId};
use crate::store::causes::{SealedAction, SealedMessage};
use crate::store::chain::Hash;
use crate::store::db::columns;

/// The message that caused a transfer; all `None`: there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct CauseMessage {
    content: Option<Vec<u8>>,
    link: Option<String>,
    sender: Option<String>,
    short_code: Option<String>,
    body: Option<String>,
    received_us: Option<Micros>,
    bank: Option<String>,
    form: Option<String>,
    grammars: Option<String>,
    outcome: Option<String>,
    reply: Option<String>,
    trace: Option<String>,
}

columns!(
    both "message_" CauseMessage: content, link, sender, short_code, body,
        received_us, bank, form, grammars, outcome, reply, trace
);

/// Stands in the ending of a list, and in no other.
const OTHERS: &str = "\"others\":[";

/// The further transfers that an ending names.
#[derive(Default, Deserialize)]
struct Ending {
    #[serde(default)]
    others: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    transfer: Uuid,
}

impl CauseMessage {
    /// The main transfers of a list's items after the first, as the ending names them.
    pub(super) fn further(&self) -> Vec<Uuid> {
        // Few messages are lists, so that the others are not read.
        let Some(outcome) = self.outcome.as_deref().filter(|outcome| outcome.contains(OTHERS)) else {
            return Vec::new();
        };
        let ending: Ending = serde_json::from_str(outcome).unwrap_or_default();
        ending.others.into_iter().map(|named| named.transfer).collect()
    }

    #[cfg(test)]
    pub(super) fn of_outcome(self, outcome: &str) -> Self {
        Self { outcome: Some(outcome.to_owned()), ..self }
    }

    pub(super) fn hash(&self, key: &str) -> Option<Hash> {
        let sealed = SealedMessage {
            key,
            content: self.content.as_deref()?,
            link: self.link.as_deref()?,
            sender: self.sender.as_deref()?,
            short_code: self.short_code.as_deref()?,
            body: self.body.as_deref()?,
            received_us: self.received_us?.0,
            bank: self.bank.as_deref(),
            form: self.form.as_deref(),
            grammars: self.grammars.as_deref()?,
            outcome: self.outcome.as_deref()?,
            reply: self.reply.as_deref(),
            trace: self.trace.as_deref(),
        };
        Some(sealed.hash())
    }
}

/// The action of staff that caused a transfer; likewise.
#[derive(Debug, Clone, Default)]
pub(super) struct CauseAction {
    kind: Option<String>,
    account: Option<String>,
    minor: Option<i64>,
    reason: Option<String>,
    note: Option<String>,
    made_by: Option<String>,
    made_us: Option<Micros>,
    checked_by: Option<String>,
    checked_us: Option<Micros>,
    subject: Option<RawId>,
    card: Option<String>,
}

columns!(
    both "action_" CauseAction: kind, account, minor, reason, note, made_by,
        made_us, checked_by, checked_us, subject, card
);

impl CauseAction {
    pub(super) fn hash(&self, id: &[u8]) -> Option<Hash> {
        let sealed = SealedAction {
            id,
            kind: self.kind.as_deref()?,
            account: self.account.as_deref()?,
            amount_minor: self.minor?,
            reason: self.reason.as_deref()?,
            note: self.note.as_deref()?,
            made_by: self.made_by.as_deref()?,
            made_us: self.made_us?.0,
            checked_by: self.checked_by.as_deref(),
            checked_us: self.checked_us.map(|at| at.0),
            subject: self.subject.as_deref(),
            card: self.card.as_deref(),
        };
        Some(sealed.hash())
    }
}
