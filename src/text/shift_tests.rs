//! National language tables in writing: octets of the standard, and that every text is read back.

use proptest::prelude::*;

use super::*;
use crate::text::data_coding::{DefaultAlphabet, decode_parts};
use crate::text::segments::{Segment, Written, segments};
use crate::text::udh::UserData;

const GSM: DefaultAlphabet = DefaultAlphabet::Gsm7Unpacked;
const PACKED: DefaultAlphabet = DefaultAlphabet::Gsm7Packed;

fn letters(name: &str, locking: bool) -> Letters {
    Letters::new(NationalLanguage::from_name(name).unwrap(), locking)
}

fn tables(names: &[&str]) -> NationalTables {
    let letters: Vec<Letters> = names.iter().map(|name| letters(name, true)).collect();
    NationalTables::of(letters.iter())
}

/// The text that a receiver decodes, and whether it was in septets.
fn received(segments: &[Segment], alphabet: DefaultAlphabet) -> (String, bool) {
    let bodies = segments.iter().map(|segment| {
        assert!(segment.octets.len() <= 140 || alphabet == GSM && segment.data_coding == 0);
        UserData::parse(&segment.octets, segment.has_header, segment.data_coding, alphabet).unwrap().body
    });
    let (text, error) = decode_parts(bodies.collect());
    assert_eq!(error, None);
    (text, segments.iter().all(|segment| segment.data_coding == 0))
}

/// Octets of a segment on the air, of which an SMS has 140.
fn on_the_air(segment: &Segment) -> usize {
    let (header, septets) = segment.octets.split_at(usize::from(segment.octets[0]) + 1);
    let bits = (header.len() * 8).div_ceil(7) * 7 + septets.len() * 7;
    bits.div_ceil(8)
}

fn octets(text: &str, names: &[&str]) -> Vec<String> {
    let segments = segments(text, GSM, 7, &tables(names)).unwrap();
    segments.iter().map(|segment| hex::encode(&segment.octets)).collect()
}

#[test]
fn the_octets_are_those_of_the_standard() {
    // Element 0x24 with language 1; s with a cedilla is an escape and 0x73 (TS 23.038, A.2.1).
    assert_eq!(octets("Baş", &["turkish"]), ["0324010142611b73"]);
    // 155 septets fit one segment with this header. The locking table has s with a cedilla at 0x1D (A.3.1).
    assert_eq!(octets(&"ş".repeat(77), &["turkish"]), [format!("03240101{}", "1b73".repeat(77))]);
    assert_eq!(octets(&"ş".repeat(78), &["turkish"]), [format!("03250101{}", "1d".repeat(78))]);
    // Hindi: KA is 0x15 of the locking table, a capital letter is in the single shift table (A.2.6, A.3.6).
    assert_eq!(octets("क", &["hindi"]), ["0325010615"]);
    assert_eq!(octets("कA", &["hindi"]), ["06240106250106151b41"]);
    // Parts of a long message: the place first, then the table.
    let long = octets(&"क".repeat(156), &["hindi"]);
    assert_eq!(
        long,
        [format!("080003070201250106{}", "15".repeat(149)), format!("080003070202250106{}", "15".repeat(7)),]
    );
}

#[test]
fn a_text_that_the_default_alphabet_has_is_sent_without_tables() {
    let tables = tables(&["turkish", "hindi", "urdu"]);
    for text in ["5.00 EUR", "Ü à {x}", ""] {
        assert_eq!(segments(text, GSM, 7, &tables), segments(text, GSM, 7, &NationalTables::default()));
    }
}

#[test]
fn a_text_that_the_tables_lack_or_the_peer_cannot_read_is_in_ucs2() {
    let tables = tables(&["turkish"]);
    for (text, alphabet) in [("ş文", GSM), ("ş", DefaultAlphabet::Latin1), ("ş", DefaultAlphabet::Utf8)] {
        let parts = segments(text, alphabet, 7, &tables).unwrap();
        assert_eq!((parts[0].data_coding, parts[0].has_header), (8, false), "{text} {alphabet:?}");
    }
}

#[test]
fn a_header_leaves_fewer_septets() {
    let rooms = |name: &str, tables: usize| {
        let sets = letters(name, true);
        let set = sets.sets().iter().find(|set| set.elements().count() == tables).unwrap();
        [set.room(false), set.room(true), Written::National(set).room("", 2)]
    };
    // (140 - 4) * 8 / 7, (140 - 9) * 8 / 7; with two tables 3 octets less.
    assert_eq!(rooms("turkish", 1), [155, 149, 297]);
    assert_eq!(rooms("turkish", 2), [152, 146, 291]);
}

#[test]
fn a_language_keeps_what_all_its_sets_of_tables_have() {
    let turkish = letters("turkish", true);
    assert!("çğıöşüÇĞİÖŞÜ".chars().all(|c| turkish.keeps(c)));
    assert!("èØ¿ëक".chars().all(|c| !turkish.has(c)));
    assert!(letters("turkish", false).has('è'), "only the locking table takes its place");
    let portuguese = letters("portuguese", true);
    assert!("áâãàçéêíóôõúüÁÂÃÀÇÉÊÍÓÔÕÚÜ".chars().all(|c| portuguese.keeps(c)));
    let ascii = (' '..='~').filter(|c| *c != '`');
    for name in NationalLanguage::names() {
        let letters = letters(name, true);
        assert!(ascii.clone().chain(['\n']).all(|c| letters.has(c)), "{name}");
    }
}

/// A text of characters that a language has, and of some that it lacks.
fn of_language() -> impl Strategy<Value = (String, &'static str)> {
    let names: Vec<_> = NationalLanguage::names().collect();
    let kind = prop_oneof![9 => Just(true), 1 => Just(false)];
    (proptest::sample::select(names), kind).prop_flat_map(|(name, both)| {
        let sets = tables(&[name]);
        let set = if both { sets.0.last() } else { sets.0.first() };
        let places = set.map(|set| set.places.clone()).unwrap_or_default();
        let known: Vec<char> = places.into_iter().map(|(c, _)| c).collect();
        let text = proptest::collection::vec(proptest::sample::select(known), 0..500);
        (text.prop_map(|text| text.into_iter().collect()), Just(name))
    })
}

proptest! {
    #[test]
    fn every_text_is_read_back_and_no_escape_is_cut((text, name) in of_language()) {
        let sets = tables(&[name]);
        for alphabet in [GSM, PACKED] {
            let parts = segments(&text, alphabet, 7, &sets).unwrap();
            let (read, in_septets) = received(&parts, alphabet);
            prop_assert_eq!(&read, &text);
            prop_assert!(in_septets || alphabet == PACKED);
        }
        let parts = segments(&text, GSM, 7, &sets).unwrap();
        for part in parts.iter().filter(|part| part.has_header) {
            prop_assert!(on_the_air(part) <= 140);
            let septets = &part.octets[usize::from(part.octets[0]) + 1..];
            let mut escaped = false;
            for septet in septets {
                escaped = !escaped && *septet == ESCAPE;
            }
            prop_assert!(!escaped, "a part ends in an escape");
        }
    }

    #[test]
    fn no_text_takes_more_parts_than_in_ucs2((text, name) in of_language()) {
        let plain = segments(&text, GSM, 7, &NationalTables::default()).unwrap();
        prop_assert!(segments(&text, GSM, 7, &tables(&[name])).unwrap().len() <= plain.len());
    }
}
