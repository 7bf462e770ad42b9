//! The reversal of one item of a list: with its bonus, and nothing else.

use std::sync::Arc;

use mbush::config::Config;
use mbush::domain::{Outcome, ReasonCode, Receipt};
use mbush::processor::{NotDone, StaffOrders, StaffServices, Why};
use mbush::text::templates::Templates;

use super::{BONUS, balances, each, on_both, sound, text};
use crate::node::{Node, plan};

const LIMIT: &str = "[limits.payer]\nday_amount_max = \"50.00\"\n";

fn orders(node: &Node, rules: &str) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: node.store.clone(),
        plan: plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: Config::from_toml(rules).unwrap().rules,
        clock: node.clock.clone(),
        notify: None,
    })
}

fn why() -> Why {
    Why { by: "arta".to_owned(), reason: ReasonCode::WrongNumber, note: String::new() }
}

#[tokio::test]
async fn one_item_goes_back_with_its_bonus_and_the_others_stay() {
    let rules = format!("{LIMIT}{BONUS}");
    on_both(&rules, |node| async {
        let node = node;
        let orders = orders(&node, &rules);
        let answer = text(&node, "049123456 10, 044222333 20, 045123456 10").await;
        let items = each(&answer);
        assert_eq!(balances(&node).await, [1_100, 2_150, 1_100]);

        // Of the bonus of an item, its own top-up is named.
        let made = node.store.command_of(items[1].transfer).await.unwrap();
        assert_eq!(made.iter().map(|transfer| transfer.movement.amount.minor()).collect::<Vec<_>>(), [2_000, 150]);
        let bonus = orders.reverse(&Receipt::of(made[1].id), &why()).await.unwrap_err();
        assert!(matches!(&bonus, NotDone::Companion(main) if *main == Receipt::of(items[1].transfer)), "{bonus:?}");

        // Staff are shown the other top-ups of the message.
        let listed = node.store.list_of(items[1].transfer).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|transfer| transfer.id).collect();
        assert_eq!(listed, items.iter().map(|item| item.transfer).collect::<Vec<_>>());

        let done = orders.reverse(&Receipt::of(items[1].transfer), &why()).await.unwrap();
        assert_eq!(done.moved.len(), 2);
        assert_eq!(balances(&node).await, [1_100, 0, 1_100]);
        let again = orders.reverse(&Receipt::of(items[1].transfer), &why()).await.unwrap_err();
        assert!(again.to_string().contains("reversed"), "{again}");
        // What it used of the limits is free again, and only that: 20.00 are used.
        let over = text(&node, "044222333 30.50").await;
        assert_eq!(over.outcome.reason(), Some("payer_day_amount"));
        assert!(matches!(text(&node, "044222333 30").await.outcome, Outcome::Applied(_)));

        orders.reverse(&Receipt::of(items[0].transfer), &why()).await.unwrap();
        orders.reverse(&Receipt::of(items[2].transfer), &why()).await.unwrap();
        assert_eq!(balances(&node).await, [0, 3_150, 0]);
        sound(&node).await;
    })
    .await;
}
