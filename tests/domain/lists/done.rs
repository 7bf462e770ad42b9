//! Lists that are done, and those that were done before.

use futures_util::future::join_all;
use mbush::domain::{Outcome, Receipt, Transfer, ValidityChange};
use mbush::processor::Answer;

use super::{BONUS, FIRST, PAYER, SECOND, THIRD, balances, each, on_both, reply, sound, text};
use crate::node::{Node, start_of_time};

#[tokio::test]
async fn all_items_are_done_and_answered_once() {
    on_both(BONUS, |node| async move {
        let answer = node.text("list", PAYER, "50001", "049123456 5, 044222333 10; 045123456 2.50").await.unwrap();
        let items = each(&answer);
        let shown: Vec<(String, i64, i64, usize)> = items
            .iter()
            .map(|one| (one.beneficiary.to_string(), one.amount.minor(), one.balance_minor, one.bonuses.len()))
            .collect();
        assert_eq!(
            shown,
            [
                (format!("+{FIRST}"), 500, 500, 0),
                (format!("+{SECOND}"), 1_000, 1_100, 1),
                (format!("+{THIRD}"), 250, 250, 0),
            ]
        );
        assert_eq!(balances(&node).await, [500, 1_100, 250]);
        let receipt = Receipt::of(items[0].transfer);
        let words = format!(
            "Done: 049123456 5.00, 044222333 10.00, 045123456 2.50 EUR. 3 top-ups, 17.50 EUR in all. Ref. {receipt}."
        );
        assert_eq!(reply(&answer), words);
        let outbox = node.store.outbox_of("ipko:list").await.unwrap();
        assert_eq!(
            outbox.iter().map(|row| (row.sms.to.as_str(), row.sms.text.as_str())).collect::<Vec<_>>(),
            [(PAYER, words.as_str())]
        );
        assert_eq!(node.store.clearing_minor("own").await.unwrap(), 1_750);
        shown_as_they_are(&node, &answer).await;
        sound(&node).await;
    })
    .await;
}

/// Each item has a transfer, a receipt, a validity and a statement of its own.
async fn shown_as_they_are(node: &Node, answer: &Answer) {
    let json = serde_json::to_value(&answer.outcome).unwrap();
    for (place, one) in (0..).zip(each(answer)) {
        assert_eq!(one.transfer, Transfer::item_at(each(answer)[0].transfer, place));
        let receipt = Receipt::of(one.transfer);
        if place > 0 {
            assert_eq!(json["others"][usize::from(place) - 1]["receipt"], receipt.to_string());
        }
        let found = node.store.transfers_of_receipt(&receipt).await.unwrap();
        assert_eq!(found.iter().map(|transfer| transfer.id).collect::<Vec<_>>(), [one.transfer]);
        let validity = Some(ValidityChange { before: None, after: one.valid_until });
        assert_eq!(found[0].movement.validity, validity);
        let account = found[0].movement.credit.clone();
        let lines = node.store.statement(&account, 9).await.unwrap();
        assert_eq!(lines.last().map(|line| (line.id, line.minor)), Some((one.transfer, one.amount.minor())));
        assert_eq!(lines.len(), 1 + one.bonuses.len());
    }
    let days = |place: usize| (each(answer)[place].valid_until.unwrap() - start_of_time()).num_days();
    assert!(days(1) > days(0) && days(0) > days(2), "{} {} {}", days(0), days(1), days(2));
}

#[tokio::test]
async fn the_same_list_is_done_once() {
    on_both("", |node| async move {
        let list = "049123456 5, 044222333 10";
        let first = node.text("1", PAYER, "50001", list).await.unwrap();
        node.turn_clock(1);
        let again = node.text("1", PAYER, "50001", list).await.unwrap();
        assert_eq!(again, Answer { replayed: true, ..first.clone() });
        let repeated = node.text("2", PAYER, "50001", list).await.unwrap();
        let Outcome::Duplicate { of, .. } = &repeated.outcome else { panic!("{repeated:?}") };
        assert_eq!(of.transfer, each(&first)[0].transfer);
        assert!(reply(&repeated).starts_with("All 2 top-ups of this message were already done"), "{repeated:?}");
        // In another order it is the same, and so is an item that comes alone.
        for same in ["044222333 10\n049123456 5", "044222333 10"] {
            let answer = text(&node, same).await;
            assert!(matches!(answer.outcome, Outcome::Duplicate { .. }), "{same}: {answer:?}");
        }
        assert_eq!(balances(&node).await, [500, 1_000, 0]);
        let marked = text(&node, &format!("{list} again")).await;
        assert_eq!(each(&marked).len(), 2);
        node.turn_clock(121);
        assert_eq!(each(&text(&node, list).await).len(), 2);
        assert_eq!(balances(&node).await, [1_500, 3_000, 0]);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn accounts_of_a_grammars_kind_are_listed_by_their_identifiers() {
    on_both("", |node| async move {
        let paid = text(&node, "pay 04123456784 5, 04000000002 7").await;
        let words = "Done: 04123456784 5.00, 04000000002 7.00 EUR. 2 top-ups, 12.00 EUR in all.";
        assert!(reply(&paid).starts_with(words), "{paid:?}");
        sound(&node).await;
    })
    .await;
}

/// Nobody whom a machine tops up is told of the others.
#[tokio::test]
async fn each_phone_that_a_machine_tops_up_is_told_of_itself() {
    on_both("", |node| async move {
        let list = "RB A1 049123456 5, 044222333 10";
        let answer = node.text("m", "MACHINE", "50001", list).await.unwrap();
        assert_eq!(each(&answer).len(), 2);
        let outbox = node.store.outbox_of("ipko:m").await.unwrap();
        let told: Vec<(&str, &str)> = outbox.iter().map(|row| (row.sms.to.as_str(), row.sms.text.as_str())).collect();
        assert_eq!(told.len(), 2);
        for ((to, words), (digits, own)) in
            told.iter().zip([(FIRST, "5.00 EUR for 049123456"), (SECOND, "10.00 EUR for 044222333")])
        {
            assert_eq!(*to, digits);
            assert!(words.starts_with(&format!("Your top-up is done: {own}.")), "{words}");
        }
        assert_eq!(reply(&answer), told[0].1);
        // A reference is good once, for ever, and so is that of each item.
        node.turn_clock(1_000_000);
        let again = node.text("n", "MACHINE", "50001", list).await.unwrap();
        assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
        let other = node.text("o", "MACHINE", "50001", "RB A1 049123456 5, 044222333 20").await.unwrap();
        assert_eq!(other.outcome.reason(), Some("reference_reused"));
        assert_eq!(balances(&node).await, [500, 1_000, 0]);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn lists_and_single_top_ups_of_the_same_numbers_are_done_at_once() {
    on_both("", |node| async move {
        let numbers = ["049123456", "044222333", "045123456"];
        let answers = (0..60).map(|place: usize| {
            let node = &node;
            let [one, two] = [numbers[place % 3], numbers[(place / 3 + place % 3 + 1) % 3]];
            let words =
                if place.is_multiple_of(2) || one == two { format!("{one} 2") } else { format!("{one} 2, {two} 3") };
            let from = format!("383491115{place:02}");
            async move { node.text(&format!("b{place}"), &from, "50001", &words).await.unwrap() }
        });
        let mut expected = [0; 3];
        for answer in join_all(answers).await {
            for one in each(&answer) {
                let place = [FIRST, SECOND, THIRD]
                    .iter()
                    .position(|digits| one.beneficiary.to_string() == format!("+{digits}"));
                expected[place.unwrap()] += one.amount.minor();
            }
        }
        assert_eq!(balances(&node).await, expected);
        assert!(expected.iter().sum::<i64>() > 60 * 200);
        sound(&node).await;
    })
    .await;
}
