//! The text of a receipt (appendix B), in the forms that SMSCs give it.
//!
//! `text = { field } [ "text:" beginning ]`, `field = label ":" [ value ]`. Labels are taken in either case and in any
//! order, white space around a colon, and commas or semicolons between fields. Fields that nobody knows are passed over.

use super::state::MessageState;

/// What a text says of a submitted message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// `id:`
    pub(super) id: Option<String>,
    /// `stat:`
    pub(super) state: Option<MessageState>,
    /// `err:`, as written.
    pub(super) error: Option<String>,
    /// There are words that belong to no field.
    has_strays: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Id,
    State,
    Error,
    Date,
    Count,
    Text,
}

impl Said {
    /// Reads a text; nothing of it where it is no receipt's.
    pub(super) fn read(text: &str) -> Self {
        let (mut said, mut rest) = (Self::default(), text.trim_start_matches(is_between));
        while !rest.is_empty() {
            let Some((label, after)) = label(rest) else {
                let (word, after) = word(rest);
                // A vendor's own field.
                said.has_strays |= !word.contains(':');
                rest = after;
                continue;
            };
            if label == Label::Text {
                break;
            }
            rest = said.take(label, after);
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

    /// Takes a field's value; what is left behind it.
    fn take<'a>(&mut self, label: Label, input: &'a str) -> &'a str {
        let (value, mut rest) = value(input);
        match label {
            Label::Id => self.id = self.id.take().or(value.map(str::to_owned)),
            Label::State => self.state = self.state.or(value.map(MessageState::from_word)),
            Label::Error => self.error = self.error.take().or(value.map(str::to_owned)),
            // A date may have its time behind it.
            Label::Date => rest = value_of(rest, is_of_date),
            Label::Count | Label::Text => {}
        }
        rest
    }
}

/// Between fields; a NUL ends some texts, and begins or ends some values.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '\0')
}

fn is_of_date(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | '.' | '/' | '+'))
}

/// The next word, and what is behind it and what stands between.
fn word(input: &str) -> (&str, &str) {
    let end = input.find(is_between).unwrap_or(input.len());
    let (word, rest) = input.split_at(end);
    (word, rest.trim_start_matches(is_between))
}

/// A label with its colon at the beginning, and what is behind it.
fn label(input: &str) -> Option<(Label, &str)> {
    const LABELS: [(&str, Label); 8] = [
        ("id", Label::Id),
        ("stat", Label::State),
        ("err", Label::Error),
        ("sub", Label::Count),
        ("dlvrd", Label::Count),
        ("submit date", Label::Date),
        ("done date", Label::Date),
        ("text", Label::Text),
    ];
    LABELS.iter().find_map(|(name, label)| {
        let head = input.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name))?;
        let rest = input.get(head.len()..)?.trim_start_matches(' ').strip_prefix(':')?;
        Some((*label, rest))
    })
}

/// The value at the beginning, without quotes; nothing where the next label or the end follows.
fn value(input: &str) -> (Option<&str>, &str) {
    let input = input.trim_start_matches([' ', '\0']);
    if label(input).is_some() || input.starts_with(is_between) {
        return (None, input.trim_start_matches(is_between));
    }
    let (word, rest) = word(input);
    let value = word.trim_matches(['"', '\'']);
    ((!value.is_empty()).then_some(value), rest)
}

/// What is left behind a word that is such a one.
fn value_of(input: &str, is_one: impl Fn(&str) -> bool) -> &str {
    let (first, rest) = word(input);
    if is_one(first) { rest } else { input }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str =
        "id:abc123 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:5";

    #[test]
    fn the_forms_of_a_receipt_are_read() {
        for text in [
            USUAL,
            "id: abc123 stat: DELIVRD err: 000",
            "ID:abc123, SUB:001, DLVRD:001, STAT:DELIVERED, ERR:000, Text:049 5",
            "id:abc123,stat:delivered,err:000",
            "id : \"abc123\" ; stat : 'DELIVRD' ; err : 000",
            "stat:DELIVRD id:abc123 err:000",
            "id:abc123 sub: dlvrd: submit date: done date: stat:DELIVRD err:000 text:",
            "id:abc123 submit date:2026-11-22 17:25:01 done date:22/11/26 17:26 stat:DELIVRD err:000 text:",
            "  id:abc123\r\nstat:DELIVRD\r\nerr:000\0",
            "id:abc123 stat:DELIVRD err:000 nid:41 mccmnc:22101 text:id:7 stat:EXPIRED",
        ] {
            let said = Said::read(text);
            assert_eq!(said.id.as_deref(), Some("abc123"), "{text}");
            assert_eq!(said.state, Some(MessageState::Delivered), "{text}");
            assert_eq!(said.error.as_deref(), Some("000"), "{text}");
            assert!(said.is_whole(), "{text}");
        }
    }

    #[test]
    fn what_a_customer_writes_is_no_receipt() {
        for text in [
            "",
            "049123456 5",
            "id:",
            "id: stat:",
            "id:5",
            "stat:DELIVRD",
            "text:id:1 stat:DELIVRD",
            "5 id:1 stat:DELIVRD",
            "id:1 stat:DELIVRD 049123456 5",
            "id:1 stat:DELIVRD err:000 049123456",
            "my id:1, and the stat:DELIVRD?",
            "identification:1 status:DELIVRD",
        ] {
            assert!(!Said::read(text).is_whole(), "{text}");
        }
    }
}
