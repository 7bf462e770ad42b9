//! The alphabet compared with the published tables, in both directions.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::text::national::NationalLanguage;

const PUBLISHED: &str = include_str!("../../fixtures/gsm/ts_23_038.csv");

/// Languages by identifier, from 1.
const LANGUAGES: [&str; 13] = [
    "turkish",
    "spanish",
    "portuguese",
    "bengali",
    "gujarati",
    "hindi",
    "kannada",
    "malayalam",
    "oriya",
    "punjabi",
    "tamil",
    "telugu",
    "urdu",
];

fn published(table: &str) -> BTreeMap<u8, char> {
    let rows = PUBLISHED.lines().filter(|line| !line.starts_with('#'));
    let cells = rows.map(|row| row.split(',').collect::<Vec<_>>()).filter(|cells| cells[0] == table);
    cells
        .map(|cells| {
            let code_point = u32::from_str_radix(cells[2], 16).unwrap();
            (u8::from_str_radix(cells[1], 16).unwrap(), char::from_u32(code_point).unwrap())
        })
        .collect()
}

/// Of septets that are all of the alphabet.
fn decoded(septets: &[u8], tables: Tables) -> String {
    let (text, error) = decode_lossy(septets, tables);
    assert_eq!(error, None, "{septets:?}");
    text
}

#[test]
fn the_default_alphabet_is_the_published_one() {
    let table = published("default");
    assert_eq!(table.len(), 127);
    for (&septet, &char) in &table {
        assert_eq!(decoded(&[septet], Tables::default()), char.to_string());
        assert_eq!(encode(&char.to_string()).unwrap(), [septet]);
    }
}

#[test]
fn escape_sequences_are_the_published_ones_and_all_others_fall_back() {
    let default = published("default");
    for (identifier, name) in std::iter::once("extension").chain(LANGUAGES).enumerate() {
        let single = NationalLanguage::from_identifier(u8::try_from(identifier).unwrap());
        let table = published(name);
        assert!(table.len() >= 11, "{name}");
        for septet in 0..128 {
            let expected = table.get(&septet).or_else(|| default.get(&septet)).copied().unwrap_or(' ');
            let decoded = decoded(&[ESCAPE, septet], Tables { single, ..Tables::default() });
            assert_eq!(decoded, expected.to_string(), "{name} {septet:#x}");
        }
    }
}

#[test]
fn locking_shift_tables_are_the_published_ones_with_every_single_shift() {
    let default = published("default");
    let languages = (1..).map_while(NationalLanguage::from_identifier);
    for (locking, name) in languages.zip(LANGUAGES) {
        let table = published(&format!("{name}_locking"));
        assert!(locking == NationalLanguage::Spanish || table.len() > 80, "{name}");
        let expected = |septet: u8| match table.get(&septet) {
            _ if table.is_empty() => default[&septet],
            found => found.copied().unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        let tables = Tables { locking: Some(locking), single: Some(NationalLanguage::Turkish) };
        for septet in (0..128).filter(|septet| *septet != ESCAPE) {
            let decoded = decoded(&[septet], tables);
            assert_eq!(decoded, expected(septet).to_string(), "{name} {septet:#x}");
        }
        assert_eq!(decoded(&[ESCAPE, 0x47, ESCAPE, 0x65, b'5'], tables), "Ğ€5");
        let unknown = decoded(&[ESCAPE, 0x04], Tables { single: None, ..tables });
        assert_eq!(unknown, expected(0x04).to_string(), "an unknown sequence shows the table's own character");
    }
}

#[test]
fn the_extension_table_takes_two_septets() {
    assert_eq!(encode("5€").unwrap(), [0x35, 0x1b, 0x65]);
    assert_eq!(septet_count("[5€]"), Ok(7));
    assert_eq!(encode("5 ë"), Err(Unencodable { index: 2, char: 'ë' }));
    assert_eq!(septet_count("5 ë"), Err(Unencodable { index: 2, char: 'ë' }));
    let missing: Vec<_> = unencodable("ëaç").map(|missing| missing.index).collect();
    assert_eq!(missing, [0, 3]);
}

#[test]
fn a_lone_escape_shows_a_space() {
    assert_eq!(decoded(b"5\x1b", Tables::default()), "5 ");
    assert_eq!(decoded(b"5\x1b\x1be", Tables::default()), "5 e");
}

#[test]
fn a_byte_that_is_no_septet_is_reported_with_its_place() {
    let error = NotASeptet { index: 1, byte: 0xe9 };
    assert_eq!(decode_lossy(b"5\xe95", Tables::default()), ("5\u{fffd}5".to_owned(), Some(error)));
    assert_eq!(decode_lossy(b"5\xe95\x1b\xff", Tables::default()), ("5\u{fffd}5\u{fffd}".to_owned(), Some(error)));
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
        if let Ok(septets) = encode(&text) {
            prop_assert_eq!(septet_count(&text), Ok(septets.len()));
            prop_assert_eq!(decoded(&septets, Tables::default()), text);
        }
    }

    #[test]
    fn what_the_alphabet_has_is_encoded(text in "[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà €{}|~^\\[\\]\\\\a-zA-Z0-9\n\r\u{c}]{0,200}") {
        let septets = encode(&text).unwrap();
        prop_assert!(septets.iter().all(|&septet| septet < 0x80));
        prop_assert_eq!(decoded(&septets, Tables::default()), text);
    }

    #[test]
    fn any_bytes_decode_without_panic(bytes: Vec<u8>) {
        let (text, error) = decode_lossy(&bytes, Tables { locking: None, single: NationalLanguage::from_identifier(3) });
        prop_assert_eq!(error.is_some(), text.contains(char::REPLACEMENT_CHARACTER));
    }
}
