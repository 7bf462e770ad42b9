//! The meaning of each typed character: the tables behind [`super::normalise`].

use unicode_normalization::char::{decompose_canonical, decompose_compatible, is_combining_mark};

use super::transliterate::ascii_spelling;
use super::unseen::is_unseen;

/// The folded form of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// A letter in lower case.
    Letter(char),
    /// A letter with this spelling in ASCII, in the case that was typed.
    Spelling(&'static str),
    /// A decimal digit, and its ASCII form.
    Digit(DigitScript, char),
    /// The full stop.
    Stop,
    /// Any other visible character.
    Sign(char),
    /// White space inside a line.
    Space,
    /// White space that ends a line.
    LineBreak,
    /// An invisible mark without meaning, which is skipped.
    Invisible,
    /// A mark that combines with the character before it.
    Combining,
    /// The replacement character.
    Undecodable,
    /// A control character, or another character that is not visible as it is.
    Unseen,
    /// A character that is not a decimal digit of a script but looks like one.
    LookalikeDigit,
}

/// The script of a digit, by its zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DigitScript(char);

/// The zeros of all scripts that have decimal digits (general category Nd), in ascending order; nine more digits follow
/// each. Digits that are another digit in a certain style, as the mathematical ones, are not among them, except for the
/// full-width digits, which are what a keyboard for Chinese or Japanese types.
const ZEROS: &[char] = &[
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{ff10}',
    '\u{104a0}',
    '\u{10d30}',
    '\u{10d40}',
    '\u{11066}',
    '\u{110f0}',
    '\u{11136}',
    '\u{111d0}',
    '\u{112f0}',
    '\u{11450}',
    '\u{114d0}',
    '\u{11650}',
    '\u{116c0}',
    '\u{116d0}',
    '\u{116da}',
    '\u{11730}',
    '\u{118e0}',
    '\u{11950}',
    '\u{11bf0}',
    '\u{11c50}',
    '\u{11d50}',
    '\u{11da0}',
    '\u{11f50}',
    '\u{16130}',
    '\u{16a60}',
    '\u{16ac0}',
    '\u{16b50}',
    '\u{16d70}',
    '\u{1e140}',
    '\u{1e2f0}',
    '\u{1e4f0}',
    '\u{1e5f1}',
    '\u{1e950}',
];

#[inline]
pub(super) fn fold(c: char) -> Folded {
    match c {
        'a'..='z' => Folded::Letter(c),
        'A'..='Z' => Folded::Letter(c.to_ascii_lowercase()),
        '0'..='9' => Folded::Digit(DigitScript('0'), c),
        ' ' | '\t' => Folded::Space,
        '\n'..='\r' => Folded::LineBreak,
        '.' => Folded::Stop,
        '!'..='~' => Folded::Sign(c),
        '\0'..='\x7f' => Folded::Unseen,
        _ => fold_wide(c),
    }
}

/// As `fold`, for characters outside of ASCII.
fn fold_wide(c: char) -> Folded {
    match c {
        // The most frequent characters come before the rarer marks below: European letters, Serbian Cyrillic.
        'À'..='ž' | 'Ѐ'..='џ' => return fold_letter(c),
        '€' => return Folded::Sign(c),
        '\u{85}' | '\u{2028}' | '\u{2029}' => return Folded::LineBreak,
        '\u{fffd}' => return Folded::Undecodable,
        '\u{80}'..='\u{9f}' => return Folded::Unseen,
        // The emoji that shows "10". NFKC does not change it, but people see a number.
        '\u{1f51f}' => return Folded::LookalikeDigit,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => return Folded::Sign('-'),
        '\u{66b}' | '\u{60c}' => return Folded::Sign(','),
        '\u{ff10}'..='\u{ff19}' => {}
        '\u{ff01}'..='\u{ff5e}' => {
            return ascii_at(u32::from(c) - 0xfee0).map_or(Folded::Sign(c), fold);
        }
        _ => {}
    }
    if let Some(digit) = digit(c) {
        return digit;
    }
    if c.is_whitespace() {
        return Folded::Space;
    }
    if is_invisible(c) {
        return Folded::Invisible;
    }
    if is_unseen(c) {
        return Folded::Unseen;
    }
    if is_combining_mark(c) {
        return Folded::Combining;
    }
    fold_letter(c)
}

fn fold_letter(c: char) -> Folded {
    if let Some(letters) = ascii_spelling(c) {
        return Folded::Spelling(letters);
    }
    if let Some(letter) = base_letter(c) {
        return Folded::Letter(letter.to_ascii_lowercase());
    }
    if c.is_numeric() || hides_digit(c) {
        return Folded::LookalikeDigit;
    }
    if c.is_alphabetic() {
        // İ is the only letter with two characters in lower case, and it has a base letter.
        return Folded::Letter(c.to_lowercase().next().unwrap_or(c));
    }
    Folded::Sign(c)
}

/// A decimal digit of any script.
fn digit(c: char) -> Option<Folded> {
    let above = ZEROS.partition_point(|zero| *zero <= c);
    let zero = *ZEROS.get(above.checked_sub(1)?)?;
    let value = u32::from(c) - u32::from(zero);
    let ascii = char::from_digit(value, 10)?;
    Some(Folded::Digit(DigitScript(zero), ascii))
}

fn ascii_at(code: u32) -> Option<char> {
    char::from_u32(code).filter(char::is_ascii)
}

/// The ASCII letter below the accents of `c` (`e` for `é`).
fn base_letter(c: char) -> Option<char> {
    let mut base = None;
    decompose_canonical(c, |part| {
        base.get_or_insert(part);
    });
    base.filter(char::is_ascii_alphabetic)
}

/// Returns true if compatibility normalisation (NFKC) turns `c` into digits, as it does for `㎡` or `㍙`.
fn hides_digit(c: char) -> bool {
    let mut found = false;
    decompose_compatible(c, |part| found |= part.is_numeric());
    found
}

/// Embeddings, overrides and isolates, and what ends them.
pub(super) fn is_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Marks that are invisible and change no meaning: soft hyphen, grapheme joiner, Arabic letter mark, Mongolian vowel
/// separator, zero-width space and joiners, left-to-right and right-to-left *marks*, word joiner and invisible
/// operators, byte-order mark, variation selectors, tags. Direction controls belong to them if they reorder nothing,
/// which [`super::bidi`] has checked before. All others in [`super::unseen`] cause a refusal: for people, a filler or a
/// blank separates parts that would be joined here.
pub(super) fn is_invisible(c: char) -> bool {
    is_control(c)
        || matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns true if `word` mixes letters or digits of more than one script, as a forged username does (`tеst` with a
/// Cyrillic `е`). ASCII digits and signs belong to every script.
pub fn is_mixed_script(word: &str) -> bool {
    let mut scripts = word.chars().filter_map(script);
    scripts.next().is_some_and(|first| scripts.any(|other| other != first))
}

/// A number for each script; `None` for characters that all scripts share.
fn script(c: char) -> Option<u8> {
    match c {
        _ if !c.is_alphanumeric() || c.is_ascii_digit() => None,
        'a'..='z' | 'A'..='Z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(0),
        '\u{400}'..='\u{52f}' => Some(1),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(2),
        '\u{600}'..='\u{6ff}' => Some(3),
        '\u{ff01}'..='\u{ff5e}' => Some(4),
        _ => Some(5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_apart() {
        assert!(is_mixed_script("t\u{435}st"));
        assert!(is_mixed_script("αb"));
        assert!(!is_mixed_script("shfrytëzuesi1"));
        assert!(!is_mixed_script("корисник.1"));
        assert!(!is_mixed_script("12-3"));
    }

    #[test]
    fn what_folds_to_a_digit_is_a_decimal_digit_of_a_script() {
        let decimal = regex::Regex::new(r"^\p{Nd}$").unwrap();
        let is_styled = |c: char| {
            let mut plain = c;
            decompose_compatible(c, |part| plain = part);
            plain != c && !('\u{ff10}'..='\u{ff19}').contains(&c)
        };
        for c in '\0'..=char::MAX {
            let is_digit = matches!(fold(c), Folded::Digit(..));
            let expected = decimal.is_match(c.encode_utf8(&mut [0; 4])) && !is_styled(c);
            assert_eq!(is_digit, expected, "U+{:04X}", u32::from(c));
            let hidden = match fold(c) {
                Folded::Letter(letter) | Folded::Sign(letter) => letter.is_numeric() || hides_digit(letter),
                Folded::Spelling(letters) => letters.contains(char::is_numeric),
                _ => false,
            };
            assert!(!hidden, "U+{:04X}", u32::from(c));
        }
    }
}
