//! Settings of a run.

use std::sync::Arc;
use std::time::Duration;

use super::numbers::Numbers;
use super::template::{BadTemplate, Expected, Template, Values, minor};
use crate::simulator::Faults;
use crate::text::gloss::Confirmations;
use crate::text::segments::split;

/// The rule by which the next message is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Open loop: so many a second, whether the peer keeps up or not.
    Rate(f64),
    /// Closed loop: as soon as fewer messages than this are without their reply.
    InFlight(usize),
    /// As soon as the window has room.
    Window,
}

/// The texts of the messages and of their replies.
#[derive(Debug, Clone)]
pub struct Texts {
    pub(super) numbers: Numbers,
    amounts: Vec<u32>,
    pub(super) text: Template,
    pub(super) expected: Vec<Expected>,
    /// Decimals of the currency.
    pub(super) decimals: u32,
}

/// The right replies.
#[derive(Debug, Clone)]
pub enum Right {
    /// One of these templates.
    Templates(Vec<String>),
    /// A confirmation that the texts of the country have.
    Confirmations(Confirmations),
}

impl Texts {
    /// # Errors
    /// A template or an amount cannot be read, or there is none, or a text does not fit one SMS.
    pub fn new(
        numbers: Numbers,
        amounts: &[String],
        decimals: u32,
        text: &str,
        right: Right,
    ) -> Result<Self, BadTemplate> {
        let amounts = amounts.iter().map(|amount| minor(amount, decimals)).collect::<Result<Vec<_>, _>>()?;
        let expected = match right {
            Right::Templates(templates) => {
                templates.iter().map(|expected| Expected::parse(expected)).collect::<Result<Vec<_>, _>>()?
            }
            Right::Confirmations(texts) => vec![Expected::Confirmed(Arc::new(texts))],
        };
        if amounts.is_empty() || expected.is_empty() {
            return Err(BadTemplate::Nothing);
        }
        let text = Template::parse(text)?;
        for &minor in &amounts {
            let mut rendered = String::new();
            text.render(Values { n: 0, minor, decimals }, &mut rendered);
            if split(&rendered).len() > 1 {
                return Err(BadTemplate::TooLong(rendered));
            }
        }
        Ok(Self { numbers, amounts, text, expected, decimals })
    }

    pub(super) fn subscriber(&self, message: u32) -> u32 {
        message % self.numbers.count().max(1)
    }

    /// Amounts follow each other, from one subscriber to the next and from one message of a subscriber to his next.
    pub(super) fn values(&self, message: u32) -> Values {
        let (subscriber, round) = (self.subscriber(message), message / self.numbers.count().max(1));
        let place = (u64::from(subscriber) + u64::from(round)) % (self.amounts.len().max(1) as u64);
        let minor = usize::try_from(place).ok().and_then(|place| self.amounts.get(place)).copied().unwrap_or(0);
        Values { n: self.numbers.n(subscriber), minor, decimals: self.decimals }
    }

    /// Messages of one subscriber until an amount comes again.
    pub(super) const fn rounds(&self) -> usize {
        self.amounts.len()
    }
}

/// Settings that all sides share.
#[derive(Debug, Clone)]
pub struct Plan {
    pub texts: Texts,
    /// Number of messages; `None` for as many as fit in `seconds`.
    pub count: Option<u32>,
    /// Time in which messages are sent.
    pub seconds: Option<Duration>,
    pub pace: Pace,
    /// Messages of one session that may wait for an answer at once.
    pub window: usize,
    /// Number of sessions or connections.
    pub sessions: usize,
    /// Messages at the start that are not measured.
    pub warm_up: u32,
    /// Percentage of messages that are sent again after they were answered OK.
    pub redeliver_percent: u32,
    /// A connection is cut after each such number of sends.
    pub cut_after: Option<u64>,
    /// Number of cuts.
    pub cuts: u32,
    /// Statuses and delays of the answers to replies.
    pub faults: Faults,
    /// The run ends if nothing happens for this time.
    pub drain: Duration,
    /// Time for which further replies are awaited after the last one that was missing.
    pub linger: Duration,
    /// Tag of the parameter with the identifier of a message.
    pub message_id_tlv: Option<u16>,
    /// Processes whose CPU time and memory are measured.
    pub watched: Vec<Watched>,
}

/// A process that is watched, with its descendants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub name: String,
    pub pid: u32,
}
