//! A message as a door hands it in: an SMS, decoded and put together from its parts but not yet read; or an order of a
//! machine, which needs no reading.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{AddressType, Channel};

/// One inbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundSms {
    /// Identifies the message for ever: a second message under the same key is the same message. It begins with the
    /// link's name (`ipko:83f1…`), because only the sender of a message can promise that its identifiers are unique.
    pub key: String,
    /// Name of the link it came by; the reply goes back there.
    pub link: String,
    /// Source address: as the link gave it, and from when it is read the digits of a phone's number in international form.
    pub from: String,
    /// How the network labels the source address, where its protocol does.
    pub from_type: Option<AddressType>,
    /// Destination address: the short code.
    pub to: String,
    /// What was written.
    pub body: Body,
    /// The way it came.
    pub channel: Channel,
    /// When the link had the whole message.
    pub received_at: DateTime<Utc>,
    /// When the session that it came on was bound, or, where that is later, when an answer on it was late or said that
    /// the database failed; `None` where there are no sessions. What was done before, the peer may deliver again: it missed
    /// our answer, or was told the wrong one.
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// What was written, where it could be decoded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The text.
    Text(String),
    /// A request that a machine made of fields, as one line for staff: there is nothing to be read.
    Order(String),
    /// A text that held what may be the code of a scratch card, without it.
    Masked {
        /// What is left of the text.
        text: String,
        /// Keyed hash of the whole message, in hexadecimal: what it is told apart by.
        content: String,
    },
    /// Octets that are no text in the alphabet that their `data_coding` announces.
    Undecodable {
        /// The octets, in hexadecimal.
        hex: String,
        /// `data_coding` of the message.
        data_coding: u8,
        /// What is wrong with them, for staff.
        why: String,
    },
}

/// A body may hold a PIN or a voucher code, so that it is never printed whole.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Order(line) => write!(f, "Order({} characters)", line.chars().count()),
            Self::Masked { text, .. } => write!(f, "Masked({} characters)", text.chars().count()),
            Self::Undecodable { hex, data_coding, why } => {
                write!(f, "Undecodable({} octets, data_coding {data_coding:#04x}: {why})", hex.len() / 2)
            }
        }
    }
}

/// What a message says, as 16 octets: two messages under one key are the same if and only if these agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl InboundSms {
    /// The key that a link makes up for a message that came without an identifier of its own.
    pub fn fresh_key(link: &str, id: Uuid) -> String {
        format!("{link}:{}", id.simple())
    }

    /// Source, destination and body; not the key, the link or the time.
    pub fn content_hash(&self) -> ContentHash {
        let (kind, body) = match &self.body {
            Body::Text(text) => (0_u8, text.as_bytes()),
            Body::Undecodable { hex, .. } => (1, hex.as_bytes()),
            Body::Order(line) => (2, line.as_bytes()),
            Body::Masked { content, .. } => (3, content.as_bytes()),
        };
        hash_fields(&[&[kind], self.from.as_bytes(), self.to.as_bytes(), body])
    }
}

/// Hashes fields with their lengths, so that no two lists of fields run into the same octets.
pub(super) fn hash_fields(fields: &[&[u8]]) -> ContentHash {
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    let digest = hasher.finalize();
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    ContentHash(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(from: &str, to: &str, text: &str) -> InboundSms {
        InboundSms {
            key: "ipko:1".into(),
            link: "ipko".into(),
            from: from.into(),
            from_type: None,
            to: to.into(),
            body: Body::Text(text.into()),
            channel: Channel::Sms,
            received_at: DateTime::UNIX_EPOCH,
            redelivery_doubt_since: None,
        }
    }

    #[test]
    fn content_is_what_was_said_to_whom_by_whom() {
        let one = sms("38349111222", "50005", "5");
        let redelivered = InboundSms { key: "ipko:2".into(), ..one.clone() };
        assert_eq!(one.content_hash(), redelivered.content_hash());
        for other in
            [sms("38349111222", "50005", "6"), sms("38349111222", "5000", "55"), sms("3834911122", "250005", "5")]
        {
            assert_ne!(one.content_hash(), other.content_hash());
        }
    }

    #[test]
    fn debug_does_not_show_the_text() {
        assert!(!format!("{:?}", sms("38349111222", "50005", "secret 1234")).contains("1234"));
    }
}
