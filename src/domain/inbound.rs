//! A message from a channel: an SMS, decoded and joined from its parts but not parsed, or a machine's order, which
//! needs no parsing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{AddressType, Channel};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundSms {
    /// Identifies the message for ever: a second message with the same key is the same message. It begins with the name
    /// of the link (`ipko:83f1…`), because identifiers are unique only for one sender.
    pub key: String,
    /// Name of the link that the message came from; the reply is sent there.
    pub link: String,
    /// Source address: as received, and after parsing the digits of the phone's number in international form.
    pub from: String,
    /// Type of the source address, if the protocol has one.
    pub from_type: Option<AddressType>,
    /// Destination address: the short code.
    pub to: String,
    pub body: Body,
    pub channel: Channel,
    /// Instant at which the link had the whole message.
    pub received_at: DateTime<Utc>,
    /// Instant at which the session was bound or, if later, at which an answer on it was late or reported a failure of
    /// the database; `None` without sessions. The peer may redeliver messages of the time before, because it did not
    /// get our answer, or got a wrong one.
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// Content of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Text(String),
    /// A machine's structured request as one line for staff; it is not parsed.
    Order(String),
    /// A text from which a possible code of a scratch card was removed.
    Masked {
        /// The text without the code.
        text: String,
        /// Keyed hash of the whole message in hexadecimal, which distinguishes it from others.
        content: String,
    },
    /// Octets that are not a text in the alphabet of their `data_coding`.
    Undecodable {
        hex: String,
        data_coding: u8,
        /// The problem, for staff.
        why: String,
    },
    /// Content of a kind that only a newer version of the program knows, as it is stored. It is only read from the
    /// database.
    #[serde(untagged)]
    Newer(serde_json::Map<String, serde_json::Value>),
}

/// Never printed completely, because a body may hold a PIN or a voucher code.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Order(line) => write!(f, "Order({} characters)", line.chars().count()),
            Self::Masked { text, .. } => write!(f, "Masked({} characters)", text.chars().count()),
            Self::Undecodable { hex, data_coding, why } => {
                write!(f, "Undecodable({} octets, data_coding {data_coding:#04x}: {why})", hex.len() / 2)
            }
            Self::Newer(body) => f.debug_tuple("Newer").field(&body.keys().collect::<Vec<_>>()).finish(),
        }
    }
}

/// Hash of the content. Two messages with one key are the same if and only if their hashes are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl InboundSms {
    /// A key for a message that has no identifier.
    pub fn fresh_key(link: &str, id: Uuid) -> String {
        format!("{link}:{}", id.simple())
    }

    /// Hashes source, destination and body, without the key, the link and the time.
    pub fn content_hash(&self) -> ContentHash {
        let stored: String;
        let (kind, body) = match &self.body {
            Body::Text(text) => (0_u8, text.as_bytes()),
            Body::Undecodable { hex, .. } => (1, hex.as_bytes()),
            Body::Order(line) => (2, line.as_bytes()),
            Body::Masked { content, .. } => (3, content.as_bytes()),
            Body::Newer(body) => {
                stored = serde_json::Value::Object(body.clone()).to_string();
                (u8::MAX, stored.as_bytes())
            }
        };
        hash_fields(&[&[kind], self.from.as_bytes(), self.to.as_bytes(), body])
    }
}

impl ContentHash {
    /// The hash of these values, in this order.
    pub fn of(values: &[&[u8]]) -> Self {
        hash_fields(values)
    }
}

/// Hashes fields with their lengths, so that two different lists never have the same input.
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
