//! What is dialled, and the answer that closes the dialogue.

use mbush::domain::OutboundSms;
use mbush::links::SendOutcome;
use mbush::simulator::esme::message;
use mbush::smpp::pdu::{Body, MessageResp, Sm};
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::smpp::{CommandStatus, Pdu};

use super::bank::{out, server, settings};
use super::raw::Raw;
use crate::till::{Till, reply, text};

const SESSION: [u8; 2] = [0x2A, 0x01];

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
