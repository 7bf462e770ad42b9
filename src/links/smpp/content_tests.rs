//! Tests of the content of messages, and of octets that are no part of the text.

use bytes::Bytes;
use rstest::rstest;

use super::*;
use crate::smpp::address::Address;
use crate::smpp::pdu::{Body as PduBody, ShortMessage, Sm};
use crate::smpp::tlv::{Tlvs, tag};

const GSM: DefaultAlphabet = DefaultAlphabet::Gsm7Unpacked;

fn message(octets: &[u8], data_coding: u8, esm_class: u8, tlvs: &[(u16, &[u8])]) -> Message {
    let sm = Sm {
        source: Address::new(1, 1, "38349111222").unwrap(),
        destination: Address::new(0, 1, "50005").unwrap(),
        esm_class,
        data_coding,
        short_message: ShortMessage::new(Bytes::copy_from_slice(octets)).unwrap(),
        tlvs: tlvs.iter().fold(Tlvs::default(), |tlvs, (tag, value)| tlvs.with(*tag, value).unwrap()),
        ..Sm::default()
    };
    Message::of(&PduBody::DeliverSm(sm)).unwrap()
}

fn text(message: Message, role: Role, alphabet: DefaultAlphabet) -> Body {
    match Content::of(&without_nul(message, role, alphabet, false), alphabet, false) {
        Content::Whole(body) => body,
        Content::Part(place, _) => panic!("{place:?}"),
    }
}

const PART: [(u16, &[u8]); 3] =
    [(tag::SAR_MSG_REF_NUM, &[0, 7]), (tag::SAR_TOTAL_SEGMENTS, &[2]), (tag::SAR_SEGMENT_SEQNUM, &[1])];

#[rstest]
#[case::letters(b"049123456 5", 0)]
#[case::an_at_sign_of_ascii(b"@ 5", 0)]
#[case::letters_that_would_end_exactly(b" a\x04bcdea\x18aaaaaaaaaaaaaaaaaaaaaaaa 5", 0)]
#[case::ends_too_early(b"\x02\x7f\x01 5", 0)]
#[case::ucs_2(b"\x000\x004\0 \x005", 8)]
#[case::ucs_2_of_two_scripts(b"\x04\x38\0 \x005", 8)]
fn a_part_by_parameters_needs_no_header_though_one_is_promised(#[case] octets: &[u8], #[case] data_coding: u8) {
    let content = Content::of(&message(octets, data_coding, 0x40, &PART), GSM, false);
    assert!(matches!(content, Content::Part(place, false) if place == Part::new(7, 2, 1).unwrap()), "{content:?}");
}

#[rstest]
#[case::nothing(b"\x00")]
#[case::formatted_text(b"\x05\x0a\x03\x00\x05\x00")]
#[case::reply_address(b"\x03\x22\x01\x00")]
#[case::of_the_smsc(b"\x02\x70\x00")]
#[case::reserved(b"\x03\x1f\x01\x00")]
#[case::hyperlink(b"\x06\x21\x04\x00\x05\x01\x02")]
fn a_header_of_elements_that_are_not_known_is_one(#[case] header: &[u8]) {
    for (text, data_coding) in [(b"04940".as_slice(), 0), (b"\x000\x004", 8), (b"04940", 3), (b"04940", 1)] {
        let content = Content::of(&message(&[header, text].concat(), data_coding, 0x40, &PART), GSM, false);
        assert!(matches!(content, Content::Part(place, true) if place == Part::new(7, 2, 1).unwrap()), "{content:?}");
    }
}

#[test]
fn a_header_that_is_there_counts() {
    let content = Content::of(&message(b"\x05\0\x03\x2a\x03\x02 5", 0, 0x40, &PART), GSM, false);
    assert!(matches!(content, Content::Part(place, true) if place == Part::new(42, 3, 2).unwrap()), "{content:?}");
    let content = Content::of(&message(b"\x03\x25\x01\x01 5", 0, 0x40, &PART), GSM, false);
    assert!(matches!(content, Content::Part(place, true) if place == Part::new(7, 2, 1).unwrap()), "{content:?}");
}

#[rstest]
#[case::ascii(b"5\0", 0x01)]
#[case::latin_1(b"5\0\0", 0x03)]
#[case::ucs_2(b"\x005\0\0", 0x08)]
#[case::one_octet_behind_ucs_2(b"\x005\0", 0x08)]
fn a_nul_that_an_smsc_counts_is_no_text(#[case] octets: &[u8], #[case] data_coding: u8) {
    assert_eq!(text(message(octets, data_coding, 0, &[]), Role::Esme, GSM), Body::Text("5".to_owned()));
    let submitted = text(message(octets, data_coding, 0, &[]), Role::Smsc, GSM);
    assert_ne!(submitted, Body::Text("5".to_owned()), "who submits hears of it");
}

#[test]
fn in_seven_bits_it_is_a_letter_unless_it_is_behind_a_payload() {
    let payload = message(b"", 0, 0, &[(tag::MESSAGE_PAYLOAD, b"5\0")]);
    assert_eq!(text(payload, Role::Esme, GSM), Body::Text("5".to_owned()));
    assert_eq!(text(message(b"5\0", 0, 0, &[]), Role::Esme, GSM), Body::Text("5@".to_owned()));
    let part: Vec<(u16, &[u8])> = [&PART[..], &[(tag::MESSAGE_PAYLOAD, b"arben\0")]].concat();
    let kept = without_nul(message(b"", 0, 0, &part), Role::Esme, GSM, false);
    assert_eq!(kept.octets.as_ref(), b"arben\0", "a text may be cut behind an @");
}

#[test]
fn what_may_have_been_cut_in_the_middle_of_a_character_is_not_completed() {
    let octets = [[0, b'5'].repeat(70), vec![0]].concat();
    let body = text(message(&octets, 8, 0, &[]), Role::Esme, GSM);
    assert!(matches!(body, Body::Undecodable { .. }), "{body:?}");
}
