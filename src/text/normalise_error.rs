//! Refusals to read a text.

/// Longest text that is read, in bytes of UTF-8. A long message has at most 255 parts of 153 characters.
pub const TEXT_BYTES_MAX: usize = 65_535;

/// The text could be misread, and is refused. Each variant's `at` is the byte offset of the character in the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NormaliseError {
    /// A direction control displays the text in another order than the stored one: U+202E anywhere, or one of U+202A–U+202D
    /// and U+2066–U+2069 in a line that these controls reorder.
    #[error("a right-to-left override at byte {at}")]
    RightToLeftOverride {
        /// Byte offset in the original text.
        at: usize,
    },
    /// A digit is of another script than the digits before it in the same token (`04٩`).
    #[error("digits of mixed scripts at byte {at}")]
    MixedDigits {
        /// Byte offset of the first digit that differs.
        at: usize,
    },
    /// A character is not a digit, but looks like one or becomes one by compatibility normalisation:
    /// superscript, circled, mathematical, fraction, squared, keycap, or a numeral of a script that is no decimal digit.
    #[error("`{found}` at byte {at} only looks like a digit")]
    LookalikeDigit {
        /// Byte offset in the original text.
        at: usize,
        /// The character.
        found: char,
    },
    /// The text has U+FFFD: the sender or a gateway could not decode a character.
    #[error("an undecodable character at byte {at}")]
    Undecodable {
        /// Byte offset in the original text.
        at: usize,
    },
    /// The text has a control character other than a tab or a line break, or another invisible character (`unseen`) that
    /// is not one of the ignored marks.
    #[error("invisible character U+{:04X} at byte {at}", u32::from(*.found))]
    Unseen {
        /// Byte offset in the original text.
        at: usize,
        /// The character.
        found: char,
    },
    /// The text is longer than [`TEXT_BYTES_MAX`].
    #[error("a text of {bytes} bytes; at most {TEXT_BYTES_MAX} are read")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
    },
}

impl NormaliseError {
    /// Byte offset in the original text of the character at fault; the limit for a text that is too long.
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
