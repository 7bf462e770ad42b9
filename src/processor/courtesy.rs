//! Which replies are a courtesy, and which of them are withheld: decided in the batch, so that all nodes count together.
//!
//! A courtesy is the answer to a text of which no request came: one that could not be read, or whose request lacks
//! something or has something that does not belong there; and to a question (help, language, stop, balance). All else is
//! about money and is always answered: what was done, what was done before, and a complete request that is refused. Within a
//! USSD dialogue, and to a machine that waits for its answer, everything is answered.

use super::intake::{Inquiry, Job, Read, Told};
use super::plan::BatchPlan;
use crate::domain::{Channel, Command, Courtesy, Msisdn, Outcome, Reason, Withheld};
use crate::store::WithheldReply;

impl Job {
    /// The phone whose courtesies are looked at when this is decided.
    pub(super) fn may_be_courtesy(&self) -> Option<Msisdn> {
        let phone = self.sender.filter(|_| self.message.channel == Channel::Sms && !self.is_trial)?;
        let may_be = match &self.read {
            Read::Failed { rejection, .. } => rejection.reason.is_of_the_text(),
            Read::Inquiry { .. } => true,
            Read::Command(command) => matches!(**command, Command::Confirm(_)),
        };
        (may_be && matches!(self.confirm, Told::Writer)).then_some(phone)
    }

    /// What is answered, where this ending is answered by courtesy.
    fn courtesy(&self, outcome: &Outcome) -> Option<Courtesy> {
        let text = Some(Courtesy::Text(self.message.content_hash()));
        match (&self.read, outcome.rejection()) {
            // Who asks for the balance again may expect another one.
            (Read::Inquiry { about: Inquiry::Balance, .. }, _) => Some(Courtesy::Question),
            (Read::Inquiry { .. }, _) => text,
            (Read::Failed { .. }, Some(rejection)) if rejection.reason.is_of_the_text() => text,
            (Read::Command(_), Some(rejection)) if rejection.reason == Reason::NothingToConfirm => text,
            _ => None,
        }
    }
}

impl BatchPlan<'_> {
    /// Counts a courtesy; whether it is withheld.
    pub(super) fn withholds(&mut self, job: &Job, outcome: &Outcome) -> bool {
        let (Some(phone), Some(courtesy)) = (job.may_be_courtesy(), job.courtesy(outcome)) else { return false };
        let now = self.sheet.now;
        let known = self.sheet.known.courtesies.entry(phone).or_default();
        let withheld: Option<Withheld> = known.take(courtesy, &self.rules.courtesies, now);
        self.sheet.courtesies_changed(phone);
        let reply = withheld.map(|why| WithheldReply { message_key: job.message.key.clone(), why, at: now });
        self.sheet.writes.withheld.extend(reply);
        withheld.is_some()
    }
}
