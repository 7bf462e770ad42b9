//! Bind, loss, return, farewell.

use std::sync::Arc;

use futures_util::future::join_all;
use mbush::links::SendOutcome;
use mbush::simulator::{Faults, NotDelivered};
use mbush::smpp::CommandStatus;
use testkit::relay::Relay;
use testkit::wait::{until, within};

use crate::smpp_link::till::{Till, application, link, link_to, link_with_password, reply, smsc, text};

#[tokio::test]
async fn a_connection_cut_in_mid_window_comes_back_and_loses_nothing() {
    let (smsc, till) = (Arc::new(smsc().await), Till::closed());
    let _link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    let texts: Vec<String> = (0..10).map(|number| format!("text {number}")).collect();
    smsc.set_faults(Faults { cut_after_deliveries: Some(10), ..Faults::default() });
    let deliver = |one: &String| {
        let (smsc, one) = (smsc.clone(), text(one));
        tokio::spawn(async move { smsc.deliver(&one).await })
    };
    for answer in join_all(texts.iter().map(deliver)).await {
        assert_eq!(answer.unwrap(), Err(NotDelivered::Unanswered));
    }
    until("nobody is bound", || smsc.sessions() == 0).await;
    till.commit(1_000);
    within("a receiver is bound", smsc.receiver_bound()).await;
    for answer in join_all(texts.iter().map(deliver)).await {
        assert_eq!(answer.unwrap(), Ok(CommandStatus::OK));
    }
    let mut committed = till.texts();
    committed.dedup();
    assert_eq!(committed, texts);
    assert_eq!(smsc.counters().connections, 2);
}

#[tokio::test]
async fn a_stream_that_cannot_be_followed_is_left_and_begun_anew() {
    let (smsc, till) = (smsc().await, Till::open());
    let relay = Relay::to(smsc.address()).await;
    let _link = link_to(relay.address(), &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    relay.inject([0xFF; 16]);
    until("nobody is bound", || smsc.sessions() == 0).await;
    within("a receiver is bound", smsc.receiver_bound()).await;
    assert_eq!(smsc.deliver(&text("5")).await, Ok(CommandStatus::OK));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_goes_out() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link_with_password(&smsc, &till, "wrong", "");
    until("three binds are refused", || smsc.counters().binds_refused >= 3).await;
    let out = link.outbound();
    assert!(!out.is_ready() && smsc.sessions() == 0);
    assert_eq!(out.send(&reply("5")).await, SendOutcome::NotBound);
    assert_eq!(smsc.counters().binds, 0);
    link.stop().await;
}

#[tokio::test]
async fn the_next_host_is_tried_when_one_is_away() {
    let (smsc, till) = (smsc().await, Till::open());
    // Bound and never listening: nobody else can be given the port meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let away = socket.local_addr().unwrap();
    let settings = format!(
        "kind = \"smsc\"\nhosts = [\"{away}\", \"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"",
        smsc.address()
    );
    let settings: mbush::config::link::Smsc = toml::from_str(&settings).unwrap();
    let _link = mbush::links::smpp::SmscLink::prepare("ipko", &settings).unwrap().start(application(&till));
    within("a receiver is bound", smsc.receiver_bound()).await;
    assert_eq!(smsc.deliver(&text("5")).await, Ok(CommandStatus::OK));
}

#[tokio::test]
async fn a_link_that_stops_finishes_what_is_in_flight_and_unbinds() {
    let (smsc, till) = (Arc::new(smsc().await), Till::closed());
    let link = link(&smsc, &till, "bind = \"pair\"");
    until("both are bound", || smsc.sessions() == 2).await;
    let delivering = smsc.clone();
    let in_flight = tokio::spawn(async move { delivering.deliver(&text("in flight")).await });
    till.arrived(1).await;
    let stopping = tokio::spawn(link.stop());
    till.commit(1_000);
    assert_eq!(in_flight.await.unwrap(), Ok(CommandStatus::OK));
    stopping.await.unwrap();
    until("nobody is bound", || smsc.sessions() == 0).await;
    assert_eq!(till.texts(), ["in flight"]);
}

#[tokio::test]
async fn an_smsc_that_stops_unbinds_us_in_good_order() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    within("a receiver is bound", smsc.receiver_bound()).await;
    assert_eq!(smsc.deliver(&text("5")).await, Ok(CommandStatus::OK));
    smsc.stop().await;
    link.stop().await;
    assert_eq!(till.texts(), ["5"]);
}
