//! Messages exchanged with SMPP software that nobody of this project wrote.
//!
//! | module | peer | its role | ours |
//! | --- | --- | --- | --- |
//! | `kannel` | Debian's Kannel, `bearerbox` and `smsbox` | ESME | `mbush simulate smsc` |
//! | `kannel_bank` | the same | ESME | `mbush serve`, the server that banks bind to |
//! | `drive_smpp` | `drive_smpp` of Debian's kannel-extras | SMSC | `mbush serve`, transmitter and receiver pair |
//! | `smpplib` | smpplib, a Python package | ESME | `mbush simulate smsc` |
//! | `smpplib_bank`, `aiosmpplib`, `smpp34_esme` | Python packages | ESME | `mbush serve`, the server that banks bind to |
//! | `npm_esme` | smpp, a package from npm | ESME | the same |
//! | `smpp34_smsc`, `npm_smsc` | the same packages | SMSC | `mbush serve`, a link |
//! | `gateway` | Kannel and Jasmin, a Python package, over HTTP | gateway | `mbush serve`, a link with `kind = "http"` |
//! | `tshark` | Wireshark's dissector | reads along | all of the above |
//!
//! `scripted` and `center` play the scenarios of the packages, whose scripts lie here. `recorder` keeps every octet of
//! every scenario, and `tshark` has it dissected. `matrix` writes `docs/interop.md` from the names of these tests.
//!
//! `scripts/peers` installs them. A test whose peer is not there is left out and says so, unless
//! `MBUSH_REQUIRE_PEERS=1`, which makes it fail.

mod aiosmpplib;
mod bank;
mod center;
mod drive_smpp;
mod gateway;
mod kannel;
mod kannel_bank;
mod matrix;
mod npm_esme;
mod npm_smsc;
pub(crate) mod peers;
mod recorder;
mod scripted;
mod server;
mod simulator;
mod smpp34_esme;
mod smpp34_smsc;
mod smpplib;
mod smpplib_bank;
mod tshark;
