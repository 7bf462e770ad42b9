//! Any octets on a connection: frames stay within their length, what is decoded is encoded and decoded to the same,
//! and what is not has an answer. An SMSC's are read too wherever an ESME's are, and say the same.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mbush_fuzz::smpp::{Framer, Message, decode, decode_delivered, encode};

fuzz_target!(|data: &[u8]| {
    let mut framer = Framer::new();
    framer.push(data);
    while let Ok(Some(frame)) = framer.next_frame() {
        let delivered = decode_delivered(&frame);
        if let Ok(pdu) = &delivered {
            let _ = Message::of(&pdu.body);
        }
        match decode(&frame) {
            Ok(pdu) => {
                assert_eq!(delivered.as_ref(), Ok(&pdu));
                let mut octets = BytesMut::new();
                if encode(&pdu, &mut octets).is_ok() {
                    let mut again = Framer::new();
                    again.push(&octets);
                    let frame = again.next_frame().expect("our own length is right").expect("it is whole");
                    assert_eq!(decode(&frame).expect("what we encode is well-formed"), pdu);
                }
            }
            Err(problem) => {
                let _ = problem.reply();
            }
        }
    }
});
