//! Keys that were answered before, and withdrawals of orders under them.

use std::collections::HashMap;

use crate::domain::{Command, Outcome, WithdrawCommand};
use crate::processor::answer::Answer;
use crate::processor::parse::NotifyTarget;
use crate::processor::resolve::Resolved;
use crate::store::Answered;

/// The first answer, for a message that comes again.
pub(in crate::processor) fn replay(answered: Answered) -> Answer {
    Answer { outcome: answered.outcome, reply: answered.reply, at: answered.received_at, replayed: true }
}

/// The earlier answer to this message, also under the key that a card had before.
pub(super) fn first<'k>(request: &Resolved, answered: &'k HashMap<String, Answered>) -> Option<&'k Answered> {
    let envelope = &request.envelope;
    let former = envelope.former.as_ref().filter(|_| withdrawal(request).is_none());
    answered.get(&envelope.message.key).or_else(|| answered.get(former?))
}

/// Returns whether a withdrawal is of a card that was redeemed under the key that cards had before: no order remembers that one.
pub(super) fn was_card(request: &Resolved, answered: &HashMap<String, Answered>) -> bool {
    let card = withdrawal(request).and(request.envelope.former.as_ref()).and_then(|key| answered.get(key));
    card.is_some_and(|card| card.outcome.transfer().is_some())
}

/// Puts the number into the refusal of a machine's order, so that it can be worded again, in another language.
pub(super) fn with_number(request: &Resolved, outcome: Outcome) -> Outcome {
    let command = request.read.as_command().filter(|_| !matches!(request.envelope.notify, NotifyTarget::Writer));
    let number = command.and_then(|command| command.beneficiary().number());
    match outcome {
        Outcome::Refused(rejection) => Outcome::Refused(rejection.with(|details| details.number = number)),
        other => other,
    }
}

pub(super) fn withdrawal(request: &Resolved) -> Option<&WithdrawCommand> {
    match request.read.as_command()? {
        Command::Withdraw(withdrawal) => Some(withdrawal),
        _ => None,
    }
}
