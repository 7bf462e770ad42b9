//! ISO 8583 messages of switches for cash machines: codec and framing, without I/O.
//!
//! - [`Message`]: a type ([`Mti`]) and fields by number, as texts
//! - [`Spec`]: the encoding of each field; data in TOML, because every switch has its own dialect
//! - [`Codec`]: the interface that the server uses; [`Spec`] implements it
//! - [`Framer`], [`Framing`]: messages in a stream, each after its length
//! - [`Malformed`]: the fault, its field, and the part of the message that was read, which is needed for an answer
//!
//! `docs/iso8583.md` documents the built-in dialect.

mod complete;
mod decode;
mod encode;
mod error;
mod framer;
mod message;
mod spec;
#[cfg(test)]
mod spec_tests;
#[cfg(test)]
mod tests;

pub use error::{InvalidSpec, Malformed, Unencodable};
pub use framer::{FrameTooLong, Framer, Framing};
pub use message::{Message, Mti};
pub use spec::{Encoding, Field, Kind, Places, Spec};

/// Decodes and encodes messages.
pub trait Codec: std::fmt::Debug + Send + Sync {
    /// Decodes one message, which must use all octets.
    ///
    /// # Errors
    /// [`Malformed`], with the part that was read.
    fn decode(&self, octets: &[u8]) -> Result<Message, Malformed>;

    /// # Errors
    /// A field is not in the spec, or does not fit it.
    fn encode(&self, message: &Message) -> Result<Vec<u8>, Unencodable>;

    /// Places of the values for which the standard has no field.
    fn places(&self) -> &Places;

    /// Truncates a text to a field, and replaces characters that the field cannot hold.
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
