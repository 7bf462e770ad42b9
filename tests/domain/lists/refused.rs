//! Lists of which one item cannot be done: nothing moves, and the reply names the item.

use mbush::jobs::staff::{Action, Order, act};
use mbush::processor::Answer;

use super::{FIRST, SECOND, balances, each, on_both, reply, sound, text};
use crate::node::Node;

/// Reason, and item as the ending has it.
fn refused(answer: &Answer) -> (String, String) {
    let rejection = answer.outcome.rejection().unwrap_or_else(|| panic!("{answer:?}"));
    let item = rejection.details.item.as_ref().map(ToString::to_string);
    (rejection.reason.as_str().to_owned(), item.unwrap_or_default())
}

fn of(reason: &str, digits: &str) -> (String, String) {
    (reason.to_owned(), format!("+{digits}"))
}

async fn transfers(node: &Node) -> i64 {
    node.store.totals().await.unwrap().transfers
}

#[tokio::test]
async fn one_refused_item_refuses_all() {
    on_both("", |node| async move {
        text(&node, "044222333 1").await;
        let order = Order { action: Action::Suspend, by: "arta", reason: "lost", now: node.clock.now() };
        let second = format!("subscriber:{SECOND}").parse().unwrap();
        act(&node.store, &mbush::config::Config::default().rules.validity, &second, order).await.unwrap();
        for list in ["049123456 5, 044222333 10", "044222333 10, 049123456 5"] {
            let answer = text(&node, list).await;
            assert_eq!(refused(&answer), of("subscriber_suspended", SECOND));
            assert!(reply(&answer).starts_with("Nothing was done. 044222333: The number 044222333 is"), "{answer:?}");
        }
        let answer = text(&node, "049123456 5, 044222333 10, 049123456 5").await;
        assert_eq!(answer.outcome.reason(), Some("list_names_twice"));
        assert_eq!(
            reply(&answer),
            "Nothing was done: your message names \"049123456\" twice. Please name each only once."
        );
        assert_eq!((balances(&node).await, transfers(&node).await), ([0, 100, 0], 1));
        // What was refused was not done, so that it can be sent again without the item.
        assert_eq!(each(&text(&node, "049123456 5, 045123456 5").await).len(), 2);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn an_item_over_a_limit_because_of_those_before_it_refuses_all() {
    on_both("[limits.payer]\nday_amount_max = \"12.00\"\n", |node| async move {
        let answer = text(&node, "049123456 5, 044222333 8").await;
        assert_eq!(refused(&answer), of("payer_day_amount", SECOND));
        assert!(reply(&answer).starts_with("Nothing was done. 044222333: You can"), "{answer:?}");
        assert!(reply(&answer).contains("7.00 EUR are left"), "{answer:?}");
        assert_eq!((balances(&node).await, transfers(&node).await), ([0; 3], 0));
        // Every item counts.
        assert_eq!(each(&text(&node, "049123456 5, 044222333 7").await).len(), 2);
        assert_eq!(text(&node, "045123456 1").await.outcome.reason(), Some("payer_day_amount"));
        sound(&node).await;
    })
    .await;
    on_both("[limits.payer]\nday_count_max = 3\n", |node| async move {
        each(&text(&node, "049123456 5").await);
        let answer = text(&node, "049123456 6, 044222333 7, 045123456 8").await;
        assert_eq!(refused(&answer), of("payer_day_count", "38345123456"));
        each(&text(&node, "049123456 6, 044222333 7").await);
        assert_eq!(transfers(&node).await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_list_that_was_partly_done_is_refused_as_a_whole() {
    on_both("", |node| async move {
        each(&text(&node, "049123456 5").await);
        for list in ["049123456 5, 044222333 10", "044222333 10, 049123456 5"] {
            let answer = text(&node, list).await;
            assert_eq!(refused(&answer), of("list_partly_done", FIRST));
            let words = "Nothing was done. 049123456: This top-up was already done. Send the others without it or, to \
                         do all of them, add at the end: again";
            assert_eq!(reply(&answer), words);
        }
        assert_eq!(balances(&node).await, [500, 0, 0]);
        each(&text(&node, "049123456 5, 044222333 10 again").await);
        assert_eq!(balances(&node).await, [1_000, 1_000, 0]);
        sound(&node).await;
    })
    .await;
}

/// A bank's machine gets no SMS, and nobody is told of a top-up that was not made.
#[tokio::test]
async fn nobody_is_told_of_a_machines_list_that_was_refused() {
    on_both("[limits.target]\nday_count_max = 1\n", |node| async move {
        each(&node.text("1", "MACHINE", "50001", "RB A1 049123456 5, 045123456 5").await.unwrap());
        let answer = node.text("2", "MACHINE", "50001", "RB A2 044222333 5, 049123456 5").await.unwrap();
        assert_eq!(refused(&answer), of("target_day_count", FIRST));
        assert_eq!(answer.reply, None);
        assert!(node.store.outbox_of("ipko:2").await.unwrap().is_empty());
        assert_eq!(balances(&node).await, [500, 0, 500]);
    })
    .await;
}
