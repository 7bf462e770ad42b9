//! What is dialled, and the answer that closes the dialogue.

use mbush::domain::OutboundSms;
use mbush::links::SendOutcome;
use mbush::simulator::esme::message;
use mbush::smpp::pdu::{Body, MessageResp, Sm};
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::smpp::{CommandStatus, Pdu};

use super::bank::{out, server, settings};
use super::raw::Raw;
use crate::smpp_link::till::{Till, reply, text};

const SESSION: [u8; 2] = [0x2A, 0x01];

/// A message of a dialogue: what is typed, how the network calls it, and its number in the dialogue.
fn typed(string: &str, operation: u8, number: u8) -> Body {
    let tlvs = Tlvs::default().with(tag::USSD_SERVICE_OP, &[operation]).unwrap();
    let tlvs = tlvs.with(tag::ITS_SESSION_INFO, &[7, number << 1]).unwrap();
    let to = mbush::simulator::Text { to: "123".to_owned(), ..text("") };
    Body::SubmitSm(Sm { tlvs, ..message(&to, string.as_bytes().to_vec(), 0, 0).unwrap() })
}

/// Sends a message of a dialogue; the text and the operation of what is shown for it.
async fn shown(gateway: &mut Raw, sequence: u32, body: Body) -> (String, Option<u8>) {
    gateway.send(&Pdu::request(sequence, body)).await;
    let answer = gateway.next().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (sequence, CommandStatus::OK));
    let Body::SubmitSmResp(resp) = answer.body else { panic!("{answer:?}") };
    assert!(resp.message_id.is_empty(), "nothing is kept of a screen, which nobody can ask about");
    let screen = gateway.next().await.unwrap();
    gateway.send(&Pdu::request(screen.sequence, Body::DeliverSmResp(MessageResp::default()))).await;
    let Body::DeliverSm(sm) = screen.body else { panic!("{screen:?}") };
    assert_eq!(sm.destination.value.to_string(), "38349111222");
    (String::from_utf8_lossy(sm.short_message.octets()).into_owned(), sm.tlvs.octet(tag::USSD_SERVICE_OP))
}

#[tokio::test]
async fn a_menu_is_walked_and_its_leaf_is_a_message_once() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut gateway = Raw::bound(server.address()).await;
    let (screen, operation) = shown(&mut gateway, 2, typed("*123#", 1, 1)).await;
    assert!(screen.starts_with("Please choose:\n1 Balance"), "{screen}");
    assert_eq!(operation, Some(2), "it wants an answer");
    // The network delivers the answer twice, and the next one too.
    for sequence in [3, 4] {
        let (screen, _) = shown(&mut gateway, sequence, typed("4", 18, 2)).await;
        assert!(screen.starts_with("Language:\n1 Shqip"), "{screen}");
    }
    for sequence in [5, 6] {
        gateway.send(&Pdu::request(sequence, typed("3", 18, 3))).await;
        assert_eq!(gateway.next().await.unwrap().status, CommandStatus::OK);
    }
    assert_eq!(till.texts(), ["english", "english"]);
    let keys: Vec<String> = till.committed().into_iter().map(|message| message.key).collect();
    assert_eq!(keys[0], keys[1], "one message, which the processor knows again");
    // The dialogue is over.
    let (screen, operation) = shown(&mut gateway, 7, typed("1", 18, 4)).await;
    assert!(screen.starts_with("The session is over."), "{screen}");
    assert_eq!(operation, Some(17));
}

#[tokio::test]
async fn a_dialogue_that_nobody_knows_any_more_begins_anew() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut gateway = Raw::bound(server.address()).await;
    let (screen, _) = shown(&mut gateway, 2, typed("2", 18, 5)).await;
    assert!(screen.starts_with("Please choose:"), "{screen}");
    assert_eq!(till.committed(), []);
}

fn dialled(string: &str, operation: u8) -> Sm {
    let tlvs = Tlvs::default().with(tag::USSD_SERVICE_OP, &[operation]).unwrap();
    let tlvs = tlvs.with(tag::ITS_SESSION_INFO, &SESSION).unwrap();
    let to = mbush::simulator::Text { to: "123".to_owned(), ..text("") };
    Sm { tlvs, ..message(&to, string.as_bytes().to_vec(), 0, 0).unwrap() }
}

#[tokio::test]
async fn what_is_dialled_is_a_message_and_its_reply_closes_the_dialogue() {
    let till = Till::open();
    let server = server(settings(), &till, "ussd_codes = { \"123\" = \"50005\" }\nshort_codes = [\"50005\"]").await;
    let mut gateway = Raw::bound(server.address()).await;
    gateway.send(&Pdu::request(2, Body::SubmitSm(dialled("*123*049123456*5#", 1)))).await;
    assert_eq!(gateway.next().await.unwrap().status, CommandStatus::OK);
    let taken = till.committed().pop().unwrap();
    assert_eq!(till.texts(), ["049123456 5"]);
    assert_eq!((taken.to.as_str(), taken.from.as_str()), ("50005", "38349111222"));

    let out = out(&server);
    let answer = OutboundSms { message_key: taken.key.clone(), ..reply("5.00 EUR") };
    let answering = async {
        let delivered = gateway.next().await.unwrap();
        gateway.send(&Pdu::request(delivered.sequence, Body::DeliverSmResp(MessageResp::default()))).await;
        delivered.body
    };
    let (sent, delivered) = tokio::join!(out.send(&answer), answering);
    assert!(matches!(sent, SendOutcome::Sent { .. }));
    let Body::DeliverSm(sm) = delivered else { panic!("{delivered:?}") };
    assert_eq!((sm.service_type.to_string().as_str(), sm.source.value.to_string().as_str()), ("USSD", "123"));
    assert_eq!(sm.tlvs.octet(tag::USSD_SERVICE_OP), Some(17));
    assert_eq!(sm.tlvs.get(tag::ITS_SESSION_INFO), Some(SESSION.as_slice()));

    // The dialogue is closed: another reply to the same message is an SMS from the short code.
    let answering = async {
        let delivered = gateway.next().await.unwrap();
        gateway.send(&Pdu::request(delivered.sequence, Body::DeliverSmResp(MessageResp::default()))).await;
        delivered.body
    };
    let (_, delivered) = tokio::join!(out.send(&answer), answering);
    let Body::DeliverSm(sm) = delivered else { panic!("{delivered:?}") };
    assert_eq!((sm.source.value.to_string().as_str(), sm.tlvs.is_empty()), ("50005", true));
}

#[tokio::test]
async fn a_service_code_of_somebody_else_is_refused_and_a_confirmation_is_no_request() {
    let till = Till::open();
    let server = server(settings(), &till, "ussd_codes = { \"123\" = \"50005\" }\nshort_codes = [\"50005\"]").await;
    let mut gateway = Raw::bound(server.address()).await;
    gateway.send(&Pdu::request(2, Body::SubmitSm(dialled("*50333*5#", 1)))).await;
    assert_eq!(gateway.next().await.unwrap().status, CommandStatus::INVALID_DESTINATION);
    gateway.send(&Pdu::request(3, Body::SubmitSm(dialled("", 19)))).await;
    assert_eq!(gateway.next().await.unwrap().status, CommandStatus::OK);
    assert_eq!(till.committed(), []);
}
