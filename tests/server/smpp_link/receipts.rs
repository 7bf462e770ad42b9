//! What an SMSC says became of a reply, and what is dialled at an SMSC.

use std::sync::Arc;

use mbush::config::section;
use mbush::dispatch::{Dispatcher, Receipts};
use mbush::domain::{Clock, OutboundSms};
use mbush::links::Links;
use mbush::links::smpp::receipts::{Fate, Settlement};
use mbush::links::smpp::{Accepted, Application};
use mbush::simulator::Smsc;
use mbush::smpp::pdu::{Bind, BindResp, Body, Sm};
use mbush::smpp::receipt::is_receipt;
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::smpp::{CommandStatus, Pdu};
use mbush::store::{Store, Writes};
use testkit::wait::{until, within};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::said::deliver_octets;
use crate::smpp_link::server::raw::Raw;
use crate::smpp_link::till::{Till, application, link, link_at, link_of, smsc, text};

async fn tell(smsc: &Smsc, receipt: &str) {
    let answer = deliver_octets(smsc, &text(""), receipt.as_bytes().to_vec(), 0, 0x04).await;
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
        let answer = deliver_octets(&smsc, &text(""), b"id:1 stat:DELIVRD".to_vec(), 0, 0x04).await;
        assert_eq!(answer, Ok(status));
    }
    assert_eq!(till.settled().len(), 1);
}

/// A `deliver_sm` from the phone to the short code.
fn delivered(octets: &[u8], data_coding: u8, esm_class: u8, tlvs: &[(u16, &[u8])]) -> Sm {
    let sm = mbush::simulator::esme::message(&text(""), octets.to_vec(), data_coding, esm_class).unwrap();
    let tlvs = tlvs.iter().fold(Tlvs::default(), |tlvs, (tag, value)| tlvs.with(*tag, value).unwrap());
    Sm { tlvs, ..sm }
}

const ID: u16 = tag::RECEIPTED_MESSAGE_ID;
const STATE: u16 = tag::MESSAGE_STATE;

/// Texts that are receipts with a mark and without.
const TEXTS: [&str; 19] = [
    "id:abc123 stat:DELIVERED",
    "id: abc123 stat: DELIVRD",
    "id:abc123, stat:DELIVRD, err:000",
    "mccmnc:22101 id:abc123 stat:DELIVRD err:000 text:",
    "nid:41 id:abc123 sub:001 stat:DELIVRD",
    "message:x id:abc123 stat:DELIVRD err:000",
    "Receipt: id:abc123 stat:DELIVRD err:000",
    "DLR : id:abc123 stat:DELIVRD err:000",
    "ts:2026-11-22 17:25:01 id:abc123 stat:DELIVRD",
    "id:abc123 submit  date:2611221725 done  date:2611221726 stat:DELIVRD err:000 text:",
    "id:abc123 stat:DELIVRD err:Absent subscriber",
    "id:abc123 stat:DELIVRD err:000 no error text:5",
    "id:abc123 submit date:11/22/2026 5:25:00 PM done date:11/22/2026 5:26:00 PM stat:DELIVRD err:000",
    "id:abc123 done date:Sun Nov 22 17:26:00 UTC 2026 stat:DELIVRD err:000",
    "id:abc123 stat:DELIVRD err:000 text",
    "id:abc123 text:abc stat:DELIVRD",
    "id:abc123 text:Numri 049123456 u mb stat:DELIVRD err:000",
    "text:Numri id:abc123 stat:DELIVRD",
    "id:abc123 stat:DELIVRD network code:41 err:000",
];

/// Each is about a reply known as `abc123` to the phone that every other one is about.
#[tokio::test]
async fn a_receipt_is_known_in_every_form_and_settles_its_reply() {
    let usual = b"id:abc123 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:";
    let utf16: Vec<u8> = "id:abc123 stat:DELIVRD err:000 text:Për".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let payload = [(tag::MESSAGE_PAYLOAD, usual.as_slice())];
    let mut forms = vec![
        ("without a mark", delivered(usual, 0, 0, &[])),
        ("without a mark, with both parameters", delivered(usual, 0, 0, &[(ID, b"abc123\0"), (STATE, &[2])])),
        ("without a mark, parameters only", delivered(b"delivered", 0, 0, &[(ID, b"abc123"), (STATE, &[2])])),
        ("without a mark, in the payload", delivered(b"", 0, 0, &payload)),
        ("in the payload", delivered(b"", 0, 4, &payload)),
        ("UTF-16", delivered(&utf16, 8, 4, &[])),
        ("UTF-16 without a mark", delivered(&utf16, 8, 0, &[])),
        ("a state of four octets", delivered(b"", 0, 4, &[(ID, b"abc123\0"), (STATE, &[0, 0, 0, 2])])),
        ("a state that says nothing", delivered(b"stat:DELIVRD", 0, 4, &[(ID, b"abc123\0"), (STATE, &[])])),
        ("a header that says nothing", delivered(&[&[3, 0x24, 1, 1], usual.as_slice()].concat(), 0, 0x44, &[])),
        ("a header that is promised and not there", delivered(usual, 0, 0x44, &[])),
        ("as an acknowledgement", delivered(usual, 0, 8, &[])),
    ];
    // A state that nobody knows says nothing, whatever marks the receipt.
    for state in [[10_u8].as_slice(), &[0x32], &[0, 0, 0, 0x32]] {
        forms.push(("a state that nobody knows", delivered(b"id:abc123 stat:DELIVRD", 0, 4, &[(STATE, state)])));
        let both = [(ID, b"abc123\0".as_slice()), (STATE, state)];
        forms.push(("both parameters, the state in the text", delivered(b"stat:DELIVRD err:000", 0, 0, &both)));
    }
    for text in TEXTS {
        forms.extend([0, 4].map(|esm_class| (text, delivered(text.as_bytes(), 0, esm_class, &[]))));
    }
    let turned = delivered(usual, 0, 4, &[]);
    let as_sent = Sm { source: turned.destination, destination: turned.source, ..turned };
    forms.push(("addresses as they were sent", as_sent));
    for setting in ["receipts = true", "receipts = false", "receipts = true\nshort_codes = [\"50005\"]"] {
        let (smsc, till) = (smsc().await, Till::open());
        let _link = link(&smsc, &till, setting);
        within("a receiver is bound", smsc.receiver_bound()).await;
        for (form, sm) in &forms {
            assert_eq!(smsc.deliver_sm(sm.clone()).await, Ok(CommandStatus::OK), "{form}");
            let settled = till.settled();
            let last = settled.last().unwrap_or_else(|| panic!("{form}"));
            assert_eq!((last.remote_ids[0].as_str(), &last.fate), ("abc123", &Fate::Delivered), "{form}");
            assert_eq!(last.phone, "38349111222", "{form}");
        }
        assert_eq!((till.settled().len(), till.committed()), (forms.len(), vec![]), "none of them is a customer's");
    }
}

#[tokio::test]
async fn every_final_state_is_known_in_full_and_in_short() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    for failed in ["UNDELIV", "UNDELIVERABLE", "FAILED", "REJECTD", "REJECTED", "EXPIRED", "DELETED", "Undeliverable"] {
        for esm_class in [0, 4] {
            let receipt = format!("id:7 sub:001 dlvrd:000 stat:{failed} err:034 text:");
            assert_eq!(smsc.deliver_sm(delivered(receipt.as_bytes(), 0, esm_class, &[])).await, Ok(CommandStatus::OK));
            let last = till.settled().pop().unwrap();
            assert!(
                matches!(&last.fate, Fate::Undeliverable { reason } if reason.contains("034")),
                "{failed}: {last:?}"
            );
        }
    }
    let count = till.settled().len();
    for open in ["ENROUTE", "ACCEPTD", "ACCEPTED", "UNKNOWN", "SCHEDULED"] {
        let receipt = format!("id:7 stat:{open} err:000 text:");
        assert_eq!(smsc.deliver_sm(delivered(receipt.as_bytes(), 0, 0, &[])).await, Ok(CommandStatus::OK), "{open}");
    }
    assert_eq!((till.settled().len(), till.committed()), (count, vec![]), "what is not final changes nothing");
}

#[tokio::test]
async fn a_text_with_one_parameter_of_a_receipt_is_a_customers() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    for tlvs in [&[(ID, b"abc123\0".as_slice())], &[(STATE, [2].as_slice())]] {
        assert_eq!(smsc.deliver_sm(delivered(b"049123456 5", 0, 0, tlvs)).await, Ok(CommandStatus::OK));
    }
    let mixed = b"id:abc123 stat:DELIVRD 049123456 5";
    assert_eq!(smsc.deliver_sm(delivered(mixed, 0, 0, &[])).await, Ok(CommandStatus::OK));
    assert_eq!((till.committed().len(), till.settled().len()), (3, 0));
}

/// Whatever a bank's customers write to it, and whatever of a receipt stands beside it.
#[tokio::test]
async fn a_text_with_a_form_of_a_bank_is_a_customers() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let mut count = 0;
    for form in forms() {
        for text in [
            form.clone(),
            format!("id:{form}"),
            format!("id:1 {form}"),
            format!("{form} id:1"),
            format!("id:1 stat:DELIVRD {form}"),
        ] {
            assert!(!is_receipt(&text), "{text:?}");
        }
        assert!(!is_receipt(&format!("{form} id:1 stat:DELIVRD")), "{form:?}");
    }
    for text in
        ["049123456 5 id:7", "id:7 049123456 5", "id:1 stat:DELIVRD tv arben1", "Hello: I have id:1 and stat:DELIVRD"]
    {
        assert_eq!(smsc.deliver_sm(delivered(text.as_bytes(), 0, 0, &[])).await, Ok(CommandStatus::OK));
        count += 1;
        assert_eq!((till.committed().len(), till.settled().len()), (count, 0), "{text}");
    }
}

/// What the fixtures of all banks say has to be read.
fn forms() -> Vec<String> {
    let mut forms = Vec::new();
    for bank in std::fs::read_dir("fixtures").unwrap() {
        for file in std::fs::read_dir(bank.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let fixtures: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
                let read = fixtures.get("read").and_then(toml::Value::as_array).into_iter().flatten();
                forms.extend(read.filter_map(|case| case.get("text")?.as_str().map(str::to_owned)));
            }
        }
    }
    assert!(forms.len() > 100, "{}", forms.len());
    forms
}

/// An OK says that a message is kept. What is no message and names none of ours is not.
#[tokio::test]
async fn what_is_neither_a_message_nor_a_receipt_is_not_answered_ok() {
    let (smsc, till) = (smsc().await, Till::open());
    let _link = link(&smsc, &till, "receipts = true");
    within("a receiver is bound", smsc.receiver_bound()).await;
    for esm_class in [0x08, 0x10, 0x18, 0x48, 0x0C, 0x24, 0x3C] {
        let answer = smsc.deliver_sm(delivered(b"049123456 5", 0, esm_class, &[])).await;
        assert_eq!(answer, Ok(CommandStatus::INVALID_ESM_CLASS), "{esm_class:#04x}");
    }
    let notice = delivered(b"049123456 5", 0, 0, &[(tag::USSD_SERVICE_OP, &[19])]);
    assert_eq!(smsc.deliver_sm(notice).await, Ok(CommandStatus::INVALID_TLV_VALUE));
    assert_eq!((till.committed(), till.settled()), (vec![], vec![]));
}

/// An SMSC at the other end of a pair, in whose hands each of the two connections is.
#[tokio::test]
async fn a_receipt_on_the_transmitter_of_a_pair_settles_its_reply() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let till = Till::open();
    let _link =
        link_at(listener.local_addr().unwrap(), application(&till), "mbush", "receipts = true\nbind = \"pair\"");
    for _ in 0..2 {
        let mut session = Raw::accept(&listener).await;
        let bind = session.next().await.unwrap();
        let Body::Bind(Bind { mode, .. }) = bind.body else { panic!("{bind:?}") };
        // Before the answer to the bind, too: what the SMSC sends in that order is served in that order.
        let receipt = |id: &str| delivered(format!("id:{id} stat:DELIVRD err:000").as_bytes(), 0, 4, &[]);
        session.send(&Pdu::request(5, Body::DeliverSm(receipt("a1")))).await;
        let resp = BindResp { mode, system_id: "smsc".into(), tlvs: Tlvs::default() };
        session.send(&Pdu::request(bind.sequence, Body::BindResp(resp))).await;
        session.send(&Pdu::request(6, Body::DeliverSm(receipt("a2")))).await;
        for sequence in [5, 6] {
            let answer = session.next().await.unwrap();
            assert_eq!((answer.sequence, answer.status), (sequence, CommandStatus::OK), "{mode:?}");
        }
    }
    assert_eq!(till.settled().len(), 4);
}

#[tokio::test]
async fn receipts_are_asked_for_where_they_are_wanted() {
    for (setting, wanted) in [("", 0), ("receipts = true", 1)] {
        let (smsc, till) = (smsc().await, Till::open());
        let link = link(&smsc, &till, setting);
        let (out, mut requests) = (link.outbound(), smsc.requests());
        until("the way out is ready", || out.is_ready()).await;
        out.send(&crate::smpp_link::till::reply(&"x".repeat(300))).await;
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
    let long = OutboundSms { message_key: "ipko:1".to_owned(), ..crate::smpp_link::till::reply(&"x".repeat(400)) };
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { outbox: vec![long], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(within("a reply", seen.recv()).await.unwrap().segments, 3);
    let deadline = std::time::Instant::now() + testkit::wait::DEADLINE;
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
    let reply = mbush::domain::OutboundSms { message_key: taken.key, ..crate::smpp_link::till::reply("5.00 EUR") };
    until("the way out is ready", || link.outbound().is_ready()).await;
    link.outbound().send(&reply).await;
    let Body::SubmitSm(sm) = within("a message", requests.recv()).await.unwrap() else { panic!() };
    assert_eq!(sm.tlvs.octet(tag::USSD_SERVICE_OP), Some(17));
    assert_eq!(sm.source.value.to_string(), "123");
}
