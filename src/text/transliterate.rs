//! Transliterates outgoing texts to the letters of GSM-7.
//!
//! GSM-7 has no `ë č ć š ž đ`, of `ç` only the capital (which some handsets show in the wrong case), and `€` costs two
//! septets. Texts are therefore written in full spelling and transliterated when they are sent: `ë`→`e`, `ç`→`c`, `č
//! ć`→`c`, `š`→`s`, `ž`→`z`, `đ`→`dj`, Serbian Cyrillic→Latin, `€`→`EUR`, typographic signs→their ASCII forms. All
//! other characters are unchanged.

use std::iter::once;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::gsm7::{self, Unencodable, septet_of};
use super::shift::Letters;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub text: String,
    /// Characters that GSM-7 cannot encode, with the national tables if there are any. If there are any such characters,
    /// the text needs UCS-2.
    pub unencodable: Vec<Unencodable>,
}

impl Outgoing {
    fn new(text: String, letters: Option<&Letters>) -> Self {
        let unencodable = match letters {
            None => gsm7::unencodable(&text).collect(),
            Some(letters) => {
                let missing = text.char_indices().filter(|(_, c)| !letters.has(*c));
                missing.map(|(index, char)| Unencodable { index, char }).collect()
            }
        };
        Self { text, unencodable }
    }

    /// Returns true if the text can be sent in GSM-7.
    pub fn fits_gsm7(&self) -> bool {
        self.unencodable.is_empty()
    }
}

/// Transliterates all of `text`.
pub fn transliterate(text: &str) -> Outgoing {
    transliterate_keeping(text, &[], None)
}

/// Transliterates `text` except for every occurrence of the `kept` values (usernames) and for `letters`. If one of the
/// values does not fit GSM-7, the text needs UCS-2 and is not transliterated at all.
pub(super) fn transliterate_keeping(text: &str, kept: &[&str], letters: Option<&Letters>) -> Outgoing {
    let kept: Vec<&str> = kept.iter().copied().filter(|value| !value.is_empty() && text.contains(value)).collect();
    if kept.iter().any(|value| gsm7::unencodable(value).next().is_some()) {
        return Outgoing::new(text.to_owned(), letters);
    }
    let mut out = String::with_capacity(text.len());
    let mut left = text;
    while let Some((at, value)) = first_of(left, &kept) {
        push_transliterated(&mut out, left.get(..at).unwrap_or_default(), letters);
        out.push_str(value);
        left = left.get(at + value.len()..).unwrap_or_default();
    }
    push_transliterated(&mut out, left, letters);
    Outgoing::new(out, letters)
}

/// Returns the first of `values` in `text` with its offset; of two at the same place the longer one.
fn first_of<'v>(text: &str, values: &[&'v str]) -> Option<(usize, &'v str)> {
    let places = values.iter().filter_map(|value| text.find(value).map(|at| (at, *value)));
    places.min_by_key(|(at, value)| (*at, usize::MAX - value.len()))
}

fn push_transliterated(out: &mut String, text: &str, letters: Option<&Letters>) {
    for c in text.chars() {
        if letters.is_some_and(|letters| letters.keeps(c)) {
            out.push(c);
            continue;
        }
        match ascii_spelling(c).or_else(|| ascii_sign(c)) {
            Some(ascii) => out.push_str(ascii),
            None => out.push(without_marks(c, letters).unwrap_or(c)),
        }
    }
}

/// The letter of ASCII below the marks of a letter that GSM 7-bit, or the national tables, lack: `a` of `ạ`.
fn without_marks(c: char, letters: Option<&Letters>) -> Option<char> {
    if letters.map_or_else(|| septet_of(c).is_some(), |letters| letters.has(c)) {
        return None;
    }
    let mut parts = once(c).nfd();
    let letter = parts.next().filter(char::is_ascii_alphabetic)?;
    parts.all(is_combining_mark).then_some(letter)
}

/// ASCII spelling of an Albanian or Serbian letter, Latin or Cyrillic, in either case.
pub(super) fn ascii_spelling(c: char) -> Option<&'static str> {
    Some(match c {
        'ë' => "e",
        'Ë' => "E",
        'ç' | 'č' | 'ć' => "c",
        'Ç' | 'Č' | 'Ć' => "C",
        'š' => "s",
        'Š' => "S",
        'ž' => "z",
        'Ž' => "Z",
        'đ' => "dj",
        'Đ' => "Dj",
        'ı' => "i",
        _ => return cyrillic_spelling(c),
    })
}

/// Serbian Cyrillic in ASCII Latin.
fn cyrillic_spelling(c: char) -> Option<&'static str> {
    const SMALL: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "z", "z", "i", "j", "k", "l", "m", "n", "o", "p", //
        "r", "s", "t", "u", "f", "h", "c", "c", "s", "", "", "", "", "", "", "",
    ];
    const CAPITAL: [&str; 32] = [
        "A", "B", "V", "G", "D", "E", "Z", "Z", "I", "J", "K", "L", "M", "N", "O", "P", //
        "R", "S", "T", "U", "F", "H", "C", "C", "S", "", "", "", "", "", "", "",
    ];
    let spelling = match c {
        'ђ' => "dj",
        'Ђ' => "Dj",
        'ј' => "j",
        'Ј' => "J",
        'љ' => "lj",
        'Љ' => "Lj",
        'њ' => "nj",
        'Њ' => "Nj",
        'ћ' => "c",
        'Ћ' => "C",
        'џ' => "dz",
        'Џ' => "Dz",
        'а'..='я' => SMALL.get(u32::from(c) as usize - 0x430)?,
        'А'..='Я' => CAPITAL.get(u32::from(c) as usize - 0x410)?,
        _ => return None,
    };
    // The transliteration of letters that Serbian does not have (щ, ъ, …) would be a guess.
    (!spelling.is_empty()).then_some(spelling)
}

/// ASCII forms of signs that editors and phones insert: quotation marks, dashes, the ellipsis, the euro, spaces.
fn ascii_sign(c: char) -> Option<&'static str> {
    Some(match c {
        '€' => "EUR",
        '‘' | '’' | '‚' => "'",
        '“' | '”' | '„' => "\"",
        '\u{2010}'..='\u{2015}' => "-",
        '…' => "...",
        '\u{a0}' | '\u{2009}' | '\u{202f}' => " ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_spelled_in_gsm_7() {
        assert_eq!(transliterate("Mbushja u krye, ju lutëm çdo 5 €").text, "Mbushja u krye, ju lutem cdo 5 EUR");
        assert_eq!(transliterate("Đorđe čeka šest žutih ćuprija").text, "Djordje ceka sest zutih cuprija");
        assert_eq!(transliterate("Љубав, његова џезва и ђак").text, "Ljubav, njegova dzezva i djak");
        assert_eq!(transliterate("“Po” – ‘jo’…").text, "\"Po\" - 'jo'...");
    }

    #[test]
    fn what_gsm_7_has_stays() {
        let text = "@£$¥èéùìòØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ÄÖÑÜ§¿äöñüà {}[]~\\|^";
        assert_eq!(transliterate(text).text, text);
        assert!(transliterate(text).fits_gsm7());
    }

    #[test]
    fn what_is_left_is_reported_with_its_place() {
        let outgoing = transliterate("aëщ🙂");
        assert_eq!(outgoing.text, "aeщ🙂");
        let left: Vec<_> = outgoing.unencodable.iter().map(|left| (left.index, left.char)).collect();
        assert_eq!(left, [(2, 'щ'), (4, '🙂')]);
    }

    #[test]
    fn a_kept_value_is_never_altered() {
        let fits = transliterate_keeping("Llogaria Ç€ është gati", &["Ç€"], None);
        assert_eq!(fits.text, "Llogaria Ç€ eshte gati");
        assert!(fits.fits_gsm7());
        let wide = transliterate_keeping("Llogaria shfrytëzuesi1 është gati", &["shfrytëzuesi1"], None);
        assert_eq!(wide.text, "Llogaria shfrytëzuesi1 është gati");
        assert!(!wide.fits_gsm7());
    }
}
