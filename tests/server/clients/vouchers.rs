//! Scratch cards by API.

use futures_util::future::{join, join_all};
use mbush::domain::{Channel, Fingerprint, Line, LineKind};
use mbush::processor::{Order, OrderRequest};
use rstest::rstest;
use serde_json::{Value, json};

use crate::clients::harness::{Bank, Kind, top_up};

const CODE: &str = "7401582000319520";
const OTHER: &str = "5820003195174018";
/// Of another card.
const SECOND: &str = "5820003195174015";

impl Bank {
    async fn redeem(&self, key: &str, number: &str, code: &str) -> (u16, Value) {
        let body = json!({ "number": number, "code": code });
        self.call_as("ebanking secret", "/vouchers/redeem", Some(key), body).await
    }

    async fn pay(&self, key: &str, number: &str) -> (u16, Value) {
        self.call_as("ebanking secret", "/topups", Some(key), top_up(number, 500)).await
    }

    async fn take_back(&self, key: &str) -> Value {
        let (status, body) = self.call_as("ebanking secret", &format!("/topups/{key}/reversal"), None, json!({})).await;
        assert_eq!(status, 200, "{body}");
        body
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
    assert_eq!(done[0]["amount_minor"], 1_000);
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
    assert_eq!((totals.transfers, totals.balances_minor), (1, 1_000));
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
    for (key, code, reason) in [("1", OTHER, 52), ("2", "7401582000319521", 52), ("3", OTHER, 51), ("4", CODE, 51)] {
        let (status, answer) = bank.redeem(key, "049123456", code).await;
        assert_eq!((status, answer["refusal"]["code"].as_u64()), (200, Some(reason)), "{key}: {answer}");
    }
    let reversed = bank.take_back("1").await;
    assert_eq!(
        (&reversed["state"], &reversed["reversal"]["state"]),
        (&json!("refused"), &json!("nothing")),
        "{reversed}"
    );
    assert_eq!(bank.get("ebanking secret", "/topups/1").await.1["refusal"]["reason"], "voucher_unknown");
    let (_, other) = bank.redeem("5", "049123457", CODE).await;
    assert_eq!(other["state"], "applied", "{other}");
    let (_, used) = bank.redeem("6", "049123458", CODE).await;
    assert_eq!(used["refusal"]["reason"], "voucher_used", "{used}");
    assert_eq!(bank.take_back("6").await["state"], "refused");
    assert_eq!(bank.get("ebanking secret", "/topups/6").await.1["state"], "refused");
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_and_a_top_up_share_one_space_of_keys(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE, SECOND]).await;
    let (_, done) = bank.redeem("V1", "049123456", CODE).await;
    assert_eq!((done["state"].as_str(), done["kind"].as_str()), (Some("applied"), Some("voucher")), "{done}");
    let (status, told) = bank.get("ebanking secret", "/topups/V1").await;
    assert_eq!((status, &told["receipt"], &told["state"]), (200, &done["receipt"], &done["state"]), "{told}");
    let reversed = bank.take_back("V1").await;
    assert_eq!((reversed["state"].as_str(), &reversed["receipt"]), (Some("applied"), &done["receipt"]), "{reversed}");
    let refusal = &reversed["reversal"]["refusal"];
    assert_eq!((refusal["reason"].as_str(), refusal["is_transient"].as_bool()), (Some("not_reversible"), Some(false)));
    assert_eq!(bank.take_back("V1").await["reversal"]["refusal"]["reason"], "not_reversible");
    let (status, problem) = bank.pay("V1", "049123456").await;
    assert_eq!((status, problem["where"].as_str()), (422, Some("header Idempotency-Key")), "{problem}");

    assert_eq!(bank.pay("T1", "049123456").await.1["state"], "applied");
    assert_eq!(bank.redeem("T1", "049123456", SECOND).await.0, 422, "and the other way round");
    let (_, wrong) = bank.redeem("V2", "049123457", OTHER).await;
    assert_eq!(wrong["refusal"]["reason"], "voucher_unknown", "{wrong}");
    assert_eq!(bank.pay("V2", "049123457").await.0, 422, "what was refused has used its key");
    assert_eq!(bank.get("ebanking secret", "/topups/V2").await.1["refusal"], wrong["refusal"]);
    assert_eq!(bank.balance("38349123456").await, 1_500);
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_whose_reversal_came_first_is_not_used_up(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE]).await;
    assert_eq!(bank.take_back("V1").await["state"], "cancelled");
    let (_, late) = bank.redeem("V1", "049123456", CODE).await;
    assert_eq!((late["state"].as_str(), late["refusal"]["code"].as_u64()), (Some("cancelled"), Some(96)), "{late}");
    assert_eq!(bank.balance("38349123456").await, 0);
    assert_eq!(bank.redeem("V2", "049123456", CODE).await.1["state"], "applied", "the card is as good as before");
    bank.assert_sound().await;
}

/// Whichever is first decides; the other is told so.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_and_a_top_up_or_a_reversal_at_once_under_one_key_are_one(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE, SECOND]).await;
    let (card, paid) = join(bank.redeem("K1", "049123456", CODE), bank.pay("K1", "049123499")).await;
    let mut statuses = [card.0, paid.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{card:?} {paid:?}");
    let (card, reversed) = join(bank.redeem("K2", "049123457", SECOND), bank.take_back("K2")).await;
    let balance = bank.balance("38349123457").await;
    let expected = if card.1["state"] == "applied" { (1_000, json!("refused")) } else { (0, json!("cancelled")) };
    assert_eq!((balance, reversed["reversal"]["state"].clone()), expected, "{card:?} {reversed}");
    bank.assert_sound().await;
}

#[tokio::test]
async fn a_code_is_read_as_in_a_text_and_is_one_content_however_it_is_written() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    bank.cards(&[CODE]).await;
    let arabic: String = CODE.bytes().map(|b| char::from_u32(0x660 + u32::from(b - b'0')).unwrap()).collect();
    let (_, done) = bank.redeem("K1", "049 123 456", &arabic).await;
    assert_eq!(done["state"], "applied", "{done}");
    for written in
        ["7401 5820 0031 9520", "7401-5820-0031-9520", "7401\u{200b}582000319520", "７４０１５８２０００３１９５２０"]
    {
        let (status, again) = bank.redeem("K1", "049123456", written).await;
        assert_eq!(
            (status, again["replayed"].as_bool(), &again["at"]),
            (200, Some(true), &done["at"]),
            "{written}: {again}"
        );
    }
}

/// What a machine shows its customer speaks of no SMS.
#[tokio::test]
async fn a_card_for_a_suspended_number_is_refused_in_words_for_any_door() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    bank.cards(&[CODE]).await;
    assert_eq!(bank.pay("T1", "049123456").await.1["state"], "applied");
    bank.node.turn_clock(76 * 86_400);
    let (_, refused) = bank.redeem("V1", "049123456", CODE).await;
    assert_eq!(refused["refusal"]["reason"], "subscriber_suspended", "{refused}");
    let text = refused["refusal"]["text"].as_str().unwrap();
    assert!(text.contains("049123456") && !text.contains("SMS"), "{text}");
}

/// A card that was redeemed when cards had keys of their own: what was kept then is found, and stays what it was.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_of_before_keeps_its_key(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    bank.cards(&[CODE]).await;
    let number = "38349123456".parse().unwrap();
    let line = Line { msisdn: number, kind: LineKind::Mobile, operator: None };
    let request = OrderRequest::Redeem {
        bank: "bkt".into(),
        form: "ebanking".into(),
        code: CODE.into(),
        line,
        order: Fingerprint::of_order("of nobody", "V1"),
    };
    let before = Order {
        key: "bkt-ebanking:voucher:V1".into(),
        link: "bkt-ebanking".into(),
        from: "bkt-ebanking:38349123456".into(),
        to: "bkt".into(),
        channel: Channel::Ebanking,
        received_at: bank.node.clock.now(),
        former: None,
        request,
        confirm: None,
    };
    let done = bank.node.processor.order(before).await.unwrap();
    let receipt = json!(mbush::domain::Receipt::of(done.outcome.transfer().unwrap()));
    let (status, told) = bank.get("ebanking secret", "/topups/V1").await;
    assert_eq!((status, &told["receipt"], told["state"].as_str()), (200, &receipt, Some("applied")), "{told}");
    let (status, again) = bank.redeem("V1", "049 123 456", CODE).await;
    assert_eq!((status, &again["receipt"], again["replayed"].as_bool()), (200, &receipt, Some(true)), "{again}");
    assert_eq!(bank.pay("V1", "049123456").await.0, 422);
    let reversed = bank.take_back("V1").await;
    assert_eq!(reversed["reversal"]["refusal"]["reason"], "not_reversible", "{reversed}");
    assert_eq!((reversed["state"].as_str(), bank.balance("38349123456").await), (Some("applied"), 1_000));
    bank.assert_sound().await;
}
