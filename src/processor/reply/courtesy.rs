//! Courtesy replies. They are counted in the batch, so that all nodes share the count.
//!
//! A courtesy reply answers a text without a valid request (it cannot be parsed, or a field is missing or does not
//! belong there) or a question (help, language, stop, balance). Every other reply is about money and is always sent:
//! the result, the earlier result of a duplicate, and the refusal of a complete request. Within a USSD dialogue, and to
//! a machine that waits for its answer, every reply is sent.

use crate::domain::{Channel, Command, Courtesy, Msisdn, Outcome, Reason};
use crate::processor::parse::{Inquiry, NotifyTarget, Read};
use crate::processor::resolve::Resolved;

/// The phone whose courtesy replies are counted; `None` if the message gets none.
pub(in crate::processor) fn phone(Resolved { envelope, read, .. }: &Resolved) -> Option<Msisdn> {
    let phone = envelope.sender.filter(|_| envelope.message.channel == Channel::Sms && !envelope.is_trial)?;
    let may_be = match read {
        Read::Failed { rejection, .. } => rejection.reason.is_of_the_text(),
        Read::Inquiry { .. } => true,
        Read::Command(command) => matches!(**command, Command::Confirm(_)),
    };
    (may_be && matches!(envelope.notify, NotifyTarget::Writer)).then_some(phone)
}

/// The courtesy of this ending, if it is one.
pub(in crate::processor) fn of(Resolved { envelope, read, .. }: &Resolved, outcome: &Outcome) -> Option<Courtesy> {
    let text = Some(Courtesy::Text(envelope.message.content_hash()));
    match (read, outcome.rejection()) {
        // The balance may have changed since the sender last asked.
        (Read::Inquiry { about: Inquiry::Balance, .. }, _) => Some(Courtesy::Question),
        (Read::Inquiry { .. }, _) => text,
        (Read::Failed { .. }, Some(rejection)) if rejection.reason.is_of_the_text() => text,
        (Read::Command(_), Some(rejection)) if rejection.reason == Reason::NothingToConfirm => text,
        _ => None,
    }
}
