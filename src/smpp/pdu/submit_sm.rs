//! `submit_sm`: an ESME submits a message to an SMSC (section 4.4).

use bytes::Bytes;

use super::sm::Sm;
use crate::smpp::parse::{Parsed, Rules};

/// Decodes an [`Sm`] strictly: an invalid number, plan, time or flag gets the status that the specification has for it.
#[inline]
pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Sm> {
    Sm::decode(Rules::Submit, frame, input)
}
