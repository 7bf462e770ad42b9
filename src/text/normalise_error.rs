//! The reasons why a text must not be read at all.

/// Longest text that is read, in bytes of UTF-8: more than 255 parts of 153 characters, the most that a long message
/// can have.
pub const TEXT_BYTES_MAX: usize = 65_535;

/// The reason why a text must not be read at all. Each variant's `at` is the byte offset of the character in the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NormaliseError {
    /// A direction control that shows the text in another order than it is stored in: U+202E, or one of U+202A–U+202D and
    /// U+2066–U+2069 in a line that they turn round.
    #[error("a right-to-left override at byte {at}")]
    RightToLeftOverride {
        /// Byte offset in the original text.
        at: usize,
    },
    /// A digit of another script than the digits before it in the same token (`04٩`).
    #[error("digits of mixed scripts at byte {at}")]
    MixedDigits {
        /// Byte offset of the first digit that differs.
        at: usize,
    },
    /// A character that is not a digit but looks like one or would be made one by compatibility normalisation:
    /// superscript, circled, fraction, squared, keycap, or a digit of a script that is not read here.
    #[error("{found:?} at byte {at} only looks like a digit")]
    LookalikeDigit {
        /// Byte offset in the original text.
        at: usize,
        /// The character.
        found: char,
    },
    /// U+FFFD: the sender's or a gateway's text could not be decoded here.
    #[error("an undecodable character at byte {at}")]
    Undecodable {
        /// Byte offset in the original text.
        at: usize,
    },
    /// A control character other than a tab or a line break, or another character that nobody sees as what it is
    /// (`unseen`) and that is none of the marks that are passed over.
    #[error("invisible character U+{:04X} at byte {at}", u32::from(*.found))]
    Unseen {
        /// Byte offset in the original text.
        at: usize,
        /// The character.
        found: char,
    },
    /// More than [`TEXT_BYTES_MAX`] bytes.
    #[error("a text of {bytes} bytes; at most {TEXT_BYTES_MAX} are read")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
    },
}

impl NormaliseError {
    /// Byte offset in the original text of the character that is at fault; its end for a text that is too long.
    pub fn at(&self) -> usize {
        match *self {
            Self::RightToLeftOverride { at }
            | Self::MixedDigits { at }
            | Self::LookalikeDigit { at, .. }
            | Self::Undecodable { at }
            | Self::Unseen { at, .. } => at,
            Self::TooLong { .. } => TEXT_BYTES_MAX,
        }
    }
}
