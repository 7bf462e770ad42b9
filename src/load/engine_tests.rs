//! Tests of the bookkeeping.

use std::time::Duration;

use super::*;
use crate::load::numbers::Numbers;
use crate::load::plan::Right;
use crate::load::plan::Texts;
use crate::simulator::Faults;

const SECOND: u64 = 1_000_000_000;

fn plan(subscribers: u32, count: Option<u32>, pace: Pace) -> Plan {
    let numbers = Numbers::new(&["38349{n:6}".to_owned()], 0, Some(subscribers)).unwrap();
    let amounts = ["1", "2", "3"].map(str::to_owned);
    Plan {
        texts: Texts::new(numbers, &amounts, 2, "{amount}", Right::Templates(vec!["done: {amount} EUR".to_owned()]))
            .unwrap(),
        count,
        seconds: None,
        pace,
        window: 10,
        sessions: 2,
        warm_up: 0,
        redeliver_percent: 0,
        cut_after: None,
        cuts: 0,
        faults: Faults::default(),
        drain: Duration::from_secs(5),
        linger: Duration::ZERO,
        message_id_tlv: None,
        watched: Vec::new(),
    }
}

fn engine(plan: Plan) -> Engine {
    let mut engine = Engine::new(plan).unwrap();
    assert_eq!(engine.next(0), Next::Nothing, "it has not started");
    engine.start(0);
    engine
}

/// Sends what may be sent, and returns it.
fn send(engine: &mut Engine, now: u64) -> Vec<u32> {
    let mut sent = Vec::new();
    while let Next::Send(message) = engine.next(now) {
        engine.sent(message, now);
        sent.push(message);
    }
    sent
}

fn answer(engine: &mut Engine, message: u32, status: u32, now: u64) {
    engine.answered(message, 0, Status::Smpp(crate::smpp::CommandStatus(status)), now);
}

fn confirm(engine: &mut Engine, message: u32, now: u64) {
    let values = engine.plan.texts.values(message);
    let mut number = String::new();
    engine.plan.texts.numbers.render(engine.plan.texts.subscriber(message), &mut number);
    engine.replied(&number, &format!("done: {}.00 EUR", values.minor / 100), now);
}

#[test]
fn an_open_loop_sends_what_is_due_and_counts_from_then() {
    let mut engine = engine(plan(100, Some(30), Pace::Rate(10.0)));
    assert_eq!(send(&mut engine, 0), [0]);
    assert_eq!(engine.next(SECOND / 20), Next::Later);
    assert_eq!(send(&mut engine, SECOND), (1..=10).collect::<Vec<_>>(), "what could not be sent earlier was due then");
    answer(&mut engine, 5, 0, SECOND);
    confirm(&mut engine, 5, SECOND);
    let report = engine.tally.report(engine.missing());
    assert!((report.reply_ms.max - 500.0).abs() < 1.0, "{:?}", report.reply_ms);
}

#[test]
fn a_closed_loop_waits_for_replies() {
    let mut engine = engine(plan(100, Some(5), Pace::InFlight(3)));
    assert_eq!(engine.window(), 2, "each session has its share");
    assert_eq!(send(&mut engine, 0), [0, 1, 2]);
    answer(&mut engine, 1, 0, 1);
    assert!(send(&mut engine, 1).is_empty(), "an answer is no reply");
    confirm(&mut engine, 1, 2);
    assert_eq!(send(&mut engine, 2), [3]);
    for message in [0, 2, 3] {
        answer(&mut engine, message, 0, 3);
        confirm(&mut engine, message, 3);
    }
    assert_eq!(send(&mut engine, 4), [4]);
    confirm(&mut engine, 4, 5);
    assert!(!engine.is_done(5), "the last is not answered");
    answer(&mut engine, 4, 0, 6);
    assert!(engine.is_done(6));
}

#[test]
fn a_subscriber_has_one_message_in_flight() {
    let mut engine = engine(plan(3, Some(7), Pace::Window));
    assert_eq!(send(&mut engine, 0), [0, 1, 2]);
    confirm(&mut engine, 1, 1);
    assert_eq!(send(&mut engine, 1), [4], "3 would be for the subscriber of 0");
    confirm(&mut engine, 0, 2);
    assert_eq!(send(&mut engine, 2), [6]);
    assert_eq!((engine.count, engine.missing()), (5, 3));
}

#[test]
fn a_message_without_an_answer_is_sent_again_and_one_that_is_refused_for_now_later() {
    let mut engine = engine(plan(100, Some(2), Pace::Window));
    send(&mut engine, 0);
    engine.lost(0);
    answer(&mut engine, 1, 0x14, 1);
    assert_eq!(send(&mut engine, 2), [0]);
    assert_eq!(send(&mut engine, SECOND), [1]);
    answer(&mut engine, 1, 0x66, SECOND);
    let report = engine.tally.report(engine.missing());
    assert_eq!((report.sent, report.sends, report.resent, report.refused, report.missing), (2, 4, 1, 1, 1));
    assert_eq!(report.statuses["ESME_RMSGQFUL"], 1);
}

#[test]
fn what_is_refused_for_now_again_and_again_is_given_up() {
    let mut engine = engine(plan(100, Some(1), Pace::Window));
    for second in 0..u64::from(ATTEMPTS_MAX) {
        assert_eq!(send(&mut engine, second * SECOND), [0], "{second}");
        answer(&mut engine, 0, 0x58, second * SECOND);
    }
    assert!(engine.is_done(100 * SECOND));
    assert_eq!(engine.tally.report(0).refused, 1);
}

#[test]
fn redelivery_and_cuts_come_as_planned() {
    let plan = Plan { redeliver_percent: 50, cut_after: Some(3), cuts: 1, ..plan(100, Some(4), Pace::Window) };
    let mut engine = engine(plan);
    let mut cuts = Vec::new();
    while let Next::Send(message) = engine.next(0) {
        if engine.sent(message, 0) {
            engine.cut(0);
            cuts.push(message);
        }
    }
    assert_eq!(cuts, [2]);
    for message in 0..4 {
        answer(&mut engine, message, 0, 1);
    }
    assert_eq!(send(&mut engine, 2), [1, 3]);
    for message in [1, 3] {
        answer(&mut engine, message, 0, 3);
    }
    assert_eq!(engine.next(3), Next::Nothing, "each is redelivered once");
    assert_eq!((engine.tally.redelivered, engine.tally.answered, engine.tally.cuts), (2, 4, 1));
}

#[test]
fn a_run_is_stuck_when_nothing_happens() {
    let mut closed = engine(plan(100, Some(9), Pace::InFlight(1)));
    send(&mut closed, SECOND);
    assert!(!closed.is_stuck(5 * SECOND) && closed.is_stuck(6 * SECOND));
    let mut open = engine(plan(100, Some(2), Pace::Rate(0.1)));
    send(&mut open, 0);
    assert!(!open.is_stuck(9 * SECOND), "the second message is due later");
    send(&mut open, 10 * SECOND);
    assert!(!open.is_stuck(14 * SECOND) && open.is_stuck(15 * SECOND));
}
