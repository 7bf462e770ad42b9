//! Faults of a field: each costs the PDU an error answer.

/// The fault of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The command is none that we know.
    #[error("unknown command")]
    UnknownCommand,
    /// The PDU ends before the field does.
    #[error("the PDU ends before it")]
    Truncated,
    /// A string without its NUL within the field's length.
    #[error("not terminated within {0} octets")]
    Unterminated(usize),
    /// A length that the field cannot have.
    #[error("{0} octets are a wrong length")]
    WrongLength(usize),
    /// A value that the field cannot have.
    #[error("invalid value")]
    InvalidValue,
    /// A field that another one asks for is not there.
    #[error("missing")]
    Missing,
}
