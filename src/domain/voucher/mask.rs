//! Keeping codes out of what is stored and shown. What a customer wrote may hold a code that is still worth its money,
//! mistyped or not, and staff read it: the first and last two digits are enough to compare it with a card.

use std::ops::Range;

/// So many digits in one piece may be a code, a digit too few or too many among them. No number of the plan has as many.
const PIECE_MIN: usize = 14;
/// Or in groups as cards print them, of so many digits each.
const GROUP: usize = 4;
/// What stays, at each end.
const SHOWN: usize = 2;

/// The text with the middle of whatever may be a code as stars; every character keeps its place.
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

/// Octets that are no text, as hexadecimal: a code within them, one octet a digit or two, is hidden whole.
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

/// Where codes may stand: digits in one piece, or in groups.
fn runs(chars: &[char]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let piece = piece(chars, at);
        if piece.is_empty() {
            at += 1;
            continue;
        }
        let end = if piece.len() == GROUP { grouped(chars, piece.end) } else { piece.end };
        let digits = chars.get(at..end).unwrap_or_default().iter().filter(|c| c.is_numeric()).count();
        if digits >= PIECE_MIN {
            runs.push(at..end);
        }
        at = end;
    }
    runs
}

/// The digits that begin here.
fn piece(chars: &[char], start: usize) -> Range<usize> {
    let length = chars.iter().skip(start).take_while(|c| c.is_numeric()).count();
    start..start + length
}

/// Where the groups end that go on behind this place, each behind one sign; the last may be short or long.
fn grouped(chars: &[char], mut end: usize) -> usize {
    while chars.get(end).is_some_and(|c| !c.is_alphanumeric()) {
        let next = piece(chars, end + 1);
        if next.is_empty() {
            break;
        }
        end = next.end;
        if next.len() != GROUP {
            break;
        }
    }
    end
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
