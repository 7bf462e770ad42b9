//! The program beside software that nobody of this project wrote.
//!
//! - `interop`: SMPP software that `scripts/peers` installs, over real sockets
//! - `smpp_conformance`: two codecs for SMPP, and what `docs/smpp-conformance.md` says
//! - `iso8583`: a codec for ISO 8583

mod interop;
mod iso8583;
mod smpp_conformance;
