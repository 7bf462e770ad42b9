//! The shells around transports: sockets in, sockets out, and nothing decided here.
//!
//! - [`smpp`]: links to SMSCs as an ESME
//! - [`http`]: replies to gateways over HTTP
//! - [`clients`]: who orders top-ups under keys, by whatever door
//! - [`iso8583`]: switches of cash machines
//! - [`doors`]: what keeps strangers out, at all doors in one way
//! - [`faults`]: how many log lines a peer may cause
//! - [`Links`]: all links by name, for the dispatcher
//! - [`dialled`]: a USSD string as a short code and a text
//! - [`SendOutcome`]: what became of an attempt to send

pub mod clients;
pub(crate) mod dialled;
pub mod doors;
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

/// What became of one attempt to send, named by what the dispatcher does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The other side took it.
    Sent {
        /// Identifier at the other side of each of its parts, where it gave one.
        remote_ids: Vec<Option<String>>,
    },
    /// The other side is there and wants less: again in a moment, and it is not counted as an attempt.
    Throttled,
    /// The other side refused it.
    Rejected {
        /// Why, for staff.
        reason: String,
        /// The same again would be refused again.
        permanent: bool,
    },
    /// There is no session: it was not sent.
    NotBound,
    /// Nobody answers at its address: nothing was sent.
    Unreachable {
        /// The network's own words.
        reason: String,
    },
    /// Its first parts were taken and a later one was not: sent again, they would come twice.
    Partial {
        /// Identifier at the other side of each of the parts that were taken, where it gave one.
        taken: Vec<Option<String>>,
        /// How many parts there are.
        of: usize,
        /// What became of the next one.
        reason: String,
    },
    /// It was sent and nobody answered: it may have been taken.
    Unknown {
        /// What happened.
        reason: String,
    },
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

/// How a link is now, for who watches the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Bound both ways, or its last reply was answered.
    Up,
    /// Not bound, or its last reply was not answered, or refused whatever it was.
    Down,
    /// Nothing was sent to it lately: nobody knows.
    Untried,
    /// It binds to us and has not: that is its own affair.
    Unbound,
}

impl LinkState {
    /// As it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Untried => "untried",
            Self::Unbound => "unbound",
        }
    }
}

/// A link's way out.
pub trait Outbound: fmt::Debug + Send + Sync {
    /// How the link is.
    fn state(&self) -> LinkState {
        if self.is_ready() { LinkState::Up } else { LinkState::Down }
    }

    /// Whether there is a session that could take a message now.
    fn is_ready(&self) -> bool;

    /// Tries once. Returns when the other side has answered or the wait for it is over.
    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome>;

    /// Tries once to tell the machine that submitted a message how that ended. Only links whose peers can ask for such
    /// reports send them.
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

    /// Names of the links that could take a message now.
    pub fn ready(&self) -> Vec<String> {
        self.0.iter().filter(|(_, link)| link.is_ready()).map(|(name, _)| name.clone()).collect()
    }

    /// All names, and how each is.
    pub fn states(&self) -> impl Iterator<Item = (&str, LinkState)> {
        self.0.iter().map(|(name, link)| (name.as_str(), link.state()))
    }
}
