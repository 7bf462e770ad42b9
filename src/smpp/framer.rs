//! Splits a stream of octets into PDUs.

use bytes::BytesMut;
use nom::number::complete::be_u32;

use super::error::Fatal;
use super::frame::Frame;
use super::header::{HEADER_LENGTH, PDU_LENGTH_MAX};

/// Splits a stream into PDUs.
///
/// The announced length is checked before memory is reserved for it. The PDU is cut at exactly that length, so that a
/// malformed body cannot change how the next PDU is read.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    /// The buffer grew for a long PDU, and may be larger than it needs to be.
    is_grown: bool,
    poisoned: bool,
}

/// Octets reserved for each read: about forty usual messages.
const READ_LENGTH: usize = 8 * 1024;

impl Framer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Buffer that the next octets are read into.
    pub fn buffer(&mut self) -> &mut BytesMut {
        self.buffer.reserve(READ_LENGTH);
        &mut self.buffer
    }

    /// Appends octets that were read elsewhere.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Returns true if a PDU has begun and is not complete.
    pub fn is_partial(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Returns the next complete PDU, header included; `None` until more octets are received.
    ///
    /// # Errors
    /// The `command_length` is invalid. The start of the next PDU is then unknown, so nothing more is read.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Fatal> {
        if self.poisoned {
            return Ok(None);
        }
        let Ok((rest, length)) = be_u32::<_, ()>(self.buffer.as_ref()) else { return Ok(None) };
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        if !(HEADER_LENGTH..=PDU_LENGTH_MAX).contains(&wanted) {
            self.poisoned = true;
            let sequence = rest.get(8..12).and_then(|octets| octets.try_into().ok()).map(u32::from_be_bytes);
            self.buffer.clear();
            return Err(Fatal::CommandLength { length, sequence });
        }
        if self.buffer.len() < wanted {
            // Bounded by PDU_LENGTH_MAX; the octets already received are kept.
            self.buffer.reserve(wanted - self.buffer.len());
            self.is_grown |= wanted > READ_LENGTH;
            return Ok(None);
        }
        // Never `None`: `wanted` is at least a header's length.
        let frame = Frame::new(self.buffer.split_to(wanted).freeze());
        if self.is_grown && self.buffer.is_empty() {
            // Otherwise thousands of idle sessions would keep the memory of their longest PDU.
            self.buffer = BytesMut::new();
            self.is_grown = false;
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENQUIRE: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 7];

    #[test]
    fn a_pdu_is_cut_wherever_the_reads_fall() {
        let stream = [ENQUIRE, ENQUIRE].concat();
        for cut in 0..stream.len() {
            let mut framer = Framer::new();
            let mut count = 0;
            for part in [&stream[..cut], &stream[cut..]] {
                framer.push(part);
                while let Some(frame) = framer.next_frame().unwrap() {
                    assert_eq!(frame.octets(), ENQUIRE.as_slice());
                    count += 1;
                }
            }
            assert_eq!(count, 2);
            assert!(!framer.is_partial());
        }
    }

    #[test]
    fn an_impossible_length_ends_the_stream_before_anything_is_reserved() {
        for length in [0, 15, 0x0001_0001, 0x8000_0000, u32::MAX] {
            let mut framer = Framer::new();
            framer.push(&length.to_be_bytes());
            framer.push(&ENQUIRE[4..]);
            assert_eq!(framer.next_frame(), Err(Fatal::CommandLength { length, sequence: Some(7) }));
            framer.push(&ENQUIRE);
            assert_eq!(framer.next_frame(), Ok(None), "what follows is not read");
        }
        let mut framer = Framer::new();
        framer.push(&[0xFF; 4]);
        assert_eq!(framer.next_frame(), Err(Fatal::CommandLength { length: u32::MAX, sequence: None }));
    }

    #[test]
    fn the_longest_pdu_passes() {
        let mut longest = ENQUIRE.to_vec();
        longest[..4].copy_from_slice(&65_536_u32.to_be_bytes());
        longest.resize(65_536, 1);
        let mut framer = Framer::new();
        framer.push(&longest[..10]);
        assert_eq!(framer.next_frame(), Ok(None));
        framer.push(&longest[10..]);
        assert_eq!(framer.next_frame().unwrap().unwrap().octets().len(), 65_536);
        assert_eq!(framer.buffer.capacity(), 0, "its room is given back");
    }
}
