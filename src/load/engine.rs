//! Bookkeeping of a run: which message is sent when, and what became of each. It knows no sockets; instants are
//! nanoseconds since the start of the program's clock.

use std::collections::VecDeque;

use hdrhistogram::CreationError;

use super::flight::{Ending, Flight, REPLIED_UNIT};
use super::judge::{Judgement, Reply, judge};
use super::plan::{Pace, Plan};
use super::status::Status;
use super::tally::Tally;
use crate::simulator::is_chosen;

/// Wait before a message that was refused temporarily is sent again.
const AGAIN_AFTER: u64 = 500_000_000;
/// Times that one message is sent before it is given up.
const ATTEMPTS_MAX: u8 = 10;
/// Subscribers that are looked at for one without a message in flight.
const LOOK_AHEAD: u32 = 1_024;
/// A reply whose answer was written this long before its connection was cut may come again.
const ANSWER_LOST_WITHIN: u64 = 1_000_000_000;

/// The next step of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Send(u32),
    /// The next message is due later.
    Later,
    /// Something has to happen first.
    Nothing,
}

#[derive(Debug)]
pub(super) struct Engine {
    pub(super) plan: Plan,
    pub(super) tally: Tally,
    pub(super) flights: Vec<Flight>,
    /// Messages to send again at once.
    again: VecDeque<u32>,
    /// Messages to send again later, the earliest first.
    later: VecDeque<(u64, u32)>,
    started: Option<u64>,
    /// New messages so far.
    pub(super) count: u32,
    /// Messages without their reply.
    pub(super) open: usize,
    /// Sends without an answer.
    unanswered: usize,
    cuts: Vec<u64>,
    pub(super) last_event: u64,
    /// The first message that is measured was just sent.
    pub(super) begins: bool,
}

impl Engine {
    /// # Errors
    /// As [`Tally::new`].
    pub(super) fn new(plan: Plan) -> Result<Self, CreationError> {
        let room = usize::try_from(plan.count.unwrap_or(0)).unwrap_or(0);
        Ok(Self {
            tally: Tally::new(plan.warm_up)?,
            flights: Vec::with_capacity(room),
            again: VecDeque::new(),
            later: VecDeque::new(),
            started: None,
            count: 0,
            open: 0,
            unanswered: 0,
            cuts: Vec::new(),
            last_event: 0,
            begins: false,
            plan,
        })
    }

    pub(super) const fn start(&mut self, now: u64) {
        self.started = Some(now);
        self.last_event = now;
    }

    /// Sends of one session that may wait for an answer: in a closed loop, each session has its share.
    pub(super) fn window(&self) -> usize {
        let share = match self.plan.pace {
            Pace::InFlight(most) => most.div_ceil(self.plan.sessions.max(1)),
            Pace::Rate(_) | Pace::Window => usize::MAX,
        };
        self.plan.window.min(share).max(1)
    }

    /// The next message to send, if one may be sent now.
    pub(super) fn next(&mut self, now: u64) -> Next {
        if let Some(message) = self.again.pop_front() {
            return Next::Send(message);
        }
        if let Some((_, message)) = self.later.pop_front_if(|(at, _)| *at <= now) {
            return Next::Send(message);
        }
        let due = match self.due(now) {
            Ok(due) => due,
            Err(next) => return next,
        };
        let Some(message) = self.free() else { return Next::Nothing };
        self.flights.push(Flight { due, ..Flight::default() });
        self.count += 1;
        self.open += 1;
        Next::Send(message)
    }

    /// Returns whether [`Self::next`] has a message.
    pub(super) fn has_next(&self, now: u64) -> bool {
        !self.again.is_empty() || self.later.front().is_some_and(|(at, _)| *at <= now) || self.due(now).is_ok()
    }

    /// The instant from which the latency of the next new message counts.
    fn due(&self, now: u64) -> Result<u64, Next> {
        let Some(started) = self.started else { return Err(Next::Nothing) };
        if self.is_exhausted(now) {
            return Err(Next::Nothing);
        }
        match self.plan.pace {
            Pace::Rate(rate) => {
                let due = started + after(self.count, rate);
                if due <= now { Ok(due) } else { Err(Next::Later) }
            }
            Pace::InFlight(most) if self.open >= most => Err(Next::Nothing),
            Pace::InFlight(_) | Pace::Window => Ok(now),
        }
    }

    /// No new message will be sent.
    pub(super) fn is_exhausted(&self, now: u64) -> bool {
        let is_all = self.plan.count.is_some_and(|count| self.count >= count);
        is_all
            || self.started.zip(self.plan.seconds).is_some_and(|(started, seconds)| {
                let at = match self.plan.pace {
                    Pace::Rate(rate) => started + after(self.count, rate),
                    Pace::InFlight(_) | Pace::Window => now,
                };
                u128::from(at.saturating_sub(started)) >= seconds.as_nanos()
            })
    }

    /// The number of the next new message, whose subscriber has no message in flight.
    fn free(&mut self) -> Option<u32> {
        let next = u32::try_from(self.flights.len()).ok()?;
        let pool = self.plan.texts.numbers.count();
        let skipped = (0..LOOK_AHEAD.min(pool)).find(|skipped| !self.is_busy(next.saturating_add(*skipped), pool))?;
        for _ in 0..skipped {
            self.flights.push(Flight { ending: Ending::Skipped, ..Flight::default() });
        }
        next.checked_add(skipped)
    }

    fn is_busy(&self, message: u32, pool: u32) -> bool {
        let mut earlier = message.checked_sub(pool);
        while let Some(place) = earlier {
            match self.flight(place).map(|flight| flight.ending) {
                Some(Ending::Skipped) => earlier = place.checked_sub(pool),
                ending => return ending == Some(Ending::Open),
            }
        }
        false
    }

    fn flight(&self, message: u32) -> Option<&Flight> {
        self.flights.get(usize::try_from(message).ok()?)
    }

    fn flight_mut(&mut self, message: u32) -> Option<&mut Flight> {
        self.flights.get_mut(usize::try_from(message).ok()?)
    }

    /// Counts a send; returns true if the connection is to be cut after it.
    pub(super) fn sent(&mut self, message: u32, now: u64) -> bool {
        self.last_event = now;
        self.unanswered += 1;
        let mut sends = 0;
        let mut due = now;
        if let Some(flight) = self.flight_mut(message) {
            flight.sends = flight.sends.saturating_add(1);
            (sends, due) = (flight.sends, flight.due);
        }
        self.begins |= self.tally.sent(message, sends, now, due);
        let is_cut = self.plan.cut_after.is_some_and(|after| self.tally.sends.is_multiple_of(after.max(1)));
        is_cut && self.cuts.len() < usize::try_from(self.plan.cuts).unwrap_or(usize::MAX)
    }

    /// Counts a cut of a connection by this side.
    pub(super) fn cut(&mut self, now: u64) {
        self.cuts.push(now);
        self.tally.cuts += 1;
    }

    /// The connection ended before the answer.
    pub(super) fn lost(&mut self, message: u32) {
        self.unanswered = self.unanswered.saturating_sub(1);
        self.tally.resent += 1;
        self.again.push_back(message);
    }

    /// Takes the answer to a send at `sent`.
    pub(super) fn answered(&mut self, message: u32, sent: u64, status: Status, now: u64) {
        self.last_event = now;
        self.unanswered = self.unanswered.saturating_sub(1);
        self.tally.answered(message, status, now.saturating_sub(sent), now);
        let is_chosen = is_chosen(u64::from(message), self.plan.redeliver_percent);
        let Some(flight) = self.flight_mut(message) else { return };
        if status.is_ok() {
            let is_first = !std::mem::replace(&mut flight.is_answered, true);
            let is_again = is_chosen && !std::mem::replace(&mut flight.is_redelivered, true);
            self.tally.answered += u64::from(is_first);
            if is_again {
                self.tally.redelivered += 1;
                self.again.push_back(message);
            }
        } else if status.is_transient() && flight.sends < ATTEMPTS_MAX {
            self.later.push_back((now + AGAIN_AFTER, message));
        } else if flight.ending == Ending::Open && !flight.is_answered {
            flight.ending = Ending::Refused;
            self.tally.refused += 1;
            self.open = self.open.saturating_sub(1);
        }
    }

    /// Takes a reply to the phone `to`.
    pub(super) fn replied(&mut self, to: &str, text: &str, now: u64) {
        self.last_event = now;
        let reply = Reply { to, text, hash: hash(text) };
        let (message, judgement) = judge(&self.plan.texts, &self.flights, reply, self.cuts.len(), |flight| {
            let replied = u64::from(flight.replied) * REPLIED_UNIT;
            self.cuts.iter().any(|&cut| replied <= cut + REPLIED_UNIT && replied + ANSWER_LOST_WITHIN >= cut)
        });
        let mut due = now;
        if let Some(flight) = message.and_then(|message| self.flight_mut(message)) {
            let was_open = flight.ending == Ending::Open;
            due = flight.due;
            match judgement {
                Judgement::Confirmed => {
                    flight.replied = u32::try_from(now / REPLIED_UNIT).unwrap_or(u32::MAX);
                    flight.hash = reply.hash;
                    flight.ending = Ending::Replied;
                }
                Judgement::Wrong if was_open => flight.ending = Ending::Wrong,
                Judgement::Notice => flight.notices = flight.notices.saturating_add(1),
                _ => {}
            }
            let is_closed = was_open && flight.ending != Ending::Open;
            self.open = self.open.saturating_sub(usize::from(is_closed));
        }
        self.tally.replied(message, judgement, now.saturating_sub(due), now);
    }

    /// Everything was sent, answered and replied to.
    pub(super) fn is_done(&self, now: u64) -> bool {
        self.started.is_some()
            && self.open == 0
            && self.unanswered == 0
            && self.again.is_empty()
            && self.later.is_empty()
            && self.is_exhausted(now)
    }

    /// Nothing has happened for the planned time, and no message is due.
    pub(super) fn is_stuck(&self, now: u64) -> bool {
        let is_waiting = matches!(self.plan.pace, Pace::Rate(_)) && !self.is_exhausted(now);
        let quiet = u128::from(now.saturating_sub(self.last_event));
        self.started.is_some() && !is_waiting && quiet >= self.plan.drain.as_nanos()
    }

    /// Messages that were answered, or whose answer is unknown, and that have no reply.
    pub(super) fn missing(&self) -> u64 {
        self.flights.iter().filter(|flight| flight.ending == Ending::Open).count() as u64
    }
}

/// The time of `count` messages at a rate, in nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive, runs short")]
fn after(count: u32, rate: f64) -> u64 {
    (f64::from(count) * 1e9 / rate) as u64
}

/// FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
