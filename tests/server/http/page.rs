//! What `docs/api.md` says of fields is what answers have, and the other way round.

use std::collections::BTreeSet;

use chrono::DateTime;
use mbush::domain::{
    Applied, Beneficiary, Bonus, Details, Earlier, Item, Outcome, Reason, Receipt, Rejection, Topic, TransferKind,
};
use mbush::links::smpp::meter::SessionReport;
use serde_json::{Value, json};
use uuid::Uuid;

use super::start;

/// The names in the first column of the table with this heading.
fn named(heading: &str) -> BTreeSet<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api.md")).unwrap();
    let table = page.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let first = rows.filter_map(|row| row.split('|').nth(1));
    let names: BTreeSet<String> =
        first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    assert!(!names.is_empty(), "docs/api.md has no table of `{heading}`");
    names
}

fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// A further top-up of a list with all that it can say.
fn item(beneficiary: Beneficiary) -> Item {
    let amount = mbush::domain::Amount::whole(5).unwrap();
    Item {
        transfer: Uuid::nil(),
        receipt: Receipt::of(Uuid::nil()),
        beneficiary,
        own: true,
        amount,
        balance_minor: 500,
        valid_until: Some(DateTime::UNIX_EPOCH),
        bonuses: vec![Bonus { rule: "summer".into(), amount }],
    }
}

/// Every ending with all that it can say. A field that is added has to be added here, or this does not compile.
fn endings() -> Vec<Value> {
    let amount = mbush::domain::Amount::whole(5).unwrap();
    let applied = |beneficiary: Beneficiary| Applied {
        transfer: Uuid::nil(),
        kind: TransferKind::TopUp,
        beneficiary,
        own: true,
        amount,
        balance_minor: 500,
        valid_until: Some(DateTime::UNIX_EPOCH),
        fee: Some(amount),
        commission: Some(amount),
        bonuses: vec![Bonus { rule: "summer".into(), amount }],
        others: vec![item("38349123456".parse().map(Beneficiary::Number).unwrap())],
    };
    let number = Beneficiary::Number("38349123456".parse().unwrap());
    let text = || Some("x".to_owned());
    let details = Details {
        value: text(),
        form: text(),
        min: text(),
        max: text(),
        offered: text(),
        operator: text(),
        service: text(),
        keyword: text(),
        bank: text(),
        limit: text(),
        available: text(),
        minutes: Some(1),
        opens_at: Some(DateTime::UNIX_EPOCH),
        until: Some(DateTime::UNIX_EPOCH),
        number: number.number(),
        left: Some(1),
        item: Some(number.clone()),
    };
    let rejection = Rejection { reason: Reason::Leftover, details: Box::new(details) };
    let of = Earlier { transfer: Uuid::nil(), at: DateTime::UNIX_EPOCH };
    let endings = [
        Outcome::Applied(applied(number.clone())),
        Outcome::Applied(applied(Beneficiary::Username("arben".into()))),
        Outcome::Applied(applied(Beneficiary::Account("meter:04123456784".parse().unwrap()))),
        Outcome::Duplicate { of, beneficiary: number, amount: Some(amount) },
        Outcome::Informed { topic: Topic::Help },
        Outcome::Refused(rejection.clone()),
        Outcome::Quarantined(rejection),
    ];
    endings.iter().map(|ending| serde_json::to_value(ending).unwrap()).collect()
}

#[tokio::test]
async fn every_field_of_an_answer_to_a_gateway_is_on_the_page() {
    let server = start().await;
    let (_, applied) = server.sms("a1", "5").await;
    let (_, refused) = server.sms("a2", "049123456").await;
    let mut told: BTreeSet<String> = endings().iter().flat_map(fields).collect();
    // Beside the ending, what every answer has; and a number that was wrong is told in words only.
    let beside: BTreeSet<String> = ["id", "receipt", "reply", "at", "replayed"].map(str::to_owned).into();
    told.extend(beside);
    for answer in [&applied, &refused] {
        assert!(fields(answer).is_subset(&told), "{answer}");
    }
    assert_eq!(named("field of the answer"), told);
}

#[test]
fn every_field_of_a_session_is_on_the_page() {
    let report = SessionReport {
        link: "teb".into(),
        peer_is: "esme".into(),
        address: "192.0.2.1:5000".into(),
        mode: "transceiver".into(),
        bound_at: DateTime::UNIX_EPOCH,
        requests_received: 1,
        answered_ok: 1,
        answered_otherwise: 0,
        requests_sent: 1,
        accepted: 1,
        refused: 0,
        unanswered: 0,
        malformed: 0,
        last_error: None,
    };
    assert_eq!(named("field of a session"), fields(&json!(report)));
}
