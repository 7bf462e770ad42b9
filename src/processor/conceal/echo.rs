//! The text of a message in its refusal.

use crate::domain::Rejection;

/// The parts of a refusal that repeat the text of its message.
#[derive(Debug)]
pub(in crate::processor) struct Echo<'a> {
    pub(in crate::processor) rejection: &'a mut Rejection,
    pub(in crate::processor) trace: &'a mut String,
}
