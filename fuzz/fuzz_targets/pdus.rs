//! Any octets on a connection: frames stay within their length, what is decoded is encoded and decoded to the same,
//! and what is not has an answer.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mbush_fuzz::smpp::{Framer, decode, encode};

fuzz_target!(|data: &[u8]| {
    let mut framer = Framer::new();
    framer.push(data);
    while let Ok(Some(frame)) = framer.next_frame() {
        match decode(&frame) {
            Ok(pdu) => {
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
