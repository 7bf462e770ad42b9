//! The borders of a receipt's fields: where a label begins, and where its value ends.

/// A field that is read, or at least known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Id,
    State,
    Error,
    Date,
    Count,
    Text,
}

/// Labels, word for word.
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

/// Between fields; a NUL ends some texts, and begins or ends some values.
pub(super) fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '\0')
}

/// The next word, and what is behind it and what stands between.
pub(super) fn word(input: &str) -> (&str, &str) {
    let end = input.find(is_between).unwrap_or(input.len());
    let (word, rest) = input.split_at(end);
    (word, rest.trim_start_matches(is_between))
}

/// A label that is known with its colon at the beginning, and what is behind it.
pub(super) fn label(input: &str) -> Option<(Label, &str)> {
    LABELS.iter().find_map(|(words, label)| {
        let mut rest = input;
        for (at, word) in words.iter().enumerate() {
            let next = if at == 0 { rest } else { rest.trim_start_matches(char::is_whitespace) };
            // Two words are parted.
            if at > 0 && next.len() == rest.len() {
                return None;
            }
            let head = next.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
            rest = next.get(head.len()..)?;
        }
        Some((*label, colon(rest)?))
    })
}

/// The text behind the colon of a field of the SMSC's own: a word that begins with a letter. It may be two words where the
/// text `has_begun` to be a receipt's.
pub(super) fn own_label(input: &str, has_begun: bool) -> Option<&str> {
    let rest = name(input)?;
    colon(rest).or_else(|| {
        let second = rest.trim_start_matches(char::is_whitespace);
        let is_one = has_begun && second.len() < rest.len() && label(second).is_none();
        is_one.then(|| name(second)).flatten().and_then(colon)
    })
}

/// The text behind a word that may be a label.
fn name(input: &str) -> Option<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let rest = input.trim_start_matches(is_of_name);
    (input.starts_with(char::is_alphabetic) && rest.len() < input.len()).then_some(rest)
}

fn colon(input: &str) -> Option<&str> {
    input.trim_start_matches(char::is_whitespace).strip_prefix(':')
}

/// The last word is the label of the text, without its colon.
pub(super) fn is_last_text(input: &str) -> bool {
    let (word, rest) = word(input);
    rest.is_empty() && word.eq_ignore_ascii_case("text")
}

/// The value at the beginning, without quotes; nothing where the next label or the end follows.
pub(super) fn value(input: &str) -> (Option<&str>, &str) {
    let input = input.trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
    if label(input).is_some() || input.starts_with(is_between) {
        return (None, input.trim_start_matches(is_between));
    }
    let (word, rest) = word(input);
    let value = word.trim_matches(['"', '\'']);
    ((!value.is_empty()).then_some(value), rest)
}

/// The text behind a value of one word, which may be glued to its label.
pub(super) fn first_word(input: &str) -> &str {
    if input.starts_with(is_between) { value(input).1 } else { word(input).1 }
}

/// Further words of a value, and what is left behind them. They have no digit: with one they might be a request.
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
