//! The text of a receipt (appendix B), in the variations that SMSCs use.
//!
//! `text = { field } [ "text" [ ":" beginning ] ]`, `field = label ":" [ value ]`. Labels may be in either case and in
//! any order, with white space around a colon, and commas or semicolons between fields. Unknown fields are skipped
//! wherever they stand.
//!
//! `fields` finds the boundaries of fields, `dates` those of dates.

use super::dates::behind_date;
use super::fields::{Label, first_word, further_words, is_between, is_last_text, label, own_label, value, word};
use super::state::MessageState;

/// Values that a text has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) id: Option<String>,
    pub(super) state: Option<MessageState>,
    /// `err:` as written: a code without the words after it, or words only.
    pub(super) error: Option<String>,
    /// Some words belong to no field.
    has_strays: bool,
}

impl Said {
    /// Reads a text. The result has no values if the text is not a receipt.
    pub(super) fn read(text: &str) -> Self {
        let (mut said, mut rest) = (Self::default(), text.trim_start_matches(is_between));
        while !rest.is_empty() {
            rest = if let Some((label, after)) = label(rest) {
                said.take(label, after)
            } else if let Some(after) = own_label(rest, said.has_begun()) {
                said.pass_over(after)
            } else if is_last_text(rest) {
                ""
            } else {
                said.has_strays = true;
                word(rest).1
            };
        }
        said
    }

    /// Returns true if the text is a receipt and nothing else, so that no customer wrote it.
    pub(super) const fn is_whole(&self) -> bool {
        self.names_and_tells() && !self.has_strays
    }

    /// Returns true if the text has an identifier and a state.
    pub(super) const fn names_and_tells(&self) -> bool {
        self.id.is_some() && self.state.is_some()
    }

    /// Returns true after a field that customers do not write. Later values may then have several words.
    const fn has_begun(&self) -> bool {
        self.id.is_some() || self.state.is_some()
    }

    /// Reads the value of a field; returns the input after it.
    fn take<'a>(&mut self, label: Label, input: &'a str) -> &'a str {
        if label == Label::Text {
            return self.pass_over_text(input);
        }
        let (value, rest) = value(input);
        match (label, value) {
            (Label::Id, value) => self.id = self.id.take().or(value.map(str::to_owned)),
            (Label::State, value) => self.state = self.state.or(value.map(MessageState::from_word)),
            (Label::Error, Some(first)) => return self.take_error(first, rest),
            // A time may follow a date.
            (Label::Date, Some(first)) => return behind_date(first, rest),
            (Label::Error | Label::Date, None) | (Label::Count | Label::Text, _) => {}
        }
        rest
    }

    /// Reads an error: a code with or without an explanation, or an explanation only.
    fn take_error<'a>(&mut self, first: &str, rest: &'a str) -> &'a str {
        let (words, left) = further_words(rest);
        let is_code = first.contains(|c: char| c.is_ascii_digit());
        let error = || if is_code || words.is_empty() { first.to_owned() } else { format!("{first} {words}") };
        self.error = self.error.take().or_else(|| Some(error().trim_matches(['"', '\'']).to_owned()));
        left
    }

    /// Skips the value of an unknown field: one word, or a date with its time; more words if the text is certainly a
    /// receipt by then.
    fn pass_over<'a>(&self, input: &'a str) -> &'a str {
        let (value, rest) = value(input);
        let date = value.filter(|first| first.contains(['-', '/', '.']));
        let rest = date.map_or(rest, |first| behind_date(first, rest));
        if self.has_begun() { further_words(rest).1 } else { rest }
    }

    /// Skips the beginning of the message. It extends to the first field that is still missing, or else to the end. If
    /// it is the first field, it is treated as an unknown field.
    fn pass_over_text<'a>(&self, input: &'a str) -> &'a str {
        if !self.has_begun() {
            return first_word(input);
        }
        let mut rest = if input.starts_with(is_between) { input.trim_start_matches(is_between) } else { word(input).1 };
        while !rest.is_empty() && !label(rest).is_some_and(|(label, _)| self.lacks(label)) {
            rest = word(rest).1;
        }
        rest
    }

    const fn lacks(&self, label: Label) -> bool {
        match label {
            Label::Id => self.id.is_none(),
            Label::State => self.state.is_none(),
            Label::Error => self.error.is_none(),
            Label::Date | Label::Count | Label::Text => false,
        }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
