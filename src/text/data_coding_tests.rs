//! All groups of data codings, and decoding by them.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::text::national::NationalLanguage;

const GSM: DefaultAlphabet = DefaultAlphabet::Gsm7Unpacked;

#[rstest]
#[case(0x00, Ok(Alphabet::Gsm7), None)]
#[case(0x01, Ok(Alphabet::Ascii), None)]
#[case(0x03, Ok(Alphabet::Latin1), None)]
#[case(0x04, Err(NoText::Binary), None)]
#[case(0x06, Err(NoText::Unsupported(0x06)), None)]
#[case(0x08, Ok(Alphabet::Ucs2), None)]
#[case::hungarian(0x0b, Ok(Alphabet::Gsm7), None)]
#[case::no_language(0x0f, Ok(Alphabet::Gsm7), None)]
#[case::flash(0x10, Ok(Alphabet::Gsm7), Some(0))]
#[case::binary_class(0x15, Err(NoText::Binary), Some(1))]
#[case::flash_ucs2(0x18, Ok(Alphabet::Ucs2), Some(0))]
#[case::reserved_alphabet(0x1c, Err(NoText::Unsupported(0x1c)), Some(0))]
#[case::compressed(0x20, Err(NoText::Compressed), None)]
#[case::delete_after_reading(0x40, Ok(Alphabet::Gsm7), None)]
#[case::delete_after_reading_ucs2(0x5a, Ok(Alphabet::Ucs2), Some(2))]
#[case::reserved_group(0x90, Err(NoText::Unsupported(0x90)), None)]
#[case::waiting_discard(0xc8, Ok(Alphabet::Gsm7), None)]
#[case::waiting_store(0xd9, Ok(Alphabet::Gsm7), None)]
#[case::waiting_store_ucs2(0xe1, Ok(Alphabet::Ucs2), None)]
#[case::class(0xf1, Ok(Alphabet::Gsm7), Some(1))]
#[case::class_binary(0xf6, Err(NoText::Binary), Some(2))]
fn an_octet_names_its_alphabet_and_class(
    #[case] octet: u8,
    #[case] alphabet: Result<Alphabet, NoText>,
    #[case] class: Option<u8>,
) {
    assert_eq!(DataCoding::from_octet(octet, GSM), DataCoding { alphabet, class });
}

#[rstest]
#[case(&[0x35, 0x1b, 0x65], 0, GSM, "5€")]
#[case(&[0x35, 0x1b, 0x65], 0xf1, GSM, "5€")]
#[case(b"mbush\xeb", 0, DefaultAlphabet::Latin1, "mbushë")]
#[case("mbushë".as_bytes(), 0, DefaultAlphabet::Utf8, "mbushë")]
#[case(&[0xe8, 0x32, 0x9b, 0xfd, 0x06], 0, DefaultAlphabet::Gsm7Packed, "hello")]
#[case(&[0xe8, 0x32, 0x9b, 0xfd, 0x06], 0xf0, DefaultAlphabet::Gsm7Packed, "hello")]
#[case(b"mbush\xeb", 3, GSM, "mbushë")]
#[case(b"10@", 1, GSM, "10@")]
#[case(&[0x04, 0x22, 0x04, 0x12], 8, DefaultAlphabet::Gsm7Packed, "ТВ")]
#[case(b"", 0, GSM, "")]
fn octets_decode_as_the_peer_means_them(
    #[case] octets: &[u8],
    #[case] data_coding: u8,
    #[case] default_alphabet: DefaultAlphabet,
    #[case] text: &str,
) {
    assert_eq!(decode(octets, data_coding, default_alphabet, Tables::default()).unwrap(), text);
}

#[test]
fn a_national_table_reads_its_letters() {
    let text =
        decode(&[0x1b, 0x63, 0x6b, 0x61], 0, GSM, Tables { locking: None, single: Some(NationalLanguage::Turkish) })
            .unwrap();
    assert_eq!(text, "çka");
    assert_eq!(decode(&[0x1b, 0x63], 0, GSM, Tables::default()).unwrap(), "c");
}

#[rstest]
#[case(b"10\xe9", 0, TextError::Gsm7(NotASeptet { index: 2, byte: 0xe9 }))]
#[case(b"10\xe9", 1, TextError::Byte { index: 2, utf8: false })]
#[case(b"10\xe9", 4, TextError::NoText(NoText::Binary))]
#[case(&[0, 0x31, 0xde], 8, TextError::Ucs2(Ucs2Error::OddLength { length: 3 }))]
fn what_cannot_be_decoded_says_where(#[case] octets: &[u8], #[case] data_coding: u8, #[case] error: TextError) {
    assert_eq!(decode(octets, data_coding, GSM, Tables::default()), Err(error));
}

#[test]
fn parts_are_joined_before_they_are_decoded() {
    let part = |octets: &[u8], data_coding| Coded::new(octets, data_coding, GSM, Tables::default(), 0);
    // One sender split an escape sequence, another a surrogate pair.
    assert_eq!(decode_parts(vec![part(b"5\x1b", 0), part(b"e", 0)]), ("5€".to_owned(), None));
    let halves = vec![part(&[0xd8, 0x3d], 8), part(&[0xde, 0x42], 8)];
    assert_eq!(decode_parts(halves), ("🙂".to_owned(), None));
    assert_eq!(decode_parts(vec![part(b"5 ", 0), part(&[0x20, 0xac], 8)]), ("5 €".to_owned(), None));
}

proptest! {
    #[test]
    fn any_octets_decode_without_panic(octets: Vec<u8>, data_coding: u8, fill_bits: u8, which in 0usize..4) {
        let default_alphabet = [GSM, DefaultAlphabet::Gsm7Packed, DefaultAlphabet::Latin1, DefaultAlphabet::Utf8][which];
        let language = || NationalLanguage::from_identifier(fill_bits);
        let tables = Tables { locking: language(), single: language() };
        let coded = Coded::new(&octets, data_coding, default_alphabet, tables, fill_bits);
        let (text, error) = coded.decode_lossy();
        prop_assert!(error.is_none() || text.contains(char::REPLACEMENT_CHARACTER));
    }
}
