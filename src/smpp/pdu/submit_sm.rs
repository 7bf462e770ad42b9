//! `submit_sm`: an ESME hands a message to an SMSC (section 4.4).

use bytes::Bytes;

use super::sm::Sm;
use crate::smpp::parse::{Parsed, Rules};

/// As [`Sm`], with every field checked: numbers, plans, times and flags get the status that the specification has for
/// each of them.
#[inline]
pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Sm> {
    Sm::decode(Rules::Submit, frame, input)
}
