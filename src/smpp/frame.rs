//! The octets of one PDU, with its header decoded.

use bytes::Bytes;

use super::header::{HEADER_LENGTH, Header};

/// The octets of exactly one PDU, at least a header long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    octets: Bytes,
}

impl Frame {
    /// Takes the octets of one whole PDU. Returns `None` if they are fewer than a header has.
    pub fn new(octets: Bytes) -> Option<Self> {
        let (header, _) = Header::split(&octets)?;
        Some(Self { header, octets })
    }

    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// All octets, header included.
    pub const fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The octets after the header.
    pub fn body(&self) -> &[u8] {
        self.octets.get(HEADER_LENGTH..).unwrap_or_default()
    }
}
