//! Orders of clients under their keys: what was answered before, what contradicts it, and how one stands, for who asks.

use std::collections::HashMap;

use super::intake::{Job, Read, Told};
use super::plan::BatchPlan;
use super::{Answer, Processor};
use crate::domain::voucher::DIGITS;
use crate::domain::{Command, Contradiction, Dealer, DealerName, Language, Line, Outcome, Rejection, WithdrawCommand};
use crate::store::{Answered, StoreError};
use crate::text::normalise::normalise;

/// An order of a client as it stands.
#[derive(Debug, Clone, Default)]
pub struct OrderState {
    /// How the order itself ended, where it came.
    pub order: Option<Answer>,
    /// How its withdrawal ended, where one came.
    pub withdrawal: Option<Answer>,
    /// What it moved was taken back, by its withdrawal or by staff.
    pub is_taken_back: bool,
}

impl Processor {
    /// An order as it stands, by the keys that it may have and by that of its withdrawal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn order_state(&self, orders: &[&str], withdrawal: &str) -> Result<OrderState, StoreError> {
        let found = self.store.ordered(orders, withdrawal).await?;
        let is_taken_back = found.is_taken_back;
        Ok(OrderState { order: found.order.map(replay), withdrawal: found.withdrawal.map(replay), is_taken_back })
    }

    /// A refusal in words for a customer: in this language, or in that of who has chosen none. `to` is what was called.
    pub fn words(&self, rejection: &Rejection, to: &str, language: Option<Language>) -> String {
        self.wording.refusal(rejection, to, language.unwrap_or(self.language))
    }

    /// A number that a machine gave, read as it would be in a text.
    ///
    /// # Errors
    /// Why it is none.
    pub fn line(&self, written: &str) -> Result<Line, Rejection> {
        self.reader.line(written)
    }

    /// A card's code that a machine gave, in the digits that it would be in a text; `None` where it cannot be a
    /// code: another number of digits, other characters, or one that hides or changes what is read.
    pub fn code(written: &str) -> Option<String> {
        let text = normalise(written).ok()?;
        let code: String = text.folded().chars().filter(|c| !matches!(c, ' ' | '\n' | '-')).collect();
        (code.len() == DIGITS && code.bytes().all(|octet| octet.is_ascii_digit())).then_some(code)
    }

    /// The dealer of this name that an order is paid by, and those above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dealer(&self, name: &DealerName) -> Result<Option<Dealer>, StoreError> {
        self.store.dealer(name).await
    }
}

/// The first answer, for who sends the same again.
pub(super) fn replay(answered: Answered) -> Answer {
    Answer { outcome: answered.outcome, reply: answered.reply, at: answered.received_at, replayed: true }
}

/// What this message was answered with before, also under the key that a card had before.
pub(super) fn first<'k>(job: &Job, known: &'k HashMap<String, Answered>) -> Option<&'k Answered> {
    let former = job.former.as_ref().filter(|_| withdrawal(job).is_none());
    known.get(&job.message.key).or_else(|| known.get(former?))
}

/// Whether a withdrawal is of a card that was redeemed under the key that cards had before: no order remembers that one.
pub(super) fn was_card(job: &Job, known: &HashMap<String, Answered>) -> bool {
    let card = withdrawal(job).and(job.former.as_ref()).and_then(|key| known.get(key));
    card.is_some_and(|card| card.outcome.transfer().is_some())
}

/// A refusal of a machine's order remembers its number, so that it can be worded again, in another language.
pub(super) fn about(job: &Job, outcome: Outcome) -> Outcome {
    let number = match &job.read {
        Read::Command(command) if !matches!(job.confirm, Told::Writer) => command.beneficiary().number(),
        Read::Command(_) | Read::Inquiry { .. } | Read::Failed { .. } => None,
    };
    match outcome {
        Outcome::Refused(rejection) => Outcome::Refused(rejection.with(|details| details.number = number)),
        other => other,
    }
}

fn withdrawal(job: &Job) -> Option<&WithdrawCommand> {
    let Read::Command(command) = &job.read else { return None };
    match &**command {
        Command::Withdraw(withdrawal) => Some(withdrawal),
        _ => None,
    }
}

impl BatchPlan<'_> {
    /// What a withdrawal says otherwise than its order, which may have come in this very transaction. Nothing of it is
    /// kept: the right one may come yet.
    pub(super) fn contradiction(&mut self, job: &Job) -> Option<Contradiction> {
        let withdrawal = withdrawal(job)?;
        self.sheet.recall(withdrawal.order());
        withdrawal.contradiction(&self.sheet.known.orders)
    }
}
