//! What an SMSC says became of a reply, and what is dialled at an SMSC.

use mbush::links::smpp::receipts::{Fate, Settlement};
use mbush::simulator::Smsc;
use mbush::smpp::CommandStatus;
use mbush::smpp::pdu::Body;
use mbush::smpp::tlv::{Tlvs, tag};

use crate::till::{Till, link, smsc, text};
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
async fn a_receipt_that_comes_too_early_is_tried_again() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    till.knows_replies(false);
    tell(&smsc, "id:1 stat:DELIVRD").await;
    settled(&till, 1).await;
    till.knows_replies(true);
    let all = settled(&till, 2).await;
    assert_eq!(all[0], all[1]);
    link.stop().await;
    assert_eq!(till.settled().len(), 2, "once it is matched, it is done with");
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
        assert_eq!(asked, [wanted, 0], "one receipt for one text");
    }
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
