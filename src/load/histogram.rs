//! Distributions of times: their percentiles, and bars that people can read.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::text::grouped::grouped;

/// Characters of the longest bar.
const BAR: u64 = 50;

/// A distribution of times, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Times {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    pub mean: f64,
}

impl Times {
    /// `times` are in microseconds.
    pub(super) fn of(times: &Histogram<u64>) -> Self {
        let at = |quantile| milliseconds(times.value_at_quantile(quantile));
        let (max, mean) = (milliseconds(times.max()), times.mean() / 1_000.0);
        // The value of a quantile is the highest that is not told from it, which may be above the maximum.
        let at = |quantile| at(quantile).min(max);
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max, mean }
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    std::time::Duration::from_micros(microseconds).as_secs_f64() * 1_000.0
}

/// Number of times that are at most `to_ms` and above the bucket before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bucket {
    pub to_ms: f64,
    pub count: u64,
}

/// Counts times in buckets of 1, 2 and 5 times a power of ten, from the first that is not empty to the last.
pub(super) fn buckets(times: &Histogram<u64>) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    let (mut below, mut counted) = (0, 0);
    let steps = (1..=9).flat_map(|power| [1, 2, 5].map(|step| step * 10_u64.pow(power)));
    for to in steps {
        let count = if below == 0 { times.count_between(0, to) } else { times.count_between(below + 1, to) };
        // A time that cannot be told from a border may be counted on both of its sides.
        let count = count.min(times.len() - counted);
        below = to;
        counted += count;
        if count > 0 || !buckets.is_empty() {
            buckets.push(Bucket { to_ms: milliseconds(to), count });
        }
        if counted >= times.len() {
            break;
        }
    }
    buckets
}

/// A line for each bucket: its upper end, a bar, and its number.
pub(super) fn bars(buckets: &[Bucket]) -> String {
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0).max(1);
    let mut text = String::new();
    for bucket in buckets {
        let length = (bucket.count * BAR).div_ceil(most);
        let bar = "#".repeat(usize::try_from(length).unwrap_or(0));
        let line = format!("  to {:>8} ms  {bar:50}  {}", bucket.to_ms, grouped(bucket.count));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(times: &[u64]) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 3).unwrap();
        for &time in times {
            histogram.saturating_record(time);
        }
        histogram
    }

    #[test]
    fn each_time_is_in_one_bucket() {
        let buckets = buckets(&histogram(&[0, 5, 10, 11, 900, 1_000, 1_001, 1_999, 2_000, 40_000]));
        let counts: Vec<(f64, u64)> = buckets.iter().map(|bucket| (bucket.to_ms, bucket.count)).collect();
        let expected = [
            (0.01, 3),
            (0.02, 1),
            (0.05, 0),
            (0.1, 0),
            (0.2, 0),
            (0.5, 0),
            (1.0, 2),
            (2.0, 3),
            (5.0, 0),
            (10.0, 0),
            (20.0, 0),
            (50.0, 1),
        ];
        assert_eq!(counts, expected);
        assert_eq!(super::buckets(&histogram(&[])), []);
    }

    #[test]
    fn bars_are_as_long_as_their_counts() {
        let buckets = [(0.5, 2_000), (1.0, 0), (2.0, 1)].map(|(to_ms, count)| Bucket { to_ms, count });
        let expected = format!(
            "  to      0.5 ms  {}  2,000\n  to        1 ms  {}  0\n  to        2 ms  #{}  1\n",
            "#".repeat(50),
            " ".repeat(50),
            " ".repeat(49)
        );
        assert_eq!(bars(&buckets), expected);
    }

    #[test]
    fn percentiles_are_in_milliseconds() {
        let times = Times::of(&histogram(&(1..=1_000).map(|time| time * 1_000).collect::<Vec<_>>()));
        let near = |value: f64, expected: f64| (value - expected).abs() <= expected / 500.0;
        assert!(near(times.p50, 500.0) && near(times.p90, 900.0) && near(times.p99, 990.0), "{times:?}");
        assert!(near(times.p999, 999.0) && near(times.max, 1_000.0) && near(times.mean, 500.5), "{times:?}");
        assert_eq!(Times::of(&histogram(&[])), Times::default());
    }
}
