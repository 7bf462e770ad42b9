//! The operator's calendar: days of the country's time zone with daylight saving time. Instants are UTC.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::locale::Locale;

/// Longest gap in a day: clocks of the zone were never moved forward by more than two hours.
const GAP_MINUTES_MAX: i64 = 180;

/// The time zone of the country.
pub fn zone() -> Tz {
    Locale::get().time_zone
}

/// The business day of this instant.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone()).date_naive()
}

/// The first instant of a business day.
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    instant(day.and_time(NaiveTime::MIN), Pick::Earlier)
}

/// The same local time `days` days later. If that time occurs twice, the second counts; if it does not occur, the first
/// instant after the gap. More days therefore never give an earlier instant.
pub fn days_after(at: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    if days == 0 {
        return at;
    }
    let local = at.with_timezone(&zone()).naive_local();
    match local.checked_add_days(Days::new(u64::from(days))) {
        Some(then) => instant(then, Pick::Later),
        // The calendar ends in the year 262142.
        None => DateTime::<Utc>::MAX_UTC,
    }
}

/// The same local time `days` days earlier. If that time occurs twice, the first counts.
pub fn days_before(at: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    if days == 0 {
        return at;
    }
    let local = at.with_timezone(&zone()).naive_local();
    match local.checked_sub_days(Days::new(u64::from(days))) {
        Some(then) => instant(then, Pick::Earlier),
        None => DateTime::<Utc>::MIN_UTC,
    }
}

/// Choice between two instants with one local time.
#[derive(Clone, Copy)]
enum Pick {
    Earlier,
    Later,
}

fn instant(local: NaiveDateTime, pick: Pick) -> DateTime<Utc> {
    match (zone().from_local_datetime(&local), pick) {
        (LocalResult::Single(at), _)
        | (LocalResult::Ambiguous(at, _), Pick::Earlier)
        | (LocalResult::Ambiguous(_, at), Pick::Later) => at.to_utc(),
        (LocalResult::None, _) => after_gap(local),
    }
}

/// The first instant after a local time that clocks skipped.
fn after_gap(local: NaiveDateTime) -> DateTime<Utc> {
    let whole_minute = local - TimeDelta::nanoseconds(local.and_utc().timestamp_subsec_nanos().into());
    let whole_minute = whole_minute - TimeDelta::seconds(local.and_utc().timestamp().rem_euclid(60));
    let later = (1..=GAP_MINUTES_MAX).filter_map(|minutes| {
        let candidate = whole_minute.checked_add_signed(TimeDelta::minutes(minutes))?;
        zone().from_local_datetime(&candidate).earliest()
    });
    later.map(|at| at.to_utc()).next().unwrap_or_else(|| local.and_utc())
}

/// Hours of each day in local time; `from` is included, `until` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub from: NaiveTime,
    /// Not before `from`.
    pub until: NaiveTime,
}

impl Hours {
    pub fn contain(&self, at: DateTime<Utc>) -> bool {
        let time = at.with_timezone(&zone()).time();
        self.from <= time && time < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_later_is_the_same_time_of_day_across_daylight_saving() {
        for (at, days, expected) in [
            // Clocks went forward on 29 March 2026 at 02:00, and back on 25 October 2026 at 03:00.
            ("2026-03-28T11:00:00Z", 1, "2026-03-29T10:00:00Z"),
            ("2026-10-24T10:00:00Z", 1, "2026-10-25T11:00:00Z"),
            // 02:30 does not occur: the first instant after the gap.
            ("2026-03-28T01:30:30.5Z", 1, "2026-03-29T01:00:00Z"),
            // 02:30 occurs twice: the second one.
            ("2026-10-24T00:30:00Z", 1, "2026-10-25T01:30:00Z"),
            // With a leap day, and without one.
            ("2028-02-28T12:00:00Z", 2, "2028-03-01T12:00:00Z"),
            ("2027-02-28T12:00:00Z", 1, "2027-03-01T12:00:00Z"),
            ("2026-11-22T12:00:00Z", 0, "2026-11-22T12:00:00Z"),
        ] {
            assert_eq!(days_after(utc(at), days), utc(expected), "{at} and {days}");
        }
        assert_eq!(days_before(utc("2026-03-30T10:00:00Z"), 2), utc("2026-03-28T11:00:00Z"));
        assert_eq!(days_before(utc("2026-10-26T01:30:00Z"), 1), utc("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_business_day_begins_at_local_midnight() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(start_of(day("2026-11-22")), utc("2026-11-21T23:00:00Z"));
        assert_eq!(start_of(day("2026-07-01")), utc("2026-06-30T22:00:00Z"));
        assert_eq!(day_of(utc("2026-11-21T22:59:59Z")), day("2026-11-21"));
        assert_eq!(day_of(utc("2026-11-21T23:00:00Z")), day("2026-11-22"));
    }

    #[test]
    fn hours_are_local() {
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let hours = Hours { from: time(9, 0), until: time(20, 30) };
        for (at, within) in [
            ("2026-11-22T07:59:59Z", false),
            ("2026-11-22T08:00:00Z", true),
            ("2026-07-01T07:00:00Z", true),
            ("2026-11-22T19:29:59Z", true),
            ("2026-11-22T19:30:00Z", false),
        ] {
            assert_eq!(hours.contain(utc(at)), within, "{at}");
        }
    }
}
