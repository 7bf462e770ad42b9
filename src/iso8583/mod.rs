//! ISO 8583 messages of cash machines' switches, pure: octets in, fields out, and back.
//!
//! - [`Message`]: a type ([`Mti`]) and fields by number, as texts
//! - [`Spec`]: how each field is written; data in TOML, because every switch has a dialect of its own
//! - [`Codec`]: what the door knows of all this; [`Spec`] is one
//! - [`Framer`], [`Framing`]: messages in a stream, each behind its length
//! - [`Malformed`]: what is wrong, in which field, and as much of the message as was read: it has to be answered
//!
//! `docs/iso8583.md` has the dialect that is built in.

mod complete;
mod decode;
mod encode;
mod error;
mod framer;
mod message;
mod spec;
#[cfg(test)]
mod tests;

pub use error::{InvalidSpec, Malformed, Unencodable};
pub use framer::{FrameTooLong, Framer, Framing};
pub use message::{Message, Mti};
pub use spec::{Encoding, Field, Kind, Places, Spec};

/// Octets to a message and back.
pub trait Codec: std::fmt::Debug + Send + Sync {
    /// Reads one message, all of it.
    ///
    /// # Errors
    /// [`Malformed`], with what was read of it.
    fn decode(&self, octets: &[u8]) -> Result<Message, Malformed>;

    /// Writes one message.
    ///
    /// # Errors
    /// A field is not of the spec, or does not fit it.
    fn encode(&self, message: &Message) -> Result<Vec<u8>, Unencodable>;

    /// Where it keeps what the standard has no field for.
    fn places(&self) -> &Places;

    /// As much of a text as a field can hold, in the characters that it can.
    fn fitting(&self, field: u8, text: &str) -> String;
}

impl Codec for Spec {
    fn decode(&self, octets: &[u8]) -> Result<Message, Malformed> {
        decode::decode(self, octets)
    }

    fn encode(&self, message: &Message) -> Result<Vec<u8>, Unencodable> {
        encode::encode(self, message)
    }

    fn places(&self) -> &Places {
        &self.places
    }

    fn fitting(&self, field: u8, text: &str) -> String {
        self.fields.get(&field).map(|field| field.fitting(text)).unwrap_or_default()
    }
}
