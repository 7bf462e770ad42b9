//! Malformed PDUs and the responses to them.

use rstest::rstest;

use super::*;

/// A PDU that a test builds octet by octet.
#[derive(Clone)]
struct Raw(Vec<u8>);

impl Raw {
    fn string(mut self, text: &str) -> Self {
        self.0.extend(text.bytes());
        self.0.push(0);
        self
    }

    fn octets(mut self, octets: &[u8]) -> Self {
        self.0.extend(octets);
        self
    }

    fn tlv(self, tag: u16, length: u16, value: &[u8]) -> Self {
        self.octets(&tag.to_be_bytes()).octets(&length.to_be_bytes()).octets(value)
    }

    fn decode_as(self, command: u32) -> Result<Pdu, Recoverable> {
        let mut octets = Vec::new();
        for word in [u32::try_from(self.0.len()).unwrap() + 16, command, 0, 77] {
            octets.extend(word.to_be_bytes());
        }
        octets.extend(self.0);
        decode(&Frame::new(octets.into()).unwrap())
    }
}

fn raw() -> Raw {
    Raw(Vec::new())
}

/// The fields of a `submit_sm`; a case may make each of them invalid.
#[derive(Clone)]
struct Fields {
    service: &'static str,
    source: (u8, u8, &'static str),
    destination: (u8, u8, &'static str),
    esm_class: u8,
    priority: u8,
    schedule: &'static str,
    validity: &'static str,
    registered: u8,
    replace: u8,
    length: u8,
    text: &'static str,
    tail: Raw,
}

fn good() -> Fields {
    Fields {
        service: "",
        source: (1, 1, "38349111222"),
        destination: (0, 1, "50005"),
        esm_class: 0,
        priority: 0,
        schedule: "",
        validity: "",
        registered: 0,
        replace: 0,
        length: 1,
        text: "5",
        tail: raw(),
    }
}

fn sm(fields: &Fields) -> Raw {
    raw()
        .string(fields.service)
        .octets(&[fields.source.0, fields.source.1])
        .string(fields.source.2)
        .octets(&[fields.destination.0, fields.destination.1])
        .string(fields.destination.2)
        .octets(&[fields.esm_class, 0, fields.priority])
        .string(fields.schedule)
        .string(fields.validity)
        .octets(&[fields.registered, fields.replace, 0, 0, fields.length])
        .octets(fields.text.as_bytes())
        .octets(&fields.tail.0)
}

const SUBMIT_SM: u32 = 4;
const LONG: &str = "123456789012345678901";

#[rstest]
#[case::sm_length_too_long(Fields { length: 200, ..good() }, 0x01, "sm_length", 48)]
#[case::source_not_terminated(Fields { source: (1, 1, LONG), ..good() }, 0x0A, "source_addr", 19)]
#[case::destination_not_terminated(Fields { destination: (1, 1, LONG), ..good() }, 0x0B, "destination_addr", 33)]
#[case::no_destination(Fields { destination: (1, 1, ""), ..good() }, 0x0B, "destination_addr", 33)]
#[case::source_ton(Fields { source: (7, 1, "1"), ..good() }, 0x48, "source_addr_ton", 17)]
#[case::source_npi(Fields { source: (1, 2, "1"), ..good() }, 0x49, "source_addr_npi", 18)]
#[case::destination_ton(Fields { destination: (200, 1, "1"), ..good() }, 0x50, "dest_addr_ton", 31)]
#[case::destination_npi(Fields { destination: (1, 13, "1"), ..good() }, 0x51, "dest_addr_npi", 32)]
#[case::source_escape(Fields { source: (1, 1, "5\u{1b}[2J"), ..good() }, 0x0A, "source_addr", 19)]
#[case::source_newline(Fields { source: (1, 1, "383\n"), ..good() }, 0x0A, "source_addr", 19)]
#[case::source_delete(Fields { source: (1, 1, "383\u{7f}"), ..good() }, 0x0A, "source_addr", 19)]
#[case::destination_title(Fields { destination: (0, 1, "5\u{1b}]0;x\u{7}"), ..good() }, 0x0B, "destination_addr", 33)]
#[case::service_type(Fields { service: "123456", ..good() }, 0x15, "service_type", 16)]
#[case::esm_class(Fields { esm_class: 0x3C, ..good() }, 0x43, "esm_class", 39)]
#[case::acknowledgement(Fields { esm_class: 0x08, ..good() }, 0x43, "esm_class", 39)]
#[case::acknowledgement_by_hand(Fields { esm_class: 0x10, ..good() }, 0x43, "esm_class", 39)]
#[case::acknowledgement_with_header(Fields { esm_class: 0x48, ..good() }, 0x43, "esm_class", 39)]
#[case::priority(Fields { priority: 9, ..good() }, 0x06, "priority_flag", 41)]
#[case::schedule(Fields { schedule: "tomorrow", ..good() }, 0x61, "schedule_delivery_time", 42)]
#[case::schedule_too_long(Fields { schedule: LONG, ..good() }, 0x61, "schedule_delivery_time", 42)]
#[case::expiry(Fields { validity: "261322172500000+", ..good() }, 0x62, "validity_period", 43)]
#[case::registered(Fields { registered: 0xE0, ..good() }, 0x07, "registered_delivery", 44)]
#[case::replace(Fields { replace: 2, ..good() }, 0x54, "replace_if_present_flag", 45)]
#[case::tlv_cut_off(Fields { tail: raw().octets(&[2, 4, 0]), ..good() }, 0xC0, "optional parameters", 50)]
#[case::tlv_past_the_end(Fields { tail: raw().tlv(0x1400, 9, b"12"), ..good() }, 0xC0, "optional parameters", 50)]
#[case::tlv_length(Fields { tail: raw().tlv(0x020C, 1, &[1]), ..good() }, 0xC2, "sar_msg_ref_num", 50)]
#[case::sar_incomplete(Fields { tail: raw().tlv(0x020E, 1, &[2]), ..good() }, 0xC3, "sar parameters", 50)]
#[case::sar_beyond_its_total(
    Fields { tail: raw().tlv(0x020C, 2, &[0, 1]).tlv(0x020E, 1, &[2]).tlv(0x020F, 1, &[3]), ..good() },
    0xC4, "sar_segment_seqnum", 50
)]
#[case::two_texts(Fields { tail: raw().tlv(0x0424, 2, b"10"), ..good() }, 0x01, "message_payload", 50)]
fn a_submit_sm_is_answered_with_the_fields_own_status(
    #[case] fields: Fields,
    #[case] status: u32,
    #[case] field: &str,
    #[case] offset: usize,
) {
    let error = sm(&fields).decode_as(SUBMIT_SM).unwrap_err();
    assert_eq!((error.status, error.field), (CommandStatus(status), field), "{error}");
    let reply = error.reply().unwrap();
    assert_eq!((reply.command(), reply.sequence), (CommandId::SubmitSmResp, 77));
    assert_eq!(reply.status, CommandStatus(status));
    assert_eq!(error.offset, offset, "{error}");
}

/// Octets are read as Latin-1, in which C1 controls, the no-break space and the soft hyphen are not printable.
#[rstest]
#[case::submit_sm(0x04)]
#[case::deliver_sm(0x05)]
#[case::data_sm(0x103)]
fn an_address_with_characters_that_nobody_sees_is_refused_whoever_sends_it(#[case] command: u32) {
    let address = |octets: &[u8]| raw().octets(&[1, 1]).octets(octets).octets(&[0]);
    let pdu = |source: &[u8], destination: &[u8]| {
        let tail: &[u8] = if command == 0x103 { &[0, 0, 0] } else { &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
        let head = raw().string("").octets(&address(source).0).octets(&address(destination).0);
        head.octets(tail).decode_as(command)
    };
    pdu(b"Caf\xe9 \xa1\xff", b"50005").unwrap();
    for unseen in [0x01, 0x07, 0x09, 0x0A, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9B, 0x9F, 0xA0, 0xAD] {
        let spoilt = [b'3', unseen, b'8'];
        for (result, status) in [(pdu(&spoilt, b"50005"), 0x0A), (pdu(b"383", &spoilt), 0x0B)] {
            assert_eq!(result.unwrap_err().status, CommandStatus(status), "{unseen:#04x}");
        }
    }
}

#[test]
fn the_good_one_passes() {
    sm(&good()).decode_as(SUBMIT_SM).unwrap();
}

#[rstest]
#[case::empty_deliver_sm(0x05, raw(), 0x15)]
#[case::ends_in_the_middle(0x04, raw().string("").octets(&[1]), 0x02)]
#[case::bind_without_password(0x09, raw().string("mbush"), 0x0E)]
#[case::bind_system_id(0x09, raw().octets(&[b'x'; 80]), 0x0F)]
#[case::bind_leftovers(0x01, raw().string("a").string("b").string("").octets(&[0x34, 0, 0]).string("").octets(b"!"), 0x02)]
#[case::query_message_id(0x03, raw().octets(&[b'7'; 66]), 0x0C)]
#[case::multi_without_destination(0x21, raw().string("").octets(&[0, 1]).string("50005").octets(&[0]), 0x33)]
#[case::multi_flag(0x21, raw().string("").octets(&[0, 1]).string("50005").octets(&[1, 3]), 0x40)]
#[case::multi_list(0x21, raw().string("").octets(&[0, 1]).string("50005").octets(&[1, 2]).octets(&[b'l'; 30]), 0x34)]
fn other_requests_are_answered_in_their_own_response(#[case] command: u32, #[case] body: Raw, #[case] status: u32) {
    let error = body.decode_as(command).unwrap_err();
    assert_eq!(error.status, CommandStatus(status), "{error}");
    let reply = error.reply().unwrap();
    assert_eq!(reply.command().code(), command | 0x8000_0000);
    assert_eq!((reply.sequence, reply.status), (77, CommandStatus(status)));
}

/// A `submit_multi` to one number; a case may make each field invalid.
fn multi(source_ton: u8, destination: (u8, u8, &str), esm_class: u8, validity: &str, replace: u8) -> Raw {
    raw()
        .string("")
        .octets(&[source_ton, 1])
        .string("50005")
        .octets(&[1, 1, destination.0, destination.1])
        .string(destination.2)
        .octets(&[esm_class, 0, 0])
        .string("")
        .string(validity)
        .octets(&[0, replace, 0, 0, 1, b'5'])
}

#[rstest]
#[case::source_ton(multi(7, (1, 1, "049"), 0, "", 0), 0x48, "source_addr_ton", 17)]
#[case::destination_ton(multi(0, (9, 1, "049"), 0, "", 0), 0x50, "dest_addr_ton", 27)]
#[case::destination_npi(multi(0, (1, 2, "049"), 0, "", 0), 0x51, "dest_addr_npi", 28)]
#[case::no_destination(multi(0, (1, 1, ""), 0, "", 0), 0x0B, "destination_addr", 29)]
#[case::destination_escape(multi(0, (1, 1, "5\u{1b}[2J"), 0, "", 0), 0x0B, "destination_addr", 29)]
#[case::esm_class(multi(0, (1, 1, "049"), 0x3C, "", 0), 0x43, "esm_class", 33)]
#[case::acknowledgement(multi(0, (1, 1, "049"), 0x48, "", 0), 0x43, "esm_class", 33)]
#[case::expiry(multi(0, (1, 1, "049"), 0, "soon", 0), 0x62, "validity_period", 37)]
#[case::replace(multi(0, (1, 1, "049"), 0, "", 2), 0x54, "replace_if_present_flag", 39)]
#[case::two_texts(multi(0, (1, 1, "049"), 0, "", 0).tlv(0x0424, 2, b"10"), 0x01, "message_payload", 44)]
fn a_submit_multi_is_read_as_strictly(
    #[case] body: Raw,
    #[case] status: u32,
    #[case] field: &str,
    #[case] offset: usize,
) {
    let error = body.decode_as(0x21).unwrap_err();
    assert_eq!((error.status, error.field, error.offset), (CommandStatus(status), field, offset), "{error}");
    assert_eq!(error.reply().unwrap().command(), CommandId::SubmitMultiResp);
}

#[test]
fn a_submitted_data_sm_is_checked_and_a_delivered_one_is_not() {
    use crate::smpp::address::Address;
    use crate::smpp::pdu::DataSm;
    let destination = Address::new(0, 1, "50005").unwrap();
    let good = DataSm { source: Address::new(1, 1, "38349111222").unwrap(), destination, ..DataSm::default() };
    assert_eq!(good.check(), Ok(()));
    let spoilt = [
        (DataSm { source: Address { ton: 7, ..good.source }, ..good.clone() }, 0x48),
        (DataSm { destination: Address { npi: 2, ..destination }, ..good.clone() }, 0x51),
        (DataSm { destination: Address::default(), ..good.clone() }, 0x0B),
        (DataSm { esm_class: 0x04, ..good.clone() }, 0x43),
        (DataSm { esm_class: 0x08, ..good.clone() }, 0x43),
        (DataSm { registered_delivery: 0x20, ..good.clone() }, 0x07),
    ];
    for (data, status) in spoilt {
        assert_eq!(data.check(), Err(CommandStatus(status)));
        let pdu = Pdu::request(1, Body::DataSm(data));
        let mut out = bytes::BytesMut::new();
        encode(&pdu, &mut out).unwrap();
        assert_eq!(decode(&Frame::new(out.freeze()).unwrap()), Ok(pdu), "it is read, whoever sent it");
    }
}

#[test]
fn an_unknown_request_is_nacked_and_an_unknown_response_is_not() {
    let nack = raw().decode_as(0x111).unwrap_err().reply().unwrap();
    assert_eq!(nack, Pdu::generic_nack(CommandStatus::INVALID_COMMAND_ID, 77));
    assert_eq!(raw().decode_as(0x8000_0111).unwrap_err().reply(), None);
}

#[test]
fn a_delivered_message_is_not_refused_for_what_does_not_matter() {
    let odd = Fields { source: (7, 2, "38349111222"), registered: 0xFF, schedule: "soon", ..good() };
    sm(&odd).decode_as(0x05).unwrap();
    // A known parameter of an unusual length that nothing reads.
    sm(&Fields { tail: raw().tlv(0x0010, 2, &[0, 1]), ..good() }).decode_as(0x05).unwrap();
}

#[rstest]
#[case::too_long_a_source(Fields { source: (1, 1, LONG), ..good() }, 0x0A)]
#[case::text_shorter_than_it_says(Fields { length: 200, ..good() }, 0x01)]
#[case::another_text(Fields { tail: raw().tlv(0x0424, 2, b"10"), ..good() }, 0x01)]
#[case::payload_cut_off(Fields { length: 0, text: "", tail: raw().tlv(0x0424, 9, b"10"), ..good() }, 0xC0)]
#[case::part_of_nothing(Fields { tail: raw().tlv(0x020F, 1, &[2]), ..good() }, 0xC3)]
#[case::part_cut_off(Fields { tail: raw().tlv(0x020F, 1, &[]), ..good() }, 0xC0)]
#[case::third_of_two(
    Fields { tail: raw().tlv(0x020C, 2, &[0, 1]).tlv(0x020E, 1, &[2]).tlv(0x020F, 1, &[3]), ..good() }, 0xC4
)]
#[case::service_that_runs_into_the_next_field(Fields { service: "ABCDEF\u{1}38349", ..good() }, 0x15)]
fn a_delivered_message_is_refused_where_its_text_its_sender_or_its_parts_are_in_doubt(
    #[case] fields: Fields,
    #[case] status: u32,
) {
    assert_eq!(sm(&fields).decode_as(0x05).unwrap_err().status, CommandStatus(status));
}

#[test]
fn a_delivered_data_sm_is_read_like_a_deliver_sm_and_a_submitted_one_is_not() {
    let fields = || raw().string("LONGSERVICE").octets(&[1, 1]).string("38349111222").octets(&[0, 1]).string("50005");
    let body = fields().octets(&[0, 0, 0]).tlv(0x0424, 1, b"5").tlv(0x0204, 1, &[7]).octets(&[0, 0]);
    assert_eq!(body.clone().decode_as(0x103).unwrap_err().status, CommandStatus(0x15));
    let mut octets = Vec::new();
    for word in [u32::try_from(body.0.len()).unwrap() + 16, 0x103, 0, 77] {
        octets.extend(word.to_be_bytes());
    }
    octets.extend(body.0);
    let Body::DataSm(data) = decode_delivered(&Frame::new(octets.into()).unwrap()).unwrap().body else { panic!() };
    assert_eq!((data.service_type.to_string().as_str(), data.tlvs.number(0x0204)), ("LONGS", Some(7_u16)));
    assert_eq!(data.tlvs.get(0x0424), Some(b"5".as_slice()));
}

#[rstest]
#[case::empty(raw())]
#[case::filled(raw().octets(&[0xFF; 70]))]
#[case::not_terminated(raw().octets(b"abc"))]
#[case::broken_tlv(raw().string("abc").octets(&[0, 1, 0]))]
fn a_response_is_taken_however_its_body_looks(#[case] body: Raw) {
    for command in [0x8000_0004, 0x8000_0005, 0x8000_0103, 0x8000_0009] {
        body.clone().decode_as(command).unwrap();
    }
}

#[test]
fn a_response_without_readable_fields_still_has_its_id() {
    let Body::SubmitSmResp(resp) = raw().octets(b"abc").decode_as(0x8000_0004).unwrap().body else { panic!() };
    assert_eq!(resp.message_id(), "abc");
}
