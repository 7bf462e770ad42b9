//! Boundaries of the fields in a receipt's text: the beginning of a label and the end of a value.

/// A known label of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Id,
    State,
    Error,
    Date,
    Count,
    Text,
}

/// Labels as lists of words.
const LABELS: [(&[&str], Label); 8] = [
    (&["id"], Label::Id),
    (&["stat"], Label::State),
    (&["err"], Label::Error),
    (&["sub"], Label::Count),
    (&["dlvrd"], Label::Count),
    (&["submit", "date"], Label::Date),
    (&["done", "date"], Label::Date),
    (&["text"], Label::Text),
];

/// Returns true for a separator of fields. Some texts end with a NUL, and some values begin or end with one.
pub(super) fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '\0')
}

/// Returns the first word, and the input after it and its separators.
pub(super) fn word(input: &str) -> (&str, &str) {
    let end = input.find(is_between).unwrap_or(input.len());
    let (word, rest) = input.split_at(end);
    (word, rest.trim_start_matches(is_between))
}

/// Returns the known label with its colon at the beginning of the input, and the input after it.
pub(super) fn label(input: &str) -> Option<(Label, &str)> {
    LABELS.iter().find_map(|(words, label)| {
        let mut rest = input;
        for (at, word) in words.iter().enumerate() {
            let next = if at == 0 { rest } else { rest.trim_start_matches(char::is_whitespace) };
            // Two words need white space between them.
            if at > 0 && next.len() == rest.len() {
                return None;
            }
            let head = next.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
            rest = next.get(head.len()..)?;
        }
        Some((*label, colon(rest)?))
    })
}

/// Returns the input after the colon of a label that only this SMSC knows: a word that begins with a letter, or two
/// words if `has_begun` says that the text is certainly a receipt.
pub(super) fn own_label(input: &str, has_begun: bool) -> Option<&str> {
    let rest = name(input)?;
    colon(rest).or_else(|| {
        let second = rest.trim_start_matches(char::is_whitespace);
        let is_one = has_begun && second.len() < rest.len() && label(second).is_none();
        is_one.then(|| name(second)).flatten().and_then(colon)
    })
}

/// Returns the input after a word that may be a label.
fn name(input: &str) -> Option<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let rest = input.trim_start_matches(is_of_name);
    (input.starts_with(char::is_alphabetic) && rest.len() < input.len()).then_some(rest)
}

fn colon(input: &str) -> Option<&str> {
    input.trim_start_matches(char::is_whitespace).strip_prefix(':')
}

/// Returns true if the last word is the label `text` without a colon.
pub(super) fn is_last_text(input: &str) -> bool {
    let (word, rest) = word(input);
    rest.is_empty() && word.eq_ignore_ascii_case("text")
}

/// Returns the value at the beginning, without quotes; `None` if the next label or the end follows.
pub(super) fn value(input: &str) -> (Option<&str>, &str) {
    let input = input.trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
    if label(input).is_some() || input.starts_with(is_between) {
        return (None, input.trim_start_matches(is_between));
    }
    let (word, rest) = word(input);
    let value = word.trim_matches(['"', '\'']);
    ((!value.is_empty()).then_some(value), rest)
}

/// Returns the input after a value of one word. The value may follow its label without a separator.
pub(super) fn first_word(input: &str) -> &str {
    if input.starts_with(is_between) { value(input).1 } else { word(input).1 }
}

/// Returns the further words of a value, and the input after them. They have no digit: a word with one may be a
/// request.
pub(super) fn further_words(input: &str) -> (&str, &str) {
    let mut rest = input;
    while !rest.is_empty() && label(rest).is_none() && own_label(rest, false).is_none() && !is_last_text(rest) {
        let (next, behind) = word(rest);
        if next.contains(char::is_numeric) {
            break;
        }
        rest = behind;
    }
    let words = input.get(..input.len() - rest.len()).unwrap_or_default();
    (words.trim_end_matches(is_between), rest)
}
