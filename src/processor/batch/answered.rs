//! Messages that were answered before, and withdrawals of orders.

use std::collections::HashMap;

use crate::domain::{Beneficiary, Command, Outcome, WithdrawCommand};
use crate::processor::answer::Answer;
use crate::processor::parse::NotifyTarget;
use crate::processor::resolve::Resolved;
use crate::store::Answered;

/// The first answer, for a redelivered message.
pub(in crate::processor) fn replay(answered: Answered) -> Answer {
    Answer { outcome: answered.outcome, reply: answered.reply, at: answered.received_at, replayed: true }
}

/// The earlier answer to this message, under its key or under the key that a card had before.
pub(super) fn first<'k>(request: &Resolved, answered: &'k HashMap<String, Answered>) -> Option<&'k Answered> {
    let envelope = &request.envelope;
    let former = envelope.former.as_ref().filter(|_| withdrawal(request).is_none());
    answered.get(&envelope.message.key).or_else(|| answered.get(former?))
}

/// Returns whether the withdrawn order is a card that was redeemed under the former kind of key. There is no row of
/// such an order.
pub(super) fn was_card(request: &Resolved, answered: &HashMap<String, Answered>) -> bool {
    let card = withdrawal(request).and(request.envelope.former.as_ref()).and_then(|key| answered.get(key));
    card.is_some_and(|card| card.outcome.transfer().is_some())
}

/// Adds the number to the refusal of a client's order, so that the refusal can be rendered again in another language.
pub(super) fn with_number(request: &Resolved, outcome: Outcome) -> Outcome {
    let command = request.read.as_command().filter(|_| !matches!(request.envelope.notify, NotifyTarget::Writer));
    let number = command.map(Command::beneficiary);
    match outcome {
        Outcome::Refused(rejection) => Outcome::Refused(rejection.with(|details| {
            details.number = details.item.clone().or(number).as_ref().and_then(Beneficiary::number);
        })),
        other => other,
    }
}

pub(super) fn withdrawal(request: &Resolved) -> Option<&WithdrawCommand> {
    match request.read.as_command()? {
        Command::Withdraw(withdrawal) => Some(withdrawal),
        _ => None,
    }
}
