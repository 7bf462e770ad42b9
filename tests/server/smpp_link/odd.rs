//! What SMSCs deliver that no specification has: taken where text, sender and parts are beyond doubt, refused where they are
//! not. What banks submit is held to the specification.

use std::sync::{Arc, Mutex};

use mbush::smpp::CommandStatus;
use rstest::rstest;

use crate::smpp_link::server::bank::{server, settings};
use crate::smpp_link::server::raw::Raw;
use crate::smpp_link::spoken::{DATA_SM, Fields, SpokenSmsc, listen};
use crate::smpp_link::till::{Till, link_to};

const SUBMIT_SM: u32 = 4;

/// Delivers this to a link; the answer, and what was committed.
async fn delivered(command: u32, body: &[u8], more: &str) -> (CommandStatus, Vec<String>) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let link = link_to(address, &till, more);
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let status = smsc.request(command, body).await;
    drop(link);
    (status, till.texts())
}

/// Submits the same to our server.
async fn submitted(body: &[u8]) -> CommandStatus {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut bank = Raw::bound(server.address()).await;
    let length = u32::try_from(body.len() + 16).unwrap();
    let mut octets: Vec<u8> = [length, SUBMIT_SM, 0, 2].into_iter().flat_map(u32::to_be_bytes).collect();
    octets.extend(body);
    bank.write(&octets).await;
    bank.next().await.unwrap().status
}

#[rstest]
#[case::one_zero("00", 0xC0)]
#[case::two_zeros("0000", 0xC0)]
#[case::three_zeros("000000", 0xC0)]
#[case::zeros_before_a_parameter("0000020400020001", 0xC0)]
#[case::empty_payload("04240000", 0x01)]
#[case::payload_that_repeats_the_text("0424000c303439313233343536203500", 0x01)]
#[case::reference_of_one_octet("0204000101", 0xC2)]
#[case::reference_of_four("0204000400000001", 0xC2)]
#[case::reference_without_octets("02040000", 0xC2)]
#[case::state_of_four("0427000400000002", 0xC2)]
#[case::source_port_of_four("020a000400000001", 0xC2)]
#[case::destination_port_of_one("020b000101", 0xC2)]
#[case::version_of_two("021000020034", 0xC2)]
#[case::sar_reference_alone("020c00020001", 0xC3)]
#[case::sar_reference_of_four_alone("020c000412345678", 0xC2)]
#[case::sar_total_of_none("020c00020001020e000100020f000100", 0xC4)]
#[case::sar_total_alone("020e000101", 0xC3)]
#[case::sar_of_one("020c00020001020e000101020f000100", 0xC4)]
#[case::last_parameter_too_long("1400002061", 0xC0)]
#[case::last_parameter_without_length("1400", 0xC0)]
#[case::cut_off_behind_a_whole_one("020400020001001e0010", 0xC0)]
#[tokio::test]
async fn a_customers_message_is_not_lost_for_what_stands_behind_its_text(#[case] tail: &str, #[case] strict: u32) {
    let body = Fields::default().body(&hex::decode(tail).unwrap());
    assert_eq!(delivered(5, &body, "").await, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
    assert_eq!(submitted(&body).await, CommandStatus(strict), "a bank hears of it");
}

#[rstest]
#[case::service_of_six(Fields { service_type: b"CELLBC", ..Fields::default() })]
#[case::service_of_twelve(Fields { service_type: b"WAPPUSHPROXY", ..Fields::default() })]
#[case::schedule(Fields { times: (b"tomorrow at ten o'clock", b""), ..Fields::default() })]
#[case::validity(Fields { times: (b"", b"0000000000000000000000R"), ..Fields::default() })]
#[case::source_ton(Fields { source: (7, 13, b"38349111222"), ..Fields::default() })]
#[case::destination_ton(Fields { destination: (0xFF, 0xFF, b"50005"), ..Fields::default() })]
#[case::flags(Fields { flags: [0xFF, 9], ..Fields::default() })]
#[case::ascii_nul(Fields { data_coding: 1, text: b"049123456 5\0", ..Fields::default() })]
#[case::latin_1_nuls(Fields { data_coding: 3, text: b"049123456 5\0\0", ..Fields::default() })]
#[case::ucs_2_nul(Fields {
    data_coding: 8,
    text: b"\x000\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005\0\0",
    ..Fields::default()
})]
#[case::ucs_2_and_one_octet(Fields {
    data_coding: 8,
    text: b"\x000\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005\0",
    ..Fields::default()
})]
#[case::cell_broadcast(Fields { data_coding: 0x0F, ..Fields::default() })]
#[case::locking_shift(Fields { esm_class: 0x40, text: b"\x03\x25\x01\x01049123456 5", ..Fields::default() })]
#[case::both_shifts(Fields { esm_class: 0x40, text: b"\x06\x25\x01\x01\x24\x01\x01049123456 5", ..Fields::default() })]
#[tokio::test]
async fn nor_for_an_odd_field(#[case] fields: Fields) {
    let taken = delivered(5, &fields.body(&[]), "").await;
    assert_eq!(taken, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
}

/// A byte order mark says so; behind it is the text.
#[rstest]
#[case::in_the_usual_order(b"\xFE\xFF\x000\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005", 8)]
#[case::turned_round(b"\xFF\xFE0\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005\0", 8)]
#[case::turned_round_with_a_class(b"\xFF\xFE0\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005\0", 0x18)]
#[case::turned_round_and_a_nul(b"\xFF\xFE0\x004\x009\x001\x002\x003\x004\x005\x006\0 \x005\0\0\0", 8)]
#[tokio::test]
async fn ucs_2_is_read_in_the_order_of_octets_that_it_says(#[case] text: &'static [u8], #[case] data_coding: u8) {
    let fields = Fields { data_coding, text, ..Fields::default() };
    let (status, texts) = delivered(5, &fields.body(&[]), "").await;
    assert_eq!(status, CommandStatus::OK);
    assert_eq!(texts, ["\u{feff}049123456 5"]);
}

/// Only the first part has the mark, or each has one.
#[rstest]
#[case::first(b"5\0")]
#[case::each(b"\xFF\xFE5\0")]
#[tokio::test]
async fn parts_are_read_in_the_order_of_octets_of_the_first(#[case] second: &'static [u8]) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    for (number, text) in [(1, b"\xFF\xFE0\x004\x009\x001\x002\x003\x004\x005\x006\0 \0".as_slice()), (2, second)] {
        let sar = hex::decode(format!("020c00020007020e000102020f00010{number}")).unwrap();
        let fields = Fields { data_coding: 8, text, ..Fields::default() };
        assert_eq!(smsc.request(5, &fields.body(&sar)).await, CommandStatus::OK);
    }
    assert_eq!(till.texts().concat().replace('\u{feff}', ""), "049123456 5");
}

#[rstest]
#[case::nul_in_a_payload("0424000c303439313233343536203500")]
#[case::payload_and_zeros("0424000b30343931323334353620350000")]
#[case::payload_and_a_wide_reference("0424000b303439313233343536203502040004000000ff")]
#[tokio::test]
async fn nor_where_the_text_is_a_payload(#[case] tail: &str) {
    let tail = hex::decode(tail).unwrap();
    let body = Fields { text: b"", ..Fields::default() }.body(&tail);
    assert_eq!(delivered(5, &body, "").await, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
    let data = [b"LONGSERVICE\0\x01\x0138349111222\0\0\x0150005\0\0\0\0".as_slice(), &tail].concat();
    assert_eq!(delivered(DATA_SM, &data, "").await, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
}

#[rstest]
#[case::payload_cut_off(b"", "0424000b3034", 0xC0)]
#[case::another_payload(b"049123456 5", "042400023130", 0x01)]
#[case::second_part_of_nothing(b"049123456 5", "020f000102", 0xC3)]
#[case::part_without_reference(b"049123456 5", "020e000102020f000101", 0xC3)]
#[case::third_of_two(b"049123456 5", "020c00020001020e000102020f000103", 0xC4)]
#[case::sar_cut_off(b"049123456 5", "020c00020001020e0001", 0xC0)]
#[case::operation_cut_off(b"*123#", "05010001", 0xC0)]
#[tokio::test]
async fn what_leaves_a_text_or_its_parts_in_doubt_is_refused(
    #[case] text: &'static [u8],
    #[case] tail: &str,
    #[case] status: u32,
) {
    let body = Fields { text, ..Fields::default() }.body(&hex::decode(tail).unwrap());
    assert_eq!(delivered(5, &body, "").await, (CommandStatus(status), Vec::new()));
}

#[tokio::test]
async fn a_sender_that_is_too_long_is_refused() {
    let body = Fields { source: (1, 1, b"383491112223834911122238349111222"), ..Fields::default() }.body(&[]);
    assert_eq!(delivered(5, &body, "").await, (CommandStatus(0x0A), Vec::new()));
}

#[rstest]
#[case::exact("0002", "01", "02")]
#[case::wide("00000002", "0001", "0002")]
#[tokio::test]
async fn parts_by_parameters_are_joined_though_a_header_is_promised(
    #[case] reference: &str,
    #[case] first: &str,
    #[case] second: &str,
) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let tlv = |tag: &str, value: &str| format!("{tag}{:04x}{value}", value.len() / 2);
    for (text, number) in [(b" 5".as_slice(), second), (b"049123456", first)] {
        let tail = [tlv("020c", reference), tlv("020e", second), tlv("020f", number)].concat();
        let body = Fields { esm_class: 0x40, text, ..Fields::default() }.body(&hex::decode(tail).unwrap());
        assert_eq!(smsc.deliver(&body).await, CommandStatus::OK);
    }
    assert_eq!(till.texts(), ["049123456 5"]);
}

#[rstest]
#[case::one_of_one("020c00020007020e000101020f000101")]
#[case::of_none("020c00020007020e000100020f000100")]
#[case::a_reference_alone("020c00020007")]
#[tokio::test]
async fn a_text_of_one_part_by_parameters_is_read_though_a_header_is_promised(#[case] tail: &str) {
    let body = Fields { esm_class: 0x40, text: b"049123456 5", ..Fields::default() }.body(&hex::decode(tail).unwrap());
    assert_eq!(delivered(5, &body, "").await, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
}

/// The octets of UTF-16, most significant first.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The body of a `deliver_sm` in UCS-2 whose octets begin with this header.
fn wide_body(header: &[u8], text: &[u8], tail: &str) -> Vec<u8> {
    let esm_class = if header.is_empty() { 0 } else { 0x40 };
    let octets = [header, text].concat().leak();
    Fields { esm_class, data_coding: 8, text: octets, ..Fields::default() }.body(&hex::decode(tail).unwrap())
}

#[rstest]
#[case::sixteen_bits(b"\x06\x08\x04\x01\x02\x01\x01", "049123456 5\u{1f600}", "")]
#[case::ports(b"\x06\x05\x04\0\0\0\0", "049123456 5\u{1f600}", "")]
#[case::ports_and_a_nul(b"\x06\x05\x04\0\0\0\0", "049123456 5", "\0")]
#[case::ends_in_a_zero_octet(b"", "049123456 5\u{1f600}", "")]
#[tokio::test]
async fn characters_stay_whole_behind_a_header_of_any_length(
    #[case] header: &[u8],
    #[case] text: &str,
    #[case] behind: &str,
) {
    let body = wide_body(header, &wide(&format!("{text}{behind}")), "");
    assert_eq!(delivered(5, &body, "").await, (CommandStatus::OK, vec![text.to_owned()]));
}

#[rstest]
#[case::sixteen_bits(&["0608040102", "0608040102"], 22)]
#[case::eight_bits_cut_within_a_character(&["05000307", "05000307"], 19)]
#[case::parameters_cut_within_a_character(&["", ""], 19)]
#[tokio::test]
async fn parts_are_joined_wherever_they_were_cut(#[case] headers: &[&str; 2], #[case] cut: usize) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let text = "049123456\u{1f600} 5\u{1f600}";
    let octets = wide(text);
    for (number, (header, part)) in (1..).zip(headers.iter().zip([&octets[..cut], &octets[cut..]])) {
        let (header, tail) = if header.is_empty() {
            (Vec::new(), format!("020c00020007020e000102020f0001{number:02x}"))
        } else {
            (hex::decode(format!("{header}02{number:02x}")).unwrap(), String::new())
        };
        assert_eq!(smsc.deliver(&wide_body(&header, part, &tail)).await, CommandStatus::OK);
    }
    assert_eq!(till.texts(), [text]);
}

#[tokio::test]
async fn a_text_is_read_where_a_header_is_promised_and_none_is_there() {
    let body = Fields { esm_class: 0x40, text: b"049123456 5", ..Fields::default() }.body(&[]);
    assert_eq!(delivered(5, &body, "").await, (CommandStatus::OK, vec!["049123456 5".to_owned()]));
}

#[tokio::test]
async fn a_packed_text_ends_where_its_filling_begins() {
    // 15 septets leave seven bits, which some fill with a carriage return, and some with zeros.
    let packed = mbush::text::septets::pack(b"+38349123456 10", 0);
    let mut zeros = packed.clone();
    *zeros.last_mut().unwrap() &= 1;
    assert_ne!(packed, zeros);
    for text in [packed, zeros] {
        let body = Fields { text: text.leak(), ..Fields::default() }.body(&[]);
        let taken = delivered(5, &body, "default_alphabet = \"gsm7_packed\"").await;
        assert_eq!(taken, (CommandStatus::OK, vec!["+38349123456 10".to_owned()]));
    }
}

#[tokio::test]
async fn parts_for_a_foreign_short_code_are_refused_as_whole_texts_are() {
    let more = "short_codes = [\"50005\"]";
    for (esm_class, tail) in [(0x40, ""), (0, "020c00020001020e000102020f000101")] {
        let text: &[u8] = if esm_class == 0 { b"10" } else { b"\x05\0\x03\x07\x02\x0110" };
        let tail = hex::decode(tail).unwrap();
        let to = |destination| Fields { destination: (0, 1, destination), esm_class, text, ..Fields::default() };
        let (till, (listener, address)) = (Till::open(), listen().await);
        let _link = link_to(address, &till, more);
        let mut smsc = SpokenSmsc::bound(&listener).await;
        assert_eq!(smsc.deliver(&to(b"50333").body(&tail)).await, CommandStatus::MESSAGE_REFUSED);
        assert_eq!(till.parts(), 0, "nothing of it is kept");
        assert_eq!(smsc.deliver(&to(b"50005").body(&tail)).await, CommandStatus::OK);
        assert_eq!(till.parts(), 1);
    }
}

/// Where a test's log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_foreign_address_is_never_logged_whole() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    for (esm_class, text) in [(0, b"5".as_slice()), (0x40, b"\x05\0\x03\x07\x02\x015")] {
        for destination in [b"38349765432".as_slice(), b"+38349765432", b"7401582000319524", b"*121*049765432*5*4321#"]
        {
            let destination = destination.get(..20).unwrap_or(destination);
            let fields = Fields { destination: (1, 1, destination), esm_class, text, ..Fields::default() };
            let (status, taken) = delivered(5, &fields.body(&[]), "short_codes = [\"50005\"]").await;
            assert_eq!((status, taken), (CommandStatus::MESSAGE_REFUSED, Vec::new()));
        }
    }
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("does not speak for this short code"), "{written}");
    for secret in ["9765432", "5820003195", "49765"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}
