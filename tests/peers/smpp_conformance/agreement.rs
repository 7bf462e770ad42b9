//! What either codec writes, the other reads as the same, octet for octet and field for field.

use bytes::{Bytes, BytesMut};
use mbush::smpp::{CommandStatus, Frame, Pdu, decode, encode};
use proptest::prelude::*;
use rusmpp::tokio_codec::CommandCodec;
use tokio_util::codec::{Decoder, Encoder};

use crate::smpp_conformance::theirs;
use crate::smpp_conformance::well_formed::pdu;

fn written_by_us(pdu: &Pdu) -> Bytes {
    let mut out = BytesMut::new();
    encode(pdu, &mut out).unwrap();
    out.freeze()
}

fn written_by_them(command: &rusmpp::Command) -> Bytes {
    let mut out = BytesMut::new();
    CommandCodec::new().encode(command, &mut out).unwrap();
    out.freeze()
}

fn read_by_them(octets: &[u8]) -> rusmpp::Command {
    let mut octets = BytesMut::from(octets);
    let read = CommandCodec::new().decode(&mut octets).expect("well-formed").expect("whole");
    assert!(octets.is_empty(), "read to its end");
    read
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rusmpp_reads_what_we_write(pdu in pdu()) {
        prop_assert_eq!(read_by_them(&written_by_us(&pdu)), theirs::command(&pdu));
    }

    #[test]
    fn we_read_what_rusmpp_writes(pdu in pdu()) {
        let octets = written_by_them(&theirs::command(&pdu));
        prop_assert_eq!(decode(&Frame::new(octets).unwrap()), Ok(pdu));
    }

    #[test]
    fn both_write_the_same_octets(pdu in pdu()) {
        prop_assert_eq!(written_by_us(&pdu), written_by_them(&theirs::command(&pdu)));
    }
}

#[test]
fn an_error_without_a_body_is_read_as_one() {
    let refused = Pdu::error_response(mbush::smpp::CommandId::SubmitSm, CommandStatus::THROTTLED, 9).unwrap();
    let read = read_by_them(&written_by_us(&refused));
    assert_eq!((read.id(), u32::from(read.status())), (rusmpp::CommandId::SubmitSmResp, 0x58));
    assert_eq!((read.sequence_number(), read.pdu()), (9, None));
}
