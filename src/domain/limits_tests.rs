//! Limits at their boundaries: the last cent, the last minute, midnight with daylight saving changes, and any sequence
//! of top-ups.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::*;

const EVERYTHING: UsageLimits = UsageLimits {
    day: Allowance { amount_max: None, count_max: None },
    month: Allowance { amount_max: None, count_max: None },
    velocity: Vec::new(),
};

fn minor(amount: i64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn target() -> AccountKey {
    AccountKey::subscriber("38349123456".parse().unwrap())
}

fn payer(limits: UsageLimits) -> Limits {
    Limits { payer: limits, ..Limits::default() }
}

/// Checks limits and counts top-ups, as the program does.
#[derive(Debug, Default)]
struct Book(HashMap<UsageKey, Usage>);

impl Book {
    fn top_up(&mut self, limits: &Limits, payer: Option<u64>, minor: i64, now: DateTime<Utc>) -> Result<(), Rejection> {
        let target = target();
        let payer = payer.and_then(|last| Msisdn::from_u64(38_349_000_000 + last));
        let spending = Spending { payer, client: None, target: &target, now };
        let amount = Amount::from_minor(minor).unwrap();
        limits.check(&self.0, spending, amount)?;
        for counted in limits.counted(spending) {
            self.0.entry(counted.key).or_default().add(amount, now, counted.recent_max);
        }
        Ok(())
    }
}

fn told(refused: Result<(), Rejection>) -> (Reason, Option<String>, Option<String>, Option<DateTime<Utc>>) {
    let rejection = refused.unwrap_err();
    let details = *rejection.details;
    (rejection.reason, details.limit, details.available, details.opens_at)
}

#[test]
fn the_sum_of_a_day_is_used_up_to_the_last_cent() {
    let limits =
        payer(UsageLimits { day: Allowance { amount_max: Some(minor(2_000)), count_max: None }, ..EVERYTHING });
    let mut book = Book::default();
    let now = utc("2026-11-22T12:00:00Z");
    book.top_up(&limits, Some(1), 1_500, now).unwrap();
    let refused = told(book.top_up(&limits, Some(1), 501, now));
    let midnight = Some(utc("2026-11-22T23:00:00Z"));
    assert_eq!(refused, (Reason::PayerDayAmount, Some("20.00".into()), Some("5.00".into()), midnight));
    book.top_up(&limits, Some(1), 500, now).unwrap();
    assert_eq!(told(book.top_up(&limits, Some(1), 1, now)).2.as_deref(), Some("0.00"));
    book.top_up(&limits, Some(2), 2_000, now).unwrap();
    book.top_up(&limits, None, 5_000, now).unwrap();
    book.top_up(&limits, Some(1), 2_000, utc("2026-11-22T23:00:00Z")).unwrap();
}

#[test]
fn days_and_months_are_local_across_daylight_saving() {
    let day = payer(UsageLimits { day: Allowance { amount_max: None, count_max: Some(1) }, ..EVERYTHING });
    let month = payer(UsageLimits { month: Allowance { amount_max: None, count_max: Some(1) }, ..EVERYTHING });
    for (limits, first, last, next) in [
        // 29 March 2026 has 23 hours, 25 October has 25.
        (&day, "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"),
        (&day, "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"),
        // March begins in winter time and ends in summer time; October the reverse.
        (&month, "2026-02-28T23:00:00Z", "2026-03-31T21:59:59Z", "2026-03-31T22:00:00Z"),
        (&month, "2026-09-30T22:00:00Z", "2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z"),
        (&month, "2026-11-30T23:00:00Z", "2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"),
    ] {
        let mut book = Book::default();
        book.top_up(limits, Some(1), 100, utc(first)).unwrap();
        let (_, limit, _, opens_at) = told(book.top_up(limits, Some(1), 100, utc(last)));
        assert_eq!((limit.as_deref(), opens_at), (Some("1"), Some(utc(next))), "{first}");
        book.top_up(limits, Some(1), 100, utc(next)).unwrap();
    }
}

#[test]
fn velocity_is_a_sliding_window_and_tells_the_longest_wait() {
    let velocity = [(2, 10), (3, 60)].map(|(count_max, minutes)| Velocity { count_max, minutes }).to_vec();
    let limits = Limits { target: UsageLimits { velocity, ..EVERYTHING }, ..Limits::default() };
    let at = |minute: i64| utc("2026-11-22T12:00:00Z") + TimeDelta::minutes(minute);
    let mut book = Book::default();
    book.top_up(&limits, None, 100, at(0)).unwrap();
    book.top_up(&limits, None, 100, at(1)).unwrap();
    let (reason, limit, _, opens_at) = told(book.top_up(&limits, None, 100, at(9)));
    assert_eq!((reason, limit.as_deref(), opens_at), (Reason::TargetVelocity, Some("2"), Some(at(10))));
    book.top_up(&limits, None, 100, at(10)).unwrap();
    // Both windows are full now: that of 10 minutes until minute 11, that of 60 until minute 60.
    let (_, limit, _, opens_at) = told(book.top_up(&limits, None, 100, at(10)));
    assert_eq!((limit.as_deref(), opens_at), (Some("3"), Some(at(60))));
    book.top_up(&limits, None, 100, at(60)).unwrap();
    assert!(book.0.values().all(|usage| usage.recent.len() <= 3), "{book:?}");
}

#[test]
fn what_is_not_limited_is_not_counted() {
    let target = target();
    let now = utc("2026-11-22T12:00:00Z");
    let spending = Spending { payer: Msisdn::from_u64(38_349_111_222), client: None, target: &target, now };
    assert_eq!(Limits::default().counted(spending), []);
    let day = UsageLimits { day: Allowance { amount_max: None, count_max: Some(1) }, ..EVERYTHING };
    let names = |limits: Limits| -> Vec<String> {
        limits
            .counted(spending)
            .iter()
            .map(|counted| format!("{} {}", counted.key.subject, counted.key.period))
            .collect()
    };
    assert_eq!(names(payer(day.clone())), ["payer:38349111222 2026-11-22"]);
    let month = Allowance { amount_max: Some(minor(1)), count_max: None };
    let velocity = vec![Velocity { count_max: 1, minutes: 1 }];
    let all = UsageLimits { month, velocity, ..day };
    let subject = "target:subscriber:38349123456";
    let expected = ["2026-11", "2026-11-22", "recent"].map(|period| format!("{subject} {period}"));
    assert_eq!(names(Limits { target: all, ..Limits::default() }), expected);
}

#[test]
fn a_period_is_read_as_it_is_written() {
    let day: NaiveDate = "2026-11-22".parse().unwrap();
    let first: NaiveDate = "2026-11-01".parse().unwrap();
    for period in [Period::Day(day), Period::Month(first), Period::Recent] {
        assert_eq!(period.to_string().parse(), Ok(period));
    }
    for refused in ["", "2026-13", "2026-11-31", "2026", "ever"] {
        assert!(refused.parse::<Period>().is_err(), "{refused}");
    }
}

#[test]
fn a_channels_and_a_banks_amounts_replace_the_general_ones() {
    let limit = |min: Option<i64>, max: Option<i64>| AmountLimit { min: min.map(minor), max: max.map(minor) };
    let limits = Limits {
        channels: [(Channel::Atm, limit(Some(500), Some(10_000))), (Channel::Ussd, limit(None, Some(2_000)))].into(),
        banks: [("teb".to_owned(), limit(Some(200), Some(1_000)))].into(),
        ..Limits::default()
    };
    let everywhere = (minor(100), minor(5_000));
    for (channel, bank, min, max) in [
        (Channel::Sms, "nlb", 100, 5_000),
        (Channel::Ussd, "nlb", 100, 2_000),
        (Channel::Atm, "nlb", 500, 10_000),
        (Channel::Sms, "teb", 200, 1_000),
        (Channel::Atm, "teb", 500, 1_000),
    ] {
        assert_eq!(limits.amounts(everywhere, channel, bank), (minor(min), minor(max)), "{channel} {bank}");
    }
}

fn allowance() -> impl Strategy<Value = Allowance> {
    let amount = prop::option::of((100_i64..5_000).prop_map(minor));
    (amount, prop::option::of(1_u32..6)).prop_map(|(amount_max, count_max)| Allowance { amount_max, count_max })
}

fn usage_limits() -> impl Strategy<Value = UsageLimits> {
    let velocity = (1_u16..5, 1_u16..3_000).prop_map(|(count_max, minutes)| Velocity { count_max, minutes });
    (allowance(), allowance(), prop::collection::vec(velocity, 0..3)).prop_map(|(day, month, velocity)| UsageLimits {
        day,
        month,
        velocity,
    })
}

/// The same check over the complete history.
fn allowed(limits: &UsageLimits, done: &[(i64, DateTime<Utc>)], minor: i64, now: DateTime<Utc>) -> bool {
    let month = |at| (day_of(at).year(), day_of(at).month());
    let within = |allowance: Allowance, same: &dyn Fn(DateTime<Utc>) -> bool| {
        let of_period: Vec<i64> = done.iter().filter(|(_, at)| same(*at)).map(|(minor, _)| *minor).collect();
        allowance.amount_max.is_none_or(|max| of_period.iter().sum::<i64>() + minor <= max.minor())
            && allowance.count_max.is_none_or(|max| of_period.len() < max as usize)
    };
    let slow_enough = |velocity: &Velocity| {
        let since = now - TimeDelta::minutes(i64::from(velocity.minutes));
        done.iter().filter(|(_, at)| *at > since).count() < usize::from(velocity.count_max)
    };
    within(limits.day, &|at| day_of(at) == day_of(now))
        && within(limits.month, &|at| month(at) == month(now))
        && limits.velocity.iter().all(slow_enough)
}

proptest! {
    /// No sequence of top-ups exceeds a limit, and no top-up within all limits is refused: the counters agree with the
    /// complete history. The sequence begins some hours before clocks go back.
    #[test]
    fn no_sequence_of_top_ups_exceeds_a_limit(
        limits in (usage_limits(), usage_limits()),
        steps in prop::collection::vec((0_u64..3, 1_i64..3_000, 0_i64..2_000), 1..60),
    ) {
        let limits = Limits { payer: limits.0, target: limits.1, ..Limits::default() };
        let mut book = Book::default();
        let mut now = utc("2026-10-24T12:00:00Z");
        let mut done: Vec<(u64, i64, DateTime<Utc>)> = Vec::new();
        for (payer, minor, minutes) in steps {
            now += TimeDelta::minutes(minutes);
            let all: Vec<_> = done.iter().map(|(_, minor, at)| (*minor, *at)).collect();
            let own: Vec<_> =
                done.iter().filter(|(who, ..)| *who == payer).map(|(_, minor, at)| (*minor, *at)).collect();
            let expected = allowed(&limits.payer, &own, minor, now) && allowed(&limits.target, &all, minor, now);
            let result = book.top_up(&limits, Some(payer), minor, now);
            prop_assert_eq!(result.is_ok(), expected, "{} minor units at {}: {:?}", minor, now, result);
            if expected {
                done.push((payer, minor, now));
            }
        }
    }

    /// The instant in a refusal is correct: the same top-up is carried out then, and not before.
    #[test]
    fn at_the_instant_that_is_told_it_opens(
        limits in (usage_limits(), usage_limits()),
        steps in prop::collection::vec(0_i64..300, 1..20),
    ) {
        let limits = Limits { payer: limits.0, target: limits.1, ..Limits::default() };
        let mut book = Book::default();
        let mut now = utc("2026-03-28T12:00:00Z");
        for minutes in steps {
            now += TimeDelta::minutes(minutes);
            let Err(rejection) = book.top_up(&limits, Some(1), 100, now) else { continue };
            let opens_at = rejection.details.opens_at.unwrap();
            prop_assert!(now < opens_at);
            prop_assert!(book.top_up(&limits, Some(1), 100, opens_at - TimeDelta::seconds(1)).is_err());
            now = opens_at;
            let result = book.top_up(&limits, Some(1), 100, now);
            prop_assert!(result.is_ok(), "{:?} opens at {}, but: {:?}", rejection, opens_at, result);
        }
    }
}
