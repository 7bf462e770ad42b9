//! Malformed and merely odd PDUs, and what each codec makes of them, with an `enquire_link` behind each of them in the
//! stream: a PDU that costs its neighbour costs the session.

use bytes::BytesMut;
use mbush::smpp::pdu::Body;
use mbush::smpp::{Framer, Pdu, decode};
use rusmpp::tokio_codec::CommandCodec;
use tokio_util::codec::Decoder;

const SUBMIT_SM: u32 = 4;
const DELIVER_SM: u32 = 5;
const BIND_TRANSCEIVER: u32 = 9;
const ENQUIRE_LINK: u32 = 0x15;
const DATA_SM: u32 = 0x103;
const RESPONSE: u32 = 0x8000_0000;
/// The neighbour: an `enquire_link` of this number.
const NEIGHBOUR: u32 = 4;

/// A PDU octet by octet; a wrong length in its header where the case is about that.
pub(crate) struct Case {
    what: &'static str,
    octets: Vec<u8>,
    why: &'static str,
}

impl Case {
    /// A row of the table: what it is, what we do, what rusmpp does, why we do so.
    pub(crate) fn row(&self) -> String {
        format!("| {} | {} | {} | {} |", self.what, ours(&self.octets), theirs(&self.octets), self.why)
    }
}

fn pdu(command: u32, status: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 16).unwrap();
    let mut octets: Vec<u8> = [length, command, status, 3].into_iter().flat_map(u32::to_be_bytes).collect();
    octets.extend(body);
    octets
}

fn with_length(length: u32) -> Vec<u8> {
    let mut octets = pdu(ENQUIRE_LINK, 0, &[]);
    octets[..4].copy_from_slice(&length.to_be_bytes());
    octets
}

/// A message up to its text: `sm_length` and the text follow.
fn head(source: &[u8], destination: &[u8], esm_class: u8, validity: &[u8]) -> Vec<u8> {
    let addresses = [&[0, 1, 1], source, &[0, 0, 1], destination, &[0, esm_class, 0, 0, 0]].concat();
    [&addresses, validity, &[0, 0, 0, 0, 0]].concat()
}

fn message(command: u32, text_and_tlvs: &[u8]) -> Vec<u8> {
    pdu(command, 0, &[&head(b"38349111222", b"50005", 0, b""), text_and_tlvs].concat())
}

fn framing() -> Vec<Case> {
    vec![
        Case { what: "`command_length` 15", octets: with_length(15), why: "The start of the next PDU is unknown." },
        Case {
            what: "`command_length` 100,000,000",
            octets: with_length(100_000_000),
            why: "The length is refused before memory is reserved for it.",
        },
        Case {
            what: "an unknown `command_id`",
            octets: pdu(0x999, 0, b"\0"),
            why: "The peer gets the status, and the session continues.",
        },
        Case {
            what: "`enquire_link` with octets behind its header",
            octets: pdu(ENQUIRE_LINK, 0, b"\0\0\0"),
            why: "The octets have no meaning, and no information is lost with them.",
        },
        Case {
            what: "`submit_sm` that ends in the middle",
            octets: pdu(SUBMIT_SM, 0, b"\0\x01\x0138349"),
            why: "A PDU is decoded within its own length.",
        },
        Case {
            what: "`submit_sm` whose `sm_length` is greater than its text",
            octets: message(SUBMIT_SM, &[10, b'5']),
            why: "Otherwise the next PDU would become a part of this text.",
        },
        Case {
            what: "`bind_transceiver` with an octet too many",
            octets: pdu(BIND_TRANSCEIVER, 0, b"bank\0secret\0\0\x34\0\0\0!"),
            why: "A request accounts for every octet.",
        },
    ]
}

fn fields() -> Vec<Case> {
    let odd = |source: &[u8], destination: &[u8], esm_class, validity: &[u8]| {
        pdu(SUBMIT_SM, 0, &[&head(source, destination, esm_class, validity), b"\x015".as_slice()].concat())
    };
    vec![
        Case {
            what: "`submit_sm` without a destination",
            octets: odd(b"38349111222", b"", 0, b""),
            why: "Each field has its own status, by which the peer's staff find the fault.",
        },
        Case {
            what: "`submit_sm` with a `validity_period` of `tomorrow`",
            octets: odd(b"38349111222", b"50005", 0, b"tomorrow"),
            why: "As above.",
        },
        Case {
            what: "`submit_sm` of a reserved kind (`esm_class` 0x3C)",
            octets: odd(b"38349111222", b"50005", 0x3C, b""),
            why: "A message that cannot be read is not carried out.",
        },
        Case {
            what: "`submit_sm` of an acknowledgement (`esm_class` 0x08)",
            octets: odd(b"38349111222", b"50005", 0x08, b""),
            why: "The server requests no acknowledgement. Status 0x00 would mean that it was stored.",
        },
        Case {
            what: "`submit_sm` from an address with an escape in it",
            octets: odd(b"5\x1b[2J", b"50005", 0, b""),
            why: "Addresses are shown to people.",
        },
        Case {
            what: "`deliver_sm` from `Café`, in Latin-1",
            octets: pdu(DELIVER_SM, 0, &[&head(b"Caf\xe9", b"50005", 0, b""), b"\x015".as_slice()].concat()),
            why: "A customer's message is not refused for its sender's alphabet.",
        },
        Case {
            what: "`data_sm` from an address of 30 digits",
            octets: pdu(DATA_SM, 0, b"\0\x01\x01383491112223834911122238349111\0\0\x0150005\0\0\0\0"),
            why: "Version 3.4 allows 64.",
        },
        Case {
            what: "`bind_transceiver` with a password of 12 characters",
            octets: pdu(BIND_TRANSCEIVER, 0, b"bank\0correcthorse\0\0\x34\0\0\0"),
            why: "Operators issue longer passwords than the specification allows.",
        },
    ]
}

fn parameters() -> Vec<Case> {
    vec![
        Case {
            what: "`sar_msg_ref_num` of one octet, submitted",
            octets: message(SUBMIT_SM, b"\x015\x02\x0C\0\x01\x2A"),
            why: "The parameter decides how the text is read, and the sender can correct it.",
        },
        Case {
            what: "`sar_msg_ref_num` of one octet alone, delivered",
            octets: message(DELIVER_SM, b"\x015\x02\x0C\0\x01\x2A"),
            why: "One parameter alone does not indicate parts, so that a customer's message is not refused for it.",
        },
        Case {
            what: "`dest_addr_subunit` of two octets",
            octets: message(DELIVER_SM, b"\x015\0\x05\0\x02\0\x01"),
            why: "The parameter is not used, so that a customer's message is not refused for it.",
        },
        Case {
            what: "`message_state` of four octets",
            octets: message(DELIVER_SM, b"\x015\x04\x27\0\x04\0\0\0\x02"),
            why: "Receipts are read in every form.",
        },
        Case {
            what: "an optional parameter that goes past the end, submitted",
            octets: message(SUBMIT_SM, b"\x015\x14\0\0\x20ab"),
            why: "A PDU is decoded within its own length.",
        },
        Case {
            what: "the same, delivered",
            octets: message(DELIVER_SM, b"\x015\x14\0\0\x20ab"),
            why: "The text is complete without it.",
        },
        Case {
            what: "a `message_payload` that goes past the end, delivered",
            octets: message(DELIVER_SM, b"\0\x04\x24\0\x20ab"),
            why: "The rest of the text is unknown.",
        },
        Case {
            what: "three zero octets behind the text, delivered",
            octets: message(DELIVER_SM, b"\x015\0\0\0"),
            why: "Some SMSCs fill up their PDUs.",
        },
        Case {
            what: "part 3 of 2 (`sar_` parameters)",
            octets: message(DELIVER_SM, b"\x015\x02\x0C\0\x02\0\x2A\x02\x0E\0\x01\x02\x02\x0F\0\x01\x03"),
            why: "No text has a place for this part.",
        },
        Case {
            what: "one text in `short_message`, another in `message_payload`",
            octets: message(SUBMIT_SM, b"\x015\x04\x24\0\x0210"),
            why: "The two texts can have different amounts.",
        },
    ]
}

fn responses() -> Vec<Case> {
    vec![
        Case {
            what: "`deliver_sm_resp` without a body",
            octets: pdu(DELIVER_SM | RESPONSE, 0, b""),
            why: "Many peers leave it out.",
        },
        Case {
            what: "`submit_sm_resp` with an error and a filled body",
            octets: pdu(SUBMIT_SM | RESPONSE, 0x58, &[0xFF; 70]),
            why: "The status of a response is sufficient.",
        },
        Case {
            what: "`submit_sm_resp` with an identifier that has no NUL",
            octets: pdu(SUBMIT_SM | RESPONSE, 0, b"0195F0C7"),
            why: "Without its identifier, the receipt could not be matched.",
        },
        Case {
            what: "`submit_sm_resp` with an identifier of 70 characters",
            octets: pdu(SUBMIT_SM | RESPONSE, 0, &[[b'7'; 70].as_slice(), &[0]].concat()),
            why: "As above.",
        },
        Case {
            what: "an unknown response",
            octets: pdu(0x999 | RESPONSE, 0, b"\0"),
            why: "A response is never answered.",
        },
    ]
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [framing(), fields(), parameters(), responses()].into_iter().flatten().collect()
}

fn stream(octets: &[u8]) -> BytesMut {
    let mut stream = BytesMut::from(octets);
    let mut neighbour = pdu(ENQUIRE_LINK, 0, &[]);
    neighbour[12..].copy_from_slice(&NEIGHBOUR.to_be_bytes());
    stream.extend_from_slice(&neighbour);
    stream
}

fn ours(octets: &[u8]) -> String {
    let mut framer = Framer::new();
    framer.push(&stream(octets));
    let first = match framer.next_frame() {
        Err(fatal) => return format!("answers {}, closes", answer(&fatal.reply())),
        Ok(frame) => decode(&frame.expect("it is whole")),
    };
    let neighbour = framer.next_frame().ok().flatten().and_then(|frame| decode(&frame).ok());
    assert_eq!(neighbour, Some(Pdu::request(NEIGHBOUR, Body::EnquireLink)), "the neighbour is never lost");
    match first.map_err(|error| error.reply()) {
        Ok(_) => "reads it".to_owned(),
        Err(Some(reply)) => format!("answers {}, reads on", answer(&reply)),
        Err(None) => "notes it, reads on".to_owned(),
    }
}

fn answer(pdu: &Pdu) -> String {
    format!("`{}` {}", pdu.command(), pdu.status)
}

fn theirs(octets: &[u8]) -> String {
    let mut stream = stream(octets);
    let mut codec = CommandCodec::new();
    let first = match codec.decode(&mut stream) {
        Ok(Some(_)) => "reads it".to_owned(),
        Ok(None) => return "waits for more".to_owned(),
        Err(error) => {
            let error = error.to_string();
            format!("fails: {}", error.rsplit("kind: ").next().unwrap_or(&error))
        }
    };
    let neighbour = codec.decode(&mut stream).ok().flatten();
    let reads_on = neighbour.is_some_and(|command| {
        command.id() == rusmpp::CommandId::EnquireLink && command.sequence_number() == NEIGHBOUR
    });
    if reads_on { first } else { format!("{first}; the next PDU is lost") }
}
