//! Text that may follow a complete form without meaning: closing punctuation, emoji, and a signature without digits
//! after an empty line. A message with any other text after the form is refused.

/// The text after a complete form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail<'t> {
    /// Nothing, closing punctuation, or emoji.
    Noise,
    /// As above, with a signature after an empty line. It has no digit. If the forms of the caller need no digit (`tv
    /// name`), the caller must check that the signature is not a second request.
    Signature(&'t str),
    /// Text that was not understood.
    Leftover {
        /// Byte offset of its first character in the given text.
        at: usize,
    },
}

/// Folded faces of ASCII characters that are not all closing punctuation; each has its eyes first.
pub(crate) const EMOTICONS: [&str; 8] = [":-)", ";-)", ":)", ";)", ":d", ";d", ":-d", ":*"];

/// Classifies `rest`, the part of a folded text after a complete form.
pub fn tail(rest: &str) -> Tail<'_> {
    let mut at = 0;
    while let Some(left) = rest.get(at..)
        && let Some(c) = left.chars().next()
    {
        if let Some(signature) = left.strip_prefix("\n\n") {
            return match signature.find(char::is_numeric) {
                None => Tail::Signature(signature),
                Some(digit) => Tail::Leftover { at: at + 2 + digit },
            };
        }
        at += match emoticon(left) {
            Some(face) => face.len(),
            None if matches!(c, ' ' | '\n') || is_closing(c) || is_emoji(c) => c.len_utf8(),
            None => return Tail::Leftover { at },
        };
    }
    Tail::Noise
}

/// Returns the emoticon at the beginning of `text`, unless a letter follows it (`:dita` is a word).
fn emoticon(text: &str) -> Option<&'static str> {
    if !text.starts_with([':', ';']) {
        return None;
    }
    EMOTICONS
        .into_iter()
        .find(|face| text.strip_prefix(face).is_some_and(|behind| !behind.starts_with(char::is_alphanumeric)))
}

/// Punctuation that ends a sentence or closes a bracket or quotation. Not `,` `;` `:` `-`, which a continuation
/// follows.
pub fn is_closing(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | ')'
            | ']'
            | '}'
            | '"'
            | '\''
            | '”'
            | '“'
            | '’'
            | '»'
            | '؟'
            | '।'
            | '۔'
            | '。'
            | '‼'
            | '⁉'
    )
}

/// Pictures: the emoji blocks of Unicode, older symbols that phones draw as pictures, and regional indicators (flags).
/// Folding has removed joiners, variation selectors and tags; circled digits never get here. Letters in boxes (`🅰`) are letters,
/// as they are in a user name.
pub fn is_emoji(c: char) -> bool {
    !c.is_alphanumeric()
        && matches!(c,
        '\u{1f000}'..='\u{1f0ff}' | '\u{1f170}'..='\u{1f251}' | '\u{1f300}'..='\u{1faff}'
        | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23fa}'
        | '\u{2190}'..='\u{21ff}' | '\u{2122}' | '\u{a9}' | '\u{ae}' | '\u{3030}' | '\u{303d}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("")]
    #[case(".")]
    #[case(" !!!")]
    #[case("\n")]
    #[case("… 🙏🏽 ")]
    #[case(" 🇽🇰")]
    #[case(" :-)")]
    #[case(" :d")]
    #[case(" ❤")]
    fn noise_is_recognised(#[case] rest: &str) {
        assert_eq!(tail(rest), Tail::Noise);
    }

    #[rstest]
    #[case(" flm", 1)]
    #[case(",", 0)]
    #[case("-", 0)]
    #[case(". 5", 2)]
    #[case("\nagim", 1)]
    #[case(" :dita", 1)]
    #[case("\n\nagim 2", 7)]
    #[case(" 🅰", 1)]
    fn anything_else_is_left_over(#[case] rest: &str, #[case] at: usize) {
        assert_eq!(tail(rest), Tail::Leftover { at });
    }

    #[test]
    fn a_signature_stands_behind_an_empty_line() {
        assert_eq!(tail("! 🙂\n\nagim, peje"), Tail::Signature("agim, peje"));
    }
}
