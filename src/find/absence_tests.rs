//! Times in which links were down, from the periods of nodes.

use uuid::Uuid;

use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000 + minute * 60, 0).unwrap()
}

fn period(node: u128, state: &str, since: i64, until: i64) -> LinkPeriod {
    let reason = (state == "down").then(|| "cannot connect".to_owned());
    let (link, node, state) = ("ipko".to_owned(), Uuid::from_u128(node), state.to_owned());
    LinkPeriod { link, since: at(since), node, state, until: at(until), reason }
}

/// Begins and ends, in minutes.
fn down(periods: &[LinkPeriod]) -> Vec<(i64, Option<i64>)> {
    let minute = |at: DateTime<Utc>| (at.timestamp() - 1_795_368_000) / 60;
    outages(periods, at(0), at(30)).iter().map(|one| (minute(one.from), one.to.map(minute))).collect()
}

#[test]
fn a_link_is_down_where_no_node_has_it() {
    let whole = period(1, "up", -10, 30);
    assert_eq!(down(&[]), []);
    assert_eq!(down(std::slice::from_ref(&whole)), []);
    let broken = [period(1, "up", -10, 5), period(1, "down", 5, 11), period(1, "up", 11, 30)];
    assert_eq!(down(&broken), [(5, Some(11))]);
    assert_eq!(outages(&broken, at(0), at(30))[0].reason.as_deref(), Some("cannot connect"));
    // Another node had it meanwhile.
    assert_eq!(down(&[&broken[..], &[period(2, "up", 4, 12)]].concat()), []);
    assert_eq!(down(&[&broken[..], &[period(2, "up", 8, 12)]].concat()), [(5, Some(8))]);
    assert_eq!(down(&[&[period(2, "up", -20, 20)], &broken[..]].concat()), []);
}

#[test]
fn a_program_that_does_not_run_has_no_link() {
    assert_eq!(down(&[period(1, "up", -10, 7), period(2, "up", 20, 30)]), [(7, Some(20))]);
    assert_eq!(down(&[period(1, "up", -10, 7)]), [(7, None)]);
    assert_eq!(down(&[period(1, "up", -10, 28), period(1, "down", 28, 30)]), [(28, None)]);
    // It was configured later.
    assert_eq!(down(&[period(1, "up", 20, 30)]), []);
}

/// As asked a moment after the states were written: periods that go on end up to a minute ago.
#[test]
fn what_goes_on_is_known_whatever_the_begin_of_the_question() {
    let ask = |periods: &[LinkPeriod], since: i64| {
        let found = outages(periods, at(since), at(30));
        found.iter().map(|one| ((one.from - at(since)).num_minutes(), one.to.is_none())).collect::<Vec<_>>()
    };
    let broken = [period(1, "up", -10, 20), period(1, "down", 20, 29)];
    assert_eq!(ask(&broken, 25), [(0, true)]);
    assert_eq!(ask(&broken, 30), [(0, true)], "it began before, and was written a minute ago");
    let mended = [&broken[..], &[period(1, "up", 29, 30)]].concat();
    assert_eq!(ask(&mended, 30), []);
    let of_another = [&broken[..], &[period(2, "up", -10, 29)]].concat();
    assert_eq!(ask(&of_another, 25), [], "another node has it, and wrote so before this one wrote that it is down");
    // The program ended at minute 20, and nothing has run since.
    let ended = [period(1, "up", -10, 20)];
    assert_eq!((ask(&ended, 10), ask(&ended, 25)), (vec![(10, true)], vec![(0, true)]));
    // It ran again at minute 27.
    let again = [period(1, "up", -10, 20), period(2, "up", 27, 30)];
    assert_eq!(outages(&again, at(25), at(30)).iter().map(|one| one.to).collect::<Vec<_>>(), [Some(at(27))]);
}
