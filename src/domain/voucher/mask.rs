//! Removes codes from stored and shown texts. A customer's text may contain a code that is still valid, mistyped or
//! not, and staff read it. The first and last two digits are enough to compare it with a card.

use std::ops::Range;

use unicode_normalization::char::is_public_assigned;

/// Digits without a gap that may be a code, with some digits missing or added. No number of the plan is as long.
const PIECE_MIN: usize = 14;
/// Digits in each group, as cards print them.
const GROUP: usize = 4;
/// Most characters between two groups.
const SIGNS_MAX: usize = 4;
/// Digits that remain visible at each end.
const SHOWN: usize = 2;

/// Replaces the middle of everything that may be a code by stars. All other characters keep their places.
pub fn mask_codes(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for run in runs(&chars) {
        let digits: Vec<usize> = run.filter(|at| chars.get(*at).is_some_and(|c| c.is_numeric())).collect();
        let hidden = digits.len().saturating_sub(2 * SHOWN);
        for at in digits.into_iter().skip(SHOWN).take(hidden) {
            if let Some(c) = chars.get_mut(at) {
                *c = '*';
            }
        }
    }
    chars.into_iter().collect()
}

/// Masks octets that are not a text, in hexadecimal. A code in them, one octet for a digit or for two, is hidden
/// completely.
pub fn mask_octets(hexadecimal: &str) -> String {
    let Ok(mut octets) = hex::decode(hexadecimal) else { return "*".repeat(hexadecimal.len()) };
    for step in [1, 2] {
        for start in 0..octets.len() {
            let is_digit = |at: &usize| octets.get(*at).is_some_and(u8::is_ascii_digit);
            let run: Vec<usize> = (start..octets.len()).step_by(step).take_while(is_digit).collect();
            if run.len() >= PIECE_MIN {
                run.into_iter().filter_map(|at| octets.get_mut(at).map(|octet| *octet = b'*')).for_each(drop);
            }
        }
    }
    hex::encode(octets)
}

/// Ranges that may be a code: digits without a gap, or in groups.
fn runs(chars: &[char]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let piece = piece(chars, at);
        if piece.is_empty() {
            at += 1;
            continue;
        }
        let end = if digits(chars, &piece) == GROUP { grouped(chars, piece.end) } else { piece.end };
        if digits(chars, &(at..end)) >= PIECE_MIN {
            runs.push(at..end);
        }
        at = end;
    }
    runs
}

fn digits(chars: &[char], place: &Range<usize>) -> usize {
    chars.get(place.clone()).unwrap_or_default().iter().filter(|c| c.is_numeric()).count()
}

/// The digits that begin here, with invisible characters between them.
fn piece(chars: &[char], start: usize) -> Range<usize> {
    let mut end = start;
    let mut next = start;
    while chars.get(next).is_some_and(|c| c.is_numeric()) {
        end = next + 1;
        next = end + chars.iter().skip(end).take_while(|c| is_unseen(**c)).count();
    }
    start..end
}

/// The end of the groups that follow this place, each after a few characters; the last group may be short or long.
fn grouped(chars: &[char], mut end: usize) -> usize {
    loop {
        let signs = chars.iter().skip(end).take_while(|c| !c.is_alphanumeric()).count();
        let next = piece(chars, end + signs);
        if !(1..=SIGNS_MAX).contains(&signs) || next.is_empty() {
            return end;
        }
        end = next.end;
        if digits(chars, &next) != GROUP {
            return end;
        }
    }
}

/// Invisible characters in a text: marks, joiners, variation selectors, tags, direction controls, fillers and blanks,
/// control characters, and unassigned ones. A reader of digits skips them, or refuses the text, which is then stored.
/// The rule for texts is `text::unseen`, which the domain may not import; a test of `conceal` compares the two over all
/// of Unicode.
fn is_unseen(c: char) -> bool {
    let is_format = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
        | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..);
    is_format || (c.is_control() && !c.is_whitespace()) || !is_public_assigned(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_code_is_hidden_and_what_is_none_is_not() {
        for (text, masked) in [
            ("7401582000319524", "74************24"),
            ("mbush 7401582000319524 049123456 x", "mbush 74************24 049123456 x"),
            ("740158200031952", "74***********52"),
            ("74015820003195", "74**********95"),
            ("7401 5820 0031 9524", "74** **** **** **24"),
            ("7401-5820-0031-952!", "74**-****-****-*52!"),
            ("*123*7401582000319524*049123456#", "*123*74************24*049123456#"),
            ("٧٤٠١٥٨٢٠٠٠٣١٩٥٢٤", "٧٤************٢٤"),
            ("74015\u{200b}82000319524", "74***\u{200b}*********24"),
            (
                "\u{202d}7401\u{200b}5820\u{200b}0031\u{200b}9524\u{202c}",
                "\u{202d}74**\u{200b}****\u{200b}****\u{200b}**24\u{202c}",
            ),
            ("7401  5820 \u{200b}0031 - 9524", "74**  **** \u{200b}**** - **24"),
            ("049123456 5", "049123456 5"),
            ("0038349123456 10", "0038349123456 10"),
            ("+383 49 123 456 5", "+383 49 123 456 5"),
            ("0491 2345 6", "0491 2345 6"),
            ("", ""),
        ] {
            assert_eq!(mask_codes(text), masked);
        }
    }

    #[test]
    fn octets_are_hidden_too() {
        let code = b"7401582000319524";
        let wide: Vec<u8> = code.iter().flat_map(|digit| [0, *digit]).collect();
        for octets in [&code[..], &wide, &[&[0xd8, 0x3d], &code[..], &[0x41]].concat()] {
            let masked = mask_octets(&hex::encode(octets));
            assert!(!masked.contains("3734") && !masked.contains("3532") && !masked.contains("37003400"), "{masked}");
            assert_eq!(masked.len(), octets.len() * 2);
        }
        assert_eq!(mask_octets("d83d3437"), "d83d3437");
        assert_eq!(mask_octets("no hex"), "******");
    }
}
