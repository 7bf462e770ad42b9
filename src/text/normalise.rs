//! Typed texts in a comparable form: a folded text for the grammar, with the place of every character in the original.
//!
//! The grammar reads only [`Normalised::folded`]. In it
//!
//! - letters are lower-case ASCII where they have an ASCII spelling: `ë`→`e`, `ç`→`c`, `č ć`→`c`, `š`→`s`, `ž`→`z`,
//!   `đ`→`dj`, `ш`→`s`, `љ`→`lj`, `Ｔ`→`t`, `é`→`e`; any other letter is only lower-cased;
//! - every run of Unicode white space is one `' '`, or one `'\n'` if it has a line break, or `"\n\n"` if it has an
//!   empty line (after which a signature may stand); there is none at the beginning and at the end;
//! - full-width and both kinds of Arabic-Indic digits are ASCII digits; dashes are `-`, full-width signs ASCII signs,
//!   `٫` and `،` are `,`;
//! - the full stop that a phone makes of a double space is removed: `049123456. 5` is `049123456 5`;
//! - invisible marks (byte-order, zero-width, left-to-right and the like, direction controls that reorder nothing) and
//!   combining accents are removed.
//!
//! Text that could be misread is an error with its place: see [`NormaliseError`]. Everything else, `€` and emoji
//! included, is left to the grammar.
//!
//! A username must not be altered. It is therefore taken with [`Normalised::as_typed`], never from the folded text.
//!
//! The time is linear in the length of the text. Plain ASCII with single spaces, the usual case, is only lower-cased.

use std::borrow::Cow;
use std::ops::Range;

use super::fold;
use super::walk::walk;

/// Longest text that is read, in bytes of UTF-8: more than 255 parts of 153 characters, the most that a long message
/// can have.
pub const TEXT_BYTES_MAX: usize = 65_535;

/// A text ready to be read, made by [`normalise`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised<'a> {
    original: &'a str,
    folded: String,
    /// Points at which the distance between folded and original offsets changes, in ascending order of both.
    marks: Vec<Mark>,
}

/// From `folded` on (to the next mark), a folded byte stands as far behind `original` as behind `folded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    folded: u32,
    original: u32,
}

/// Why a text must not be read at all. Each variant's `at` is the byte offset of the character in the original text.
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

/// Normalises `original` as described above.
pub fn normalise(original: &str) -> Result<Normalised<'_>, NormaliseError> {
    if original.len() > TEXT_BYTES_MAX {
        return Err(NormaliseError::TooLong { bytes: original.len() });
    }
    let trimmed = original.trim_ascii();
    if is_plain(trimmed.as_bytes()) {
        let start = original.len() - original.trim_ascii_start().len();
        let marks = if start == 0 { Vec::new() } else { vec![Mark::new(0, start)] };
        return Ok(Normalised { original, folded: trimmed.to_ascii_lowercase(), marks });
    }
    let (folded, marks) = walk(original)?;
    Ok(Normalised { original, folded, marks })
}

impl<'a> Normalised<'a> {
    /// The folded text.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The text as received.
    pub fn original(&self) -> &'a str {
        self.original
    }

    /// Byte offset in the original of the character at `byte` of the folded text. The end of the folded text is the end
    /// of the last character that is not white space. On a character boundary if `byte` is.
    pub fn origin(&self, byte: usize) -> usize {
        let byte = byte.min(self.folded.len());
        let after = self.marks.partition_point(|mark| mark.folded as usize <= byte);
        let origin = match after.checked_sub(1).and_then(|last| self.marks.get(last)) {
            Some(mark) => mark.original as usize + (byte - mark.folded as usize),
            None => byte,
        };
        origin.min(self.original.len())
    }

    /// Column of a folded byte in the original text, in characters from 1, for a caret below it.
    pub fn column(&self, byte: usize) -> usize {
        column_of(self.original, self.origin(byte))
    }

    /// The original text of `range` in the folded text, with case, accents, script and digits unchanged, and without
    /// invisible marks. The only correct way to take a username or to quote the sender.
    pub fn as_typed(&self, range: Range<usize>) -> Cow<'a, str> {
        let typed = self.original.get(self.origin(range.start)..self.origin(range.end)).unwrap_or_default();
        if typed.is_ascii() || !typed.contains(fold::is_invisible) {
            return Cow::Borrowed(typed);
        }
        Cow::Owned(typed.chars().filter(|&c| !fold::is_invisible(c)).collect())
    }
}

/// Column (in characters, from 1) of the byte offset `at` of `text`. An offset inside a character counts as its start.
pub fn column_of(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|&(start, c)| start + c.len_utf8() <= at).count() + 1
}

impl Mark {
    /// Offsets are below [`TEXT_BYTES_MAX`] in the original, and folding at most triples a character's bytes.
    pub(super) fn new(folded: usize, original: usize) -> Self {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { folded: narrow(folded), original: narrow(original) }
    }
}

/// Returns true if the trimmed text is ASCII that only needs lower-casing.
fn is_plain(text: &[u8]) -> bool {
    let mut previous = b' ';
    let mut plain = true;
    for &byte in text {
        let after_stop = byte == b' ' && matches!(previous, b' ' | b'.');
        plain &= matches!(byte, b' '..=b'~') && !after_stop;
        previous = byte;
    }
    plain
}

#[cfg(test)]
#[path = "normalise_tests.rs"]
mod tests;
