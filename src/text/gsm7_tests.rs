//! The alphabet against the published tables, and both ways round.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const PUBLISHED: &str = include_str!("../../fixtures/gsm/ts_23_038.csv");

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

#[test]
fn the_default_alphabet_is_the_published_one() {
    let table = published("default");
    assert_eq!(table.len(), 127);
    for (&septet, &char) in &table {
        assert_eq!(decode_unpacked(&[septet], None).unwrap(), char.to_string());
        assert_eq!(encode(&char.to_string()).unwrap(), [septet]);
    }
}

#[test]
fn escape_sequences_are_the_published_ones_and_all_others_fall_back() {
    let default = published("default");
    let shifts = [
        ("extension", None, 11),
        ("turkish", NationalShift::from_identifier(1), 18),
        ("spanish", NationalShift::from_identifier(2), 20),
        ("portuguese", NationalShift::from_identifier(3), 38),
    ];
    for (name, shift, length) in shifts {
        let table = published(name);
        assert_eq!(table.len(), length, "{name}");
        for septet in 0..128 {
            let expected = table.get(&septet).or_else(|| default.get(&septet)).copied().unwrap_or(' ');
            let decoded = decode_unpacked(&[ESCAPE, septet], shift).unwrap();
            assert_eq!(decoded, expected.to_string(), "{name} {septet:#x}");
        }
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
    assert_eq!(decode_unpacked(b"5\x1b", None).unwrap(), "5 ");
    assert_eq!(decode_unpacked(b"5\x1b\x1be", None).unwrap(), "5 e");
}

#[test]
fn a_byte_that_is_no_septet_is_reported_with_its_place() {
    let error = NotASeptet { index: 1, byte: 0xe9 };
    assert_eq!(decode_unpacked(b"5\xe95", None), Err(error));
    assert_eq!(decode_lossy(b"5\xe95\x1b\xff", None), ("5\u{fffd}5\u{fffd}".to_owned(), Some(error)));
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
        if let Ok(septets) = encode(&text) {
            prop_assert_eq!(septet_count(&text), Ok(septets.len()));
            prop_assert_eq!(decode_unpacked(&septets, None).unwrap(), text);
        }
    }

    #[test]
    fn what_the_alphabet_has_is_encoded(text in "[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà €{}|~^\\[\\]\\\\a-zA-Z0-9\n\r\u{c}]{0,200}") {
        let septets = encode(&text).unwrap();
        prop_assert!(septets.iter().all(|&septet| septet < 0x80));
        prop_assert_eq!(decode_unpacked(&septets, None).unwrap(), text);
    }

    #[test]
    fn any_bytes_decode_without_panic(bytes: Vec<u8>) {
        let (text, error) = decode_lossy(&bytes, NationalShift::from_identifier(3));
        prop_assert_eq!(error.is_some(), text.contains(char::REPLACEMENT_CHARACTER));
    }
}
