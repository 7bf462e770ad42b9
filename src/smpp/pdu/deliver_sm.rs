//! `deliver_sm`: an SMSC delivers a message to an ESME (section 4.6).

use bytes::Bytes;

use super::sm::Sm;
use crate::smpp::parse::{Parsed, Rules};

/// Decodes an [`Sm`] leniently. These are accepted, because they leave text, sender and parts certain: reserved types
/// of number, fields that should be empty or are too long, optional parameters that are cut off or of another width.
#[inline]
pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Sm> {
    Sm::decode(Rules::Deliver, frame, input)
}
