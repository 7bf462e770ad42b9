//! Headers, well-formed and malformed.

use proptest::prelude::*;

use super::*;
use crate::text::data_coding::decode_parts;

const GSM: DefaultAlphabet = DefaultAlphabet::Gsm7Unpacked;

fn text_of(octets: &[u8], data_coding: u8, default_alphabet: DefaultAlphabet) -> (Option<Part>, String) {
    let data = UserData::parse(octets, true, data_coding, default_alphabet).unwrap();
    (data.header.part(), decode_parts(vec![data.body]).0)
}

#[test]
fn a_part_is_read_with_either_reference() {
    let short = [0x05, 0x00, 0x03, 0xa7, 0x02, 0x01, b'1', b'0'];
    assert_eq!(text_of(&short, 0, GSM), (Part::new(0xa7, 2, 1), "10".to_owned()));
    let long = [0x06, 0x08, 0x04, 0x12, 0x34, 0x03, 0x03, b'1', b'0'];
    assert_eq!(text_of(&long, 0, GSM), (Part::new(0x1234, 3, 3), "10".to_owned()));
}

#[test]
fn a_packed_text_behind_a_header_begins_on_a_septet() {
    let header = [0x05, 0x00, 0x03, 0xa7, 0x02, 0x01];
    let octets = [&header[..], &septets::pack(b"049123456 5", 1)].concat();
    assert_eq!(text_of(&octets, 0, DefaultAlphabet::Gsm7Packed).1, "049123456 5");
}

#[test]
fn language_tables_and_ports_are_kept() {
    let octets = [0x09, 0x24, 0x01, 0x01, 0x05, 0x04, 0x0b, 0x84, 0x23, 0xf0, 0x1b, 0x73];
    let data = UserData::parse(&octets, true, 0, GSM).unwrap();
    assert_eq!(data.header.elements, [Element::SingleShift(1), Element::Ports16 { destination: 2948, source: 9200 }]);
    assert_eq!(decode_parts(vec![data.body]).0, "ş");
}

#[test]
fn a_locking_shift_is_read_alone_and_with_a_single_shift() {
    let text = |octets: &[u8]| text_of(octets, 0, GSM).1;
    assert_eq!(text(&[0x03, 0x25, 0x01, 0x01, 0x07, 0x0b, b'5', 0x1b, 0x65]), "ıĞ5€");
    assert_eq!(text(&[0x06, 0x25, 0x01, 0x06, 0x24, 0x01, 0x01, 0x1b, 0x73, 0x05, b'5']), "ş\u{907}5");
    assert_eq!(text(&[0x03, 0x25, 0x01, 0x00, 0x60]), "¿");
    assert_eq!(text(&[0x03, 0x25, 0x01, 0x02, 0x60]), "¿", "Spanish has none");
    assert_eq!(text(&[0x03, 0x25, 0x01, 0x0e, 0x60]), "¿", "a reserved language is ignored");
    assert_eq!(text_of(&[0x03, 0x25, 0x01, 0x01, 0x00, 0x35], 8, GSM).1, "5", "UCS-2 has no tables");
}

#[test]
fn each_part_has_its_own_tables() {
    let part = |header: &[u8], text: &[u8]| UserData::parse(&[header, text].concat(), true, 0, GSM).unwrap().body;
    let turkish = part(&[0x08, 0x00, 0x03, 7, 2, 1, 0x25, 0x01, 0x01], &[0x0c]);
    let plain = part(&[0x05, 0x00, 0x03, 7, 2, 2], &[0x0c]);
    assert_eq!(decode_parts(vec![turkish, plain]), ("ğø".to_owned(), None));
}

#[test]
fn a_packed_text_in_a_national_table_begins_on_a_septet() {
    let octets = [&[0x03, 0x25, 0x01, 0x01][..], &septets::pack(b"049123456 5", septets::fill_bits(4))].concat();
    assert_eq!(text_of(&octets, 0, DefaultAlphabet::Gsm7Packed).1, "049123456 5");
}

#[test]
fn an_impossible_part_is_ignored() {
    for (total, number) in [(0, 0), (2, 0), (2, 3)] {
        let (part, text) = text_of(&[0x05, 0x00, 0x03, 0xa7, total, number, b'5'], 0, GSM);
        assert_eq!((part, text.as_str()), (None, "5"));
    }
}

#[test]
fn a_header_over_the_end_is_an_error() {
    let parse = |octets: &[u8]| UserDataHeader::parse(octets).unwrap_err();
    assert_eq!(parse(&[]), UdhError::Truncated { declared: 0, held: 0 });
    assert_eq!(parse(&[5, 0, 3]), UdhError::Truncated { declared: 5, held: 2 });
    assert_eq!(parse(&[3, 0, 3, 1, 2, 1]), UdhError::Element { identifier: 0 });
    assert_eq!(parse(&[1, 0x24]), UdhError::Element { identifier: 0x24 });
}

#[test]
fn a_long_reference_never_loses_its_high_octet() {
    let part = Part::new(0x1234, 2, 1).unwrap();
    let header = UserDataHeader { elements: vec![Element::Concatenated8(part)] };
    assert_eq!(header.encode(), [0x06, 0x08, 0x04, 0x12, 0x34, 0x02, 0x01]);
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(octets: Vec<u8>) {
        if let Ok((header, rest)) = UserDataHeader::parse(&octets) {
            prop_assert_eq!([&header.encode()[..], rest].concat(), octets);
        }
    }

    #[test]
    fn any_user_data_is_taken_apart(octets: Vec<u8>, data_coding: u8, packed: bool) {
        let default_alphabet = if packed { DefaultAlphabet::Gsm7Packed } else { GSM };
        if let Ok(data) = UserData::parse(&octets, true, data_coding, default_alphabet) {
            let _ = decode_parts(vec![data.body]);
        }
    }
}
