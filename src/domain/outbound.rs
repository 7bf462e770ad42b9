//! What the customer is told, on its way out.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Source;

/// A message to send: a row of the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundSms {
    pub id: Uuid,
    /// Key of the message that it answers.
    pub message_key: String,
    pub link: String,
    /// Source address: the short code of the message.
    pub from: String,
    /// Destination address: the sender of the message, in international form.
    pub to: String,
    /// Destination exactly as received, if the link sends replies there.
    pub to_source: Option<Source>,
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Masked, because neither the number nor the text may be logged.
impl std::fmt::Debug for OutboundSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundSms")
            .field("id", &self.id)
            .field("link", &self.link)
            .field("to", &super::mask_number(&self.to))
            .field("characters", &self.text.chars().count())
            .finish_non_exhaustive()
    }
}
