//! A reply's way out: segments, `submit_sm`, and what the SMSC said.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::address;
use super::driver::Handle;
use super::pace::Pace;
use crate::config::link::SmppLink;
use crate::domain::OutboundSms;
use crate::links::{Outbound, SendOutcome};
use crate::smpp::CommandStatus;
use crate::smpp::address::Address;
use crate::smpp::message::ESM_CLASS_UDHI;
use crate::smpp::pdu::{Body, Pdu, ShortMessage, Sm};
use crate::smpp::session::{Completion, Refusal, Unanswered};
use crate::text::data_coding::DefaultAlphabet;
use crate::text::segments::{Segment, segments};

/// How long the later parts of a message wait for an SMSC that asks for less: the first are with it already.
const LATER_PARTS_WAIT: Duration = Duration::from_mins(1);

/// Submits replies over whichever session can.
#[derive(Debug)]
pub(super) struct Submitter {
    link: String,
    alphabet: DefaultAlphabet,
    source: (u8, u8),
    destination: (u8, u8),
    pace: Pace,
    session: Mutex<Option<Handle>>,
    /// Ties the parts of the next long message together.
    reference: AtomicU8,
}

impl Submitter {
    pub(super) fn new(link: &str, settings: &SmppLink, alphabet: DefaultAlphabet) -> Self {
        Self {
            link: link.to_owned(),
            alphabet,
            source: (settings.source_ton, settings.source_npi),
            destination: (settings.dest_ton, settings.dest_npi),
            pace: Pace::new(settings.throttle_segments_per_second, settings.window),
            session: Mutex::new(None),
            reference: AtomicU8::new(0),
        }
    }

    /// A session that can submit is there.
    pub(super) fn bound(&self, handle: Handle) {
        *self.lock() = Some(handle);
    }

    /// A session is gone; another one may have taken its place.
    pub(super) fn lost(&self, handle: &Handle) {
        let mut session = self.lock();
        if session.as_ref().is_some_and(|current| current.is_same(handle)) {
            *session = None;
        }
    }

    fn handle(&self) -> Option<Handle> {
        self.lock().clone().filter(|handle| !handle.is_closed())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Handle>> {
        // One plain value: it is whole even after a panic elsewhere.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn submit(&self, sms: &OutboundSms) -> SendOutcome {
        let messages = match self.messages(sms) {
            Ok(messages) => messages,
            Err(reason) => return SendOutcome::Rejected { reason, permanent: true },
        };
        if self.pace.is_paused() {
            return SendOutcome::Throttled;
        }
        let mut sent = SendOutcome::NotBound;
        for (place, message) in messages.into_iter().enumerate() {
            let outcome = match place {
                0 => self.submit_one(message).await,
                _ => self.submit_later(message).await,
            };
            match outcome {
                SendOutcome::Sent { .. } if place > 0 => {}
                SendOutcome::Sent { .. } => sent = outcome,
                other if place == 0 => return other,
                // The first parts are with the SMSC: sent again, the customer would get them twice.
                other => return SendOutcome::Unknown { reason: format!("part {} of a text: {other:?}", place + 1) },
            }
        }
        sent
    }

    /// A later part of a message waits out a pause instead of giving the whole message back.
    async fn submit_later(&self, message: Sm) -> SendOutcome {
        let deadline = tokio::time::Instant::now() + LATER_PARTS_WAIT;
        loop {
            if let Some(until) = self.pace.paused_until() {
                tokio::time::sleep_until(until).await;
            }
            match self.submit_one(message.clone()).await {
                SendOutcome::Throttled if tokio::time::Instant::now() < deadline => {}
                outcome => return outcome,
            }
        }
    }

    async fn submit_one(&self, message: Sm) -> SendOutcome {
        if self.handle().is_none() {
            return SendOutcome::NotBound;
        }
        let Some(_permit) = self.pace.segment().await else { return SendOutcome::NotBound };
        // The wait may have been long: the session of now counts.
        let Some(handle) = self.handle() else { return SendOutcome::NotBound };
        let outcome = outcome(handle.request(Body::SubmitSm(message)).await);
        match &outcome {
            SendOutcome::Sent { .. } => self.pace.went_well(),
            SendOutcome::Throttled => self.pace.slow_down(),
            _ => {}
        }
        outcome
    }

    fn messages(&self, sms: &OutboundSms) -> Result<Vec<Sm>, String> {
        let source = address(self.source.0, self.source.1, &sms.from).map_err(|error| error.to_string())?;
        let destination =
            address(self.destination.0, self.destination.1, &sms.to).map_err(|error| error.to_string())?;
        let reference = self.reference.fetch_add(1, Ordering::Relaxed);
        let parts = segments(&sms.text, self.alphabet, reference).map_err(|error| error.to_string())?;
        parts.into_iter().map(|part| message(part, source, destination)).collect()
    }
}

fn message(part: Segment, source: Address, destination: Address) -> Result<Sm, String> {
    let short_message = ShortMessage::new(Bytes::from(part.octets)).ok_or("a part is longer than a short message")?;
    let esm_class = if part.has_header { ESM_CLASS_UDHI } else { 0 };
    Ok(Sm { source, destination, esm_class, data_coding: part.data_coding, short_message, ..Sm::default() })
}

/// What the dispatcher is told.
fn outcome(completion: Completion) -> SendOutcome {
    match completion {
        Completion::Answered(pdu) => answered(*pdu),
        Completion::Nacked(status) => rejected(status),
        Completion::Refused(Refusal::NotBound) => SendOutcome::NotBound,
        Completion::Refused(Refusal::WindowFull) => SendOutcome::Throttled,
        Completion::Refused(Refusal::NotARequest | Refusal::TooLong) => {
            SendOutcome::Rejected { reason: "it does not fit a PDU".to_owned(), permanent: true }
        }
        Completion::Unknown(Unanswered::TimedOut) => {
            SendOutcome::Unknown { reason: "no answer to submit_sm in time".to_owned() }
        }
        Completion::Unknown(Unanswered::Closed) => {
            SendOutcome::Unknown { reason: "the session ended before the answer to submit_sm".to_owned() }
        }
    }
}

fn answered(pdu: Pdu) -> SendOutcome {
    match pdu {
        Pdu { status: CommandStatus::OK, body: Body::SubmitSmResp(resp), .. } => {
            SendOutcome::Sent { remote_id: Some(resp.message_id()).filter(|id| !id.is_empty()) }
        }
        Pdu { status, .. } => rejected(status),
    }
}

fn rejected(status: CommandStatus) -> SendOutcome {
    if status.asks_to_slow_down() {
        return SendOutcome::Throttled;
    }
    let reason = format!("the SMSC answered {status} ({})", status.meaning());
    SendOutcome::Rejected { reason, permanent: !status.is_transient() }
}

impl Outbound for Submitter {
    fn is_ready(&self) -> bool {
        self.handle().is_some() && !self.pace.is_paused()
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        async move {
            let outcome = self.submit(sms).await;
            tracing::debug!(link = self.link, id = %sms.id, ?outcome, "submitted");
            outcome
        }
        .boxed()
    }
}
