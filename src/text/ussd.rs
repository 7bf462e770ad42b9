//! Texts of USSD. Networks pass on the data coding of the dialogue, which is from cell broadcast (3GPP TS 23.038 §5) or
//! from SMPP's own table; the octet does not say which. Values that both tables define alike, or that SMPP alone uses
//! for texts, are read by SMPP's table, all others by that of cell broadcast.

use super::data_coding::{Alphabet, Coded, DataCoding, DefaultAlphabet, NoText};
use super::national::Tables;

/// Octets of a language before a 7-bit text: two letters and a carriage return.
const LANGUAGE_SEPTETS: usize = 3;
/// Octets of a language before UCS-2: two septets, packed.
const LANGUAGE_OCTETS: usize = 2;
/// Rows of the code charts that dialled text can be in: Latin, Greek, Cyrillic, Arabic. No 7-bit text has such an octet
/// at every second place.
const ROWS_MAX: u8 = 0x06;

/// Takes the octets of a dialled code or of an answer.
pub fn coded(octets: &[u8], data_coding: u8, default_alphabet: DefaultAlphabet) -> Coded {
    let (alphabet, octets) = text_of(octets, data_coding, default_alphabet);
    Coded::in_alphabet(alphabet, octets, default_alphabet, Tables::default(), 0)
}

pub fn alphabet_of(octets: &[u8], data_coding: u8, default_alphabet: DefaultAlphabet) -> Result<Alphabet, NoText> {
    text_of(octets, data_coding, default_alphabet).0
}

/// The alphabet, and the octets without the language before the text.
fn text_of(octets: &[u8], data_coding: u8, default: DefaultAlphabet) -> (Result<Alphabet, NoText>, &[u8]) {
    match data_coding {
        _ if is_keys(octets) => (Ok(Alphabet::Ascii), octets),
        0x10 => (Ok(Alphabet::Gsm7), behind_language(octets)),
        0x11 => in_ucs2(octets).map_or((Ok(Alphabet::Gsm7), octets), |text| (Ok(Alphabet::Ucs2), text)),
        _ => (alphabet(data_coding, default), octets),
    }
}

/// Returns true if all octets are keys of a telephone from `*` to `#`. Such octets are keys in any data coding, because
/// neither UCS-2 nor packed septets have them in a row for anything that can be dialled.
fn is_keys(octets: &[u8]) -> bool {
    let end = octets.iter().rposition(|octet| !matches!(octet, 0 | b' ' | b'\r' | b'\n'));
    let keys = end.and_then(|end| octets.get(..=end)).unwrap_or_default();
    keys.len() > 2
        && keys.starts_with(b"*")
        && keys.ends_with(b"#")
        && keys.iter().all(|octet| octet.is_ascii_digit() || matches!(octet, b'*' | b'#'))
}

/// Data coding of an answer: the 0 and 8 of SMPP are languages in a dialogue of cell broadcast.
pub fn answer_coding(theirs: u8, ours: u8) -> u8 {
    match (theirs, ours) {
        (0x0f | 0x10 | 0x11 | 0x44 | 0x48, 0x00) => 0x0f,
        (0x0f | 0x10 | 0x11 | 0x44 | 0x48, 0x08) => 0x48,
        _ => ours,
    }
}

fn alphabet(data_coding: u8, default_alphabet: DefaultAlphabet) -> Result<Alphabet, NoText> {
    match data_coding {
        0x00 | 0x01 | 0x03 | 0x08 => DataCoding::from_octet(data_coding, default_alphabet).alphabet,
        // Languages.
        0x02..=0x0f | 0x20..=0x2f => Ok(Alphabet::Gsm7),
        // General data coding, with a header, and by class. Dialled 8-bit data is ASCII.
        0x40..=0x5f | 0x90..=0x9f => Ok(match data_coding & 0x0c {
            0x04 => Alphabet::Latin1,
            0x08 => Alphabet::Ucs2,
            _ => Alphabet::Gsm7,
        }),
        0xf0..=0xff if data_coding & 0x04 != 0 => Ok(Alphabet::Latin1),
        _ => DataCoding::from_octet(data_coding, default_alphabet).alphabet,
    }
}

fn behind_language(octets: &[u8]) -> &[u8] {
    match octets.split_at_checked(LANGUAGE_SEPTETS) {
        Some(([first, second, b'\r'], text)) if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => text,
        _ => octets,
    }
}

/// Returns the text if it is in UCS-2, with or without a language before it.
fn in_ucs2(octets: &[u8]) -> Option<&[u8]> {
    let is_ucs2 = |text: &&[u8]| {
        let (units, rest) = text.as_chunks::<2>();
        !units.is_empty() && rest.is_empty() && units.iter().all(|[row, _]| *row <= ROWS_MAX)
    };
    Some(octets).filter(is_ucs2).or_else(|| octets.get(LANGUAGE_OCTETS..).filter(is_ucs2))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const DIALLED: &[u8] = b"*123#";
    const WIDE: &[u8] = &[0, b'*', 0, b'1', 0, b'2', 0, b'3', 0, b'#'];

    #[rstest]
    fn what_is_dialled_is_read_in_every_language_of_cell_broadcast(
        #[values(
            0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x20,
            0x24, 0x40, 0x41, 0x44, 0x90, 0x94, 0xf0, 0xf1, 0xf4
        )]
        data_coding: u8,
    ) {
        let (text, error) = coded(DIALLED, data_coding, DefaultAlphabet::default()).decode_lossy();
        assert_eq!((text.as_str(), error), ("*123#", None));
    }

    #[rstest]
    #[case::smpp(0x08, &[])]
    #[case::general(0x48, &[])]
    #[case::header(0x98, &[])]
    #[case::without_a_language(0x11, &[])]
    #[case::with_a_language(0x11, &[0x73, 0x38])]
    fn and_in_ucs_2(#[case] data_coding: u8, #[case] language: &[u8]) {
        let octets = [language, WIDE].concat();
        let (text, error) = coded(&octets, data_coding, DefaultAlphabet::default()).decode_lossy();
        assert_eq!((text.as_str(), error), ("*123#", None));
    }

    #[test]
    fn a_language_before_the_text_is_no_part_of_it() {
        let text = |octets| coded(octets, 0x10, DefaultAlphabet::default()).decode_lossy().0;
        assert_eq!(text(b"sq\r*123#"), "*123#");
        assert_eq!(text(b"12\r"), "12\r");
    }

    #[test]
    fn an_answer_is_in_the_coding_of_its_dialogue() {
        assert_eq!([0, 8].map(|ours| answer_coding(0x0f, ours)), [0x0f, 0x48]);
        assert_eq!([0, 8].map(|ours| answer_coding(0x08, ours)), [0, 8]);
    }
}
