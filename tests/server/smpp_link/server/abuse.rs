//! Clients that mean harm, or are broken: they harm themselves.

use mbush::config::smpp_server::SmppServer as Settings;
use mbush::smpp::pdu::Body;
use mbush::smpp::{CommandStatus, Pdu};
use testkit::wait::within;

use super::bank::{bank, server, settings};
use super::raw::{Raw, bind, octets};
use crate::smpp_link::till::{Till, text};

#[tokio::test]
async fn who_does_not_bind_in_time_is_shown_the_door() {
    let till = Till::open();
    let server = server(Settings { session_init_seconds: 1, ..settings() }, &till, "").await;
    let mut silent = Raw::connect(server.address()).await;
    let mut alive = Raw::connect(server.address()).await;
    alive.send(&Pdu::request(1, Body::EnquireLink)).await;
    assert_eq!(alive.next().await.unwrap().body, Body::EnquireLinkResp);
    assert!(silent.next().await.is_none());
    assert!(alive.next().await.is_none(), "asking for life is no bind");
}

#[tokio::test]
async fn a_pdu_that_trickles_in_is_not_waited_for() {
    let till = Till::open();
    let server = server(Settings { partial_seconds: 1, ..settings() }, &till, "").await;
    let mut slow = Raw::bound(server.address()).await;
    let pdu = octets(&Pdu::request(2, Body::EnquireLink));
    slow.write(&pdu[..15]).await;
    assert!(slow.next().await.is_none());
}

#[tokio::test]
async fn impossible_lengths_are_told_and_the_connection_is_closed() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    for length in [0_u32, 15, 1 << 17, u32::MAX] {
        let mut raw = Raw::bound(server.address()).await;
        let mut pdu = octets(&Pdu::request(2, Body::EnquireLink));
        pdu[..4].copy_from_slice(&length.to_be_bytes());
        raw.write(&pdu).await;
        let nack = raw.next().await.unwrap();
        assert_eq!((nack.body, nack.status), (Body::GenericNack, CommandStatus::INVALID_COMMAND_LENGTH), "{length}");
        assert!(raw.next().await.is_none());
    }
    bank(&server).await;
}

#[tokio::test]
async fn a_malformed_pdu_is_answered_and_the_next_one_served() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut raw = Raw::bound(server.address()).await;
    let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
    let good = octets(&Pdu::request(3, Body::SubmitSm(sm)));
    let mut bad = good.clone();
    bad[12..16].copy_from_slice(&2_u32.to_be_bytes());
    let sm_length = bad.len() - 2;
    bad[sm_length] = 200;
    raw.write(&[bad, good].concat()).await;
    let answers = [raw.next().await.unwrap(), raw.next().await.unwrap()];
    let answers = answers.map(|pdu| (pdu.sequence, pdu.status));
    assert_eq!(answers, [(2, CommandStatus::INVALID_MESSAGE_LENGTH), (3, CommandStatus::OK)]);
    assert_eq!(till.texts(), ["5"]);
    let report = &till.registry.report()[0];
    assert_eq!((report.malformed, report.requests_received, report.answered_ok), (1, 1, 1));
    assert!(
        report.last_error.as_ref().is_some_and(|error| error.contains("sm_length") || error.contains("short_message")),
        "{report:?}"
    );
}

#[tokio::test]
async fn who_sends_nonsense_before_a_bind_is_soon_let_go() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let unknown = |sequence: u32| [16, 0x0BAD_u32, 0, sequence].into_iter().flat_map(u32::to_be_bytes);
    let mut raw = Raw::connect(server.address()).await;
    raw.write(&(1..=100).flat_map(unknown).collect::<Vec<u8>>()).await;
    let mut nacks = 0;
    while let Some(nack) = raw.next().await {
        assert_eq!((nack.body, nack.status), (Body::GenericNack, CommandStatus::INVALID_COMMAND_ID));
        nacks += 1;
    }
    assert!(nacks <= 5, "a few are answered: {nacks}");
    let mut bound = Raw::bound(server.address()).await;
    bound.write(&(2..=101).flat_map(unknown).collect::<Vec<u8>>()).await;
    for sequence in 2..=101 {
        assert_eq!(bound.next().await.unwrap().sequence, sequence, "who is bound is answered each time");
    }
    bound.send(&Pdu::request(200, Body::EnquireLink)).await;
    assert_eq!(bound.next().await.unwrap().body, Body::EnquireLinkResp);
}

#[tokio::test]
async fn no_address_takes_all_connections() {
    let till = Till::open();
    let server = server(Settings { connections_per_address_max: 2, ..settings() }, &till, "").await;
    let (first, _second) = (Raw::bound(server.address()).await, Raw::bound(server.address()).await);
    let mut third = Raw::connect(server.address()).await;
    assert!(third.next().await.is_none());
    drop(first);
    // The place is free as soon as the server has seen it go.
    let free_place = async {
        loop {
            let mut again = Raw::connect(server.address()).await;
            again.send(&Pdu::request(1, Body::EnquireLink)).await;
            if again.next().await.is_some() {
                break;
            }
        }
    };
    within("the free place", free_place).await;
}

#[tokio::test]
async fn requests_before_the_bind_are_refused_one_by_one() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut raw = Raw::connect(server.address()).await;
    let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
    raw.send(&Pdu::request(1, Body::SubmitSm(sm))).await;
    let answer = raw.next().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (1, CommandStatus::WRONG_BIND_STATUS));
    raw.send(&Pdu::request(2, bind())).await;
    assert_eq!(raw.next().await.unwrap().status, CommandStatus::OK);
    assert_eq!(till.committed(), []);
}
