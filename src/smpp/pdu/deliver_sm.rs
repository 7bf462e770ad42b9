//! `deliver_sm`: an SMSC hands a message to an ESME (section 4.6).

use bytes::Bytes;

use super::sm::Sm;
use crate::smpp::parse::{Parsed, Rules};

/// As [`Sm`]; what is odd and leaves text, sender and parts certain is taken as it comes: reserved types of number, filled
/// fields that should be empty or are too long, optional parameters that are cut off or of another width.
#[inline]
pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Sm> {
    Sm::decode(Rules::Deliver, frame, input)
}
