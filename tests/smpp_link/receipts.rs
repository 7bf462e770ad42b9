//! What an SMSC says became of a reply, and what is dialled at an SMSC.

use std::sync::Arc;

use mbush::config::section;
use mbush::dispatch::{Dispatcher, Receipts};
use mbush::domain::{Clock, OutboundSms};
use mbush::links::Links;
use mbush::links::smpp::receipts::{Fate, Settlement};
use mbush::links::smpp::{Accepted, Application};
use mbush::simulator::Smsc;
use mbush::smpp::CommandStatus;
use mbush::smpp::pdu::Body;
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::store::{Store, Writes};
use tokio_util::sync::CancellationToken;

use crate::till::{Till, application, link, link_of, smsc, text};
use crate::wait::{until, within};

async fn tell(smsc: &Smsc, receipt: &str) {
    let answer = smsc.deliver_octets(&text(""), receipt.as_bytes().to_vec(), 0, 0x04).await;
    assert_eq!(answer, Ok(CommandStatus::OK));
}

async fn settled(till: &Till, count: usize) -> Vec<Settlement> {
    until("the receipts are handed on", || till.settled().len() >= count).await;
    till.settled()
}

#[tokio::test]
async fn a_final_receipt_is_handed_on_with_every_spelling_of_its_identifier() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    tell(&smsc, "id:26603719 sub:001 dlvrd:000 stat:ACCEPTD err:000 text:").await;
    tell(&smsc, "id:26603719 sub:001 dlvrd:001 stat:DELIVRD err:000 text:").await;
    let [first] = &settled(&till, 1).await[..] else { panic!("what is not final is not handed on") };
    assert_eq!((first.link.as_str(), first.phone.as_str()), ("ipko", "38349111222"));
    assert_eq!(first.fate, Fate::Delivered);
    assert!(first.remote_ids.starts_with(&["26603719".to_owned()]));
    assert!(first.remote_ids.contains(&"195f0c7".to_owned()), "{first:?}");
    tell(&smsc, "id:0042 sub:001 dlvrd:000 stat:UNDELIV err:034 text:").await;
    let second = settled(&till, 2).await.remove(1);
    assert!(matches!(&second.fate, Fate::Undeliverable { reason } if reason.contains("034")), "{second:?}");
}

#[tokio::test]
async fn a_receipt_is_answered_when_it_is_kept_and_not_before() {
    let (smsc, till) = (Arc::new(smsc().await), Till::closed());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let told = {
        let smsc = smsc.clone();
        tokio::spawn(async move { tell(&smsc, "id:1 stat:DELIVRD").await })
    };
    till.arrived(1).await;
    assert_eq!((smsc.counters().acknowledged, told.is_finished()), (0, false));
    // What is not final holds nobody up: there is nothing to keep.
    tell(&smsc, "id:2 stat:ENROUTE").await;
    till.commit(1);
    told.await.unwrap();
    assert_eq!(till.settled().len(), 1);
}

#[tokio::test]
async fn a_receipt_that_was_not_kept_is_answered_so() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    for (verdict, status) in [
        (Accepted::Busy, CommandStatus::QUEUE_FULL),
        (Accepted::Unavailable, CommandStatus::TEMPORARY_APPLICATION_ERROR),
        (Accepted::Committed, CommandStatus::OK),
    ] {
        till.answer_with(verdict);
        let answer = smsc.deliver_octets(&text(""), b"id:1 stat:DELIVRD".to_vec(), 0, 0x04).await;
        assert_eq!(answer, Ok(status));
    }
    assert_eq!(till.settled().len(), 1);
}

#[tokio::test]
async fn receipts_are_asked_for_where_they_are_wanted() {
    for (setting, wanted) in [("", 0), ("receipts = true", 1)] {
        let (smsc, till) = (smsc().await, Till::open());
        let link = link(&smsc, &till, setting);
        within("a transmitter is bound", smsc.transmitter_bound()).await;
        let (out, mut requests) = (link.outbound(), smsc.requests());
        until("the way out is ready", || out.is_ready()).await;
        out.send(&crate::till::reply(&"x".repeat(300))).await;
        let mut asked = Vec::new();
        for _ in 0..2 {
            let Body::SubmitSm(sm) = within("a message", requests.recv()).await.unwrap() else { panic!() };
            asked.push(sm.registered_delivery);
        }
        assert_eq!(asked, [wanted, wanted], "a phone may get one part and not the other");
    }
}

/// From the outbox through the dispatcher to the SMSC, and what it says of each part back into the outbox.
#[tokio::test]
async fn a_long_reply_is_delivered_when_all_its_parts_are() {
    let (smsc, till, folder) = (smsc().await, Till::open(), tempfile::tempdir().unwrap());
    let store = Store::open(&format!("sqlite://{}/mbush.db", folder.path().display())).await.unwrap();
    let clock = Clock::new(chrono::Utc::now);
    let receipts = Arc::new(Receipts::start(store.clone(), clock.clone()));
    let link = link_of(&smsc, Application { receipts, ..application(&till) }, "receipts = true");
    let mut links = Links::default();
    links.insert("ipko", link.outbound());
    let stop = CancellationToken::new();
    let dispatcher = Dispatcher::new(store.clone(), links, section::Dispatch::default(), clock);
    let dispatcher = tokio::spawn(dispatcher.run(stop.clone()));
    let mut seen = smsc.submitted();
    let long = OutboundSms { message_key: "ipko:1".to_owned(), ..crate::till::reply(&"x".repeat(400)) };
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { outbox: vec![long], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(within("a reply", seen.recv()).await.unwrap().segments, 3);
    let deadline = std::time::Instant::now() + crate::wait::DEADLINE;
    loop {
        let rows = store.outbox_of("ipko:1").await.unwrap();
        if rows[0].state == "delivered" {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{rows:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.cancel();
    dispatcher.await.unwrap();
    link.stop().await;
    store.close().await;
}

#[tokio::test]
async fn what_is_dialled_at_an_smsc_is_answered_in_its_dialogue() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "ussd_codes = { \"123\" = \"50005\" }\nshort_codes = [\"50005\"]");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let to_service = mbush::simulator::Text { to: "123".to_owned(), ..text("") };
    let mut sm = mbush::simulator::esme::message(&to_service, b"*123*5#".to_vec(), 0, 0).unwrap();
    sm.tlvs = Tlvs::default().with(tag::USSD_SERVICE_OP, &[1]).unwrap();
    assert_eq!(smsc.deliver_sm(sm).await, Ok(CommandStatus::OK));
    let taken = till.committed().remove(0);
    assert_eq!((taken.to.as_str(), till.texts()), ("50005", vec!["5".to_owned()]));
    let mut requests = smsc.requests();
    let reply = mbush::domain::OutboundSms { message_key: taken.key, ..crate::till::reply("5.00 EUR") };
    until("the way out is ready", || link.outbound().is_ready()).await;
    link.outbound().send(&reply).await;
    let Body::SubmitSm(sm) = within("a message", requests.recv()).await.unwrap() else { panic!() };
    assert_eq!(sm.tlvs.octet(tag::USSD_SERVICE_OP), Some(17));
    assert_eq!(sm.source.value.to_string(), "123");
}
