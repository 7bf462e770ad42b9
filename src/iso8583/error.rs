//! What can be wrong.

use super::Message;

/// A message that cannot be read whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", place(*.field))]
pub struct Malformed {
    /// The field; `None` where it is the type, the bitmap or the end.
    pub field: Option<u8>,
    /// What is wrong.
    pub problem: String,
    /// The fields that could be read; `None` where not even the type could.
    pub read: Option<Message>,
    /// The first field whose place is not known; `None` if only the content of fields, or what follows them, is wrong.
    pub lost_at: Option<u8>,
}

impl Malformed {
    /// The number of the bitmap, as the standard counts it: no field has a place without it.
    pub const BITMAP: u8 = 1;

    /// Tells whether the place of a field is known, so that it is in `read` unless it is missing or malformed itself.
    pub fn reaches(&self, field: u8) -> bool {
        self.lost_at.is_none_or(|lost_at| lost_at > field)
    }
}

fn place(field: Option<u8>) -> String {
    field.map_or_else(|| "the message".to_owned(), |field| format!("field {field}"))
}

/// A message that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {problem}")]
pub struct Unencodable {
    /// The field.
    pub field: u8,
    /// Why.
    pub problem: String,
}

/// A spec that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSpec {
    /// Not TOML, or not of this shape.
    #[error("the spec of ISO 8583 fields: {0}")]
    Toml(#[from] toml::de::Error),
    /// Something in it contradicts itself.
    #[error("the spec of ISO 8583 fields: {0}")]
    Contradiction(String),
}
