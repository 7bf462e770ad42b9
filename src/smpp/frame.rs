//! One PDU's octets, with its header read.

use bytes::Bytes;

use super::header::{HEADER_LENGTH, Header};

/// The octets of one PDU: at least a header, and nothing of its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    octets: Bytes,
}

impl Frame {
    /// From the octets of one whole PDU; `None` where they are fewer than a header's.
    pub fn new(octets: Bytes) -> Option<Self> {
        let (header, _) = Header::split(&octets)?;
        Some(Self { header, octets })
    }

    /// Its header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// All of its octets.
    pub const fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The octets behind the header.
    pub fn body(&self) -> &[u8] {
        self.octets.get(HEADER_LENGTH..).unwrap_or_default()
    }
}
