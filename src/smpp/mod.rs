//! SMPP 3.4 (aware of 5.0) without sockets, clocks or tasks: codec and session state machine.
//!
//! Sections named in comments are those of the "Short Message Peer to Peer Protocol Specification v3.4".
//!
//! | file | content |
//! | --- | --- |
//! | [`framer`] | a stream of octets → PDUs of known length; an impossible length is [`Fatal`] |
//! | [`frame`], [`header`] | the octets of one PDU; its 16-octet header |
//! | [`decode`](mod@decode), [`encode`](mod@encode) | frame ↔ [`Pdu`]; a body that cannot be read is [`Recoverable`] |
//! | [`pdu`] | the PDUs, one family a file, each rule above its parser |
//! | [`command`], [`status`], [`tlv`] | `command_id`, `command_status`, optional parameters |
//! | [`address`], [`octets`], [`time`] | the field types |
//! | [`message`], [`receipt`] | the content of a message PDU, and of a delivery receipt |
//! | [`error`] | `Recoverable` (answer and go on) and `Fatal` (answer and close) |
//! | [`session`] | one state machine for both roles: `(state, event) → (state, actions)` |

pub mod address;
pub mod command;
pub mod decode;
pub mod encode;
pub mod error;
pub mod fault;
pub mod frame;
pub mod framer;
pub mod header;
pub mod message;
pub mod octets;
mod parse;
pub mod pdu;
pub mod receipt;
pub mod session;
pub mod status;
pub mod time;
pub mod tlv;

#[cfg(test)]
mod codec_tests;
#[cfg(test)]
mod malformed_tests;

pub use command::CommandId;
pub use decode::{decode, decode_delivered};
pub use encode::encode;
pub use error::{Fatal, Recoverable};
pub use frame::Frame;
pub use framer::Framer;
pub use message::{Message, MessageKind};
pub use pdu::{Body, Pdu};
pub use session::Session;
pub use status::CommandStatus;
