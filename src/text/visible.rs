//! A text as a terminal, a log or an error may show it: characters that move the cursor, reorder the line or are
//! invisible are escaped.
//!
//! Control characters, line breaks, direction controls and the characters of [`super::unseen`] are escaped as in JSON
//! (`\n`, `\u001b`), so that a JSON object keeps its meaning. All other characters are unchanged: letters of every
//! script, their diacritics, and emoji with their joiners and modifiers.

use std::borrow::Cow;
use std::fmt::Write;

use super::unseen::{self, within};

/// First and last of each range of pictures that emoji consist of.
const PICTURES: [(char, char); 9] = [
    ('\u{a9}', '\u{a9}'),
    ('\u{ae}', '\u{ae}'),
    ('\u{203c}', '\u{203c}'),
    ('\u{2049}', '\u{2049}'),
    ('\u{2122}', '\u{2139}'),
    ('\u{2190}', '\u{27bf}'),
    ('\u{2900}', '\u{2bff}'),
    ('\u{3030}', '\u{3299}'),
    ('\u{1f000}', '\u{1faff}'),
];

const JOINER: char = '\u{200d}';
const AS_TEXT: char = '\u{fe0e}';
const AS_PICTURE: char = '\u{fe0f}';

/// Escapes all characters that a terminal would obey or hide.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let (mut before, mut rest) = (None, text.chars());
    while let Some(c) = rest.next() {
        if !is_unseen(c) || belongs(c, before, rest.clone().next()) {
            shown.push(c);
        } else {
            escape(c, &mut shown);
        }
        if c != AS_PICTURE {
            before = Some(c);
        }
    }
    Cow::Owned(shown)
}

/// Returns true if a terminal would obey the character or show nothing.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || unseen::is_unseen(c)
}

/// Returns true if the character joins its neighbours to one emoji, or selects the form of the one before it.
fn belongs(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_picture = |neighbour: Option<char>| neighbour.is_some_and(|c| within(c, &PICTURES));
    match c {
        JOINER => is_picture(before) && is_picture(after),
        AS_TEXT | AS_PICTURE => {
            is_picture(before) || before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '#' | '*'))
        }
        _ => false,
    }
}

fn escape(c: char, shown: &mut String) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_or_hide_is_written_as_an_escape() {
        for (text, shown) in [
            ("5\x1b[2J", "5\\u001b[2J"),
            ("383\x1b]0;x\x07", "383\\u001b]0;x\\u0007"),
            ("a\r\nb\tc\x7f", "a\\r\\nb\\tc\\u007f"),
            ("\u{9b}2J", "\\u009b2J"),
            ("1\u{202e}2\u{2066}3\u{61c}", "1\\u202e2\\u20663\\u061c"),
            ("a\u{200b}b\u{200d}c\u{feff}\u{ad}", "a\\u200bb\\u200dc\\ufeff\\u00ad"),
            ("a\u{fe0f}\u{e0041}\u{2028}", "a\\ufe0f\\udb40\\udc41\\u2028"),
            ("1\u{3164}2\u{206a}3\u{2800}4", "1\\u31642\\u206a3\\u28004"),
            ("1\u{fffc}2\u{e000}3\u{ffff}4\u{378}", "1\\ufffc2\\ue0003\\uffff4\\u0378"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn letters_diacritics_and_emoji_stay() {
        for text in [
            "Përshëndetje 5,00 €",
            "кредит",
            "e\u{301}\u{328}",
            "٠١٢",
            "👍🏽",
            "❤️",
            "👨‍👩‍👧",
            "🏳️‍🌈",
            "1️⃣",
            "🇽🇰",
            "a\u{a0}b",
            "C:\\n",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_is_unseen_and_json_stays_what_it_is(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&visible(&json)).unwrap(), text);
        }
    }
}
