//! The sending of a reply: segments, `submit_sm` or `deliver_sm`, and the answer of the peer.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::driver::Handle;
use super::outcome::outcome;
use super::pace::Pace;
use super::reports;
use super::settings::address;
use super::ussd::{Dialled, Ussd};
use crate::domain::{AddressType, OutboundSms, Report, Source};
use crate::links::{LinkState, Outbound, SendOutcome};
use crate::smpp::address::Address;
use crate::smpp::message::ESM_CLASS_UDHI;
use crate::smpp::pdu::{Body, ShortMessage, Sm};
use crate::smpp::session::Role;
use crate::text::data_coding::DefaultAlphabet;
use crate::text::segments::{Segment, encode_for_submit, segments};
use crate::text::shift::NationalTables;

/// Longest wait of the later parts of a message for an SMSC that throttles. It is long because the SMSC already has the
/// first parts.
const LATER_PARTS_WAIT: Duration = Duration::from_mins(1);

/// Replies wait for their turn in memory for about this time at most. It is much shorter than the shortest lease.
const WAIT_SECONDS: usize = 3;

/// `registered_delivery`: a receipt when the message has reached its final state.
const RECEIPT_WANTED: u8 = 0x01;

/// The settings for replies on a link.
#[derive(Debug)]
pub(super) struct Route {
    /// Name of the link.
    pub link: String,
    /// Our side of its sessions: an ESME submits, an SMSC delivers.
    pub role: Role,
    /// The alphabet that the peer means by `data_coding` 0.
    pub alphabet: DefaultAlphabet,
    /// Type of number and numbering plan of short codes.
    pub source: (u8, u8),
    /// Type of number and numbering plan of phones.
    pub destination: (u8, u8),
    /// True if replies go to the phone's address exactly as the request had it.
    pub as_received: bool,
    /// Most segments in one second.
    pub segments_per_second: u32,
    /// Most unanswered segments.
    pub window: u16,
    /// True if replies ask for delivery receipts.
    pub receipts: bool,
    /// The national language tables for texts that the default alphabet lacks characters of.
    pub national: NationalTables,
}

/// Sends replies over the sessions that can send, in turn.
#[derive(Debug)]
pub(super) struct Submitter {
    route: Route,
    pace: Pace,
    ussd: Arc<Ussd>,
    start: tokio::time::Instant,
    sessions: Mutex<Vec<Handle>>,
    turn: AtomicUsize,
    /// The reference that is common to all parts of the next long message.
    reference: AtomicU8,
}

impl Submitter {
    pub(super) fn new(route: Route, ussd: Arc<Ussd>) -> Self {
        Self {
            pace: Pace::new(route.segments_per_second, route.window),
            route,
            ussd,
            start: tokio::time::Instant::now(),
            sessions: Mutex::default(),
            turn: AtomicUsize::new(0),
            reference: AtomicU8::new(0),
        }
    }

    /// Adds a session that can send.
    pub(super) fn bound(&self, handle: Handle) {
        self.lock().push(handle);
    }

    /// Removes a session that has ended.
    pub(super) fn lost(&self, handle: &Handle) {
        self.lock().retain(|other| !other.is_same(handle));
    }

    fn is_bound(&self) -> bool {
        self.lock().iter().any(|handle| !handle.is_closed())
    }

    /// The next session in turn.
    fn handle(&self) -> Option<Handle> {
        let sessions = self.lock();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let live: Vec<_> = sessions.iter().filter(|handle| !handle.is_closed()).collect();
        live.get(turn.checked_rem(live.len())?).map(|handle| (*handle).clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Handle>> {
        // Each change is one call: the list is whole even after a panic elsewhere.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn submit(&self, sms: &OutboundSms) -> SendOutcome {
        let messages = match self.messages(sms) {
            Ok(messages) => messages,
            Err(reason) => return SendOutcome::Rejected { reason, permanent: true },
        };
        if self.pace.is_paused() {
            return SendOutcome::Throttled;
        }
        let (mut taken, of) = (Vec::with_capacity(messages.len()), messages.len());
        for (place, message) in messages.into_iter().enumerate() {
            let outcome = match place {
                0 => self.submit_one(message).await,
                _ => self.submit_later(message).await,
            };
            match outcome {
                SendOutcome::Sent { remote_ids } => taken.extend(remote_ids),
                other if place == 0 => return other,
                other => return SendOutcome::Partial { taken, of, reason: other.to_string() },
            }
        }
        SendOutcome::Sent { remote_ids: taken }
    }

    /// Sends a later part of a message. It waits until a pause is over, and does not give the whole message back.
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
        if !self.is_bound() {
            return SendOutcome::NotBound;
        }
        let Some(_permit) = self.pace.segment().await else { return SendOutcome::NotBound };
        // The wait may have been long, so that the present session is taken.
        let Some(handle) = self.handle() else { return SendOutcome::NotBound };
        let body = match self.route.role {
            Role::Esme => Body::SubmitSm(message),
            Role::Smsc => Body::DeliverSm(message),
        };
        let outcome = outcome(handle.request(body).await);
        match &outcome {
            SendOutcome::Sent { .. } => self.pace.went_well(),
            SendOutcome::Throttled => self.pace.slow_down(),
            _ => {}
        }
        outcome
    }

    /// Sends a screen of a dialogue, once. Without an answer it may have been shown, and a dialogue does not wait.
    pub(super) async fn show(&self, dialled: &Dialled, text: &str, wants_answer: bool) -> SendOutcome {
        let route = &self.route;
        let (data_coding, octets) = encode_for_submit(text, route.alphabet);
        let source = Some(&dialled.source).filter(|_| route.as_received);
        let addresses = written(route.source, &dialled.service)
            .and_then(|service| Ok((service, destination(route, &dialled.from, source)?)));
        let screen = addresses.and_then(|(source, destination)| {
            message(Segment { data_coding, has_header: false, octets }, source, destination)
        });
        match screen {
            Ok(screen) => self.submit_one(dialled.part(screen, wants_answer)).await,
            Err(reason) => SendOutcome::Rejected { reason, permanent: true },
        }
    }

    /// Sends a receipt, which has one part, to a peer that is bound to us.
    async fn submit_receipt(&self, sms: &OutboundSms, report: &Report) -> SendOutcome {
        let route = &self.route;
        match reports::receipt(sms, report, route.source, route.destination) {
            Err(reason) => SendOutcome::Rejected { reason, permanent: true },
            Ok(_) if self.pace.is_paused() => SendOutcome::Throttled,
            Ok(receipt) => self.submit_one(receipt).await,
        }
    }

    fn messages(&self, sms: &OutboundSms) -> Result<Vec<Sm>, String> {
        let route = &self.route;
        let destination = destination(route, &sms.to, sms.to_source.as_ref())?;
        let reference = self.reference.fetch_add(1, Ordering::Relaxed);
        let parts = |national: &NationalTables| {
            segments(&sms.text, route.alphabet, reference, national).map_err(|error| error.to_string())
        };
        // A dialogue takes one message, without a header. A longer reply goes out as an SMS.
        let dialled = self.ussd.waiting(&sms.message_key, &sms.to, self.start.elapsed());
        let screen = if dialled.is_some() { parts(&NationalTables::default())? } else { Vec::new() };
        let (dialled, parts) = match screen.len() {
            1 => (dialled, screen),
            _ => (None, parts(&route.national)?),
        };
        let source = written(route.source, dialled.as_ref().map_or(&sms.from, |dialled| &dialled.service))?;
        let mut messages: Vec<Sm> =
            parts.into_iter().map(|part| message(part, source, destination)).collect::<Result<_, _>>()?;
        for message in &mut messages {
            if let Some(dialled) = &dialled {
                *message = dialled.part(std::mem::take(message), false);
            } else if route.receipts {
                message.registered_delivery = RECEIPT_WANTED;
            }
        }
        Ok(messages)
    }
}

fn written((ton, npi): (u8, u8), value: &str) -> Result<Address, String> {
    address(ton, npi, value).map_err(|error| error.to_string())
}

/// Returns the phone's number in the link's numbering, or the address that it came from with the type that it had.
fn destination(route: &Route, number: &str, source: Option<&Source>) -> Result<Address, String> {
    match source {
        None => written(route.destination, number),
        Some(Source { value, labelled }) => {
            let (ton, npi) = labelled.map_or(route.destination, |AddressType { ton, npi }| (ton, npi));
            Address::new(ton, npi, value).map_err(|error| error.to_string())
        }
    }
}

fn message(part: Segment, source: Address, destination: Address) -> Result<Sm, String> {
    let short_message = ShortMessage::new(Bytes::from(part.octets)).ok_or("a part is longer than a short message")?;
    let esm_class = if part.has_header { ESM_CLASS_UDHI } else { 0 };
    Ok(Sm { source, destination, esm_class, data_coding: part.data_coding, short_message, ..Sm::default() })
}

impl Outbound for Submitter {
    fn state(&self) -> LinkState {
        match (self.is_bound(), self.route.role) {
            (true, _) => LinkState::Up,
            (false, Role::Esme) => LinkState::Down,
            (false, Role::Smsc) => LinkState::Unbound,
        }
    }

    fn is_ready(&self) -> bool {
        self.is_bound() && !self.pace.is_paused()
    }

    /// While a window is under way, the next one waits here and not in the database. No more wait here than the rate
    /// allows in some seconds, because each has only the time of its lease.
    fn places(&self) -> usize {
        let at_rate =
            usize::try_from(self.route.segments_per_second).unwrap_or(usize::MAX).saturating_mul(WAIT_SECONDS);
        (2 * self.pace.window()).min(at_rate).max(1)
    }

    /// At most what the link sends in a quarter of a second: a new reply waits no longer behind old ones.
    fn places_for_old(&self) -> usize {
        let quarter_second = usize::try_from(self.route.segments_per_second / 4).unwrap_or(usize::MAX);
        quarter_second.clamp(1, self.places() * 3 / 4)
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        async move {
            let outcome = self.submit(sms).await;
            if matches!(outcome, SendOutcome::Sent { .. })
                && self.ussd.waiting(&sms.message_key, &sms.to, self.start.elapsed()).is_some()
            {
                self.ussd.close(&sms.message_key);
            }
            tracing::debug!(link = self.route.link, id = %sms.id, ?outcome, "submitted");
            outcome
        }
        .boxed()
    }

    fn report<'a>(&'a self, sms: &'a OutboundSms, report: &'a Report) -> BoxFuture<'a, SendOutcome> {
        async move {
            let outcome = self.submit_receipt(sms, report).await;
            tracing::debug!(link = self.route.link, id = %sms.id, ?outcome, "receipt");
            outcome
        }
        .boxed()
    }
}
