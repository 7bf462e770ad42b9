//! The time of the next attempt: twice as long after each, with a random part, so that requests that failed together do
//! not come back together.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Time after the first attempt.
const FIRST: TimeDelta = TimeDelta::seconds(5);
/// Longest time between two attempts.
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// Longest time that another system may ask for.
pub(super) const ASKED_MAX: TimeDelta = TimeDelta::hours(6);
/// No attempt is further away.
pub(super) const FURTHEST: TimeDelta = TimeDelta::hours(7);
/// Doublings after which the time is the longest in any case.
const DOUBLINGS_MAX: u32 = 12;

/// The time of the attempt after `attempts`: not before the time that the other system asked for. `random` is any
/// identifier.
pub(super) fn next(
    attempts: u32,
    now: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
    random: Uuid,
) -> DateTime<Utc> {
    let doublings = attempts.saturating_sub(1).min(DOUBLINGS_MAX);
    let whole = (FIRST * 2_i32.pow(doublings)).min(LONGEST);
    let parts = i32::try_from(random.as_u128() % 1_000).unwrap_or_default();
    let wait = whole / 2 + whole / 2 * parts / 1_000;
    not_before.map_or(now + wait, |asked| asked.max(now + wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(attempts: u32, asked: Option<i64>, random: u128) -> i64 {
        let now = DateTime::UNIX_EPOCH;
        let asked = asked.map(|seconds| now + TimeDelta::seconds(seconds));
        (next(attempts, now, asked, Uuid::from_u128(random)) - now).num_seconds()
    }

    #[test]
    fn attempts_come_at_growing_intervals_with_a_random_part() {
        assert_eq!([1, 2, 3, 4].map(|attempts| seconds(attempts, None, 0)), [2, 5, 10, 20]);
        assert_eq!([1, 2, 3, 4].map(|attempts| seconds(attempts, None, 999)), [4, 9, 19, 39]);
        assert_eq!([9, 50, u32::MAX].map(|attempts| seconds(attempts, None, 0)), [450; 3]);
    }

    #[test]
    fn the_other_system_may_ask_for_more_time_and_not_for_less() {
        assert_eq!([Some(0), Some(60), None].map(|asked| seconds(1, asked, 0)), [2, 60, 2]);
    }
}
