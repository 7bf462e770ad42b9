//! The receiving of a message: `deliver_sm`, `submit_sm` or `data_sm` → [`InboundSms`] → commit → answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use uuid::Uuid;

use super::accepted::Accepted;
use super::application::Patient;
use super::content::{Content, without_nul};
use super::conversation::Conversations;
use super::doubt::Doubt;
use super::driver::Handle;
use super::identifier;
use super::outbound::Submitter;
use super::reports::{self, message_id};
use super::ussd::{self, Ussd};
use super::waiter::Waiter;
use crate::domain::{AddressType, Body, Channel, InboundSms, Msisdn, ReportWanted, mask_number};
use crate::smpp::message::{Message, MessageKind};
use crate::smpp::receipt::Receipt;
use crate::smpp::session::{Role, Ticket};
use crate::smpp::{CommandStatus, Pdu};
use crate::text::data_coding::DefaultAlphabet;

/// Interval between two searches for dialogues that the network may have given up.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);

/// Longest destination that a log shows whole.
const SHORT_CODE_SHOWN_MAX: usize = 6;

/// The settings for a peer's messages.
#[derive(Debug)]
pub(super) struct Terms {
    /// Name of the link.
    pub link: String,
    /// Our side of its sessions.
    pub role: Role,
    /// The alphabet that the peer means by `data_coding` 0.
    pub alphabet: DefaultAlphabet,
    /// Short codes that the peer may speak for. Empty for all.
    pub short_codes: BTreeSet<String>,
    /// The TLV in which the peer sends its own identifier of a message.
    pub message_id_tlv: Option<u16>,
}

/// Takes the messages of a peer.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) terms: Terms,
    pub(super) application: Patient,
    pub(super) start: Instant,
    pub(super) ussd: Arc<Ussd>,
    pub(super) conversations: Conversations,
    /// Sends the screens of menus.
    pub(super) submitter: Arc<Submitter>,
    pub(super) tasks: TaskTracker,
    bound: AtomicUsize,
    pub(super) doubt: Doubt,
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
            doubt: Doubt::default(),
        }
    }

    /// Notes a session over which messages can come.
    pub(super) fn bound(&self) {
        self.bound.fetch_add(1, Ordering::Relaxed);
        self.doubt.note(self.application.clock.now());
    }

    /// Notes the end of a session over which messages could come.
    pub(super) fn lost(&self) {
        self.bound.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn is_bound(&self) -> bool {
        self.bound.load(Ordering::Relaxed) > 0
    }

    /// Serves a request of the peer. It does not block: the answer comes from a task of its own.
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

    /// Takes one of the messages of a request with several destinations. Its key consists of the request's key and its
    /// destination. Returns its identifier, or the status that refuses it.
    pub(super) async fn take_alone(&self, key: &str, message: Message) -> Result<String, CommandStatus> {
        if !self.speaks_for(&message.to) {
            return Err(CommandStatus::INVALID_DESTINATION);
        }
        let is_receipt = Receipt::of_kind(&message, self.terms.alphabet).is_some();
        if is_receipt || message.kind != MessageKind::Message {
            return Err(CommandStatus::INVALID_ESM_CLASS);
        }
        if ussd::is_step(&message) {
            // A dialogue has one address.
            let is_empty_notice = ussd::stated(&message) == Some(ussd::Operation::Notice) && message.octets.is_empty();
            return if is_empty_notice { Ok(String::new()) } else { Err(CommandStatus::INVALID_TLV_VALUE) };
        }
        let body = match Content::of(&message, self.terms.alphabet, false) {
            // A part cannot be read alone, in whatever way it is marked.
            Content::Part(..) => return Err(CommandStatus::SUBMIT_FAILED),
            Content::Whole(body) => body,
        };
        let (key, report) = (format!("{key}/{}", message.to), self.report_wanted(&message));
        let sms = self.sms(key, (source(&message), message.to), body, self.application.clock.now());
        let (id, received_at) = (message_id(&sms.key).to_owned(), sms.received_at);
        let accepted = self.application.accept(sms, report).await;
        self.doubt.note_after(accepted, received_at, self.application.clock.now());
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

    /// Returns true if a line about what the peer sent is to be written to the log.
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
            // It may be a number or a dialled code, so that only a possible short code is logged whole.
            let to = if to.len() <= SHORT_CODE_SHOWN_MAX { to.to_owned() } else { mask_number(to) };
            warn!(link = self.terms.link, to, "refused: the link does not speak for this short code");
        }
        waiter.refuse_destination();
    }

    /// Answers after the commit, from a task of its own. Meanwhile, the next message is read.
    fn commit(self: &Arc<Self>, sms: InboundSms, report: ReportWanted, waiter: Waiter) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let (key, received_at) = (sms.key.clone(), sms.received_at);
            let accepted = this.application.accept(sms, report).await;
            this.doubt.note_after(accepted, received_at, this.application.clock.now());
            if accepted != Accepted::Committed {
                this.ussd.close(&key);
                if this.may_log() {
                    warn!(link = this.terms.link, key, ?accepted, "a message was not taken");
                }
            }
            waiter.answer(accepted, message_id(&key));
        });
    }

    /// Forgets dialogues that the network has given up, until `stop`.
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
        let (link, redelivery_doubt_since, from_type) = (self.terms.link.clone(), self.doubt.since(), Some(labelled));
        InboundSms { key, link, from, from_type, to, body, channel: Channel::Sms, received_at, redelivery_doubt_since }
    }

    /// The phone that a message came from.
    pub(super) fn phone(&self, message: &Message) -> Option<Msisdn> {
        self.application.phone(&message.from, Some(labelled(message)))
    }

    /// Peers that submit to us may ask for receipts. An SMSC delivers and asks for none.
    pub(super) fn report_wanted(&self, message: &Message) -> ReportWanted {
        if self.terms.role == Role::Smsc { reports::wanted(message) } else { ReportWanted::default() }
    }

    /// Returns the identifier that the peer gave the message, or a new one, after the name of the link.
    pub(super) fn key(&self, message: &Message) -> String {
        let link = &self.terms.link;
        match self.given_id(message) {
            Some(id) => format!("{link}:{id}"),
            None => InboundSms::fresh_key(link, Uuid::now_v7()),
        }
    }

    pub(super) fn given_id(&self, message: &Message) -> Option<String> {
        identifier::given(message, self.terms.message_id_tlv)
    }
}

/// The address that a message came from.
fn source(message: &Message) -> (String, AddressType) {
    (message.from.clone(), labelled(message))
}

/// The type that the peer states for the source address of a message.
pub(super) const fn labelled(message: &Message) -> AddressType {
    let (ton, npi) = message.from_numbering;
    AddressType { ton, npi }
}

/// Answers a confirmation or a notice. Nothing of it is stored, so the answer has no identifier. One with a text is
/// refused, because the text would be lost.
fn refuse_text_of_notice(message: &Message, waiter: Waiter) {
    if message.octets.is_empty() {
        waiter.answer(Accepted::Committed, "");
    } else {
        waiter.refuse(CommandStatus::INVALID_TLV_VALUE);
    }
}
