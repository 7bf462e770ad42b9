//! `deliver_sm`: an SMSC hands a message to an ESME (section 4.6).

use bytes::Bytes;

use super::sm::{Rules, Sm};
use crate::smpp::parse::Parsed;

/// As [`Sm`]; a reserved type of number or a filled field that should be empty is taken as it comes.
#[inline]
pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Sm> {
    Sm::decode(Rules::Deliver, frame, input)
}
