//! Counters of a simulated peer, and its report.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::shared::Submitted;
use crate::smpp::CommandStatus;

/// Replies that are remembered to recognise a repeated one.
const REPLIES_KNOWN_MAX: usize = 1_000_000;

/// Results of the texts of a peer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub texts: u64,
    /// Submissions or deliveries, repeated ones included.
    pub sent: u64,
    /// Number of answers by status.
    pub answers: BTreeMap<String, u64>,
    /// Submissions or deliveries without an answer.
    pub unanswered: u64,
    /// Texts that were sent again after an OK.
    pub redelivered: u64,
    /// Texts that were given up, because every attempt had no answer or a temporary error.
    pub given_up: u64,
    /// Texts with a permanent error.
    pub refused: u64,
    /// Lines without a valid text.
    pub unread: u64,
    pub binds: u64,
    /// Messages that were received.
    pub replies: u64,
    /// Messages with the same text as an earlier one to the same phone, for example repeated confirmations.
    pub repeated_replies: u64,
    pub receipts: u64,
    /// Time from the first text sent to the last answer.
    pub seconds: f64,
    /// Rate of texts that were answered OK.
    pub texts_per_second: f64,
    /// Time from sending to the answer.
    pub answer_ms: Times,
}

impl Report {
    /// Returns true if each text was read and answered, and not all were refused. Some refusals may be intended by a
    /// test.
    pub const fn is_well(&self) -> bool {
        self.given_up == 0 && self.unread == 0 && (self.texts == 0 || self.refused < self.texts)
    }
}

/// A distribution of times, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Times {
    pub median: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    pub longest: f64,
}

/// Counters that all tasks of a peer share.
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
    /// Counts a text that is about to be sent; returns the number of texts, this one included.
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

    /// Builds the report of `texts` texts that took `seconds`.
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
        // Counters are consistent even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `sorted` is in ascending order.
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
