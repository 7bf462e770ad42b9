//! What an SMSC delivers, and when it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use futures_util::future::{join_all, try_join_all};
use mbush::domain::{Body, Clock};
use mbush::links::smpp::{Accepted, Application};
use mbush::simulator::Smsc;
use mbush::smpp::CommandStatus;
use mbush::smpp::address::Address;
use mbush::smpp::pdu::{ShortMessage, Sm};
use mbush::smpp::tlv::{Tlvs, tag};
use testkit::relay::Relay;
use testkit::wait::within;

use crate::said::deliver_octets;
use crate::smpp_link::till::{Till, application, link, link_of, link_to, smsc, text};

async fn deliver_all(smsc: &Smsc, texts: &[String]) -> Vec<CommandStatus> {
    let texts: Vec<_> = texts.iter().map(|one| text(one)).collect();
    try_join_all(texts.iter().map(|one| smsc.deliver(one))).await.unwrap()
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("text {number:04}")).collect()
}

#[tokio::test]
async fn every_text_is_taken_once_by_a_transceiver_and_by_a_pair() {
    for bind in ["transceiver", "pair"] {
        let (smsc, till) = (smsc().await, Till::open());
        let link = link(&smsc, &till, &format!("bind = \"{bind}\""));
        within("a receiver is bound", smsc.receiver_bound()).await;
        let texts = numbered(500);
        let answers = deliver_all(&smsc, &texts).await;
        assert!(answers.iter().all(|status| status.is_ok()));
        assert_eq!(till.texts(), texts, "{bind}");
        assert_eq!(smsc.counters().acknowledged, 500);
        let keys: std::collections::BTreeSet<_> = till.committed().into_iter().map(|sms| sms.key).collect();
        assert_eq!(keys.len(), 500, "each message has a key of its own");
        link.stop().await;
    }
}

#[tokio::test]
async fn what_is_not_committed_in_time_is_answered_and_the_session_goes_on() {
    let (smsc, till) = (smsc().await, Till::closed());
    let _link = link(&smsc, &till, "response_timeout_seconds = 1");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let late = within("an answer without the database", smsc.deliver(&text("late"))).await;
    assert_eq!(late, Ok(CommandStatus::TEMPORARY_APPLICATION_ERROR));
    till.commit(1_000);
    assert_eq!(smsc.deliver(&text("next")).await, Ok(CommandStatus::OK));
    assert_eq!(till.texts(), ["next"], "what nobody waits for any more is left");
}

#[tokio::test]
async fn a_message_is_answered_after_its_commit_and_not_before() {
    let (smsc, till) = (Arc::new(smsc().await), Till::closed());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let (first, second) = (smsc.clone(), smsc.clone());
    let first = tokio::spawn(async move { first.deliver(&text("first")).await });
    till.arrived(1).await;
    let second = tokio::spawn(async move { second.deliver(&text("second")).await });
    // The second is read while the first waits for its commit.
    till.arrived(2).await;
    assert_eq!(smsc.counters().acknowledged, 0);
    assert!(!first.is_finished() && !second.is_finished());
    till.commit(2);
    assert_eq!(first.await.unwrap(), Ok(CommandStatus::OK));
    assert_eq!(second.await.unwrap(), Ok(CommandStatus::OK));
}

#[tokio::test]
async fn a_message_that_was_not_taken_is_answered_so() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "short_codes = [\"50005\"]");
    within("a receiver is bound", smsc.receiver_bound()).await;
    for (verdict, status) in [
        (Accepted::Busy, CommandStatus::QUEUE_FULL),
        (Accepted::Unavailable, CommandStatus::TEMPORARY_APPLICATION_ERROR),
        (Accepted::Refused, CommandStatus::MESSAGE_REFUSED),
        (Accepted::Committed, CommandStatus::OK),
    ] {
        till.answer_with(verdict);
        assert_eq!(smsc.deliver(&text("5")).await, Ok(status));
    }
    let foreign = mbush::simulator::Text { to: "50333".to_owned(), ..text("5") };
    assert_eq!(smsc.deliver(&foreign).await, Ok(CommandStatus::MESSAGE_REFUSED));
    assert_eq!(till.committed().len(), 4, "the foreign short code's was not offered");
}

#[tokio::test]
async fn after_an_answer_that_may_be_untrue_or_late_the_peer_may_deliver_again_what_was_done() {
    let (smsc, till, seconds) = (Arc::new(smsc().await), Till::closed(), Arc::new(AtomicI64::new(0)));
    let turned = seconds.clone();
    let clock = Clock::new(move || DateTime::UNIX_EPOCH + TimeDelta::seconds(turned.load(Ordering::Relaxed)));
    let _link = link_of(&smsc, Application { clock, ..application(&till) }, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    // When each is delivered, when it is answered, with what, and since when the next one is in doubt.
    let at = |seconds| Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
    let steps = [
        (0, 0, Accepted::Committed, at(0)),
        (10, 14, Accepted::Committed, at(0)),
        (20, 21, Accepted::Unavailable, at(21)),
        (30, 34, Accepted::Busy, at(21)),
        (400, 405, Accepted::Committed, at(405)),
    ];
    for (step, (delivered, answered, verdict, _)) in steps.into_iter().enumerate() {
        seconds.store(delivered, Ordering::Relaxed);
        till.answer_with(verdict);
        let smsc = smsc.clone();
        let delivery = tokio::spawn(async move { smsc.deliver(&text("5")).await });
        till.arrived(step + 1).await;
        seconds.store(answered, Ordering::Relaxed);
        till.commit(1);
        assert_eq!(delivery.await.unwrap(), Ok(verdict.status()));
    }
    till.commit(1);
    assert_eq!(smsc.deliver(&text("5")).await, Ok(CommandStatus::OK));
    let doubts: Vec<_> = till.committed().into_iter().skip(1).map(|sms| sms.redelivery_doubt_since).collect();
    assert_eq!(doubts, steps.map(|(.., doubt)| doubt));
}

#[tokio::test]
async fn a_malformed_pdu_between_good_ones_harms_nobody_else() {
    let (smsc, till) = (smsc().await, Till::open());
    let relay = Relay::to(smsc.address()).await;
    let _link = link_to(relay.address(), &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    // A deliver_sm whose sm_length reaches far into its neighbour; an unknown command; a response to nothing.
    let bad = "000000300000000500000000700000010001013338333439313131323232000001353030303500000000000000000000c835";
    let unknown = "0000001400000999000000007000000200000000";
    let stray = "00000011800000040000000070000003aa";
    let texts = numbered(60);
    for chunk in texts.chunks(20) {
        let sent = deliver_all(&smsc, chunk);
        for octets in [bad, unknown, stray] {
            let mut octets = hex::decode(octets).unwrap();
            let length = u32::try_from(octets.len()).unwrap();
            octets[..4].copy_from_slice(&length.to_be_bytes());
            relay.inject(octets);
        }
        assert!(sent.await.iter().all(|status| status.is_ok()));
    }
    assert_eq!(till.texts(), texts);
    assert_eq!((smsc.counters().connections, smsc.sessions()), (1, 1), "the session goes on");
}

#[tokio::test]
async fn octets_that_are_no_text_are_taken_and_told() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let odd_ucs2 = deliver_octets(&smsc, &text(""), vec![0x00, 0x35, 0x30], 0x08, 0).await;
    let broken_header = deliver_octets(&smsc, &text(""), vec![0x20, 0x00, 0x03], 0, 0x40).await;
    assert_eq!((odd_ucs2, broken_header), (Ok(CommandStatus::OK), Ok(CommandStatus::OK)));
    let bodies: Vec<_> = till.committed().into_iter().map(|sms| sms.body).collect();
    let Body::Undecodable { hex, data_coding: 8, .. } = &bodies[0] else { panic!("{bodies:?}") };
    assert_eq!(hex, "003530");
    assert!(matches!(&bodies[1], Body::Undecodable { hex, .. } if hex == "200003"));
}

#[tokio::test]
async fn a_long_text_is_put_together() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let long = "Përshëndetje €! ".repeat(20);
    assert_eq!(smsc.deliver(&text(&long)).await, Ok(CommandStatus::OK));
    assert_eq!(till.texts(), [long]);
    assert!(smsc.counters().delivered > 4);
}

#[tokio::test]
async fn a_part_is_answered_when_it_is_kept_and_waits_for_no_other() {
    let (smsc, till) = (Arc::new(smsc().await), Till::closed());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let part = |number: u8, octets: &[u8]| {
        let octets = [&[5, 0, 3, 77, 2, number], octets].concat();
        let smsc = smsc.clone();
        tokio::spawn(async move { deliver_octets(&smsc, &text(""), octets, 0, 0x40).await })
    };
    let second = part(2, b" 5");
    within("a part", till.arrived(1)).await;
    assert!(!second.is_finished());
    till.commit(1);
    assert_eq!(within("an answer", second).await.unwrap(), Ok(CommandStatus::OK), "the first has not even come");
    till.commit(2);
    let others = join_all([part(2, b" 5"), part(1, b"049123456")]);
    assert!(within("answers", others).await.into_iter().all(|answer| answer.unwrap() == Ok(CommandStatus::OK)));
    assert_eq!(till.texts(), ["049123456 5"]);
    till.answer_with(Accepted::Busy);
    till.commit(1);
    assert_eq!(within("an answer", part(3, b"?")).await.unwrap(), Ok(CommandStatus::QUEUE_FULL));
}

#[tokio::test]
async fn a_receipt_is_answered_and_is_no_message() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let receipt = b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:5".to_vec();
    for esm_class in [0x04, 0x08, 0x10, 0x20] {
        assert_eq!(deliver_octets(&smsc, &text(""), receipt.clone(), 0, esm_class).await, Ok(CommandStatus::OK));
    }
    assert_eq!(till.committed(), []);
}

#[tokio::test]
async fn the_smscs_own_identifier_is_the_key_where_it_is_configured() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, &format!("message_id_tlv = {}", tag::RECEIPTED_MESSAGE_ID));
    within("a receiver is bound", smsc.receiver_bound()).await;
    for id in [b"A81723\0".as_slice(), b"A81723", &[0xFF, 0x01]] {
        let message = Sm {
            source: Address::new(1, 1, "38349111222").unwrap(),
            destination: Address::new(0, 1, "50005").unwrap(),
            short_message: ShortMessage::new(b"5".as_slice().into()).unwrap(),
            tlvs: Tlvs::default().with(tag::RECEIPTED_MESSAGE_ID, id).unwrap(),
            ..Sm::default()
        };
        assert_eq!(smsc.deliver_sm(message).await, Ok(CommandStatus::OK));
    }
    let keys: Vec<_> = till.committed().into_iter().map(|sms| sms.key).collect();
    assert_eq!(keys, ["ipko:A81723", "ipko:A81723", "ipko:ff01"]);
}
