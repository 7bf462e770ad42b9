//! SMS on their way out.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Routes, Source};

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
    /// Instant at which it was written.
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

/// An SMS before its link is known. [`OutboundSms::queued`] makes a row of the outbox of it.
#[derive(Clone)]
pub struct Draft<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// Key of the message that it answers.
    pub message_key: String,
    /// Its source address.
    pub from: &'a str,
    /// Its destination, in international form.
    pub to: String,
    /// The address of its destination exactly as it came, with the link that it came by. No other link is given it.
    pub source: Option<(&'a str, Source)>,
    /// The text; `None` if it could not be rendered.
    pub text: Option<String>,
}

/// The choice of the link of an SMS.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// The link of the first route that fits its source address and destination; otherwise the named one.
    Routed(&'a Routes, &'a str),
    /// The named link, whatever routes say: a dialogue is answered where it was begun, and warnings of life are put off by
    /// their link at night.
    Fixed(&'a str),
}

impl OutboundSms {
    /// The row of the outbox. All SMS to people are made here. `None` if there is no text: an empty SMS is worse than none.
    pub fn queued(draft: Draft<'_>, way: Way<'_>, now: DateTime<Utc>) -> Option<Self> {
        let Draft { id, message_key, from, to, source, text } = draft;
        let text = text.filter(|text| !text.trim().is_empty())?;
        let link = match way {
            Way::Routed(routes, link) => routes.link(from, &to).unwrap_or(link),
            Way::Fixed(link) => link,
        };
        let to_source = source.filter(|(came_by, _)| *came_by == link).map(|(_, source)| source);
        let (link, from) = (link.to_owned(), from.to_owned());
        Some(Self { id, message_key, link, from, to, to_source, text, created_at: now })
    }
}
