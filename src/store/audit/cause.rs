//! What caused a transfer, as the audit reads it beside the transfer, to be hashed again.

use super::super::causes::{SealedAction, SealedMessage};
use super::super::chain::Hash;

/// The message that caused a transfer; all `None`: there is none.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(in crate::store) struct CauseMessage {
    #[sqlx(rename = "message_content")]
    content: Option<Vec<u8>>,
    #[sqlx(rename = "message_link")]
    link: Option<String>,
    #[sqlx(rename = "message_sender")]
    sender: Option<String>,
    #[sqlx(rename = "message_short_code")]
    short_code: Option<String>,
    #[sqlx(rename = "message_body")]
    body: Option<String>,
    #[sqlx(rename = "message_received_us")]
    received_us: Option<i64>,
    #[sqlx(rename = "message_bank")]
    bank: Option<String>,
    #[sqlx(rename = "message_form")]
    form: Option<String>,
    #[sqlx(rename = "message_grammars")]
    grammars: Option<String>,
    #[sqlx(rename = "message_outcome")]
    outcome: Option<String>,
    #[sqlx(rename = "message_reply")]
    reply: Option<String>,
    #[sqlx(rename = "message_trace")]
    trace: Option<String>,
}

impl CauseMessage {
    pub(super) fn hash(&self, key: &str) -> Option<Hash> {
        let sealed = SealedMessage {
            key,
            content: self.content.as_deref()?,
            link: self.link.as_deref()?,
            sender: self.sender.as_deref()?,
            short_code: self.short_code.as_deref()?,
            body: self.body.as_deref()?,
            received_us: self.received_us?,
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
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(in crate::store) struct CauseAction {
    #[sqlx(rename = "action_kind")]
    kind: Option<String>,
    #[sqlx(rename = "action_account")]
    account: Option<String>,
    #[sqlx(rename = "action_cents")]
    cents: Option<i64>,
    #[sqlx(rename = "action_reason")]
    reason: Option<String>,
    #[sqlx(rename = "action_note")]
    note: Option<String>,
    #[sqlx(rename = "action_made_by")]
    made_by: Option<String>,
    #[sqlx(rename = "action_made_us")]
    made_us: Option<i64>,
    #[sqlx(rename = "action_checked_by")]
    checked_by: Option<String>,
    #[sqlx(rename = "action_checked_us")]
    checked_us: Option<i64>,
    #[sqlx(rename = "action_subject")]
    subject: Option<Vec<u8>>,
    #[sqlx(rename = "action_card")]
    card: Option<String>,
}

impl CauseAction {
    pub(super) fn hash(&self, id: &[u8]) -> Option<Hash> {
        let sealed = SealedAction {
            id,
            kind: self.kind.as_deref()?,
            account: self.account.as_deref()?,
            amount_cents: self.cents?,
            reason: self.reason.as_deref()?,
            note: self.note.as_deref()?,
            made_by: self.made_by.as_deref()?,
            made_us: self.made_us?,
            checked_by: self.checked_by.as_deref(),
            checked_us: self.checked_us,
            subject: self.subject.as_deref(),
            card: self.card.as_deref(),
        };
        Some(sealed.hash())
    }
}
