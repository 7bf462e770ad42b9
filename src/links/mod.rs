//! The transports: they receive, send and keep connections. They take no decisions about messages.
//!
//! - [`smpp`]: links to SMSCs as an ESME
//! - [`http`]: replies to gateways over HTTP
//! - [`clients`]: those who order top-ups under keys, over HTTP or ISO 8583
//! - [`iso8583`]: switches of cash machines
//! - [`admission`]: protection against strangers, the same for all servers
//! - [`faults`]: the limit of log lines that one peer may cause
//! - [`Links`]: all links by name, for the dispatcher
//! - `dialled`: a USSD string as a short code and a text
//! - [`SendOutcome`]: the outcome of an attempt to send

pub mod admission;
pub mod clients;
pub(crate) mod dialled;
pub mod faults;
pub mod http;
pub mod iso8583;
pub mod smpp;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::{OutboundSms, Report};

/// Replies in progress on a link that states no other number.
const PLACES: usize = 64;

/// The outcome of one attempt to send, named by the dispatcher's next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The other side took it.
    Sent {
        /// The peer's identifier of each part, if it gave one.
        remote_ids: Vec<Option<String>>,
    },
    /// The peer asked for less. The message is sent again after a pause, and this does not count as an attempt.
    Throttled,
    /// The other side refused it.
    Rejected {
        /// The reason, for staff.
        reason: String,
        /// True if the same message would be refused again.
        permanent: bool,
    },
    /// There is no session. Nothing was sent.
    NotBound,
    /// No connection could be opened. Nothing was sent.
    Unreachable {
        /// The text of the network's error.
        reason: String,
    },
    /// The first parts were taken and a later one was not. If the message were sent again, the first parts would come
    /// twice.
    Partial {
        /// The peer's identifier of each part that was taken, if it gave one.
        taken: Vec<Option<String>>,
        /// The number of all parts.
        of: usize,
        /// The outcome of the first part that was not taken.
        reason: String,
    },
    /// The message was sent and no answer came. The peer may have taken it.
    Unknown { reason: String },
}

impl fmt::Display for SendOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { .. } => f.write_str("sent"),
            Self::Throttled => f.write_str("the other side wants less"),
            Self::Rejected { reason, .. } | Self::Unreachable { reason } | Self::Unknown { reason } => {
                f.write_str(reason)
            }
            Self::NotBound => f.write_str("no session"),
            Self::Partial { taken, of, reason } => {
                let taken = taken.len();
                write!(f, "{taken} of {of} parts were taken, the next was not: {reason}")
            }
        }
    }
}

/// The state of a link, for monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Bound both ways, or its last reply was answered.
    Up,
    /// Not bound, or the last reply got no answer, or was refused for a reason other than the message.
    Down,
    /// No reply was sent lately, so that the state is unknown.
    Untried,
    /// A peer that binds to us has not done so. This is not a fault of the program.
    Unbound,
}

impl LinkState {
    pub const ALL: [Self; 4] = [Self::Up, Self::Down, Self::Untried, Self::Unbound];

    /// The name of the state in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Untried => "untried",
            Self::Unbound => "unbound",
        }
    }
}

/// The sending side of a link.
pub trait Outbound: fmt::Debug + Send + Sync {
    fn state(&self) -> LinkState {
        if self.is_ready() { LinkState::Up } else { LinkState::Down }
    }

    /// The reason why it is down, for staff, if it knows one.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Returns true if messages can come only while the link is up. An HTTP gateway may post while it takes no replies.
    fn carries_messages(&self) -> bool {
        true
    }

    /// Returns true if there is a session that can take a message now.
    fn is_ready(&self) -> bool;

    /// The number of replies that the link can use in progress; more would only wait in memory.
    fn places(&self) -> usize {
        PLACES
    }

    /// The number of those places for replies that have waited in the outbox. The others are for replies to new
    /// messages.
    fn places_for_old(&self) -> usize {
        self.places() * 3 / 4
    }

    /// Tries once. Returns when the peer has answered, or when the wait for its answer is over.
    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome>;

    /// Tries once to report the outcome of a message to the machine that submitted it. Only links whose peers can ask
    /// for such reports send them.
    fn report<'a>(&'a self, _sms: &'a OutboundSms, _report: &'a Report) -> BoxFuture<'a, SendOutcome> {
        let reason = "there are no reports on this link".to_owned();
        std::future::ready(SendOutcome::Rejected { reason, permanent: true }).boxed()
    }
}

/// All links by name.
#[derive(Debug, Clone, Default)]
pub struct Links(BTreeMap<String, Arc<dyn Outbound>>);

impl Links {
    /// Adds a link.
    pub fn insert(&mut self, name: impl Into<String>, link: Arc<dyn Outbound>) {
        self.0.insert(name.into(), link);
    }

    /// The link of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Outbound>> {
        self.0.get(name)
    }

    /// Returns the names of the links that can take a message now.
    pub fn ready(&self) -> Vec<String> {
        self.0.iter().filter(|(_, link)| link.is_ready()).map(|(name, _)| name.clone()).collect()
    }

    /// Returns all links with their names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Arc<dyn Outbound>)> {
        self.0.iter().map(|(name, link)| (name.as_str(), link))
    }

    /// Returns all names with the states of their links.
    pub fn states(&self) -> impl Iterator<Item = (&str, LinkState)> {
        self.0.iter().map(|(name, link)| (name.as_str(), link.state()))
    }
}
