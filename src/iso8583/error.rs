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
    /// What was read before; `None` where not even the type was.
    pub read: Option<Message>,
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
