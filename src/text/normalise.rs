//! Typed texts in a comparable form: a folded text for the grammar, with the place of every character in the original.
//!
//! The grammar reads only [`Normalised::folded`]. In it
//!
//! - letters are lower-case ASCII where they have an ASCII spelling: `ë`→`e`, `ç`→`c`, `č ć`→`c`, `š`→`s`, `ž`→`z`,
//!   `đ`→`dj`, `ш`→`s`, `љ`→`lj`, `Ｔ`→`t`, `é`→`e`; any other letter is only lower-cased;
//! - every run of Unicode white space is one `' '`, or one `'\n'` if it has a line break, or `"\n\n"` if it has an
//!   empty line (after which a signature may stand); there is none at the beginning and at the end;
//! - decimal digits of every script are ASCII digits, the full-width ones too; dashes are `-`, full-width signs ASCII
//!   signs, `٫` and `،` are `,`;
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
pub use super::normalise_error::{NormaliseError, TEXT_BYTES_MAX};
use super::walk::{Mark, walk};

/// A text ready to be read, made by [`normalise`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised<'a> {
    original: &'a str,
    folded: String,
    /// Points at which the distance between folded and original offsets changes, in ascending order of both.
    marks: Vec<Mark>,
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

/// Every folded spelling in which a keyword of a grammar may arrive. A `đ` is typed `đ`, `dj` or plain `d`; all other
/// letters have one folded form. The first is what the keyword itself folds to.
pub fn keyword_spellings(keyword: &str) -> Result<Vec<String>, NormaliseError> {
    let mut spellings = vec![normalise(keyword)?.folded().to_owned()];
    let plain_d = keyword.replace(['đ', 'Đ', 'ђ', 'Ђ'], "d");
    let plain_d = normalise(&plain_d)?.folded().to_owned();
    if !spellings.contains(&plain_d) {
        spellings.push(plain_d);
    }
    Ok(spellings)
}

#[cfg(test)]
#[path = "normalise_tests.rs"]
mod tests;
