//! Replies that are a courtesy. They are counted in the batch, so that all nodes count together.
//!
//! A courtesy is the answer to a text of which no request came: one that could not be read, or whose request lacks
//! something or has something that does not belong there; and to a question (help, language, stop, balance). All else is
//! about money and is always answered: what was done, what was done before, and a complete request that is refused. Within a
//! USSD dialogue, and to a machine that waits for its answer, everything is answered.

use crate::domain::{Channel, Command, Courtesy, Msisdn, Outcome, Reason};
use crate::processor::parse::{Inquiry, NotifyTarget, Read};
use crate::processor::resolve::Resolved;

/// The phone whose courtesies are looked at when this is decided; `None` if it cannot be answered by courtesy.
pub(in crate::processor) fn phone(Resolved { envelope, read }: &Resolved) -> Option<Msisdn> {
    let phone = envelope.sender.filter(|_| envelope.message.channel == Channel::Sms && !envelope.is_trial)?;
    let may_be = match read {
        Read::Failed { rejection, .. } => rejection.reason.is_of_the_text(),
        Read::Inquiry { .. } => true,
        Read::Command(command) => matches!(**command, Command::Confirm(_)),
    };
    (may_be && matches!(envelope.notify, NotifyTarget::Writer)).then_some(phone)
}

/// The courtesy by which this ending is answered, if it is.
pub(in crate::processor) fn of(Resolved { envelope, read }: &Resolved, outcome: &Outcome) -> Option<Courtesy> {
    let text = Some(Courtesy::Text(envelope.message.content_hash()));
    match (read, outcome.rejection()) {
        // A sender who asks for the balance again may expect another one.
        (Read::Inquiry { about: Inquiry::Balance, .. }, _) => Some(Courtesy::Question),
        (Read::Inquiry { .. }, _) => text,
        (Read::Failed { .. }, Some(rejection)) if rejection.reason.is_of_the_text() => text,
        (Read::Command(_), Some(rejection)) if rejection.reason == Reason::NothingToConfirm => text,
        _ => None,
    }
}
