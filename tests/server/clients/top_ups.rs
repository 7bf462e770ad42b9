//! Top-ups and look-ups.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::clients::harness::{Bank, Kind, top_up};

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_top_up_is_done_once_for_its_key_and_always_answered_the_same(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let first = bank.top_up("K1", "049123456", 500).await;
    assert_eq!((first["state"].as_str(), first["number"].as_str()), (Some("applied"), Some("+38349123456")), "{first}");
    assert_eq!((first["amount_minor"].as_i64(), first["replayed"].as_bool()), (Some(500), Some(false)));
    assert!(first["receipt"].as_str().is_some_and(|receipt| receipt.len() == 10), "{first}");
    assert!(!first.to_string().contains("balance"), "the customer's balance is not the bank's: {first}");
    bank.node.turn_clock(100_000);
    let again = bank.top_up("\"K1\"", "+38349123456", 500).await;
    let replay = |mut view: Value| {
        view["replayed"] = json!(true);
        view
    };
    assert_eq!(again, replay(first.clone()));
    let (status, shown) = bank.status("K1").await;
    assert!(status == 200 && shown.get("replayed").is_none(), "nothing was sent that could be a replay: {shown}");
    let replayed = |mut view: Value| {
        view["replayed"] = json!(false);
        view
    };
    assert_eq!(replayed(shown), first);
    assert_eq!((first["kind"].as_str(), first["at"].as_str()), (Some("top_up"), Some("2026-11-22T17:20:00.000Z")));
    assert_eq!(bank.balance("38349123456").await, 500);
    let (status, other) = bank.call("/topups", Some("K1"), top_up("049123456", 600)).await;
    assert_eq!((status, other["where"].as_str()), (422, Some("header Idempotency-Key")), "{other}");
    let second = bank.top_up("K2", "049123456", 500).await;
    assert_eq!(second["state"], "applied", "another key is another customer, however soon");
    let (_, app) = bank.call_as("ebanking secret", "/topups", Some("K1"), top_up("049123456", 500)).await;
    assert_eq!((app["state"].as_str(), app["replayed"].as_bool()), (Some("applied"), Some(false)), "{app}");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (1_500, 1_500));
    let told = bank.node.store.outbox_of("bkt-atm:topup:K1").await.unwrap();
    assert_eq!(told.iter().map(|row| row.sms.to.as_str()).collect::<Vec<_>>(), ["38349123456"], "once");
    assert!(bank.node.store.outbox_of("bkt-ebanking:topup:K1").await.unwrap().is_empty(), "not configured for it");
    bank.assert_sound().await;
}

/// As after a newer version, which knows more kinds and reasons, has carried out the orders.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_order_of_a_newer_version_is_answered_with_all_that_is_known_of_it(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let first = bank.top_up("K1", "049123456", 500).await;
    let refused = bank.top_up("K2", "049123456", 4_100).await;
    assert_eq!(
        (first["kind"].as_str(), refused["refusal"]["reason"].as_str()),
        (Some("top_up"), Some("amount_out_of_limits"))
    );
    let changes = [
        "UPDATE inbox SET outcome = replace(outcome, '\"kind\":\"top_up\"', '\"kind\":\"loan\",\"lender\":[7]')
            WHERE key = 'bkt-atm:topup:K1'",
        "UPDATE inbox SET outcome = replace(outcome, '\"amount_out_of_limits\"', '\"tariff_unknown\"')
            WHERE key = 'bkt-atm:topup:K2'",
    ];
    for change in changes {
        assert_eq!(bank.execute(change).await, 1, "{change}");
    }
    let mut expected = first.clone();
    (expected["kind"], expected["replayed"]) = (json!("loan"), json!(true));
    assert_eq!(bank.top_up("K1", "049123456", 500).await, expected);
    let again = bank.top_up("K2", "049123456", 4_100).await;
    assert_eq!((again["state"].as_str(), again["replayed"].as_bool()), (Some("refused"), Some(true)), "{again}");
    let refusal = &again["refusal"];
    assert_eq!((refusal["reason"].as_str(), refusal["code"].as_i64()), (Some("tariff_unknown"), Some(2)), "{again}");
    assert_eq!(refusal["text"], refused["refusal"]["text"]);
    assert_eq!(bank.balance("38349123456").await, 500);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_hundred_at_once_under_one_key_are_one(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let answers = join_all((0..100).map(|_| bank.top_up("K1", "049123456", 500))).await;
    let receipts: BTreeSet<&str> = answers.iter().filter_map(|answer| answer["receipt"].as_str()).collect();
    assert_eq!(receipts.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer["replayed"] == false).count(), 1);
    assert_eq!(bank.balance("38349123456").await, 500);
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_refusal_says_why_moves_nothing_and_is_kept_under_its_key(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    for (key, minor) in [("low", 499), ("high", 4_001)] {
        let refused = bank.top_up(key, "049123456", minor).await;
        assert_eq!(refused["state"], "refused", "{refused}");
        let refusal = &refused["refusal"];
        assert_eq!((refusal["reason"].as_str(), refusal["code"].as_u64()), (Some("amount_out_of_limits"), Some(23)));
        assert!(
            refusal["text"].as_str().is_some_and(|text| text.contains("5.00") && text.contains("40.00")),
            "{refused}"
        );
        assert_eq!(bank.status(key).await.1["refusal"], *refusal);
    }
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (0, 0));
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_clients_limits_of_a_day_hold_to_the_cent_however_many_come_at_once(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let pay = |key: usize, number: String, minor: i64| {
        let bank = &bank;
        async move {
            let key = key.to_string();
            bank.call_as("ebanking secret", "/topups", Some(&key), top_up(&number, minor)).await.1
        }
    };
    let answers = join_all((0..20).map(|at| pay(at, format!("0491234{at:02}"), 2_000))).await;
    let done = answers.iter().filter(|answer| answer["state"] == "applied").count();
    assert_eq!(done, 2, "two of 20.00 are within 50.00: {answers:?}");
    let refused = answers.iter().find(|answer| answer["state"] == "refused").unwrap();
    assert_eq!(refused["refusal"]["reason"], "client_day_amount");
    assert_eq!(refused["refusal"]["is_transient"], true);
    assert_eq!(pay(90, "049123490".into(), 1_000).await["state"], "applied");
    bank.node.turn_clock(86_400);
    for at in 100..104 {
        assert_eq!(pay(at, "049123456".into(), 100).await["state"], "applied", "another day");
    }
    assert_eq!(pay(104, "049123456".into(), 100).await["refusal"]["reason"], "client_day_count");
    assert_eq!(bank.top_up("K", "049123456", 500).await["state"], "applied", "the cash machines are another client");
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_lookup_says_what_a_top_up_would_come_to_and_keeps_nothing(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let look = |number: &'static str, minor| bank.call("/lookup", None, top_up(number, minor));
    let (status, found) = look("049123456", 500).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(
        found,
        json!({
            "number": "+38349123456", "kind": "mobile", "operator": "IPKO", "state": "unknown", "accepted": true,
            "at": found["at"],
        })
    );
    let (_, found) = look("049123456", 100).await;
    assert_eq!(
        (found["accepted"].as_bool(), found["refusal"]["reason"].as_str()),
        (Some(false), Some("amount_out_of_limits"))
    );
    assert!(found["refusal"]["text"].as_str().is_some_and(|text| text.contains("40.00")), "{found}");
    let totals = bank.node.store.totals().await.unwrap();
    assert_eq!((totals.messages, totals.transfers), (0, 0), "nothing of it is kept");
    bank.top_up("K1", "049123456", 500).await;
    assert_eq!(look("049123456", 500).await.1["state"], "active");
    bank.node.turn_clock(61 * 86_400);
    assert_eq!(look("049123456", 500).await.1["state"], "receive_only");
    bank.node.turn_clock(15 * 86_400);
    let (_, found) = look("049123456", 500).await;
    assert_eq!((found["state"].as_str(), found["refusal"]["code"].as_u64()), (Some("suspended"), Some(36)));
    assert_eq!(bank.balance("38349123456").await, 500);
    bank.assert_sound().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_with_its_place_and_remedy() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let good = || top_up("049123456", 500);
    let with = |field: &str, value: Value| {
        let mut body = good();
        body[field] = value;
        body
    };
    let card = |code: Value| json!({ "number": "049123456", "code": code });
    for (secret, path, key, body, status, place, part) in [
        ("wrong", "/topups", Some("K"), good(), 401, "header Authorization", "Bearer SECRET"),
        ("wrong", "/lookup", None, good(), 401, "header Authorization", "Bearer SECRET"),
        ("", "/topups", Some("K"), good(), 401, "header Authorization", "Bearer SECRET"),
        ("atm secre", "/topups", Some("K"), good(), 401, "header Authorization", "Bearer SECRET"),
        ("atm secret.", "/topups", Some("K"), good(), 401, "header Authorization", "Bearer SECRET"),
        ("atm secret", "/topups", None, good(), 400, "header Idempotency-Key", "missing"),
        ("atm secret", "/topups", Some("a b"), good(), 400, "header Idempotency-Key", "1 to 64"),
        ("atm secret", "/topups", Some("K"), json!({ "number": "049123456" }), 400, "body /amount_minor", "nothing"),
        ("atm secret", "/topups", Some("K"), with("amount_minor", json!(5.5)), 400, "body /amount_minor", "5.5"),
        ("atm secret", "/topups", Some("K"), with("amount_minor", json!("500")), 400, "body /amount_minor", "\"500\""),
        (
            "atm secret",
            "/topups",
            Some("K"),
            with("currency", json!("USD")),
            400,
            "body /currency",
            "the currency of this ledger is EUR",
        ),
        (
            "atm secret",
            "/lookup",
            None,
            with("currency", json!("USD")),
            400,
            "body /currency",
            "the currency of this ledger is EUR",
        ),
        ("atm secret", "/topups", Some("K"), top_up("049123456", 0), 400, "body /amount_minor", "0"),
        ("atm secret", "/topups", Some("K"), top_up("04912345", 500), 400, "body /number", "digits"),
        ("atm secret", "/topups", Some("K"), top_up("0491x", 500), 400, "body /number", "digits"),
        ("atm secret", "/topups", Some("K"), top_up("+381641234567", 500), 400, "body /number", "plan"),
        ("atm secret", "/topups", Some("K"), top_up("049123456\u{1b}[2J", 500), 400, "body /number", "hides"),
        ("atm secret", "/topups", Some("K"), top_up("04٩123456", 500), 400, "body /number", "hides"),
        ("atm secret", "/topups", Some("K"), top_up("038712345", 500), 400, "body /number", "services"),
        ("atm secret", "/topups/a%20b/reversal", None, json!({}), 400, "path", "1 to 64"),
        (
            "atm secret",
            "/topups/K/reversal",
            None,
            json!({ "amount_minor": 300 }),
            400,
            "body /amount_minor",
            "all of it",
        ),
        ("atm secret", "/vouchers/redeem", Some("K"), json!({ "number": "049123456" }), 400, "body /code", "nothing"),
        (
            "atm secret",
            "/vouchers/redeem",
            Some("K"),
            card(json!(7_401_582_000_319_520_i64)),
            400,
            "body /code",
            "a number",
        ),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("7401\u{1b}[2J")), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("7".repeat(65))), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("")), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!(" - ")), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("abcdefghijklmnop")), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("740158200031952")), 400, "body /code", "16 digits"),
        ("atm secret", "/vouchers/redeem", Some("K"), card(json!("74015820003195200")), 400, "body /code", "16 digits"),
        (
            "atm secret",
            "/vouchers/redeem",
            Some("K"),
            card(json!("*123*7401582000319520#")),
            400,
            "body /code",
            "digits",
        ),
    ] {
        let (got, problem) = bank.call_as(secret, path, key, body.clone()).await;
        assert_eq!((got, problem["where"].as_str()), (status, Some(place)), "{path} {body}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(part)), "{path} {body}: {problem}");
        assert!(!problem.to_string().contains("7401582000319520"), "a code is told to nobody: {problem}");
    }
    let (status, problem) = bank.status("K").await;
    assert_eq!(status, 404, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("was not received")), "{problem}");
    assert_eq!(bank.get("ipkomat secret", "/topups/K").await.0, 404);
    for no_key in ["%00", "a%00b", "a%20b", &"x".repeat(65)] {
        let (status, problem) = bank.status(no_key).await;
        assert_eq!((status, problem["where"].as_str()), (400, Some("path")), "{no_key}: {problem}");
    }
    assert_eq!(bank.node.store.totals().await.unwrap().messages, 0);
    let (_, fixed) = bank.call_as("ebanking secret", "/topups", Some("F"), top_up("038712345", 500)).await;
    assert_eq!((fixed["state"].as_str(), fixed["number"].as_str()), (Some("applied"), Some("+38338712345")), "{fixed}");
}

#[tokio::test]
async fn a_number_is_read_as_in_a_text_and_is_one_content_however_it_is_written() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let first = bank.top_up("K1", "+383 49 123 456", 500).await;
    assert_eq!((first["state"].as_str(), first["number"].as_str()), (Some("applied"), Some("+38349123456")), "{first}");
    for written in ["049 123 456", "049-123-456", "(049) 123/456", "00383 49 123456", "٠٤٩١٢٣٤٥٦", "049\u{200b}123456"]
    {
        let again = bank.top_up("K1", written, 500).await;
        assert_eq!(
            (&again["receipt"], again["replayed"].as_bool()),
            (&first["receipt"], Some(true)),
            "{written}: {again}"
        );
        let (status, found) = bank.call("/lookup", None, top_up(written, 500)).await;
        assert_eq!((status, found["number"].as_str()), (200, Some("+38349123456")), "{written}: {found}");
    }
    assert_eq!(bank.balance("38349123456").await, 500);
}

#[tokio::test]
async fn a_request_has_one_key_and_one_bearer() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let body = top_up("049123456", 500);
    for (first, second) in [("K1", "K2"), ("K1", "K1")] {
        let twice = bank.send("atm secret", "/topups", |request| {
            request.header("Idempotency-Key", first).header("Idempotency-Key", second).json(&body)
        });
        let (status, problem) = twice.await;
        assert_eq!((status, problem["where"].as_str()), (400, Some("header Idempotency-Key")), "{problem}");
    }
    let two = bank.send("atm secret", "/topups", |request| {
        request.header("Idempotency-Key", "K1").header("Authorization", "Bearer ebanking secret").json(&body)
    });
    assert_eq!(two.await.0, 401, "whose order would it be?");
    assert_eq!(bank.node.store.totals().await.unwrap().messages, 0);
}

#[tokio::test]
async fn a_refusal_is_in_the_language_that_is_asked_for() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let ask = |path: &'static str, key: &'static str, language: &'static str| {
        bank.send("atm secret", path, move |request| {
            let request = request.header("Idempotency-Key", key).header("Accept-Language", language);
            request.json(&top_up("049123456", 100))
        })
    };
    let text = |answer: &Value| answer["refusal"]["text"].as_str().unwrap_or_default().to_owned();
    let default = text(&bank.top_up("K0", "049123456", 100).await);
    for (key, language, begin) in [
        ("K1", "en", "The amount has to be from"),
        ("K2", "sr-Latn, en;q=0.9", "Iznos"),
        ("K3", "en;q=0.3, sq;q=0.4, de", &default),
        ("K4", "de", &default),
    ] {
        for path in ["/topups", "/lookup", "/topups"] {
            let (status, answer) = ask(path, key, language).await;
            assert!(status == 200 && text(&answer).starts_with(begin), "{path} {language}: {answer}");
            assert!(text(&answer).contains("40.00"), "{answer}");
        }
    }
    let (_, later) = ask("/topups", "K3", "en").await;
    assert!(text(&later).starts_with("The amount has to be"), "also of what was refused before: {later}");
    let told = bank.status("K3").await.1;
    assert_eq!(text(&told), default, "without a wish, in the words of then");
}
