//! Messages, and the questions that find them.

use mbush::domain::{OutboundSms, Receipt};
use mbush::find::{Kind as Meant, Page};
use mbush::store::Writes;
use rstest::rstest;
use uuid::Uuid;

use super::world::World;
use crate::store::harness::{Kind, TopUp, apply};
use crate::twice;

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_top_up_is_found_by_its_payer_its_target_its_receipt_and_its_keys(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    let answer = world.text("A-17", "38349111222", "50005", "049123456 5").await;
    let transfer = answer.outcome.transfer().unwrap();
    let receipt = Receipt::of(transfer).to_string();
    world.text("other", "38349000001", "50005", "044999888 5").await;
    world.send_replies("5e", None).await;
    twice!(world, {
        for query in [
            "049 111 222",
            "+383 49/111-222",
            "38349123456",
            "049123456",
            receipt.as_str(),
            &receipt.to_lowercase(),
            &transfer.to_string(),
            "A-17",
            "ipko:A-17",
            // The identifier that the network gave the reply.
            "005E0",
        ] {
            let hits = world.hits(query).await;
            assert_eq!(hits.len(), 1, "{query}: {hits:?}");
            let hit = &hits[0];
            assert_eq!((hit.key.as_str(), hit.outcome.as_deref()), ("ipko:A-17", Some("applied")), "{query}");
            assert_eq!((hit.amount_minor, hit.target.as_deref()), (Some(500), Some("049 123 456")));
            assert_eq!((hit.receipt.as_ref().unwrap().as_str(), hit.reply.as_str()), (receipt.as_str(), "delivered"));
        }
        for query in ["049111223", "DC1JZXY9DK", "A-18", "5E7"] {
            assert_eq!(world.keys(query).await, Vec::<String>::new(), "{query}");
        }
    });
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_moved_nothing_is_found_by_the_numbers_and_references_of_its_text(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    world.text("limit", "38349111222", "50005", "049 123 456 99").await;
    world.text("odd", "38349111222", "50005", "pse nuk ka ardhur 049123456 TRX-20451x").await;
    world.text("reference", "38349110001", "50909", "049110002 5 ref TRX20451").await;
    world.text("twice", "38349110001", "50909", "049110002 7 ref TRX20451").await;
    twice!(world, {
        assert_eq!(world.keys("049123456").await, ["ipko:odd", "ipko:limit"]);
        assert_eq!(world.keys("049111222").await, ["ipko:odd", "ipko:limit"]);
        assert_eq!(world.keys("trx-20451X").await, ["ipko:odd"]);
        // It names a reference that was used before, and is not carried out.
        assert_eq!(world.keys("trx20451").await, ["ipko:twice", "ipko:reference"]);
        let hits = world.hits("TRX20451").await;
        assert_eq!(hits[0].reason.as_deref(), Some("reference_reused"));
    });
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn the_order_of_a_bank_is_found_by_its_key_and_by_the_trace_number_of_its_switch(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    let key = "bkt-atm:topup:20261122180900-000137-ATM00042-12345";
    let orders = [TopUp::new(key, 1, 1), TopUp::new("bkt-atm:topup:K1", 2, 2)];
    apply(&world.node.store, &orders).await;
    world.text("machine", "BPB", "50606", "TOPUP;049123456;5;REF=9981237").await;
    twice!(world, {
        assert_eq!(world.keys("K1").await, ["bkt-atm:topup:K1"]);
        for query in ["000137", "632618000137", key.trim_start_matches("bkt-atm:topup:"), key] {
            assert_eq!(world.keys(query).await, [key], "{query}");
        }
        // The same trace number of another day.
        assert_eq!(world.keys("632718000137").await, Vec::<String>::new());
        assert_eq!(world.keys("9981237").await, ["ipko:machine"]);
    });
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_sms_that_no_message_caused_is_found_by_its_recipient(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    let warning = OutboundSms {
        id: Uuid::now_v7(),
        message_key: "life:1".into(),
        link: "ipko".into(),
        from: "IPKO".into(),
        to: "38349123456".into(),
        to_source: None,
        text: "Vlefshmeria mbaron neser.".into(),
        created_at: world.node.clock.now(),
    };
    let mut batch = world.node.store.begin().await.unwrap();
    batch.write(&Writes { outbox: vec![warning.clone()], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    world.text("other", "38349000001", "50005", "044999888 5").await;
    twice!(world, {
        let hits = world.hits("049123456").await;
        assert_eq!((hits.len(), hits[0].what, hits[0].key.as_str()), (1, "sms", &*warning.id.to_string()));
        assert!(world.sentence("049123456").await.contains("waits to be sent by the link ipko"));
    });
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn words_are_looked_for_in_a_span_of_time(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    world.text("early", "38349111222", "50005", "Ku ËSHTË mbushja ime").await;
    let between = world.node.clock.now();
    world.node.turn_clock(60);
    world.text("late", "38349111223", "50005", "mbushja ime është zhdukur").await;
    world.text("applied", "38349111224", "50005", "5").await;
    twice!(world, {
        assert_eq!(world.keys("mbushja është").await, ["ipko:late", "ipko:early"]);
        let page = Page { from: Some(between + chrono::TimeDelta::seconds(1)), limit: 10, ..Page::default() };
        let found = world.found("mbushja ime", None, &page).await;
        assert_eq!(found.hits.iter().map(|hit| hit.key.as_str()).collect::<Vec<_>>(), ["ipko:late"]);
        let found = world.found("zhdukur", Some(Meant::Words), &Page { limit: 10, ..Page::default() }).await;
        assert_eq!((found.count, found.read_back_to), (1, None));
    });
}
