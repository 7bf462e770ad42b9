//! Any octets of a switch: lengths, messages and fields; what is read is written and read again the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mbush_fuzz::iso8583::{Codec, Framer, Framing, Spec};

fuzz_target!(|data: &[u8]| {
    let spec = Spec::builtin().expect("a test shows it");
    let framing = match data.first() {
        Some(0..=85) => Framing::Binary2,
        Some(86..=170) => Framing::Binary4,
        _ => Framing::Ascii4,
    };
    let mut framer = Framer::new(framing, 4_096);
    for piece in data.get(1..).unwrap_or_default().chunks(7) {
        framer.push(piece);
        while let Ok(Some(frame)) = framer.next_frame() {
            if let Ok(message) = spec.decode(&frame) {
                let again = spec.encode(&message).expect("it was read");
                assert_eq!(spec.decode(&again).expect("what we encode is well-formed"), message);
            }
        }
    }
});
