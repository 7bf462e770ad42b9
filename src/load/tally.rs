//! Counters and times of a run.

use std::collections::BTreeMap;

use hdrhistogram::{CreationError, Histogram};

use super::histogram::{Times, buckets};
use super::judge::Judgement;
use super::report::Report;
use super::status::Status;

/// Longest time that is told from longer ones: an hour, in microseconds.
const LONGEST: u64 = 3_600_000_000;
/// Digits of a time that are kept.
const DIGITS: u8 = 3;
const MICROSECOND: u64 = 1_000;
/// Nanoseconds in the unit of [`Tally::instants`].
const INSTANT_UNIT: u64 = 100_000;

/// Number of replies by what they were to their message.
#[derive(Debug, Default)]
struct Judgements {
    replied: u64,
    repeated: u64,
    other: u64,
    resent: u64,
    notices: u64,
    wrong: u64,
    unexpected: u64,
}

/// Numbers for a line of progress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) sent: u64,
    pub(super) answered: u64,
    pub(super) replied: u64,
}

#[derive(Debug)]
pub(super) struct Tally {
    warm_up: u32,
    /// Sends so far, those of a message again included.
    pub(super) sends: u64,
    pub(super) answered: u64,
    pub(super) refused: u64,
    pub(super) redelivered: u64,
    /// Messages that were sent again because their connection ended.
    pub(super) resent: u64,
    pub(super) cuts: u64,
    pub(super) segments: u64,
    pub(super) receipts: u64,
    /// Replies that this side answered with an error.
    pub(super) replies_refused: u64,
    pub(super) binds: u64,
    sent: u64,
    statuses: BTreeMap<Status, u64>,
    judgements: Judgements,
    answer: Histogram<u64>,
    reply: Histogram<u64>,
    /// Time from the instant at which a message was due until it was written.
    late: Histogram<u64>,
    /// The first send that is measured.
    first: Option<u64>,
    last: u64,
    last_answer: u64,
    /// Instant of each measured reply.
    instants: Vec<u32>,
}

impl Tally {
    /// # Errors
    /// Never with these bounds; the histograms check them.
    pub(super) fn new(warm_up: u32) -> Result<Self, CreationError> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST, DIGITS);
        Ok(Self {
            warm_up,
            sends: 0,
            sent: 0,
            answered: 0,
            refused: 0,
            redelivered: 0,
            resent: 0,
            cuts: 0,
            segments: 0,
            receipts: 0,
            replies_refused: 0,
            binds: 0,
            statuses: BTreeMap::new(),
            judgements: Judgements::default(),
            answer: histogram()?,
            reply: histogram()?,
            late: histogram()?,
            first: None,
            last: 0,
            last_answer: 0,
            instants: Vec::new(),
        })
    }

    /// Returns true for the first send that is measured.
    pub(super) fn sent(&mut self, message: u32, sends: u8, now: u64, due: u64) -> bool {
        self.sends += 1;
        if sends > 1 {
            return false;
        }
        self.sent += 1;
        if message < self.warm_up {
            return false;
        }
        self.late.saturating_record(now.saturating_sub(due) / MICROSECOND);
        let is_first = self.first.is_none();
        self.first = self.first.or(Some(now));
        is_first
    }

    /// `after` is the time since the send.
    pub(super) fn answered(&mut self, message: u32, status: Status, after: u64, now: u64) {
        *self.statuses.entry(status).or_default() += 1;
        if message >= self.warm_up {
            self.answer.saturating_record(after / MICROSECOND);
            self.last_answer = now;
        }
    }

    /// `after` is the time since the message was due.
    pub(super) fn replied(&mut self, message: Option<u32>, judgement: Judgement, after: u64, now: u64) {
        let judgements = &mut self.judgements;
        *match judgement {
            Judgement::Confirmed => &mut judgements.replied,
            Judgement::Repeated => &mut judgements.repeated,
            Judgement::Other => &mut judgements.other,
            Judgement::Resent => &mut judgements.resent,
            Judgement::Notice => &mut judgements.notices,
            Judgement::Wrong => &mut judgements.wrong,
            Judgement::Unexpected => &mut judgements.unexpected,
        } += 1;
        if judgement == Judgement::Confirmed && message.is_some_and(|message| message >= self.warm_up) {
            self.reply.saturating_record(after / MICROSECOND);
            self.last = now;
            self.instants.push(u32::try_from(now / INSTANT_UNIT).unwrap_or(u32::MAX));
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let Self { sent, answered, judgements, .. } = self;
        Progress { sent: *sent, answered: *answered, replied: judgements.replied }
    }

    /// The report, without what other modules measure.
    pub(super) fn report(&self, missing: u64) -> Report {
        let judgements = &self.judgements;
        let until = |last: u64| self.first.map_or(0.0, |first| seconds(last.saturating_sub(first)));
        let seconds = until(self.last);
        Report {
            sent: self.sent,
            sends: self.sends,
            answered: self.answered,
            refused: self.refused,
            redelivered: self.redelivered,
            resent: self.resent,
            cuts: self.cuts,
            replied: judgements.replied,
            missing,
            duplicates: judgements.repeated + judgements.other,
            duplicates_with_other_text: judgements.other,
            repeated_after_cut: judgements.resent,
            notices: judgements.notices,
            wrong: judgements.wrong,
            unexpected: judgements.unexpected,
            segments: self.segments,
            receipts: self.receipts,
            replies_refused: self.replies_refused,
            binds: self.binds,
            statuses: self.statuses.iter().map(|(status, count)| (status.to_string(), *count)).collect(),
            seconds,
            answers_per_second: rate(measured(self.answered, self.warm_up), until(self.last_answer)),
            replies_per_second: rate(self.instants.len(), seconds),
            replies_per_second_middle: middle(&self.instants),
            answer_ms: Times::of(&self.answer),
            reply_ms: Times::of(&self.reply),
            late_ms: Times::of(&self.late),
            answer_histogram: buckets(&self.answer),
            reply_histogram: buckets(&self.reply),
            ..Report::default()
        }
    }
}

/// Number of messages without those of the warm-up.
fn measured(messages: u64, warm_up: u32) -> usize {
    usize::try_from(messages.saturating_sub(u64::from(warm_up))).unwrap_or(usize::MAX)
}

fn seconds(nanoseconds: u64) -> f64 {
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64()
}

fn rate(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 { u32::try_from(count).map_or(0.0, f64::from) / seconds } else { 0.0 }
}

/// The rate without the first and the last tenth of the replies.
fn middle(instants: &[u32]) -> f64 {
    let mut sorted = instants.to_vec();
    sorted.sort_unstable();
    let tenth = sorted.len() / 10;
    let middle = sorted.get(tenth..sorted.len() - tenth).unwrap_or_default();
    match middle {
        [first, .., last] => rate(middle.len() - 1, seconds(u64::from(last - first) * INSTANT_UNIT)),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::CommandStatus;

    #[test]
    fn the_middle_leaves_out_a_slow_start_and_a_slow_end() {
        let mut instants: Vec<u32> = (0..100).map(|number| 100_000 + number * 10).collect();
        instants[0] = 0;
        instants[99] = 900_000;
        assert!((middle(&instants) - 1_000.0).abs() < 0.001, "{}", middle(&instants));
        assert_eq!([middle(&[]), middle(&[7]), middle(&[7, 7])].map(|rate| rate.to_string()), ["0", "0", "0"]);
    }

    #[test]
    fn messages_of_the_warm_up_are_counted_and_not_measured() {
        let mut tally = Tally::new(1).unwrap();
        assert!(!tally.sent(0, 1, 1_000, 0));
        assert!(tally.sent(1, 1, 2_000_000, 0));
        assert!(!tally.sent(1, 2, 3_000_000, 0));
        for message in [0, 1] {
            tally.answered(message, Status::Smpp(CommandStatus::OK), 7_000_000, 9_000_000);
            tally.replied(Some(message), Judgement::Confirmed, 9_000_000, 12_000_000);
        }
        let report = tally.report(0);
        assert_eq!((report.sent, report.sends, report.replied, report.missing), (2, 3, 2, 0));
        assert_eq!(report.statuses["ESME_ROK"], 2);
        let counted: u64 = report.reply_histogram.iter().map(|bucket| bucket.count).sum();
        assert_eq!((counted, report.late_ms.max), (1, 2.0));
        assert!((report.seconds - 0.01).abs() < 0.000_1, "{}", report.seconds);
    }
}
