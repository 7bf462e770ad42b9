//! Boundaries of segments, and round trips of texts.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::text::data_coding::decode_parts;
use crate::text::udh::UserData;

const GSM: DefaultAlphabet = DefaultAlphabet::Gsm7Unpacked;
const ALL: [DefaultAlphabet; 4] = [GSM, DefaultAlphabet::Gsm7Packed, DefaultAlphabet::Latin1, DefaultAlphabet::Utf8];

fn segments(text: &str, default_alphabet: DefaultAlphabet, reference: u8) -> Result<Vec<Segment>, TooLong> {
    super::segments(text, default_alphabet, reference, &NationalTables::default())
}

/// The text that a receiver decodes.
fn received(segments: &[Segment], default_alphabet: DefaultAlphabet) -> String {
    let bodies = segments.iter().enumerate().map(|(at, segment)| {
        let data = UserData::parse(&segment.octets, segment.has_header, segment.data_coding, default_alphabet).unwrap();
        if segments.len() > 1 {
            let part = data.header.part().unwrap();
            assert_eq!((usize::from(part.number()), usize::from(part.total())), (at + 1, segments.len()));
        }
        data.body
    });
    let (text, error) = decode_parts(bodies.collect());
    assert_eq!(error, None);
    text
}

#[rstest]
#[case::empty("", 1)]
#[case::gsm_one(&"a".repeat(160), 1)]
#[case::gsm_two(&"a".repeat(161), 2)]
#[case::gsm_two_full(&"a".repeat(306), 2)]
#[case::gsm_three(&"a".repeat(307), 3)]
#[case::extension_one(&"€".repeat(80), 1)]
#[case::extension_two(&format!("{}a", "€".repeat(80)), 2)]
#[case::extension_not_cut(&"€".repeat(153), 3)]
#[case::ucs2_one(&"ë".repeat(70), 1)]
#[case::ucs2_two(&"ë".repeat(71), 2)]
#[case::ucs2_two_full(&"ë".repeat(134), 2)]
#[case::ucs2_three(&"ë".repeat(135), 3)]
#[case::surrogates(&"🙂".repeat(35), 1)]
#[case::surrogates_not_cut(&"🙂".repeat(67), 3)]
fn segments_are_counted(#[case] text: &str, #[case] expected: usize) {
    assert_eq!(split(text).len(), expected);
    assert_eq!(received(&segments(text, GSM, 7).unwrap(), GSM), text);
}

#[test]
fn an_escape_sequence_stays_in_one_part() {
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(20));
    let pieces = split(&text);
    assert_eq!(pieces[0].len(), 152);
    assert!(pieces[1].starts_with('€'));
}

#[test]
fn a_letter_keeps_its_marks() {
    let text = format!("{}e\u{308}{}", "ш".repeat(66), "ш".repeat(20));
    assert_eq!(split(&text), [&"ш".repeat(66), &format!("e\u{308}{}", "ш".repeat(20))]);
    let family = "👨\u{200d}👩\u{200d}👧";
    let text = format!("{}{family}{}", "ш".repeat(62), "ш".repeat(20));
    assert!(split(&text)[1].starts_with(family));
    // An endless sequence of combining marks is split.
    let pile = format!("e{}", "\u{308}".repeat(200));
    assert!(split(&pile).iter().all(|piece| ucs2::unit_count(piece) <= UCS2_UNITS_PER_PART));
    assert_eq!(split(&pile).concat(), pile);
}

#[test]
fn a_part_that_alone_would_fit_gsm_7_is_in_ucs_2_with_the_others() {
    let text = format!("{}ë", "a".repeat(80));
    let codings: Vec<_> = segments(&text, GSM, 7).unwrap().iter().map(|segment| segment.data_coding).collect();
    assert_eq!(codings, [UCS2, UCS2]);
}

#[test]
fn the_octets_are_those_of_a_long_message() {
    let segments = segments(&"a".repeat(161), DefaultAlphabet::Gsm7Packed, 0xa7).unwrap();
    assert_eq!(segments[0].octets[..6], [0x05, 0x00, 0x03, 0xa7, 0x02, 0x01]);
    assert_eq!(segments[0].octets.len(), 140);
    assert_eq!(segments[1].octets[3..6], [0xa7, 0x02, 0x02]);
}

#[test]
fn a_text_is_encoded_in_what_it_needs() {
    assert_eq!(encode_for_submit("5€", GSM), (0, vec![0x35, 0x1b, 0x65]));
    assert_eq!(encode_for_submit("ë", GSM), (8, vec![0x00, 0xeb]));
    assert_eq!(encode_for_submit("é@", DefaultAlphabet::Latin1), (0, vec![0xe9, 0x40]));
    // Latin-1 has no euro, GSM-7 no ë.
    assert_eq!(encode_for_submit("€", DefaultAlphabet::Latin1).0, 8);
    assert_eq!(encode_for_submit("ë", DefaultAlphabet::Latin1).0, 8);
    assert_eq!(encode_for_submit("hello", DefaultAlphabet::Gsm7Packed), (0, vec![0xe8, 0x32, 0x9b, 0xfd, 0x06]));
}

#[test]
fn a_text_of_too_many_parts_is_refused() {
    assert_eq!(segments(&"a".repeat(153 * 255), GSM, 0).unwrap().len(), 255);
    assert_eq!(segments(&"a".repeat(153 * 255 + 1), GSM, 0), Err(TooLong { parts: 256 }));
}

proptest! {
    #[test]
    fn every_text_comes_back_from_its_segments(text in "[a-z @€{\n\u{308}ëш🙂]{0,400}", which in 0usize..4) {
        let segments = segments(&text, ALL[which], 1).unwrap();
        prop_assert_eq!(received(&segments, ALL[which]), text);
    }

    #[test]
    fn a_text_that_has_room_in_some_parts_takes_no_more(text in "[a-c€{\u{308}\u{200d}ট\u{9bf}🙂]{60,500}", parts in 1usize..4) {
        let written = if gsm7::septet_count(&text).is_ok() { Written::Gsm7 } else { Written::Ucs2 };
        if written.size(&text) <= written.room(&text, parts) {
            prop_assert!(split(&text).len() <= parts, "{:?}", split(&text));
        }
    }

    #[test]
    fn every_piece_fits(text in "[a-z€{\u{308}\u{200d}ëш🙂]{0,400}") {
        for piece in split(&text) {
            let fits = match gsm7::septet_count(&text) {
                Ok(_) => gsm7::septet_count(piece).unwrap() <= GSM7_SEPTETS_MAX,
                Err(_) => ucs2::unit_count(piece) <= UCS2_UNITS_MAX,
            };
            prop_assert!(fits && (!piece.is_empty() || text.is_empty()));
        }
        prop_assert_eq!(split(&text).concat(), text);
    }
}
