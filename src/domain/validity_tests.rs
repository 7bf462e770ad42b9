//! Tiers, extension and the states of a number, in examples and across every change of the clocks.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Belgrade;
use proptest::prelude::*;

use super::*;

fn rules(extend: Extend) -> Validity {
    Validity::new(Validity::published_tiers(), extend, 14).unwrap()
}

fn minor(amount: i64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

/// Counted from a November, so that the first hundred days have no change of the clocks.
fn at(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_420 + day)
}

#[test]
fn the_published_tiers() {
    for (amount, days) in [
        (99, 0),
        (100, 10),
        (199, 10),
        (200, 20),
        (300, 30),
        (450, 30),
        (499, 30),
        (500, 60),
        (999, 60),
        (1000, 90),
        (1999, 90),
        (2000, 360),
        (5000, 360),
    ] {
        assert_eq!(rules(Extend::Max).days(minor(amount)), days, "{amount} minor units");
    }
}

#[test]
fn a_top_up_never_shortens_validity_unless_told_to() {
    let far = Some(at(300));
    assert_eq!(rules(Extend::Max).extended(far, minor(100), at(0)), at(300));
    assert_eq!(rules(Extend::Replace).extended(far, minor(100), at(0)), at(10));
    assert_eq!(rules(Extend::Add).extended(far, minor(100), at(0)), at(310));
    assert_eq!(rules(Extend::Add).extended(Some(at(-5)), minor(100), at(0)), at(10));
    assert_eq!(rules(Extend::Max).extended(None, minor(500), at(0)), at(60));
}

#[test]
fn a_number_lives_then_only_receives_then_is_suspended() {
    let life = |now| rules(Extend::Max).life(Some(at(0)), now);
    assert_eq!(life(at(0) - TimeDelta::seconds(1)), Life::Active);
    assert_eq!(life(at(0)), Life::ReceiveOnly);
    assert_eq!(life(at(14) - TimeDelta::seconds(1)), Life::ReceiveOnly);
    assert_eq!(life(at(14)), Life::Suspended);
    assert_eq!(rules(Extend::Max).life(None, at(0)), Life::New);
}

#[test]
fn contradicting_tiers_are_refused() {
    let five = Amount::whole(5).unwrap();
    let tier = |from, days| Tier { from: Amount::whole(from).unwrap(), days };
    assert_eq!(Validity::new(vec![], Extend::Max, 14), Err(InvalidTiers::Empty));
    assert_eq!(Validity::new(vec![tier(5, 10), tier(5, 20)], Extend::Max, 14), Err(InvalidTiers::Order(five)));
    assert_eq!(Validity::new(vec![tier(5, 0)], Extend::Max, 14), Err(InvalidTiers::NoDays(five)));
}

/// Any instant from 1990 to 2069, often within hours of a change of the clocks or a leap day.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let second = |at: DateTime<Utc>| at.timestamp();
    let any = (631_152_000_i64..3_155_760_000).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap());
    // The last Sundays of March and October are among the last seven days; a leap day is near 1 March.
    let near = (1990_i32..2070, prop_oneof![Just((3, 25)), Just((10, 25)), Just((2, 26))], 0_i64..8 * 86_400);
    let near = near.prop_map(move |(year, (month, day), seconds)| {
        let begin = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap();
        DateTime::from_timestamp(second(begin) + seconds, 0).unwrap()
    });
    prop_oneof![any, near]
}

fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Belgrade).naive_local()
}

fn extends() -> impl Strategy<Value = Extend> {
    prop_oneof![Just(Extend::Max), Just(Extend::Replace), Just(Extend::Add)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn days_are_days_of_the_calendar(now in instants(), days in 1_u16..800) {
        let end = days_after(now, days);
        let (begin, reached) = (local(now), local(end));
        prop_assert_eq!((reached.date() - begin.date()).num_days(), i64::from(days), "{} to {}", begin, reached);
        // The same local time, unless clocks skip it: then the first instant after the gap.
        let wanted = reached.date().and_time(begin.time());
        if let Some(second_of_two) = Belgrade.from_local_datetime(&wanted).latest() {
            prop_assert_eq!(end, second_of_two.to_utc());
        } else {
            prop_assert!(reached > wanted && reached - wanted <= TimeDelta::hours(1), "{}", reached);
            prop_assert!(local(end - TimeDelta::seconds(1)) < wanted, "clocks skip {}", wanted);
        }
        let off = end - now - TimeDelta::days(i64::from(days));
        prop_assert!(off.abs() <= TimeDelta::hours(1), "{} off", off);
    }

    #[test]
    fn more_days_end_later(now in instants(), days in 0_u16..800) {
        prop_assert!(days_after(now, days) < days_after(now, days + 1));
    }

    #[test]
    fn no_top_up_ends_before_it_began_and_only_replace_shortens(
        now in instants(), ahead in prop::option::of(-400_i64 * 86_400..400 * 86_400), amount in 100_i64..=5_000,
        extend in extends(),
    ) {
        let current = ahead.map(|seconds| now + TimeDelta::seconds(seconds));
        let end = rules(extend).extended(current, minor(amount), now);
        let days = rules(extend).days(minor(amount));
        prop_assert!(end > now);
        prop_assert!(end >= days_after(now, days) || extend == Extend::Add, "at least what the tier gives");
        let open = current.filter(|current| *current > now);
        match (extend, open) {
            (Extend::Max, Some(current)) => prop_assert_eq!(end, current.max(days_after(now, days))),
            (Extend::Add, Some(current)) => {
                prop_assert!(end > current);
                prop_assert_eq!((local(end).date() - local(current).date()).num_days(), i64::from(days));
            }
            _ => prop_assert_eq!(end, days_after(now, days), "nothing is left to be kept"),
        }
    }

    #[test]
    fn a_larger_amount_never_gives_less(
        now in instants(), ahead in prop::option::of(0_i64..400 * 86_400), amount in 100_i64..5_000, more in 1_i64..5_000,
        extend in extends(),
    ) {
        let current = ahead.map(|seconds| now + TimeDelta::seconds(seconds));
        let end = |amount| rules(extend).extended(current, minor(amount), now);
        prop_assert!(end(amount) <= end(amount + more));
    }

    #[test]
    fn a_life_goes_one_way_only_and_has_no_gap(end in instants(), days in 0_u16..100, seconds in 0_i64..120 * 86_400) {
        let rules = Validity::new(Validity::published_tiers(), Extend::Max, days).unwrap();
        let order = [Life::Active, Life::ReceiveOnly, Life::Suspended];
        let place = |now| order.iter().position(|life| *life == rules.life(Some(end), now)).unwrap();
        let (begin, suspended) = (end - TimeDelta::days(1), rules.suspended_at(end));
        prop_assert!(place(begin + TimeDelta::seconds(seconds)) <= place(begin + TimeDelta::seconds(seconds + 1)));
        prop_assert_eq!(rules.life(Some(end), end - TimeDelta::seconds(1)), Life::Active);
        prop_assert_eq!(rules.life(Some(end), suspended), Life::Suspended);
        if days > 0 {
            prop_assert_eq!(rules.life(Some(end), end), Life::ReceiveOnly);
            prop_assert_eq!(rules.life(Some(end), suspended - TimeDelta::seconds(1)), Life::ReceiveOnly);
            prop_assert_eq!((local(suspended).date() - local(end).date()).num_days(), i64::from(days));
        }
    }
}
