//! Messages exchanged with SMPP software that nobody of this project wrote.
//!
//! | module | peer | its role | ours |
//! | --- | --- | --- | --- |
//! | `kannel` | Debian's Kannel, `bearerbox` and `smsbox` | ESME | `mbush simulate smsc` |
//! | `drive_smpp` | `drive_smpp` of Debian's kannel-extras | SMSC | `mbush serve`, transmitter and receiver pair |
//! | `smpplib` | smpplib, a Python package | ESME | `mbush simulate smsc` |
//! | `bank_server` | Kannel again, and smpplib | ESME | `mbush serve`, the server that banks bind to |
//! | `tshark` | Wireshark's dissector | reads along | both, over one connection and over two |
//!
//! `matrix` writes `docs/interop.md` from the names of these tests.
//!
//! `scripts/peers` installs them. A test whose peer is not there is left out and says so, unless
//! `MBUSH_REQUIRE_PEERS=1`, which makes it fail.

mod bank_server;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "../common/mod.rs"]
mod common;
mod drive_smpp;
mod kannel;
mod matrix;
mod peers;
mod recorder;
mod server;
mod simulator;
mod smpplib;
mod tshark;
