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
