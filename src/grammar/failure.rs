//! A message that no form reads: why, how far reading came, and what was expected there.

use std::fmt;

use crate::domain::Rejection;
use crate::text::visible::visible;

/// The failure to read a message.
#[derive(Clone, PartialEq, Eq)]
pub struct ParseFailure {
    /// The reason, with what the reply needs.
    pub rejection: Rejection,
    /// The bank whose short code was texted, where there is one.
    pub bank: Option<String>,
    /// The text as it came.
    pub text: String,
    /// The furthest place that reading reached: characters of the text before it.
    pub position: usize,
    /// The word that stands there; empty at the end.
    pub found: String,
    /// The alternatives that would have been right there.
    pub expected: Vec<String>,
    /// The furthest place of each form.
    pub trace: Vec<FormTrace>,
}

/// The furthest place that one form reached in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormTrace {
    /// Name of the form.
    pub form: String,
    /// Characters of the text before the place.
    pub position: usize,
    /// The alternatives that would have been right there.
    pub expected: Vec<String>,
}

/// A text may hold a PIN: only the reason and the place are printed.
impl fmt::Debug for ParseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseFailure")
            .field("rejection", &self.rejection)
            .field("bank", &self.bank)
            .field("position", &self.position)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

impl ParseFailure {
    /// The furthest place in words: ``column 11: expected an amount, found `five` ``.
    pub fn sentence(&self) -> String {
        let found = if self.found.is_empty() { "the end".to_owned() } else { format!("`{}`", self.found) };
        match self.expected.as_slice() {
            // A character that nobody sees is told.
            [] if self.found.starts_with("U+") => {
                format!("column {}: an invisible sign, {}", self.position + 1, self.found)
            }
            [] => format!("column {}: {}", self.position + 1, self.rejection.reason.as_str().replace('_', " ")),
            expected => format!("column {}: expected {}, found {found}", self.position + 1, alternatives(expected)),
        }
    }

    /// The text with a caret under the furthest place, and the sentence beside it. Of a text of several lines it is the
    /// line with the place. White space is shown as spaces, and what cannot be seen as an escape, so that the caret stands
    /// right.
    pub fn picture(&self) -> String {
        let (mut before, mut behind) = (String::new(), String::new());
        for (index, c) in self.text.chars().enumerate() {
            match c {
                '\n' if index >= self.position => break,
                '\n' => before.clear(),
                _ => {
                    let side = if index < self.position { &mut before } else { &mut behind };
                    side.push(if c.is_whitespace() { ' ' } else { c });
                }
            }
        }
        let (before, behind) = (visible(&before), visible(&behind));
        let caret = " ".repeat(before.chars().count());
        format!("{before}{behind}\n{caret}^ {}", visible(&self.sentence()))
    }
}

/// `a, b or c`.
pub(super) fn alternatives(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    fn failure(text: &str, position: usize, found: &str, expected: &[&str]) -> ParseFailure {
        ParseFailure {
            rejection: Rejection::new(Reason::AmountMissing),
            bank: Some("ekonomike".into()),
            text: text.into(),
            position,
            found: found.into(),
            expected: expected.iter().map(|&name| name.to_owned()).collect(),
            trace: Vec::new(),
        }
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let failure = failure("049123456 five", 10, "five", &["an amount"]);
        assert_eq!(failure.picture(), "049123456 five\n          ^ column 11: expected an amount, found `five`");
    }

    #[test]
    fn of_several_lines_the_one_with_the_place_is_shown() {
        let failure = failure("fix\n038712345\nx", 14, "x", &["an amount", "a word", "`y`"]);
        assert_eq!(failure.picture(), "x\n^ column 15: expected an amount, a word or `y`, found `x`");
    }

    #[test]
    fn debug_does_not_show_the_text() {
        assert!(!format!("{:?}", failure("pin 1234", 4, "1234", &[])).contains("1234"));
    }
}
