//! The text of a receipt (appendix B), in the forms that SMSCs give it.
//!
//! `text = { field } [ "text" [ ":" beginning ] ]`, `field = label ":" [ value ]`. Labels are taken in either case and in any
//! order, white space around a colon, and commas or semicolons between fields. Fields that nobody knows are passed over,
//! wherever they stand.
//!
//! `fields` says where a field begins and where its value ends, `dates` where a date does.

use super::dates::behind_date;
use super::fields::{Label, first_word, further_words, is_between, is_last_text, label, own_label, value, word};
use super::state::MessageState;

/// What a text says of a submitted message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// `id:`
    pub(super) id: Option<String>,
    /// `stat:`
    pub(super) state: Option<MessageState>,
    /// `err:`, as written: a code without the words behind it, or words.
    pub(super) error: Option<String>,
    /// There are words that belong to no field.
    has_strays: bool,
}

impl Said {
    /// Reads a text; nothing of it where it is no receipt's.
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

    /// It is the text of a receipt and nothing else: whoever wrote it was no customer.
    pub(super) const fn is_whole(&self) -> bool {
        self.names_and_tells() && !self.has_strays
    }

    /// It says of which message, and what became of it.
    pub(super) const fn names_and_tells(&self) -> bool {
        self.id.is_some() && self.state.is_some()
    }

    /// A field was there that customers do not write: what stands behind it may be in more words.
    const fn has_begun(&self) -> bool {
        self.id.is_some() || self.state.is_some()
    }

    /// Takes a field's value; what is left behind it.
    fn take<'a>(&mut self, label: Label, input: &'a str) -> &'a str {
        if label == Label::Text {
            return self.pass_over_text(input);
        }
        let (value, rest) = value(input);
        match (label, value) {
            (Label::Id, value) => self.id = self.id.take().or(value.map(str::to_owned)),
            (Label::State, value) => self.state = self.state.or(value.map(MessageState::from_word)),
            (Label::Error, Some(first)) => return self.take_error(first, rest),
            // A date may have its time behind it.
            (Label::Date, Some(first)) => return behind_date(first, rest),
            (Label::Error | Label::Date, None) | (Label::Count | Label::Text, _) => {}
        }
        rest
    }

    /// Takes an error: a code and perhaps what it means, or only the latter.
    fn take_error<'a>(&mut self, first: &str, rest: &'a str) -> &'a str {
        let (words, left) = further_words(rest);
        let is_code = first.contains(|c: char| c.is_ascii_digit());
        let error = || if is_code || words.is_empty() { first.to_owned() } else { format!("{first} {words}") };
        self.error = self.error.take().or_else(|| Some(error().trim_matches(['"', '\'']).to_owned()));
        left
    }

    /// Passes over the value of an SMSC's own field: one word, or a date that shows itself to be one, with its time; more
    /// words where the text is a receipt's by then.
    fn pass_over<'a>(&self, input: &'a str) -> &'a str {
        let (value, rest) = value(input);
        let date = value.filter(|first| first.contains(['-', '/', '.']));
        let rest = date.map_or(rest, |first| behind_date(first, rest));
        if self.has_begun() { further_words(rest).1 } else { rest }
    }

    /// Passes over the beginning of the message. It reaches up to the first field that is still missing, else to the end;
    /// where it comes first it is a field like others.
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
