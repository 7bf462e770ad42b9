//! Requests that are handed on: the row that another system or staff work from.

use super::plan::BatchPlan;
use crate::domain::{Account, AccountKey, Channel, Command, Fingerprint, Outcome, Topic};
use crate::processor::parse::NotifyTarget;
use crate::processor::resolve::Resolved;
use crate::store::NewForward;

impl BatchPlan<'_> {
    /// Keeps a request, with the text that its phone is sent if the other system has none.
    pub(super) fn forward(&mut self, command: &Command, print: Fingerprint, request: &Resolved) -> Outcome {
        let outcome = Outcome::Informed { topic: Topic::Forwarded };
        let Command::Forward(forward) = command else { return outcome };
        let envelope = &request.envelope;
        let account = forward.phone.and_then(|phone| self.state.known.accounts.get(&AccountKey::subscriber(phone)));
        let language = self.language(account.and_then(Account::language), request);
        let reply = forward.phone.map(|_| self.wording.reply(&outcome, request, account, language));
        let back = envelope.way_back();
        let new = NewForward {
            id: forward.id,
            message_key: envelope.message.key.clone(),
            bank: forward.bank.clone(),
            form: forward.form.clone(),
            name: forward.name.clone(),
            link: back.link.to_owned(),
            short_code: back.from.to_owned(),
            phone: forward.phone,
            source: self.source(envelope),
            fields: forward.fields.clone(),
            language,
            reply,
            created_at: self.state.now,
        };
        self.state.forward(print, new)
    }

    /// Returns whether the other system words the answer to this message, so that nothing is replied now. Within a
    /// dialogue, and to a machine that waits for its answer, something is always replied.
    pub(super) fn is_answered_later(&self, request: &Resolved, outcome: &Outcome) -> bool {
        let Some(Command::Forward(forward)) = request.read.as_command() else { return false };
        let is_by_sms =
            matches!(request.envelope.notify, NotifyTarget::Writer) && request.envelope.message.channel == Channel::Sms;
        matches!(outcome, Outcome::Informed { topic: Topic::Forwarded })
            && is_by_sms
            && self.rules.answered_later.contains(&forward.name)
    }
}
