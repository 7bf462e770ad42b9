//! Errors of the codec.

use super::Message;

/// The message could not be decoded completely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", place(*.field))]
pub struct Malformed {
    /// `None` for the type, the bitmap or the end of the message.
    pub field: Option<u8>,
    pub problem: String,
    /// The fields that could be decoded; `None` if the type could not.
    pub read: Option<Message>,
    /// The first field with an unknown place; `None` if only the content of fields, or octets after the last one, are
    /// invalid.
    pub lost_at: Option<u8>,
}

impl Malformed {
    /// Number of the bitmap in the standard. Without it no field has a known place.
    pub const BITMAP: u8 = 1;

    /// Returns true if the place of a field is known. The field is then in `read`, unless it is absent or malformed.
    pub fn reaches(&self, field: u8) -> bool {
        self.lost_at.is_none_or(|lost_at| lost_at > field)
    }
}

fn place(field: Option<u8>) -> String {
    field.map_or_else(|| "the message".to_owned(), |field| format!("field {field}"))
}

/// The message could not be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {problem}")]
pub struct Unencodable {
    pub field: u8,
    pub problem: String,
}

/// The spec cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSpec {
    /// Not TOML, or keys or values of the wrong type.
    #[error("the spec of ISO 8583 fields: {0}")]
    Toml(#[from] toml::de::Error),
    /// Parts of it contradict each other.
    #[error("the spec of ISO 8583 fields: {0}")]
    Contradiction(String),
}
