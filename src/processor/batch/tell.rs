//! SMS about endings: recipients, links, and withheld replies.

use uuid::Uuid;

use super::plan::BatchPlan;
use crate::domain::{
    Account, AccountKey, Channel, Command, Draft, Language, Msisdn, Outcome, Posting, Source, Transfer, Way, Withheld,
};
use crate::processor::parse::{Envelope, NotifyTarget};
use crate::processor::reply::{courtesy, notices};
use crate::processor::resolve::Resolved;
use crate::store::WithheldReply;

/// The phone that receives an SMS about an ending.
struct Recipient {
    phone: Msisdn,
    /// Its number, as an address.
    address: String,
}

impl BatchPlan<'_> {
    /// Renders the reply to an ending, and queues it for the recipient. A machine gets it in its answer only. Of a list by
    /// a bank's machine, each phone is told of its own top-up, and the reply is the first of these texts.
    pub(super) fn tell(&mut self, request: &Resolved, outcome: &Outcome) -> Option<String> {
        let id = request.envelope.reply_id;
        match outcome {
            Outcome::Applied(applied) if request.envelope.sender.is_none() && !applied.others.is_empty() => {
                let each = applied.each().map(Outcome::Applied).zip(0..);
                let told: Vec<_> =
                    each.map(|(one, place)| self.tell_one(request, &one, Transfer::id_at(id, place))).collect();
                told.into_iter().flatten().next()
            }
            _ => self.tell_one(request, outcome, id),
        }
    }

    fn tell_one(&mut self, request: &Resolved, outcome: &Outcome, id: Uuid) -> Option<String> {
        let envelope = &request.envelope;
        let recipient = recipient(envelope, outcome);
        if recipient.is_none() && matches!(envelope.notify, NotifyTarget::Writer) {
            return None;
        }
        let account = recipient
            .as_ref()
            .and_then(|recipient| self.state.known.accounts.get(&AccountKey::subscriber(recipient.phone)));
        let chosen = account.and_then(Account::language);
        let text = self.wording.reply(outcome, request, account, self.language(chosen, request));
        if let Some(recipient) = recipient.filter(|_| !matches!(envelope.notify, NotifyTarget::Machine)) {
            let back = envelope.way_back();
            let is_dialogue = envelope.message.channel == Channel::Ussd;
            let way = if is_dialogue { Way::Fixed(back.link) } else { Way::Routed(&self.rules.routes, back.link) };
            let draft = Draft {
                id,
                message_key: envelope.message.key.clone(),
                from: back.from,
                to: recipient.address,
                source: self.source(envelope).map(|source| (back.link, source)),
                text: Some(text.clone()),
            };
            self.state.queue(draft, way);
        }
        Some(text)
    }

    /// The source address of the message as received, if its link wants replies to go to that address.
    pub(super) fn source(&self, envelope: &Envelope) -> Option<Source> {
        let is_wanted = self.rules.links.answered_as_received.contains(&envelope.message.link);
        let is_senders = envelope.sender.is_some() && matches!(envelope.notify, NotifyTarget::Writer);
        if is_wanted && is_senders { envelope.source() } else { None }
    }

    /// Queues the SMS to the other parties of a posting. They do not go to the USSD dialogue, which is the sender's.
    pub(super) fn notify_others(&mut self, command: &Command, posting: &Posting, request: &Resolved) {
        let notices = notices(command, posting, &self.state.known, self.rules, self.wording);
        let envelope = &request.envelope;
        let back = envelope.way_back();
        for (notice, place) in notices.into_iter().zip(1..) {
            let draft = Draft {
                // Derived from the reply's identifier and as stable as it, because the batch may be run again.
                id: Transfer::id_at(envelope.reply_id, place),
                message_key: envelope.message.key.clone(),
                from: back.from,
                to: notice.to.digits(),
                source: None,
                text: notice.text,
            };
            self.state.queue(draft, Way::Routed(&self.rules.routes, back.link));
        }
    }

    /// Counts a courtesy reply, and returns whether it is withheld.
    pub(super) fn withholds(&mut self, request: &Resolved, outcome: &Outcome) -> bool {
        let (Some(phone), Some(courtesy)) = (courtesy::phone(request), courtesy::of(request, outcome)) else {
            return false;
        };
        let now = self.state.now;
        let known = self.state.known.courtesies.entry(phone).or_default();
        let withheld: Option<Withheld> = known.take(courtesy, &self.rules.courtesies, now);
        self.state.courtesies_changed(phone);
        let message_key = || request.envelope.message.key.clone();
        let reply = withheld.map(|why| WithheldReply { message_key: message_key(), why, at: now });
        self.state.writes.withheld.extend(reply);
        withheld.is_some()
    }

    /// The owner's choice, the language of the form, or the configured one, in this order: the first that there are texts
    /// in.
    pub(super) fn language(&self, chosen: Option<Language>, request: &Resolved) -> Language {
        let written = request.read.as_command().and_then(Command::language);
        self.wording.choose([chosen, written, self.rules.language])
    }
}

/// The phone that sent the message. If a bank's machine sent it, the phone that was topped up.
fn recipient(envelope: &Envelope, outcome: &Outcome) -> Option<Recipient> {
    match (envelope.sender, outcome) {
        (Some(phone), _) => Some(Recipient { phone, address: envelope.message.from.clone() }),
        (None, Outcome::Applied(applied)) => {
            applied.beneficiary.number().map(|phone| Recipient { phone, address: phone.digits() })
        }
        (None, _) => None,
    }
}
