//! Reversals: after a top-up, before it, at the same moment, twice.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all, join3};
use mbush::domain::ReasonCode;
use mbush::processor::{StaffOrders, StaffServices, Why};
use mbush::text::templates::Templates;
use rstest::rstest;
use serde_json::json;

use crate::clients::harness::{Bank, Kind, top_up};
use crate::node::plan;

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_was_done_is_taken_back_once_however_often_that_is_asked(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.top_up("before", "049123456", 1_000).await;
    bank.top_up("K1", "049123456", 2_000).await;
    let first = bank.reverse("K1").await;
    assert_eq!((first["state"].as_str(), first["amount_minor"].as_i64()), (Some("reversed"), Some(2_000)), "{first}");
    assert_eq!((first["reversal"]["state"].as_str(), first["replayed"].as_bool()), (Some("applied"), Some(false)));
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (1_000, 1_000));
    bank.node.turn_clock(100_000);
    let again = bank.reverse("K1").await;
    assert_eq!((&again["reversal"], again["replayed"].as_bool()), (&first["reversal"], Some(true)));
    let late = bank.top_up("K1", "049123456", 2_000).await;
    assert_eq!(late["state"], "reversed", "a repeat is told what has become of it: {late}");
    assert_eq!(bank.status("K1").await.1["state"], "reversed");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (1_000, 1_000));
    let told = bank.node.store.outbox_of("bkt-atm:reversal:K1").await.unwrap();
    assert_eq!(told.len(), 1, "the customer hears of it once");
    assert!(told[0].sms.text.contains("20.00"), "{}", told[0].sms.text);
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_refused_order_stays_refused_whatever_is_reversed(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let refused = bank.top_up("K1", "049123456", 499_999).await;
    assert_eq!(refused["state"], "refused", "{refused}");
    for _ in 0..2 {
        let reversed = bank.reverse("K1").await;
        assert_eq!(reversed["state"], "refused", "{reversed}");
        assert_eq!(reversed["refusal"], refused["refusal"], "{reversed}");
        assert_eq!(reversed["reversal"]["state"], "nothing", "there was nothing to take back: {reversed}");
    }
    assert_eq!(bank.status("K1").await.1["state"], "refused");
    let again = bank.top_up("K1", "049123456", 499_999).await;
    assert_eq!((again["state"].as_str(), again["replayed"].as_bool()), (Some("refused"), Some(true)), "{again}");
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_was_reversed_before_it_came_is_not_done_when_it_comes(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let reversed = bank.reverse("K1").await;
    assert_eq!(
        (reversed["state"].as_str(), reversed["reversal"]["state"].as_str()),
        (Some("cancelled"), Some("cancelled"))
    );
    assert_eq!(bank.status("K1").await.1["state"], "cancelled");
    let late = bank.top_up("K1", "049123456", 500).await;
    assert_eq!((late["state"].as_str(), late["refusal"]["code"].as_u64()), (Some("cancelled"), Some(96)), "{late}");
    assert_eq!(bank.reverse("K1").await["reversal"]["state"], "cancelled");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (0, 0));
    let other = bank.call_as("ebanking secret", "/topups", Some("K1"), top_up("049123456", 500)).await;
    assert_eq!(other.1["state"], "applied", "another client's key is another key");
    bank.assert_sound().await;
}

/// The number goes out of use and comes back within one transaction, which knows nothing of what was recorded of its life.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_brought_a_number_back_is_reversed_while_it_is_topped_up_again(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let numbers: Vec<String> = (0..12).map(|at| format!("0491234{at:02}")).collect();
    for number in &numbers {
        bank.top_up(&format!("old-{number}"), number, 500).await;
    }
    bank.node.turn_clock(65 * 86_400);
    for number in &numbers {
        bank.top_up(&format!("back-{number}"), number, 500).await;
    }
    // What comes while somebody else writes on SQLite shares the next transaction.
    let held = bank.node.store.begin().await.unwrap();
    let reversals = join_all(numbers.iter().map(|number| {
        let (bank, key) = (&bank, format!("back-{number}"));
        async move { bank.reverse(&key).await }
    }));
    let again = numbers.iter().map(|number| {
        let bank = &bank;
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            bank.top_up(&format!("again-{number}"), number, 500).await
        }
    });
    let let_go = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(held);
    };
    let (reversed, topped_up, ()) = join3(reversals, join_all(again), let_go).await;
    for (reversed, topped_up) in reversed.into_iter().zip(topped_up) {
        assert_eq!((&reversed["state"], &topped_up["state"]), (&json!("reversed"), &json!("applied")));
    }
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_top_up_and_its_reversal_at_once_leave_nothing(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let pairs = (0..60).map(|at| {
        let (bank, key, number) = (&bank, format!("K{at}"), format!("0491234{:02}", at % 7));
        async move {
            let reversals = join(bank.reverse(&key), bank.reverse(&key));
            let (made, reversed) = if at % 2 == 0 {
                join(bank.top_up(&key, &number, 500), reversals).await
            } else {
                let (reversed, made) = join(reversals, bank.top_up(&key, &number, 500)).await;
                (made, reversed)
            };
            (key, made, reversed)
        }
    });
    for (key, made, reversed) in join_all(pairs).await {
        let (_, now) = bank.status(&key).await;
        let state = now["state"].as_str().unwrap_or_default();
        assert!(["reversed", "cancelled"].contains(&state), "{key}: {made} {reversed:?} {now}");
    }
    assert_eq!(bank.clearing("bkt").await, 0);
    assert_eq!(bank.node.store.totals().await.unwrap().balances_minor, 0);
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn validity_goes_back_to_what_later_top_ups_give_also_within_one_batch(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let ends = || async {
        let key = mbush::domain::AccountKey::subscriber("38349123456".parse().unwrap());
        bank.node.store.account(&key).await.unwrap().unwrap().valid_until
    };
    bank.top_up("small", "049123456", 500).await;
    let of_small = ends().await;
    for round in 0..10 {
        let (large, small) = (format!("large{round}"), format!("small{round}"));
        bank.top_up(&large, "049123456", 2_000).await;
        join(bank.top_up(&small, "049123456", 500), bank.reverse(&large)).await;
        assert_eq!(ends().await, of_small, "round {round}: as the small ones give it");
    }
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_is_no_longer_there_is_not_taken_back_and_what_staff_took_back_is_not_twice(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let first = bank.top_up("K1", "049123456", 500).await;
    bank.top_up("K2", "049123457", 500).await;
    let staff = StaffOrders::new(StaffServices {
        store: bank.node.store.clone(),
        plan: plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: mbush::config::Config::default().rules,
        clock: bank.node.clock.clone(),
        notify: None,
    });
    let why = Why { by: "Arta".into(), reason: ReasonCode::Disputed, note: String::new() };
    let held = mbush::domain::AccountKey::subscriber("38349123457".parse().unwrap());
    let end = bank.node.clock.now() + chrono::TimeDelta::days(1);
    let placed = staff.place_hold(&held, mbush::domain::Amount::from_minor(1).unwrap(), end, &why).await.unwrap();
    let hold = placed.action;
    staff.reverse(&first["receipt"].as_str().unwrap().parse().unwrap(), &why).await.unwrap();
    assert_eq!(bank.status("K1").await.1["state"], "reversed");
    let again = bank.reverse("K1").await;
    assert_eq!(again["state"], "reversed");
    assert_eq!(again["reversal"]["refusal"]["reason"], "already_reversed", "{again}");
    let refused = bank.reverse("K2").await;
    assert_eq!(refused["state"], "applied", "{refused}");
    assert_eq!(
        refused["reversal"]["refusal"],
        json!({
            "reason": "insufficient_credit", "code": 57, "is_transient": false,
            "text": refused["reversal"]["refusal"]["text"],
        })
    );
    let holds = bank.node.store.account(&held).await.unwrap().unwrap();
    assert_eq!(holds.held_minor, 1);
    staff.void_hold(hold, &why).await.unwrap();
    let after = bank.reverse("K2").await;
    assert_eq!(
        (&after["reversal"], after["state"].as_str()),
        (&refused["reversal"], Some("applied")),
        "its answer stays"
    );
    assert_eq!((bank.balance("38349123456").await, bank.balance("38349123457").await), (0, 500));
    bank.assert_sound().await;
}
