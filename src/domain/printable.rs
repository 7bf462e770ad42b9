//! Addresses and identifiers that machines give: printed to terminals, logs and tables, they must be what they look like.

/// Whether a text is 1 to `chars_max` characters that all are seen: no control character, no line end, and no mark that is
/// invisible or turns the direction of what follows.
pub fn is_printable(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && text.chars().all(is_seen)
}

fn is_seen(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_in_no_identifier() {
        for good in ["+38349123456", "50005", "Banka", "Шифра", "a b", &"x".repeat(20)] {
            assert!(is_printable(good, 20), "{good}");
        }
        for bad in [
            "",
            " ",
            "5\u{1b}[2J",
            "5\n",
            "5\u{7f}",
            "5\u{9b}2J",
            "5\u{202e}",
            "5\u{200b}",
            "5\u{2028}",
            &"x".repeat(21),
        ] {
            assert!(!is_printable(bad, 20), "{bad:?}");
        }
    }
}
