//! The report of a run, as an object and as text.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::histogram::{Bucket, Times, bars};
use crate::text::grouped::grouped;

/// Results of a run. Counts are of messages unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// `smsc`, `esme` or `http`.
    pub side: &'static str,
    pub sent: u64,
    /// Number of sends, those of a message again included.
    pub sends: u64,
    /// Answered OK.
    pub answered: u64,
    /// Answered with a lasting error, or too often with a temporary one.
    pub refused: u64,
    /// Sent again after they were answered OK.
    pub redelivered: u64,
    /// Sent again because their connection ended before the answer.
    pub resent: u64,
    /// Connections that were cut.
    pub cuts: u64,
    /// Confirmed by the expected reply.
    pub replied: u64,
    /// Without any reply, and not refused.
    pub missing: u64,
    /// Further replies to confirmed messages, with the same or another text.
    pub duplicates: u64,
    /// Those of the duplicates that have another text than the first reply.
    pub duplicates_with_other_text: u64,
    /// Replies that came again because a cut connection may have lost the answer to them.
    pub repeated_after_cut: u64,
    /// Replies to messages that were sent again: they were done before.
    pub notices: u64,
    /// Replies with another text than the expected one.
    pub wrong: u64,
    /// Replies to numbers that no message was sent from.
    pub unexpected: u64,
    /// Parts of long replies after the first.
    pub segments: u64,
    /// Delivery receipts.
    pub receipts: u64,
    /// Replies that were answered with an error, as `--error-percent` asks for.
    pub replies_refused: u64,
    pub binds: u64,
    /// Number of answers by status.
    pub statuses: BTreeMap<String, u64>,
    /// Time from the first measured send to the last measured reply.
    pub seconds: f64,
    /// Rate of messages that were answered OK, until the last answer.
    pub answers_per_second: f64,
    pub replies_per_second: f64,
    /// The same without the first and the last tenth of the replies.
    pub replies_per_second_middle: f64,
    /// From a send to its answer.
    pub answer_ms: Times,
    /// From the instant at which a message was due to its reply.
    pub reply_ms: Times,
    /// From the instant at which a message was due to its send.
    pub late_ms: Times,
    pub answer_histogram: Vec<Bucket>,
    pub reply_histogram: Vec<Bucket>,
    /// CPU time of this program; `None` if the system does not tell.
    pub own_cpu_seconds: Option<f64>,
    pub watched: Vec<Usage>,
}

/// CPU time and memory of a watched process and its descendants.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Usage {
    pub name: String,
    /// User and system time from the first measured send to the last reply.
    pub cpu_seconds: f64,
    /// The largest sum of the resident memory of all of them.
    pub rss_peak_mib: f64,
}

impl Report {
    /// Every message was confirmed, exactly once.
    pub const fn is_flawless(&self) -> bool {
        self.refused == 0 && self.missing == 0 && self.duplicates == 0 && self.wrong == 0 && self.unexpected == 0
    }
}

impl Report {
    /// Counts that are shown even if they are 0, then those that are not.
    fn counts(&self) -> Vec<(&'static str, u64)> {
        let always = [
            ("sent", self.sent),
            ("answered", self.answered),
            ("refused", self.refused),
            ("replied", self.replied),
            ("missing", self.missing),
            ("duplicates", self.duplicates),
            ("wrong", self.wrong),
            ("unexpected", self.unexpected),
        ];
        let others = [
            ("sent again after an answer", self.redelivered),
            ("sent again after a lost connection", self.resent),
            ("connections cut", self.cuts),
            ("told that it was done before", self.notices),
            ("replied again after a cut", self.repeated_after_cut),
            ("replies answered with an error", self.replies_refused),
            ("further segments", self.segments),
            ("receipts", self.receipts),
        ];
        always.into_iter().chain(others.into_iter().filter(|(_, count)| *count > 0)).collect()
    }

    fn usage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |seconds: f64| {
            let replied = u32::try_from(self.replied).map_or(f64::MAX, f64::from).max(1.0);
            seconds * 1e6 / replied
        };
        if let Some(seconds) = self.own_cpu_seconds {
            writeln!(f, "CPU of mbush load: {seconds:.2} s, {:.1} us a message", each(seconds))?;
        }
        for Usage { name, cpu_seconds, rss_peak_mib } in &self.watched {
            let each = each(*cpu_seconds);
            writeln!(f, "CPU of {name}: {cpu_seconds:.2} s, {each:.1} us a message; memory {rss_peak_mib:.0} MiB")?;
        }
        Ok(())
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, p999, max, mean } = self;
        write!(
            f,
            "p50 {p50:.2}  p90 {p90:.2}  p99 {p99:.2}  p99.9 {p999:.2}  max {max:.2}  mean {mean:.2} milliseconds"
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in self.counts() {
            writeln!(f, "{:>12}  {what}", grouped(count))?;
        }
        for (status, count) in &self.statuses {
            writeln!(f, "{:>12}  answers {status}", grouped(*count))?;
        }
        let Self { seconds, replies_per_second: all, replies_per_second_middle: middle, .. } = self;
        writeln!(f, "\n{seconds:.3} seconds: {all:.0} replies a second; {middle:.0} in the middle 80 %")?;
        self.usage(f)?;
        for (what, times, buckets) in [
            ("from the send to the answer", &self.answer_ms, &self.answer_histogram),
            ("from the time due to the reply", &self.reply_ms, &self.reply_histogram),
        ] {
            writeln!(f, "\n{what}\n  {times}\n{}", bars(buckets).trim_end())?;
        }
        writeln!(f, "\nfrom the time due to the send\n  {}", self.late_ms)
    }
}
