//! What is dialled, as a short code and a text.

use std::collections::BTreeMap;

/// What was dialled as short code and text; `codes` are short codes by the service code that is dialled for them.
///
/// `dialled = "*" code { "*" field } "#"`; an answer to a menu is fields alone, for the address that it is sent to. Some
/// networks have the whole of what was dialled in the address, and nothing, or the same again, as text.
pub(crate) fn dialled(codes: &BTreeMap<String, String>, to: &str, dialled: &str) -> (String, String) {
    let dialled = if trim(dialled).is_empty() && is_dialled(to) { trim(to) } else { trim(dialled) };
    let fields = |text: &str| text.split('*').map(str::trim).collect::<Vec<_>>().join(" ");
    let inner = dialled.strip_suffix('#').unwrap_or(dialled);
    let (code, rest) = match inner.strip_prefix('*') {
        Some(inner) => inner.split_once('*').unwrap_or((inner, "")),
        None => (service_code(to), inner),
    };
    let short_code = codes.get(code).cloned().unwrap_or_else(|| code.to_owned());
    (short_code, fields(rest))
}

/// Whether an address or a text is something that was dialled, and no short code or answer.
pub(super) fn is_dialled(text: &str) -> bool {
    let text = trim(text);
    text.len() > 2 && text.starts_with('*') && text.ends_with('#')
}

/// A text without white space around it, and without the signs that keep its direction: a number that is pasted from a
/// phone's contacts has them. The sign that turns what is read round is none of these.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202d}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

/// The code of an address that something was dialled to: what stands before its fields.
pub(super) fn service_code(to: &str) -> &str {
    let inner = to.trim_matches(['*', '#']);
    inner.split_once('*').map_or(inner, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dialled_is_a_short_code_and_a_text() {
        let codes = [("123".to_owned(), "50005".to_owned())].into();
        for (to, string, code, text) in [
            ("*123#", "*123*049123456*5#", "50005", "049123456 5"),
            ("123", "*123#", "50005", ""),
            ("123", "*123*10#\n", "50005", "10"),
            ("123", "*50333*10#", "50333", "10"),
            ("*123#", "2", "50005", "2"),
            ("123", "049123456*5#", "50005", "049123456 5"),
            ("50005", "10", "50005", "10"),
            ("*123*049123456*5#", "", "50005", "049123456 5"),
            ("*123*049123456*5#", "*123*049123456*5#", "50005", "049123456 5"),
            ("*123*049123456*5#", " \n", "50005", "049123456 5"),
            ("*123#", "", "50005", ""),
            ("*123*1#", "2", "50005", "2"),
            ("123", "\u{202d}*123*049123456*5#\u{202c}", "50005", "049123456 5"),
            ("123", "\u{2066}*123*049123456*5#\u{2069} \n", "50005", "049123456 5"),
            ("123", "\u{202e}*123#", "50005", "\u{202e} 123"),
        ] {
            assert_eq!(dialled(&codes, to, string), (code.to_owned(), text.to_owned()), "{to} {string}");
        }
    }
}
