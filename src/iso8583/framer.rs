//! Splits a stream into messages. A length precedes each message and does not count itself.

use serde::Deserialize;

/// Encoding of the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// Two octets, the high one first.
    #[default]
    Binary2,
    /// Four octets, the highest first.
    Binary4,
    /// Four ASCII digits.
    Ascii4,
}

/// The length is invalid or above the limit. Later messages in the stream cannot be found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FrameTooLong(String);

#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    length_max: usize,
    buffer: Vec<u8>,
}

impl Framing {
    /// Octets of the length field.
    const fn width(self) -> usize {
        match self {
            Self::Binary2 => 2,
            Self::Binary4 | Self::Ascii4 => 4,
        }
    }

    fn length(self, octets: &[u8]) -> Option<usize> {
        match self {
            Self::Binary2 | Self::Binary4 => {
                Some(octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)))
            }
            Self::Ascii4 => {
                let digits = octets.iter().all(u8::is_ascii_digit);
                if digits { str::from_utf8(octets).ok()?.parse().ok() } else { None }
            }
        }
    }

    /// Adds the length to a message; `None` if the message is too long for it.
    pub fn frame(self, message: &[u8]) -> Option<Vec<u8>> {
        let mut framed = match self {
            Self::Binary2 => u16::try_from(message.len()).ok()?.to_be_bytes().to_vec(),
            Self::Binary4 => u32::try_from(message.len()).ok()?.to_be_bytes().to_vec(),
            Self::Ascii4 if message.len() < 10_000 => format!("{:04}", message.len()).into_bytes(),
            Self::Ascii4 => return None,
        };
        framed.extend(message);
        Some(framed)
    }
}

impl Framer {
    /// `length_max` is the longest message in octets.
    pub const fn new(framing: Framing, length_max: usize) -> Self {
        Self { framing, length_max, buffer: Vec::new() }
    }

    /// Appends received octets.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend(octets);
    }

    /// Returns true if a message has begun and is not complete.
    pub const fn is_inside(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Returns the next complete message. It may be empty: some switches send empty messages to keep a connection
    /// alive.
    ///
    /// # Errors
    /// [`FrameTooLong`]; nothing more can be read.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameTooLong> {
        let Some((head, rest)) = self.buffer.split_at_checked(self.framing.width()) else { return Ok(None) };
        let length = self.framing.length(head).ok_or_else(|| FrameTooLong("the length is not a number".to_owned()))?;
        if length > self.length_max {
            return Err(FrameTooLong(format!(
                "a message has {length} octets; at most {} are allowed",
                self.length_max
            )));
        }
        let Some((frame, rest)) = rest.split_at_checked(length) else { return Ok(None) };
        let frame = frame.to_vec();
        self.buffer = rest.to_vec();
        Ok(Some(frame))
    }
}
