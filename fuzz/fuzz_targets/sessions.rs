//! Any life of a session, in either role: what must never be is said beside the witness, what an input means beside the
//! scripts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mbush_fuzz::play;

fuzz_target!(|data: &[u8]| {
    let _ = play(data);
});
