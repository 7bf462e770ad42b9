//! What either simulated peer counts while it is under way, and its report.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::shared::Submitted;
use crate::smpp::CommandStatus;

/// Replies that are remembered to know a repeated one.
const REPLIES_KNOWN_MAX: usize = 1_000_000;

/// What became of a peer's texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Texts that were to be sent.
    pub texts: u64,
    /// Times that a text was sent, repeated ones included.
    pub sent: u64,
    /// Answers by status.
    pub answers: BTreeMap<String, u64>,
    /// Texts sent that nobody answered.
    pub unanswered: u64,
    /// Texts that were sent again though they had been answered OK.
    pub redelivered: u64,
    /// Texts that were given up, because nobody answered or the answer was "not now" each time.
    pub given_up: u64,
    /// Texts that were refused for good.
    pub refused: u64,
    /// Lines that held no text.
    pub unread: u64,
    /// Sessions that were bound.
    pub binds: u64,
    /// Messages that came.
    pub replies: u64,
    /// Messages that said what one before had said, to the same phone: a confirmation that came twice is among them.
    pub repeated_replies: u64,
    /// Delivery receipts that came.
    pub receipts: u64,
    /// From the first text sent to the last answer.
    pub seconds: f64,
    /// Texts that were answered OK, a second.
    pub texts_per_second: f64,
    /// Times from sending to the answer.
    pub answer_ms: Times,
}

impl Report {
    /// Tells whether each text was read and answered, and not all of them were refused. That some are may be what is tried.
    pub const fn is_well(&self) -> bool {
        self.given_up == 0 && self.unread == 0 && (self.texts == 0 || self.refused < self.texts)
    }
}

/// A distribution of times, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Times {
    /// Half are shorter.
    pub median: f64,
    /// 90 of 100 are shorter.
    pub p90: f64,
    /// 99 of 100 are shorter.
    pub p99: f64,
    /// None is longer.
    pub longest: f64,
}

/// Counts that all tasks of a peer share.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    report: Report,
    times: Vec<Duration>,
    hasher: RandomState,
    replies: HashSet<u64>,
}

impl Tally {
    /// A text is about to be sent; how many were, with it.
    pub(super) fn sent(&self) -> u64 {
        let mut counts = self.lock();
        counts.report.sent += 1;
        counts.report.sent
    }

    pub(super) fn answered(&self, status: CommandStatus, after: Duration) {
        let mut counts = self.lock();
        let name = status.name().map_or_else(|| status.to_string(), str::to_owned);
        *counts.report.answers.entry(name).or_default() += 1;
        counts.times.push(after);
    }

    pub(super) fn unanswered(&self) {
        self.lock().report.unanswered += 1;
    }

    pub(super) fn redelivered(&self) {
        self.lock().report.redelivered += 1;
    }

    pub(super) fn given_up(&self) {
        self.lock().report.given_up += 1;
    }

    pub(super) fn refused(&self) {
        self.lock().report.refused += 1;
    }

    pub(super) fn unread(&self) {
        self.lock().report.unread += 1;
    }

    pub(super) fn bound(&self) {
        self.lock().report.binds += 1;
    }

    pub(super) fn receipt(&self) {
        self.lock().report.receipts += 1;
    }

    pub(super) fn reply(&self, reply: &Submitted) {
        let mut counts = self.lock();
        counts.report.replies += 1;
        let known = counts.hasher.hash_one((&reply.from, &reply.to, &reply.text));
        if counts.replies.contains(&known) {
            counts.report.repeated_replies += 1;
        } else if counts.replies.len() < REPLIES_KNOWN_MAX {
            counts.replies.insert(known);
        }
    }

    /// The report of so many texts, which took so long.
    pub(super) fn report(&self, texts: u64, seconds: f64) -> Report {
        let mut counts = self.lock();
        counts.times.sort_unstable();
        let answer_ms = times(&counts.times);
        let report = counts.report.clone();
        let ok = report.answers.get("ESME_ROK").copied().unwrap_or(0).saturating_sub(report.redelivered);
        let texts_per_second = u32::try_from(ok).map_or(0.0, f64::from) / seconds.max(f64::EPSILON);
        Report { texts, seconds, texts_per_second, answer_ms, ..report }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Counts only: they are whole even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of times in their order.
fn times(sorted: &[Duration]) -> Times {
    let time = |of_hundred: usize| {
        let time = sorted.get(sorted.len() * of_hundred / 100).or(sorted.last());
        time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    Times { median: time(50), p90: time(90), p99: time(99), longest: time(100) }
}

#[cfg(test)]
mod tests {
    use super::super::faults::is_chosen;
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let all: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(times(&all), Times { median: 51.0, p90: 91.0, p99: 100.0, longest: 100.0 });
        assert_eq!(times(&[]), Times::default());
    }

    #[test]
    fn so_many_of_a_hundred_are_chosen() {
        for percent in [0, 1, 20, 33, 100] {
            assert_eq!((0..1_000).filter(|&number| is_chosen(number, percent)).count(), 10 * percent as usize);
        }
    }

    #[test]
    fn a_reply_that_says_the_same_again_is_noticed() {
        let tally = Tally::default();
        let at = chrono::DateTime::default();
        let reply = |text: &str| Submitted {
            from: "50005".into(),
            to: "38349111222".into(),
            text: text.into(),
            segments: 1,
            id: String::new(),
            at,
            ussd_service_op: None,
        };
        for text in ["2.00 EUR, AAAA", "2.00 EUR, BBBB", "2.00 EUR, AAAA"] {
            tally.reply(&reply(text));
        }
        let report = tally.report(0, 0.0);
        assert_eq!((report.replies, report.repeated_replies), (3, 1));
    }
}
