//! What an SMSC says became of a reply, however it writes the identifier.

use chrono::TimeDelta;
use mbush::store::{Delivery, DeliveryReceipt, Lease};
use rstest::rstest;
use uuid::Uuid;

use crate::harness::{Database, Kind, TopUp, apply, now};

fn receipt(ids: &[&str], phone: &str, undeliverable: Option<&str>) -> DeliveryReceipt {
    DeliveryReceipt {
        link: "ipko".into(),
        remote_ids: ids.iter().map(ToString::to_string).collect(),
        phone: phone.into(),
        undeliverable: undeliverable.map(Into::into),
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_receipt_finds_its_reply_and_no_other(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 2, 2)]).await;
    let lease = Lease { id: Uuid::now_v7(), now: now(), until: now() + TimeDelta::seconds(60) };
    let leased = store.lease_outbox("ipko", lease, 10).await.unwrap();
    let phone = |key: &str| leased.iter().find(|reply| reply.sms.message_key == key).unwrap().sms.to.clone();
    let early = receipt(&["2a"], &phone("ipko:1"), None);
    assert_eq!(store.receive_receipts(&[early], now()).await.unwrap(), [false], "it was not sent yet");
    let sent: Vec<_> = leased
        .iter()
        .map(|reply| {
            // The same number in two spellings: 0x2A and 42.
            let id = if reply.sms.message_key == "ipko:1" { "00002A" } else { "42" };
            (reply.sms.id, reply.lease, Delivery::Sent { remote_id: Some(id.into()) })
        })
        .collect();
    store.finish_outbox(&sent, now()).await.unwrap();

    let national = phone("ipko:1").trim_start_matches("383").to_owned();
    let receipts = [
        receipt(&["42", "2a", "66"], &national, None),
        receipt(&["42", "2a", "66"], &phone("ipko:2"), Some("error 034")),
        receipt(&["4711"], &phone("ipko:1"), None),
        DeliveryReceipt { link: "vala".into(), ..receipt(&["42"], "", None) },
    ];
    assert_eq!(store.receive_receipts(&receipts, now()).await.unwrap(), [true, true, false, false]);
    let first = store.outbox_of("ipko:1").await.unwrap().remove(0);
    assert_eq!((first.state.as_str(), first.last_error), ("delivered", None));
    let second = store.outbox_of("ipko:2").await.unwrap().remove(0);
    assert_eq!((second.state.as_str(), second.last_error.as_deref()), ("undeliverable", Some("error 034")));
}
