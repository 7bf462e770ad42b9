//! What `docs/smpp-conformance.md` says about our SMPP, shown.
//!
//! - `well_formed`: PDUs of every kind, made up by proptest
//! - `theirs`: the same PDU in the words of rusmpp, a codec that nobody of this project wrote
//! - `agreement`: what either writes, the other reads as the same
//! - `differences`: malformed PDUs, and what each makes of them
//! - `promises`: what a peer may rely on, and the tests that show it
//! - `page`: `docs/smpp-conformance.md` is made of these

mod agreement;
mod differences;
mod page;
mod promises;
mod theirs;
mod well_formed;
