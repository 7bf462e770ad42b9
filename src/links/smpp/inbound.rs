//! A message's way in: `deliver_sm`, `submit_sm` or `data_sm` → [`InboundSms`] → commit → answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use uuid::Uuid;

use super::accepted::Accepted;
use super::application::Patient;
use super::content::{Content, without_nul};
use super::conversation::Conversations;
use super::driver::Handle;
use super::identifier;
use super::outbound::Submitter;
use super::reports::{self, message_id};
use super::ussd::{self, Ussd};
use super::waiter::Waiter;
use crate::domain::{AddressType, Body, Channel, InboundSms, Msisdn, ReportWanted, mask_number};
use crate::processor::InboundPart;
use crate::smpp::message::{Message, MessageKind};
use crate::smpp::receipt::Receipt;
use crate::smpp::session::{Role, Ticket};
use crate::smpp::{CommandStatus, Pdu};
use crate::text::data_coding::DefaultAlphabet;
use crate::text::udh::Part;

/// How often dialogues are looked at that the network may have given up.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);

/// A peer that waits no longer than this for an answer delivers again what was done.
const ANSWER_LATE: TimeDelta = TimeDelta::seconds(5);

/// Longest destination that a log shows whole.
const SHORT_CODE_SHOWN_MAX: usize = 6;

/// How a peer's messages are taken.
#[derive(Debug)]
pub(super) struct Terms {
    /// Name of the link.
    pub link: String,
    /// Our side of its sessions.
    pub role: Role,
    /// What the peer means by data coding 0.
    pub alphabet: DefaultAlphabet,
    /// Short codes that it may speak for; empty for all.
    pub short_codes: BTreeSet<String>,
    /// Where it puts an identifier of its own.
    pub message_id_tlv: Option<u16>,
}

/// Takes what a peer sends.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) terms: Terms,
    pub(super) application: Patient,
    pub(super) start: Instant,
    pub(super) ussd: Arc<Ussd>,
    pub(super) conversations: Conversations,
    /// The way out, for the screens of menus.
    pub(super) submitter: Arc<Submitter>,
    pub(super) tasks: TaskTracker,
    bound: AtomicUsize,
    /// When the peer began to be in doubt of what we have: at the last bind, or the last answer that came too late or may
    /// not be true.
    doubt_since_micros: AtomicI64,
}

impl Inbound {
    pub(super) fn new(
        terms: Terms,
        application: Patient,
        (ussd, submitter): (Arc<Ussd>, Arc<Submitter>),
        tasks: TaskTracker,
    ) -> Self {
        Self {
            terms,
            application,
            start: Instant::now(),
            ussd,
            conversations: Conversations::default(),
            submitter,
            tasks,
            bound: AtomicUsize::new(0),
            doubt_since_micros: AtomicI64::new(0),
        }
    }

    /// A session that messages can come by is there.
    pub(super) fn bound(&self) {
        self.bound.fetch_add(1, Ordering::Relaxed);
        self.doubt();
    }

    /// What was delivered so far may come again, though it was done.
    fn doubt(&self) {
        self.doubt_since_micros.store(self.application.clock.now().timestamp_micros(), Ordering::Relaxed);
    }

    /// A message that is refused because the database failed may be on disk all the same: where the commit was done and
    /// its answer was lost. And who waited too long for our answer has given us up by then.
    fn doubt_after(&self, accepted: Accepted, received_at: DateTime<Utc>) {
        if accepted == Accepted::Unavailable || self.application.clock.now() - received_at >= ANSWER_LATE {
            self.doubt();
        }
    }

    /// Such a session is gone.
    pub(super) fn lost(&self) {
        self.bound.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn is_bound(&self) -> bool {
        self.bound.load(Ordering::Relaxed) > 0
    }

    /// Serves a request of the peer's, without waiting for anything: the answer comes from a task of its own.
    pub(super) fn serve(self: &Arc<Self>, ticket: Ticket, pdu: &Pdu, handle: &Handle) {
        let waiter = Waiter::new(handle.clone(), ticket, pdu.command(), self.terms.role);
        let Some(message) = Message::of(&pdu.body) else {
            return waiter.refuse(CommandStatus::INVALID_COMMAND_ID);
        };
        if let Some(receipt) = Receipt::of_kind(&message, self.terms.alphabet) {
            return self.take_receipt(&message, &receipt, waiter);
        }
        match (message.kind, ussd::stated(&message)) {
            (MessageKind::Message, Some(ussd::Operation::Notice)) => refuse_text_of_notice(&message, waiter),
            (MessageKind::Message, _) => self.take(message, waiter),
            (MessageKind::Receipt, _) => self.pass_over_receipt(waiter),
            // Nothing of ours asks for it, and what it holds would be lost with an OK.
            (MessageKind::Acknowledgement | MessageKind::Reserved, _) => {
                waiter.refuse(CommandStatus::INVALID_ESM_CLASS);
            }
        }
    }

    /// Takes one of many messages that one request carries, under the key that they share and its destination; what
    /// became of it comes back.
    pub(super) async fn take_alone(&self, key: &str, message: Message) -> Result<String, CommandStatus> {
        if !self.speaks_for(&message.to) {
            return Err(CommandStatus::INVALID_DESTINATION);
        }
        let is_receipt = Receipt::of_kind(&message, self.terms.alphabet).is_some();
        if is_receipt || message.kind != MessageKind::Message {
            return Err(CommandStatus::INVALID_ESM_CLASS);
        }
        if ussd::is_step(&message) {
            // A dialogue is of one address.
            let is_empty_notice = ussd::stated(&message) == Some(ussd::Operation::Notice) && message.octets.is_empty();
            return if is_empty_notice { Ok(String::new()) } else { Err(CommandStatus::INVALID_TLV_VALUE) };
        }
        let body = match Content::of(&message, self.terms.alphabet, false) {
            // A part is never read alone, however it says that it is one.
            Content::Part(..) => return Err(CommandStatus::SUBMIT_FAILED),
            Content::Whole(body) => body,
        };
        let (key, report) = (format!("{key}/{}", message.to), self.report_wanted(&message));
        let sms = self.sms(key, (source(&message), message.to), body, self.application.clock.now());
        let (id, received_at) = (message_id(&sms.key).to_owned(), sms.received_at);
        let accepted = self.application.accept(sms, report).await;
        self.doubt_after(accepted, received_at);
        match accepted {
            Accepted::Committed => Ok(id),
            refused => Err(refused.status_of_submission()),
        }
    }

    fn take(self: &Arc<Self>, message: Message, waiter: Waiter) {
        let received = self.application.clock.now();
        let is_step = ussd::is_step(&message);
        let message = without_nul(message, self.terms.role, self.terms.alphabet, is_step);
        let (key, report) = (self.key(&message), self.report_wanted(&message));
        let body = match Content::of(&message, self.terms.alphabet, is_step) {
            Content::Part(place, has_header) => return self.keep(message, (place, has_header), received, waiter),
            Content::Whole(body) => body,
        };
        match body {
            Body::Text(text) if is_step => {
                let operation = ussd::operation(&message, &text);
                self.dialled(&message, operation, &text, key, waiter);
            }
            body if is_step => self.unread(&message, body, key, waiter),
            body => {
                let sender = source(&message);
                self.commit_allowed(self.sms(key, (sender, message.to), body, received), report, waiter);
            }
        }
    }

    /// A part of a long message is answered when it is on disk; the others come in their own time.
    fn keep(
        self: &Arc<Self>,
        message: Message,
        (place, has_header): (Part, bool),
        received_at: DateTime<Utc>,
        waiter: Waiter,
    ) {
        if !self.speaks_for(&message.to) {
            return self.refuse_foreign(&message.to, waiter);
        }
        let part = InboundPart {
            link: self.terms.link.clone(),
            key: self.key(&message),
            key_is_given: self.given_id(&message).is_some(),
            report: self.report_wanted(&message),
            from_type: Some(labelled(&message)),
            from: message.from,
            to: message.to,
            place,
            octets: message.octets.to_vec(),
            has_header,
            data_coding: message.data_coding,
            alphabet: self.terms.alphabet,
            received_at,
            redelivery_doubt_since: self.redelivery_doubt_since(),
        };
        let this = self.clone();
        self.tasks.spawn(async move {
            let taken = this.application.accept_part(part).await;
            this.doubt_after(taken.as_ref().err().copied().unwrap_or(Accepted::Committed), received_at);
            match taken {
                Ok(key) => waiter.answer(Accepted::Committed, message_id(&key)),
                Err(accepted) => {
                    if this.may_log() {
                        warn!(link = this.terms.link, ?accepted, "a part of a message was not taken");
                    }
                    waiter.answer(accepted, "");
                }
            }
        });
    }

    /// Whether a line about what the peer sent is to be written.
    pub(super) fn may_log(&self) -> bool {
        self.application.faults.admits(&self.terms.link)
    }

    pub(super) fn speaks_for(&self, short_code: &str) -> bool {
        self.terms.short_codes.is_empty() || self.terms.short_codes.contains(short_code)
    }

    pub(super) fn commit_allowed(self: &Arc<Self>, sms: InboundSms, report: ReportWanted, waiter: Waiter) {
        if self.speaks_for(&sms.to) {
            return self.commit(sms, report, waiter);
        }
        self.ussd.close(&sms.key);
        self.refuse_foreign(&sms.to, waiter);
    }

    pub(super) fn refuse_foreign(&self, to: &str, waiter: Waiter) {
        if self.may_log() {
            // It may be a number or a code that was dialled: only what can be a short code is shown.
            let to = if to.len() <= SHORT_CODE_SHOWN_MAX { to.to_owned() } else { mask_number(to) };
            warn!(link = self.terms.link, to, "refused: the link does not speak for this short code");
        }
        waiter.refuse_destination();
    }

    /// Answers after the commit, from a task of its own: the next message is read meanwhile.
    fn commit(self: &Arc<Self>, sms: InboundSms, report: ReportWanted, waiter: Waiter) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let (key, received_at) = (sms.key.clone(), sms.received_at);
            let accepted = this.application.accept(sms, report).await;
            this.doubt_after(accepted, received_at);
            if accepted != Accepted::Committed {
                this.ussd.close(&key);
                if this.may_log() {
                    warn!(link = this.terms.link, key, ?accepted, "a message was not taken");
                }
            }
            waiter.answer(accepted, message_id(&key));
        });
    }

    /// Until `stop`: forgets dialogues that the network has given up.
    pub(super) async fn expire(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(EXPIRE_EVERY)).await.is_some() {
            self.conversations.forget(self.start.elapsed());
        }
    }

    pub(super) fn sms(
        &self,
        key: String,
        ((from, labelled), to): ((String, AddressType), String),
        body: Body,
        received_at: DateTime<Utc>,
    ) -> InboundSms {
        let (link, redelivery_doubt_since, from_type) =
            (self.terms.link.clone(), self.redelivery_doubt_since(), Some(labelled));
        InboundSms { key, link, from, from_type, to, body, channel: Channel::Sms, received_at, redelivery_doubt_since }
    }

    /// The phone that a message came from.
    pub(super) fn phone(&self, message: &Message) -> Option<Msisdn> {
        self.application.phone(&message.from, Some(labelled(message)))
    }

    fn redelivery_doubt_since(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.doubt_since_micros.load(Ordering::Relaxed))
    }

    /// Those who submit to us may ask for receipts; an SMSC delivers, and asks for none.
    pub(super) fn report_wanted(&self, message: &Message) -> ReportWanted {
        if self.terms.role == Role::Smsc { reports::wanted(message) } else { ReportWanted::default() }
    }

    /// The identifier that the peer gave the message, or a new one, behind the name of the link.
    pub(super) fn key(&self, message: &Message) -> String {
        let link = &self.terms.link;
        match self.given_id(message) {
            Some(id) => format!("{link}:{id}"),
            None => InboundSms::fresh_key(link, Uuid::now_v7()),
        }
    }

    fn given_id(&self, message: &Message) -> Option<String> {
        identifier::given(message, self.terms.message_id_tlv)
    }
}

/// The address that a message came from.
fn source(message: &Message) -> (String, AddressType) {
    (message.from.clone(), labelled(message))
}

/// How the peer labels the address that a message came from.
pub(super) const fn labelled(message: &Message) -> AddressType {
    let (ton, npi) = message.from_numbering;
    AddressType { ton, npi }
}

/// A confirmation or a notice has nothing to keep, so that its answer names nothing; a text in one would be lost.
fn refuse_text_of_notice(message: &Message, waiter: Waiter) {
    if message.octets.is_empty() {
        waiter.answer(Accepted::Committed, "");
    } else {
        waiter.refuse(CommandStatus::INVALID_TLV_VALUE);
    }
}
