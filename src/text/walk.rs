//! Folds a text that is not plain ASCII in one pass over its characters, for [`super::normalise`].

use super::bidi::turned;
use super::fold::{self, Folded};
use super::normalise_error::NormaliseError;

/// From `folded` on (to the next mark), a folded byte stands as far behind `original` as behind `folded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) folded: u32,
    pub(super) original: u32,
}

impl Mark {
    /// Offsets are below [`super::normalise::TEXT_BYTES_MAX`] in the original, and folding at most triples a character's bytes.
    pub(super) fn new(folded: usize, original: usize) -> Self {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { folded: narrow(folded), original: narrow(original) }
    }
}

/// Folds `original`. Returns the folded text, and the marks that lead back to the original.
pub(super) fn walk(original: &str) -> Result<(String, Vec<Mark>), NormaliseError> {
    match turned(original) {
        Some(at) => Err(NormaliseError::RightToLeftOverride { at }),
        None => Walk::new(original).run(),
    }
}

struct Walk<'a> {
    original: &'a str,
    folded: String,
    marks: Vec<Mark>,
    /// Distance of the next folded byte from its original, by wrapping arithmetic.
    skew: usize,
    /// White space since the last kept character: its offset and number of line breaks.
    gap: Option<(usize, u32)>,
    /// Script of the digits in the token so far.
    digits: Option<fold::DigitScript>,
    /// Kind of the previous character, invisible marks not counted.
    before: Before,
}

/// Kind of the character before a combining mark or a full stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Digit,
    Letter,
    /// A full stop at this original offset, directly after a visible character other than a full stop.
    Stop(usize),
    /// The last of several full stops.
    Stops,
    Other,
}

impl<'a> Walk<'a> {
    fn new(original: &'a str) -> Self {
        Self {
            original,
            folded: String::with_capacity(original.len()),
            marks: Vec::with_capacity(original.len() / 4),
            skew: 0,
            gap: None,
            digits: None,
            before: Before::Nothing,
        }
    }

    fn run(mut self) -> Result<(String, Vec<Mark>), NormaliseError> {
        let mut end = 0;
        for (at, c) in self.original.char_indices() {
            if self.character(at, c)? {
                end = at + c.len_utf8();
            }
        }
        self.mark(end);
        Ok((self.folded, self.marks))
    }

    /// Handles one character. Returns false for white space and invisible marks, which do not belong to the text.
    fn character(&mut self, at: usize, c: char) -> Result<bool, NormaliseError> {
        match fold::fold(c) {
            Folded::Letter(letter) => self.keep(at, Before::Letter).push(letter),
            Folded::Sign(sign) => self.keep(at, Before::Other).push(sign),
            Folded::Stop => self.stop(at),
            Folded::Spelling(letters) => self.spelling(at, letters),
            Folded::Digit(script, digit) => {
                if self.digits.replace(script).is_some_and(|earlier| earlier != script) {
                    return Err(NormaliseError::MixedDigits { at });
                }
                self.keep(at, Before::Digit).push(digit);
            }
            Folded::Combining => self.combining(at, c)?,
            Folded::Space => return Ok(self.space(at, 0)),
            Folded::LineBreak => {
                // CR LF is one line break: the LF counts.
                let crlf = self.original.as_bytes().get(at..at + 2) == Some(b"\r\n");
                return Ok(self.space(at, u32::from(!crlf)));
            }
            Folded::Invisible => return Ok(false),
            Folded::Undecodable => return Err(NormaliseError::Undecodable { at }),
            Folded::Unseen => return Err(NormaliseError::Unseen { at, found: c }),
            Folded::LookalikeDigit => return Err(NormaliseError::LookalikeDigit { at, found: c }),
        }
        Ok(true)
    }

    fn stop(&mut self, at: usize) {
        let before = match self.before {
            _ if self.gap.is_some() => Before::Other,
            Before::Nothing => Before::Other,
            Before::Stop(_) | Before::Stops => Before::Stops,
            Before::Digit | Before::Letter | Before::Other => Before::Stop(at),
        };
        self.keep(at, before).push('.');
    }

    /// Removes an accent on a letter. On a digit it makes another sign (a keycap, a circle).
    fn combining(&mut self, at: usize, found: char) -> Result<(), NormaliseError> {
        match self.before {
            Before::Digit if self.gap.is_none() => return Err(NormaliseError::LookalikeDigit { at, found }),
            Before::Letter if self.gap.is_none() => {}
            _ => self.keep(at, Before::Other).push(found),
        }
        Ok(())
    }

    /// White space belongs to a text only if another character follows it: always returns false.
    fn space(&mut self, at: usize, breaks: u32) -> bool {
        let (start, earlier) = self.gap.unwrap_or((at, 0));
        self.gap = Some((start, earlier + breaks));
        self.digits = None;
        false
    }

    /// Writes the gap before a kept character, records the place of that character, and returns the text to write it
    /// to.
    fn keep(&mut self, at: usize, before: Before) -> &mut String {
        if let Some((start, breaks)) = self.gap.take()
            && !self.folded.is_empty()
        {
            // A phone makes a full stop directly before white space of a double space.
            let start = if let Before::Stop(stop) = self.before {
                self.folded.pop();
                stop
            } else {
                start
            };
            self.mark(start);
            self.folded.push_str(match breaks {
                0 => " ",
                1 => "\n",
                _ => "\n\n",
            });
        }
        self.mark(at);
        self.before = before;
        &mut self.folded
    }

    /// Writes a spelling of one or more letters, all of which come from `at`.
    fn spelling(&mut self, at: usize, letters: &str) {
        self.keep(at, Before::Letter);
        for letter in letters.chars() {
            self.mark(at);
            self.folded.push(letter.to_ascii_lowercase());
        }
    }

    /// Records that the next output comes from `at`.
    fn mark(&mut self, at: usize) {
        let folded = self.folded.len();
        if folded.wrapping_add(self.skew) != at {
            self.skew = at.wrapping_sub(folded);
            self.marks.push(Mark::new(folded, at));
        }
    }
}
