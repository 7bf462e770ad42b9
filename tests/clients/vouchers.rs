//! Scratch cards by API.

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Bank, Kind};

const CODE: &str = "7401582000319520";
const OTHER: &str = "5820003195174018";

impl Bank {
    async fn redeem(&self, key: &str, number: &str, code: &str) -> (u16, Value) {
        let body = json!({ "number": number, "code": code });
        self.call_as("ebanking secret", "/vouchers/redeem", Some(key), body).await
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_is_redeemed_once_and_its_code_stays_nowhere(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE]).await;
    let answers = join_all((0..100).map(|at| {
        let (bank, number) = (&bank, format!("0491234{:02}", at % 50));
        async move { bank.redeem(&format!("K{at}"), &number, CODE).await.1 }
    }))
    .await;
    let done: Vec<&Value> = answers.iter().filter(|answer| answer["state"] == "applied").collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    assert_eq!(done[0]["amount_cents"], 1_000);
    assert_eq!(
        answers.iter().filter(|answer| answer["state"] == "duplicate").count(),
        1,
        "the same number's other request"
    );
    assert!(answers.iter().filter(|answer| answer["state"] == "refused").all(|answer| answer["refusal"]["code"] == 53));
    let (key, number) = (done[0]["key"].as_str().unwrap(), done[0]["number"].as_str().unwrap());
    let (status, again) = bank.redeem(key, number, CODE).await;
    assert_eq!((status, again["replayed"].as_bool(), &again["receipt"]), (200, Some(true), &done[0]["receipt"]));
    let (status, conflict) = bank.redeem(key, number, OTHER).await;
    assert_eq!(status, 422, "another code under the same key: {conflict}");
    let totals = bank.node.store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.balances_cents), (1, 1_000));
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_client_that_guesses_over_many_numbers_waits_and_other_clients_do_not(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE]).await;
    let answers = join_all((0..90).map(|at| {
        let (bank, number) = (&bank, format!("0491234{at:02}"));
        async move { bank.redeem(&format!("K{at}"), &number, OTHER).await }
    }))
    .await;
    let looked_at = answers.iter().filter(|(status, answer)| *status == 200 && answer["refusal"]["code"] == 52).count();
    let waits: Vec<_> = answers.iter().filter(|(status, _)| *status == 429).collect();
    // Thirty in a minute, and one more for each two seconds that this takes.
    assert!((30..60).contains(&looked_at) && looked_at + waits.len() == 90, "{looked_at}: {answers:?}");
    assert!(waits.iter().all(|(_, problem)| problem["detail"].as_str().is_some_and(|text| text.contains("too many"))));
    assert_eq!(bank.redeem("right", "049123499", CODE).await.0, 429, "its next code waits, right or wrong");
    let body = json!({ "number": "049123499", "code": CODE });
    let (status, other) = bank.call_as("till secret", "/vouchers/redeem", Some("right"), body).await;
    assert_eq!((status, other["state"].as_str()), (200, Some("applied")), "{other}");
    bank.assert_sound().await;
}

#[tokio::test]
async fn right_codes_and_locked_numbers_use_nothing_up() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    bank.cards(&[CODE]).await;
    for at in 0..3 {
        assert_eq!(bank.redeem(&format!("W{at}"), "049123400", "7401582000319521").await.0, 200);
    }
    for at in 0..100 {
        let (status, answer) = bank.redeem(&format!("L{at}"), "049123400", "7401582000319521").await;
        assert_eq!(
            (status, answer["refusal"]["code"].as_u64()),
            (200, Some(51)),
            "locked, and not looked at: {answer}"
        );
        let (status, answer) = bank.redeem("R", "049123401", CODE).await;
        assert_eq!((status, answer["state"].as_str()), (200, Some("applied")), "{answer}");
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn wrong_codes_lock_their_number_and_nobody_else(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE]).await;
    for (key, code, reason) in [("1", OTHER, 52), ("2", "1234", 52), ("3", OTHER, 51), ("4", CODE, 51)] {
        let (status, answer) = bank.redeem(key, "049123456", code).await;
        assert_eq!((status, answer["refusal"]["code"].as_u64()), (200, Some(reason)), "{key}: {answer}");
    }
    let (_, other) = bank.redeem("5", "049123457", CODE).await;
    assert_eq!(other["state"], "applied", "{other}");
    bank.assert_sound().await;
}
