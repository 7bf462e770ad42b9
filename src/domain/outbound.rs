//! What the customer is told, on its way out.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Source;

/// A worded message on its way out: a row of the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundSms {
    /// Its identifier.
    pub id: Uuid,
    /// Key of the message that it answers.
    pub message_key: String,
    /// Name of the link that takes it.
    pub link: String,
    /// Source address: the short code that was texted.
    pub from: String,
    /// Destination address: the sender of the message, in international form.
    pub to: String,
    /// The address that it goes to instead: that of the message exactly as it came, where its link wants that.
    pub to_source: Option<Source>,
    /// The text.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Masked: neither the number nor the text belongs in a log.
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
