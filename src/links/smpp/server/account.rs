//! One configured ESME: its secret, networks, seats, rate limit, and both directions of its messages.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, InsufficientCapacity, Quota, RateLimiter};
use ipnet::IpNet;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::config::smpp_server::Esme;
use crate::links::Outbound;
use crate::links::admission::is_secret;
use crate::links::smpp::application::Patient;
use crate::links::smpp::driver::Handle;
use crate::links::smpp::inbound::{Inbound, Terms};
use crate::links::smpp::outbound::{Route, Submitter};
use crate::links::smpp::settings::{InvalidLink, WINDOW_SLACK, alphabet};
use crate::links::smpp::ussd::Ussd;
use crate::smpp::session::Role;
use crate::text::shift::NationalTables;

/// Wait for the sessions of an ESME to answer a probe, when a new session needs a seat.
const PROBE_WAIT: Duration = Duration::from_secs(2);
/// Wait for a session that did not answer the probe to leave its seat.
const LEAVE_WAIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Account {
    name: String,
    password: SecretString,
    addresses: Vec<IpNet>,
    window: usize,
    seats: Seats,
    rate: DefaultDirectRateLimiter,
    inbound: Arc<Inbound>,
    submitter: Arc<Submitter>,
}

/// The sessions that are bound, or are about to be.
#[derive(Debug)]
struct Seats {
    most: usize,
    taken: Mutex<Vec<Handle>>,
    left: Notify,
}

/// The right of a session to be bound. The seat is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    pub account: Arc<Account>,
    handle: Handle,
}

impl Account {
    pub(super) fn new(name: &str, esme: &Esme, application: Patient, tasks: &TaskTracker) -> Result<Self, InvalidLink> {
        let ussd = Arc::new(Ussd::new(esme.ussd_codes.clone(), esme.ussd_service_op));
        let terms = Terms {
            link: name.to_owned(),
            role: Role::Smsc,
            alphabet: alphabet(esme.default_alphabet),
            short_codes: esme.short_codes.iter().cloned().collect(),
            message_id_tlv: esme.message_id_tlv,
        };
        let route = Route {
            link: name.to_owned(),
            role: Role::Smsc,
            alphabet: alphabet(esme.default_alphabet),
            source: (esme.source_ton, esme.source_npi),
            destination: (esme.dest_ton, esme.dest_npi),
            as_received: esme.reply_address == crate::config::link::ReplyAddress::AsReceived,
            segments_per_second: esme.throttle_segments_per_second,
            window: esme.window,
            receipts: false,
            // A bank's program seldom knows the tables.
            national: NationalTables::default(),
        };
        let submitter = Arc::new(Submitter::new(route, ussd.clone()));
        let rate = NonZeroU32::new(esme.throttle_segments_per_second).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            name: name.to_owned(),
            password: esme.password().map_err(InvalidLink::Password)?,
            addresses: esme.addresses.clone(),
            window: usize::from(esme.window),
            seats: Seats { most: esme.binds_max, taken: Mutex::default(), left: Notify::new() },
            rate: RateLimiter::direct(Quota::per_second(rate)),
            inbound: Arc::new(Inbound::new(terms, application, (ussd, submitter.clone()), tasks.clone())),
            submitter,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn inbound(&self) -> &Arc<Inbound> {
        &self.inbound
    }

    pub(super) const fn submitter(&self) -> &Arc<Submitter> {
        &self.submitter
    }

    pub(super) fn outbound(&self) -> Arc<dyn Outbound> {
        self.submitter.clone()
    }

    /// Most unanswered requests of one session: ours, and the peer's.
    pub(super) const fn windows(&self) -> (usize, usize) {
        (self.window, self.window + WINDOW_SLACK)
    }

    pub(super) fn is_from(&self, address: IpAddr) -> bool {
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&address))
    }

    pub(super) fn has_password(&self, password: &[u8]) -> bool {
        is_secret(&self.password, password)
    }

    /// Returns true if the rate limit admits this number of segments now.
    pub(super) fn may_send(&self, segments: u32) -> bool {
        let segments = NonZeroU32::new(segments).unwrap_or(NonZeroU32::MIN);
        match self.rate.check_n(segments) {
            Ok(taken) => taken.is_ok(),
            // More than the rate limit ever holds takes all that there is. Otherwise, it could never be sent.
            Err(InsufficientCapacity(most)) => {
                NonZeroU32::new(most).is_some_and(|most| matches!(self.rate.check_n(most), Ok(Ok(()))))
            }
        }
    }

    /// Takes a seat for one more session. If all seats are taken, their sessions are probed first, and a dead session
    /// gives its seat up.
    pub(super) async fn seat(self: &Arc<Self>, handle: &Handle) -> Option<Seat> {
        if let Some(seat) = self.free_seat(handle) {
            return Some(seat);
        }
        let sitting = self.seats.lock().clone();
        for session in &sitting {
            session.probe(PROBE_WAIT);
        }
        let until = Instant::now() + PROBE_WAIT + LEAVE_WAIT;
        loop {
            let left = self.seats.left.notified();
            if let Some(seat) = self.free_seat(handle) {
                return Some(seat);
            }
            if tokio::time::timeout_at(until, left).await.is_err() {
                return None;
            }
        }
    }

    fn free_seat(self: &Arc<Self>, handle: &Handle) -> Option<Seat> {
        let mut taken = self.seats.lock();
        taken.retain(|session| !session.is_closed());
        if taken.len() >= self.seats.most {
            return None;
        }
        taken.push(handle.clone());
        Some(Seat { account: self.clone(), handle: handle.clone() })
    }
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, Vec<Handle>> {
        // Each change is one call: the list is whole even after a panic elsewhere.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let seats = &self.account.seats;
        seats.lock().retain(|session| !session.is_same(&self.handle));
        seats.left.notify_waiters();
    }
}
