//! Round trips of messages, hand-written and generated, and malformed messages.

use proptest::prelude::*;

use super::*;

/// The same fields with packed digits, packed lengths and bitmaps in hexadecimal.
pub(super) const PACKED: &str = r#"
mti = "bcd"
bitmap = "hex"
[places]
number = 48
receipt = 62
text = 62
processing_codes = []
[fields]
3 = { name = "", kind = "n", length = 6, encoding = "bcd" }
22 = { name = "", kind = "n", length = 3, encoding = "bcd" }
32 = { name = "", kind = "n", length = 11, length_digits = 2, length_encoding = "bcd", encoding = "bcd" }
48 = { name = "", kind = "ans", length = 999, length_digits = 3, length_encoding = "bcd" }
52 = { name = "", kind = "b", length = 8, encoding = "hex" }
62 = { name = "", kind = "b", length = 255, length_digits = 3, encoding = "binary" }
"#;

fn builtin() -> Spec {
    Spec::builtin().unwrap()
}

fn message(mti: &str) -> Message {
    Message::new(mti.parse().unwrap())
}

#[test]
fn a_sign_on_is_what_the_standard_writes() {
    let sign_on = message("0800").with(7, "1122180900").with(11, "000001").with(70, "001");
    let octets = builtin().encode(&sign_on).unwrap();
    let expected =
        [&b"0800"[..], &[0x82, 0x20, 0, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0, 0, 0], b"1122180900000001001"].concat();
    assert_eq!(octets, expected);
    assert_eq!(builtin().decode(&octets).unwrap(), sign_on);
}

#[test]
fn packed_digits_and_lengths_are_written_as_the_spec_says() {
    let spec = Spec::from_toml(PACKED).unwrap();
    let sent = message("0200")
        .with(3, "560000")
        .with(22, "051")
        .with(32, "12345")
        .with(48, "049123456")
        .with(52, "00ff00ff00ff00ff");
    let octets = spec.encode(&sent).unwrap();
    let expected = [
        &[0x02, 0x00][..],
        b"2000040100011000",
        &[0x56, 0, 0, 0x00, 0x51, 0x05, 0x01, 0x23, 0x45, 0x00, 0x09],
        b"049123456",
        b"00FF00FF00FF00FF",
    ];
    assert_eq!(octets, expected.concat());
    assert_eq!(spec.decode(&octets).unwrap(), sent);
}

#[test]
fn what_is_too_short_is_filled_up() {
    let sent = message("0200").with(4, "500").with(41, "ATM1");
    let octets = builtin().encode(&sent).unwrap();
    let read = builtin().decode(&octets).unwrap();
    assert_eq!((read.get(4), read.get(41)), (Some("000000000500"), Some("ATM1    ")));
}

#[test]
fn what_is_malformed_says_where_and_keeps_what_was_read() {
    let spec = builtin();
    let good = spec.encode(&message("0200").with(3, "560000").with(32, "12345").with(41, "ATM1")).unwrap();
    for (octets, field, part, has_type) in [
        (&b"02"[..], None, "4 octets", false),
        (b"02x0", None, "0x78", false),
        (b"0200\0\0", None, "8 octets", true),
        (&[&b"0200"[..], &[0x08, 0, 0, 0, 0, 0, 0, 0]].concat(), Some(5), "no such field", true),
        (&good[..good.len() - 1], Some(41), "8 octets are expected, but 7 are left", true),
        (&[&good[..], b"x"].concat(), None, "1 octets follow the last field", true),
        (&[&b"0200"[..], &[0, 0, 0, 1, 0, 0, 0, 0], b"12000000000000"].concat(), Some(32), "12 long; at most 11", true),
        (&[&b"0200"[..], &[0x20, 0, 0, 0, 0, 0, 0, 0], b"56000x"].concat(), Some(3), "0x78", true),
    ] {
        let malformed = spec.decode(octets).unwrap_err();
        assert_eq!((malformed.field, malformed.read.is_some()), (field, has_type), "{malformed}");
        assert!(malformed.to_string().contains(part), "{malformed}");
    }
    let cut = spec.decode(&good[..good.len() - 1]).unwrap_err().read.unwrap();
    assert_eq!(cut.get(32), Some("12345"));
}

/// Octets of a recharge with one part replaced.
fn spoilt(spec: &Spec, own: &str, other: &str) -> Vec<u8> {
    let whole = message("0200").with(2, "12345678").with(3, "560000").with(4, "000000000500").with(7, "1122180900");
    let whole = whole.with(11, "000137").with(32, "12345").with(41, "ATM00042").with(48, "049123456");
    let octets = spec.encode(&whole).unwrap();
    let at = octets.windows(own.len()).position(|part| part == own.as_bytes()).unwrap();
    [&octets[..at], other.as_bytes(), &octets[at + own.len()..]].concat()
}

#[test]
fn a_field_of_wrong_characters_does_not_hide_those_behind_it() {
    let spec = builtin();
    for (field, own, other) in [
        (2, "12345678", "abcdefgh"),
        (3, "560000", "ABCDEF"),
        (4, "000000000500", "ABCDEFGHIJKL"),
        (4, "000000000500", "            "),
        (7, "1122180900", "ABCDEFGHIJ"),
        (41, "ATM00042", "ATM\u{1}\u{2}\u{3}\u{4}\u{5}"),
    ] {
        let malformed = spec.decode(&spoilt(&spec, own, other)).unwrap_err();
        assert_eq!((malformed.field, malformed.lost_at), (Some(field), None), "{malformed}");
        let read = malformed.read.unwrap();
        assert_eq!((read.get(field), read.get(11), read.get(48)), (None, Some("000137"), Some("049123456")));
    }
    let both = spoilt(&spec, "000000000500", "ABCDEFGHIJKL");
    let both: Vec<u8> = both.iter().map(|octet| if *octet == b'M' { 0 } else { *octet }).collect();
    assert_eq!(spec.decode(&both).unwrap_err().field, Some(4), "the first fault is told");
}

#[test]
fn where_a_length_cannot_be_right_nothing_behind_it_is_believed_that_does_not_fit() {
    let spec = builtin();
    let long = "1".repeat(25);
    let fits = spec.decode(&spoilt(&spec, "0812345678", &format!("25{long}"))).unwrap_err();
    assert!(fits.to_string().contains("field 2: it is 25 long; at most 19 is allowed"), "{fits}");
    assert!(fits.reaches(11) && fits.read.unwrap().get(11) == Some("000137"));
    for (own, other, lost_at) in
        [("0812345678", "2512345678", 2), ("0812345678", "9912345678", 2), ("0812345678", "x812345678", 2)]
    {
        let malformed = spec.decode(&spoilt(&spec, own, other)).unwrap_err();
        assert_eq!((malformed.field, malformed.lost_at), (Some(2), Some(lost_at)), "{malformed}");
        assert!(!malformed.reaches(11) && malformed.read.unwrap().get(11).is_none());
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    for (field, text, part) in [
        (5, "1", "no such field"),
        (3, "5600001", "7 long"),
        (3, "x", "0x78"),
        (52, "00ff", "must be 8"),
        (41, "ë", "0xc3"),
    ] {
        let error = builtin().encode(&message("0200").with(field, text)).unwrap_err();
        assert!(error.to_string().contains(part) && error.field == field, "{error}");
    }
}

#[test]
fn types_know_their_answers_and_repetitions() {
    let mti = |text: &str| text.parse::<Mti>().unwrap();
    for (asked, answer) in [("0200", "0210"), ("0201", "0210"), ("0420", "0430"), ("0421", "0430"), ("0800", "0810")] {
        assert_eq!(mti(asked).answer(), Some(mti(answer)));
    }
    assert_eq!(mti("0210").answer(), None);
    assert_eq!((mti("0420").repeat(), mti("0421").repeat()), (mti("0421"), mti("0421")));
    for wrong in ["", "200", "02000", "+200", "02x0"] {
        assert!(wrong.parse::<Mti>().is_err(), "{wrong}");
    }
}

#[test]
fn a_stream_is_cut_into_its_messages_however_it_comes() {
    for framing in [Framing::Binary2, Framing::Binary4, Framing::Ascii4] {
        let stream: Vec<u8> =
            [&b"first"[..], b"", b"second"].iter().flat_map(|one| framing.frame(one).unwrap()).collect();
        let mut framer = Framer::new(framing, 100);
        let mut cut = Vec::new();
        for octet in &stream {
            framer.push(&[*octet]);
            cut.extend(framer.next_frame().unwrap());
        }
        assert_eq!(cut, [&b"first"[..], b"", b"second"], "{framing:?}");
        assert!(!framer.is_inside());
        framer.push(&framing.frame(&[b'x'; 101]).unwrap());
        assert!(framer.next_frame().unwrap_err().to_string().contains("101"), "{framing:?}");
    }
    let mut framer = Framer::new(Framing::Ascii4, 100);
    framer.push(b"00x1");
    assert!(framer.next_frame().is_err());
    assert_eq!(Framing::Ascii4.frame(&[0; 10_000]), None);
}

fn field(spec: &Spec, number: u8) -> BoxedStrategy<String> {
    let field = &spec.fields[&number];
    let lengths = if field.length_digits == 0 { field.length..=field.length } else { 0..=field.length };
    let (least, most) = (*lengths.start(), *lengths.end());
    let of = |class: &str, least: usize, most: usize| format!("{class}{{{least},{most}}}");
    let pattern = match field.kind {
        Kind::N => of("[0-9]", least, most),
        Kind::An => of("[A-Za-z0-9 ]", least, most),
        Kind::Ans => of("[ -~]", least, most),
        Kind::B => of("([0-9a-f][0-9a-f])", least, most),
    };
    proptest::string::string_regex(&pattern).unwrap().boxed()
}

proptest! {
    #[test]
    fn any_message_is_read_as_it_was_written(
        packed in any::<bool>(), seed in prop::collection::vec(any::<prop::sample::Index>(), 0..8), mti in "[0-9]{4}",
    ) {
        let spec = if packed { Spec::from_toml(PACKED).unwrap() } else { builtin() };
        let numbers: Vec<u8> = spec.fields.keys().copied().collect();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut sent = message(&mti);
        for index in seed {
            let number = *index.get(&numbers);
            let text = field(&spec, number).new_tree(&mut runner).unwrap();
            sent.set(number, proptest::strategy::ValueTree::current(&text));
        }
        let octets = spec.encode(&sent).unwrap();
        prop_assert_eq!(spec.decode(&octets).unwrap(), sent);
    }

    #[test]
    fn no_octets_panic_and_what_is_read_is_written_to_be_read_the_same(octets in prop::collection::vec(any::<u8>(), 0..200), typed in any::<bool>()) {
        let octets = if typed { [&b"0200"[..], &octets].concat() } else { octets };
        if let Ok(message) = builtin().decode(&octets) {
            prop_assert_eq!(builtin().decode(&builtin().encode(&message).unwrap()).unwrap(), message);
        }
    }
}

/// People copy the spec from the page, so it must be complete.
#[test]
fn words_are_fitted_to_their_field() {
    let spec = Spec::builtin().unwrap();
    assert_eq!(spec.fitting(63, "Numri është \u{1b}"), "Numri ?sht? ?");
    assert_eq!(spec.fitting(63, &"x".repeat(2_000)).len(), 999);
    assert_eq!(spec.fitting(37, "field 7 is missing!"), "field 7 is m", "letters, digits and spaces");
    assert_eq!(spec.fitting(127, "words"), "");
}
