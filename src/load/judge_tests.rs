//! Tests of the judgements.

use super::*;
use crate::load::numbers::Numbers;
use crate::load::plan::Right;

/// Two subscribers; the amounts of their messages are 1, 2 and 2, 3 euros.
fn texts() -> Texts {
    let numbers = Numbers::new(&["38349{n:6}".to_owned()], 0, Some(2)).unwrap();
    let amounts = ["1", "2", "3"].map(str::to_owned);
    Texts::new(numbers, &amounts, 2, "{amount}", Right::Templates(vec!["done: {amount} EUR*".to_owned()])).unwrap()
}

fn flight(ending: Ending, sends: u8) -> Flight {
    Flight { ending, sends, hash: 7, ..Flight::default() }
}

fn judged(flights: &[Flight], to: &str, text: &str) -> (Option<u32>, Judgement) {
    judge(&texts(), flights, Reply { to, text, hash: 7 }, 0, |_| false)
}

#[test]
fn a_reply_belongs_to_the_message_of_its_number_and_its_amount() {
    let flights = [flight(Ending::Replied, 1), flight(Ending::Open, 1), flight(Ending::Open, 1)];
    assert_eq!(judged(&flights, "38349000000", "done: 2.00 EUR"), (Some(2), Judgement::Confirmed));
    assert_eq!(judged(&flights, "38349000001", "done: 2.00 EUR"), (Some(1), Judgement::Confirmed));
    assert_eq!(judged(&flights, "38349000000", "done: 1.00 EUR"), (Some(0), Judgement::Repeated));
    assert_eq!(judged(&flights, "38349000001", "done: 3.00 EUR"), (Some(1), Judgement::Wrong));
    assert_eq!(judged(&flights, "38349000002", "done: 3.00 EUR"), (None, Judgement::Unexpected));
}

#[test]
fn a_number_whose_message_was_not_sent_expects_no_reply() {
    assert_eq!(judged(&[], "38349000000", "done: 1.00 EUR"), (None, Judgement::Unexpected));
    let skipped = [flight(Ending::Skipped, 0)];
    assert_eq!(judged(&skipped, "38349000000", "done: 1.00 EUR"), (None, Judgement::Unexpected));
    assert_eq!(judged(&skipped, "38349000001", "done: 2.00 EUR"), (None, Judgement::Unexpected));
}

#[test]
fn a_second_reply_is_a_duplicate_unless_the_answer_to_the_first_was_lost() {
    let texts = texts();
    let flights = [flight(Ending::Replied, 1)];
    let judged = |hash, is_lost: bool| {
        let reply = Reply { to: "38349000000", text: "done: 1.00 EUR.", hash };
        judge(&texts, &flights, reply, 0, |_| is_lost).1
    };
    assert_eq!([judged(7, false), judged(8, false)], [Judgement::Repeated, Judgement::Other]);
    assert_eq!([judged(7, true), judged(8, true)], [Judgement::Resent, Judgement::Other]);
}

#[test]
fn only_a_message_that_was_sent_again_may_be_told_so_and_once_for_each_time() {
    let told = "was done before: 1.00 EUR";
    assert_eq!(judged(&[flight(Ending::Open, 1)], "38349000000", told), (Some(0), Judgement::Wrong));
    assert_eq!(judged(&[flight(Ending::Open, 2)], "38349000000", told), (Some(0), Judgement::Notice));
    let noticed = Flight { notices: 1, ..flight(Ending::Replied, 2) };
    assert_eq!(judged(&[noticed], "38349000000", told), (Some(0), Judgement::Wrong));
    assert_eq!(judged(&[flight(Ending::Open, 2)], "38349000000", "done: 3.00 EUR"), (Some(0), Judgement::Wrong));
}
