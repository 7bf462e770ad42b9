//! What staff do: every step, who may make it, and what is left when the program is killed in the middle.

use std::collections::HashSet;
use std::process::Stdio;

use mbush::domain::voucher::{Code, Serial, State};
use mbush::store::Store;
use mbush::vouchers::{Step, expire};
use serde_json::{Value, json};
use testkit::until;

use super::operator::Operator;

#[tokio::test]
async fn a_batch_from_the_draw_to_the_customers() {
    let operator = Operator::new(None).await;
    let told = operator.generate("10", "250", "cards.age");
    assert!(told.contains("batch 1: 250 cards of 10.00 EUR, 2500.00 EUR in all"), "{told}");
    let cards = operator.printed("cards.age");
    assert_eq!(cards.len(), 250);
    for (card, place) in cards.iter().zip(1..) {
        assert_eq!(card.serial.parse(), Ok(Serial::new(1, place).unwrap()));
        assert!(card.code.parse::<Code>().is_ok() && card.amount == "10.00", "{card:?}");
    }
    assert_eq!(cards.iter().map(|card| &card.code).collect::<HashSet<_>>().len(), 250);
    let database = std::fs::read(operator.path("mbush.db")).unwrap();
    let wal = std::fs::read(operator.path("mbush.db-wal")).unwrap_or_default();
    for octets in [database, wal] {
        let code = cards[0].code.as_bytes();
        assert!(!octets.windows(16).any(|window| window == code), "a clear code is in the database");
    }

    std::fs::write(operator.path("other.age"), "something else").unwrap();
    let other = operator.refused(&["voucher", "print", "1", "--file", "other.age", "--by", "arta"]);
    assert!(other.contains("not the print file of batch 1"), "{other}");
    let early = operator.refused(&["voucher", "activate", "propose", "1", "--by", "besim"]);
    assert!(
        early.contains("generated and cannot become active") && early.contains("printed, void, expired"),
        "{early}"
    );
    operator.told(&["voucher", "print", "1", "--file", "cards.age", "--by", "arta"]);
    operator.told(&["voucher", "distribute", "1", "--to", "Shpija", "--by", "arta"]);
    let alone = operator.refused(&["voucher", "activate", "approve", "1", "--by", "drita", "--yes"]);
    assert!(alone.contains("propose"), "{alone}");
    for own in ["arta", " ARTA", "\u{0430}rt\u{0430}", "4rta", "@rta"] {
        let same = operator.refused(&["voucher", "activate", "propose", "1", "--by", own]);
        assert!(same.contains("arta generated the batch: two others have to activate it"), "{same}");
    }
    for foreign in ["ar\u{200b}ta", "\u{1d00}rta", "\u{19b}rta", "ａｒｔａ"] {
        let refused = operator.refused(&["voucher", "activate", "propose", "1", "--by", foreign]);
        assert!(refused.contains("--by: there is a character (U+"), "{foreign:?}: {refused}");
    }
    for nobody in [" ", "\u{200b}"] {
        assert!(
            operator.refused(&["voucher", "activate", "propose", "1", "--by", nobody]).contains("a letter or a digit")
        );
    }
    operator.told(&["voucher", "activate", "propose", "1", "--by", "besim"]);
    for (by, why) in [
        ("arta", "arta generated"),
        ("Besim", "besim proposed"),
        ("be\u{0455}im", "U+0455"),
        ("be5im", "besim proposed"),
        ("ｂｅｓｉｍ", "U+FF42"),
        ("b e s i m.", "besim proposed"),
    ] {
        let same = operator.refused(&["voucher", "activate", "approve", "1", "--by", by, "--yes"]);
        assert!(same.contains(why), "{same}");
    }
    operator.told(&["voucher", "activate", "approve", "1", "--by", "drita", "--yes"]);
    operator.told(&["voucher", "block", &cards[4].serial, "--note", "lost", "--by", "arta", "--yes"]);
    let shown = operator.told(&["voucher", "show", &cards[4].serial]);
    for part in
        ["10.00 EUR, blocked", "distributed -> active, by drita", "to Shpija", "this card active -> blocked", "lost"]
    {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    let report = operator.told(&["voucher", "report", "--json"]);
    let report: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |state, cards: i64| json!({ "batch": 1, "amount_minor": 1000, "state": state, "cards": cards, "sum_minor": cards * 1000 });
    assert_eq!(report, [row("active", 249), row("blocked", 1)]);
    let csv = operator.told(&["voucher", "report", "--csv"]);
    assert_eq!(csv, "batch,amount_minor,state,cards,sum_minor\n1,1000,active,249,249000\n1,1000,blocked,1,1000\n");
    let text = operator.told(&["voucher", "report"]);
    assert!(text.contains("2490.00") && text.contains("blocked"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let operator = Operator::new(None).await;
    let generate = |more: &[&str]| {
        let all = ["voucher", "generate", "--count", "5", "--by", "arta", "--file", "c.age"];
        operator.refused(&[&all[..], more].concat())
    };
    assert!(generate(&["--amount", "7", "--expires", "2999-01-01"]).contains("5.00, 10.00, 20.00 EUR"));
    assert!(generate(&["--amount", "5", "--expires", "2020-01-01"]).contains("that day is over"));
    let nobody = generate(&["--amount", "5", "--expires", "2999-01-01", "--recipient", "age1x"]);
    assert!(nobody.contains("not an age public key"), "{nobody}");
    assert!(!operator.path("c.age").exists() && !operator.path("c.age.partial").exists());
    operator.generate("5", "5", "c.age");
    assert!(generate(&["--amount", "5", "--expires", "2999-01-01"]).contains("is not overwritten"));
    assert!(operator.refused(&["voucher", "show", "2"]).contains("no batch 2"));
    assert!(operator.refused(&["voucher", "show", "00001-0000001-0"]).contains("check digit"));
    assert!(operator.refused(&["voucher", "void", "1", "--by", " ", "--note", "x", "--yes"]).contains("--by"));
    operator.told(&["voucher", "void", "1", "--by", "arta", "--note", "never printed", "--yes"]);
    assert!(
        operator.refused(&["voucher", "block", "1", "--by", "arta", "--note", "x", "--yes"]).contains("nothing else")
    );
}

#[tokio::test]
async fn a_key_that_live_cards_need_may_not_be_missing() {
    let operator = Operator::new(None).await;
    operator.generate("5", "5", "one.age");
    operator.told(&["voucher", "keys", "--new", "two.key"]);
    assert!(
        operator.refused(&["voucher", "keys", "--new", "two.key"]).contains("exists"),
        "a key is never overwritten"
    );
    operator.configure(&["one", "two"], "");
    operator.generate("5", "5", "two.age");
    let keys = operator.told(&["voucher", "keys"]);
    assert!(
        keys.contains("1 batch, 1 with redeemable cards; in use: keep it") && keys.contains("for new batches"),
        "{keys}"
    );
    operator.configure(&["two"], "");
    for command in [&["check"][..], &["serve"], &["voucher", "keys"]] {
        let missing = operator.refused(command);
        assert!(
            missing.contains("batch 1") && missing.contains("`one`") && missing.contains("put the key back"),
            "{missing}"
        );
    }
    operator.told(&["voucher", "void", "1", "--by", "arta", "--note", "never printed", "--yes"]);
    assert!(operator.told(&["check"]).contains("voucher keys   ok, 1"));
    std::fs::remove_file(operator.path("two.key")).unwrap();
    assert!(operator.refused(&["check"]).contains("two.key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_draw_it_leaves_nothing_that_can_be_activated() {
    let operator = Operator::new(None).await;
    let arguments = ["voucher", "generate", "--amount", "5", "--count", "300000", "--expires", "2999-12-31"];
    let mut command = operator.command(&[&arguments[..], &["--file", "cut.age", "--by", "arta"]].concat());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let store = Store::open(&operator.url).await.unwrap();
    let runtime = tokio::runtime::Handle::current();
    let stored = || tokio::task::block_in_place(|| runtime.block_on(store.stored_vouchers(1)).unwrap());
    until("some cards are stored", || stored() > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let batch = store.voucher_batch(1).await.unwrap().unwrap();
    assert_eq!(batch.state, State::Generating, "it was killed in the middle: {} stored", stored());
    assert!(!operator.path("cut.age").exists(), "a print file has its name only when it is whole");
    for command in [
        &["voucher", "print", "1", "--file", "cut.age.partial", "--by", "arta"][..],
        &["voucher", "distribute", "1", "--to", "x", "--by", "arta"],
        &["voucher", "activate", "propose", "1", "--by", "besim"],
        &["voucher", "activate", "approve", "1", "--by", "drita", "--yes"],
    ] {
        operator.refused(command);
    }
    assert!(operator.told(&["voucher", "report"]).contains("generating"));
    operator.told(&["voucher", "void", "1", "--by", "arta", "--note", "cut off", "--yes"]);
    let next = operator.generate("5", "10", "next.age");
    assert!(next.contains("batch 2"), "{next}");
    operator.activate("2", "next.age");
    assert!(operator.told(&["voucher", "show", "2"]).contains("10 cards of 5.00 EUR, active"));
}

#[tokio::test]
async fn what_is_past_its_day_is_worth_nothing_and_is_put_on_record() {
    let operator = Operator::new(None).await;
    operator.generate("5", "3", "one.age");
    operator.generate("5", "3", "two.age");
    operator.activate("1", "one.age");
    operator.told(&["voucher", "print", "2", "--file", "two.age", "--by", "arta"]);
    operator.told(&["voucher", "block", "2", "--by", "arta", "--note", "wrong colour", "--yes"]);
    let store = Store::open(&operator.url).await.unwrap();
    let step = |at: &str| Step { by: "sweeper".into(), note: "date".into(), at: at.parse().unwrap() };
    assert!(expire(&store, &step("2999-12-31T22:59:59Z")).await.unwrap().is_empty());
    assert_eq!(expire(&store, &step("2999-12-31T23:00:00Z")).await.unwrap(), [1], "what is blocked stays blocked");
    assert!(expire(&store, &step("2999-12-31T23:00:01Z")).await.unwrap().is_empty());
    assert!(operator.told(&["voucher", "show", "1"]).contains("active -> expired, by sweeper"));
}
