//! What comes after a top-up: its reversal gives back what it used of limits, and takes its bonus; a number that ended comes
//! back; counters of days that are over are forgotten.

use std::sync::Arc;

use mbush::config::Config;
use mbush::domain::{Outcome, Reason, ReasonCode, Receipt, Rules, UnknownSubscriber};
use mbush::jobs::{LifeSweeper, UsageSweeper};
use mbush::processor::{Answer, StaffOrders, StaffServices, Why};
use mbush::text::templates::Templates;
use tokio_util::sync::CancellationToken;

use crate::node::{Node, plan};
use crate::rules::{ARTA, BESIM, balance, on_both, reason, reply, sound, text};

const DAY: i64 = 86_400;

fn templates() -> Arc<Templates> {
    Arc::new(Templates::builtin().unwrap())
}

/// Staff take back what this message did, under these rules.
async fn reverse(node: &Node, rules: &str, done: &Answer) {
    let Outcome::Applied(applied) = &done.outcome else { panic!("{done:?}") };
    let staff = StaffOrders::new(StaffServices {
        store: node.store.clone(),
        plan: plan(),
        templates: templates(),
        rules: Config::from_toml(rules).unwrap().rules,
        clock: node.clock.clone(),
        notify: None,
    });
    let why = Why { by: "Arta".into(), reason: ReasonCode::WrongNumber, note: String::new() };
    staff.reverse(&Receipt::of(applied.transfer), &why).await.unwrap();
}

fn is_applied(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Applied(_))
}

#[tokio::test]
async fn a_reversal_gives_back_what_was_used_of_the_day_and_the_month() {
    const RULES: &str = "[limits.payer]\nday_amount_max = \"20.00\"\nday_count_max = 2\n\
                         [limits.target]\nmonth_amount_max = \"40.00\"\nmonth_count_max = 100";
    on_both(RULES, |node| async move {
        let first = text(&node, ARTA, "50005", "049123456 15").await;
        assert_eq!(reason(&text(&node, ARTA, "50005", "049123456 10").await), Some(Reason::PayerDayAmount));
        reverse(&node, RULES, &first).await;
        assert!(is_applied(&text(&node, ARTA, "50005", "049123456 10").await), "15.00 are free again");
        let refused = text(&node, ARTA, "50005", "049123456 16").await;
        assert!(reply(&refused).contains("10.00 EUR"), "only what was taken back is free: {}", reply(&refused));
        let again = text(&node, ARTA, "50005", "049123456 5").await;
        assert!(is_applied(&again), "the first one counts no more: {again:?}");
        node.turn_clock(DAY);
        assert!(is_applied(&text(&node, ARTA, "50005", "049123456 20").await));
        reverse(&node, RULES, &again).await;
        let today = text(&node, ARTA, "50005", "049123456 1").await;
        assert_eq!(reason(&today), Some(Reason::PayerDayAmount), "what is given back is of its own day: {today:?}");
        // 10.00 and 20.00 of the month's 40.00 are used.
        let month = text(&node, BESIM, "50005", "049123456 11").await;
        assert!(reply(&month).contains("10.00 EUR") && reason(&month) == Some(Reason::TargetMonthAmount), "{month:?}");
        assert!(is_applied(&text(&node, BESIM, "50005", "049123456 10").await));
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn a_reversal_takes_the_bonus_back() {
    const RULES: &str = "[[bonus]]\nname = \"autumn\"\npercent = 10\namount_min = \"5.00\"\ncap = \"1.50\"\n\
                         from = \"2026-11-01\"\nuntil = \"2026-11-30\"";
    on_both(RULES, |node| async move {
        let done = text(&node, ARTA, "50005", "049123456 10").await;
        assert_eq!(balance(&node, "subscriber:38349123456").await, 1_100);
        assert_eq!(node.store.bonus_minor("autumn").await.unwrap(), 100);
        reverse(&node, RULES, &done).await;
        assert_eq!(balance(&node, "subscriber:38349123456").await, 0, "the bonus goes back with it");
        assert_eq!(node.store.bonus_minor("autumn").await.unwrap(), 0, "and the rule has given nothing");
        assert_eq!(node.store.clearing_minor("ekonomike").await.unwrap(), 0);
        sound(&node).await;
    })
    .await;
}

async fn events(node: &Node) -> Vec<String> {
    let key = "subscriber:38349111222".parse().unwrap();
    let mut events = node.store.account_events(&key, 100).await.unwrap();
    events.reverse();
    let show = |event: &mbush::store::AccountEvent| {
        let day = (event.at - crate::node::start_of_time()).num_days();
        format!("{day}: {} > {}, {} by {}", event.from.as_str(), event.to.as_str(), event.why, event.by)
    };
    events.iter().map(show).collect()
}

#[tokio::test]
async fn a_number_that_ended_and_was_topped_up_between_two_sweeps_has_both_on_record() {
    on_both("", |node| async move {
        assert!(is_applied(&text(&node, ARTA, "50005", "1").await), "ten days");
        node.turn_clock(12 * DAY);
        assert!(is_applied(&text(&node, ARTA, "50005", "2").await), "twenty days");
        let back =
            ["10: active > receive_only, validity_ended by mbush", "12: receive_only > active, topped_up by mbush"];
        assert_eq!(events(&node).await, back);
        assert!(is_applied(&text(&node, ARTA, "50005", "4").await), "to day 42");
        assert_eq!(events(&node).await, back, "it was in use");
        node.turn_clock(31 * DAY);
        assert!(is_applied(&text(&node, ARTA, "50005", "5").await));
        let again =
            ["42: active > receive_only, validity_ended by mbush", "43: receive_only > active, topped_up by mbush"];
        assert_eq!(events(&node).await, [back, again].concat());
        let config = Config::default();
        let rules = Rules { unknown_subscriber: UnknownSubscriber::Create, ..config.rules };
        let (store, clock) = (node.store.clone(), node.clock.clone());
        let sweeper = LifeSweeper::new(store, config.life, rules, plan(), templates(), clock);
        let report = sweeper.sweep(&CancellationToken::new()).await.unwrap().expect("nobody else is at it");
        assert_eq!((report.numbers, report.changes), (1, 0), "nothing is left to record");
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn counters_of_periods_that_are_over_are_forgotten() {
    let rules = "[limits.payer]\nday_amount_max = \"20.00\"\nmonth_count_max = 100\n\
                 velocity = [{ count_max = 5, minutes = 60 }]";
    on_both(rules, |node| async move {
        let kept = async |node: &Node| {
            let page = node.store.usage_page(None, 1_000).await.unwrap();
            page.iter().map(mbush::store::Used::cursor).collect::<Vec<_>>()
        };
        let sweep = async |node: &Node| {
            let sweeper = UsageSweeper::new(node.store.clone(), node.clock.clone());
            sweeper.sweep(&CancellationToken::new()).await.unwrap()
        };
        assert!(is_applied(&text(&node, ARTA, "50005", "1").await));
        node.turn_clock(DAY);
        assert!(is_applied(&text(&node, ARTA, "50005", "2").await));
        let of = |period| format!("payer:{ARTA} {period}");
        assert_eq!(sweep(&node).await, 0, "a day is kept for two more");
        assert_eq!(kept(&node).await, ["2026-11", "2026-11-22", "2026-11-23", "recent"].map(of));
        node.turn_clock(2 * DAY);
        assert_eq!(sweep(&node).await, 1);
        assert_eq!(kept(&node).await, ["2026-11", "2026-11-23", "recent"].map(of));
        assert_eq!(sweep(&node).await, 0, "it was made just now");
        node.turn_clock(12 * DAY);
        assert_eq!(sweep(&node).await, 2);
        assert_eq!(kept(&node).await, [of("recent")]);
        node.turn_clock(40 * DAY);
        assert_eq!(sweep(&node).await, 1);
        assert!(kept(&node).await.is_empty());
    })
    .await;
}
