//! Who may bind, and how many.

use mbush::simulator::{Esme, EsmeSettings};
use mbush::smpp::pdu::{BindMode, Body};
use mbush::smpp::session::Completion;
use mbush::smpp::{CommandId, CommandStatus};
use secrecy::SecretString;
use testkit::wait::{until, within};

use super::bank::{at, bank, bank_in, refusal, server, settings};
use super::raw::Raw;
use crate::smpp_link::till::{Till, text};

fn with(settings: EsmeSettings, system_id: &str, password: &str) -> EsmeSettings {
    EsmeSettings { system_id: system_id.to_owned(), password: SecretString::from(password), ..settings }
}

#[tokio::test]
async fn each_mode_binds_and_only_transmitters_submit() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    for (mode, name) in [
        (BindMode::Transmitter, "transmitter"),
        (BindMode::Receiver, "receiver"),
        (BindMode::Transceiver, "transceiver"),
    ] {
        let bank = bank_in(&server, mode).await;
        until("somebody is bound", || !till.registry.report().is_empty()).await;
        let report = till.registry.report();
        assert_eq!(
            (report[0].link.as_str(), report[0].peer_is.as_str(), report[0].mode.as_str()),
            ("teb", "esme", name)
        );
        let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
        // The simulated bank itself refuses to submit as a receiver; the server is asked by hand.
        let mut raw = Raw::connect(server.address()).await;
        let Body::Bind(bind) = super::raw::bind() else { panic!() };
        raw.send(&mbush::smpp::Pdu::request(1, Body::Bind(mbush::smpp::pdu::Bind { mode, ..bind }))).await;
        assert_eq!(raw.next().await.unwrap().status, CommandStatus::OK);
        raw.send(&mbush::smpp::Pdu::request(2, Body::SubmitSm(sm))).await;
        let expected = if mode.transmits() { CommandStatus::OK } else { CommandStatus::WRONG_BIND_STATUS };
        assert_eq!(raw.next().await.unwrap().status, expected, "{name}");
        drop(raw);
        assert_eq!(bank.unbind().await, "unbound");
        until("nobody is bound", || till.registry.report().is_empty()).await;
    }
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_a_refusal_unless_told_to() {
    let till = Till::open();
    for (tell, name_is_wrong, password_is_wrong) in [
        (false, CommandStatus::BIND_FAILED, CommandStatus::BIND_FAILED),
        (true, CommandStatus::INVALID_SYSTEM_ID, CommandStatus::INVALID_PASSWORD),
    ] {
        let server =
            server(mbush::config::smpp_server::SmppServer { tell_bind_errors: tell, ..settings() }, &till, "").await;
        assert_eq!(refusal(&with(at(&server), "nobody", "secret")).await, name_is_wrong);
        assert_eq!(refusal(&with(at(&server), "bank", "wrong")).await, password_is_wrong);
        assert_eq!(refusal(&with(at(&server), "bank", "")).await, password_is_wrong);
        bank(&server).await;
    }
}

#[tokio::test]
async fn the_right_password_from_a_wrong_network_is_refused() {
    let till = Till::open();
    let elsewhere = server(settings(), &till, "addresses = [\"10.0.0.0/8\", \"192.0.2.7\"]").await;
    assert_eq!(refusal(&at(&elsewhere)).await, CommandStatus::BIND_FAILED);
    let here = server(settings(), &till, "addresses = [\"10.0.0.0/8\", \"127.0.0.0/8\"]").await;
    bank(&here).await;
}

#[tokio::test]
async fn after_a_failure_even_the_right_password_has_to_wait() {
    let till = Till::open();
    let slow = mbush::config::smpp_server::SmppServer {
        bind_backoff_first_ms: 60_000,
        bind_backoff_max_ms: 60_000,
        ..settings()
    };
    let server = server(slow, &till, "").await;
    assert_eq!(refusal(&with(at(&server), "bank", "wrong")).await, CommandStatus::BIND_FAILED);
    assert_eq!(refusal(&at(&server)).await, CommandStatus::BIND_FAILED);
}

#[tokio::test]
async fn live_sessions_keep_their_seats_and_dead_ones_give_them_up() {
    let till = Till::open();
    let server = server(settings(), &till, "binds_max = 2").await;
    let (first, _second) = (bank(&server).await, bank(&server).await);
    assert_eq!(refusal(&at(&server)).await, CommandStatus::BIND_FAILED, "both live, and say so");
    first.unbind().await;
    // Bound, and from now on as dead as a host without power: it answers nothing.
    let mut dead = Raw::bound(server.address()).await;
    let third = bank(&server).await;
    assert!(!third.is_closed());
    let probe = dead.next().await.unwrap();
    assert_eq!(probe.body, Body::EnquireLink);
    assert!(dead.next().await.is_none(), "its session was ended");
}

#[tokio::test]
async fn a_second_bind_and_an_unbind_are_answered() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let mut raw = Raw::bound(server.address()).await;
    raw.send(&mbush::smpp::Pdu::request(2, super::raw::bind())).await;
    assert_eq!(raw.next().await.unwrap().status, CommandStatus::ALREADY_BOUND);
    raw.send(&mbush::smpp::Pdu::request(3, Body::Unbind)).await;
    assert_eq!(raw.next().await.unwrap(), mbush::smpp::Pdu::request(3, Body::UnbindResp));
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn what_comes_glued_to_the_bind_is_served() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
    let mut glued = super::raw::octets(&mbush::smpp::Pdu::request(1, super::raw::bind()));
    glued.extend(super::raw::octets(&mbush::smpp::Pdu::request(2, Body::SubmitSm(sm))));
    let mut raw = Raw::connect(server.address()).await;
    raw.write(&glued).await;
    let answers = [raw.next().await.unwrap(), raw.next().await.unwrap()];
    assert_eq!(answers.map(|pdu| (pdu.sequence, pdu.status)), [(1, CommandStatus::OK), (2, CommandStatus::OK)]);
    assert_eq!(till.texts(), ["5"]);
}

/// More than may wait behind a bind is answered one by one, and the bind and what waits are served all the same.
#[tokio::test]
async fn a_bind_is_answered_however_much_comes_glued_to_it() {
    let till = Till::open();
    let server = server(settings(), &till, "throttle_segments_per_second = 10000").await;
    let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
    let mut glued = super::raw::octets(&mbush::smpp::Pdu::request(1, super::raw::bind()));
    for sequence in 2..102 {
        glued.extend(super::raw::octets(&mbush::smpp::Pdu::request(sequence, Body::SubmitSm(sm.clone()))));
    }
    let mut raw = Raw::connect(server.address()).await;
    raw.write(&glued).await;
    let mut answers = std::collections::BTreeMap::new();
    while answers.len() < 101 {
        let answer = raw.next().await.unwrap();
        assert_eq!(answers.insert(answer.sequence, answer.status), None);
    }
    let taken = answers.values().filter(|status| status.is_ok()).count();
    assert!(answers[&1].is_ok() && taken > 32, "{answers:?}");
    assert!(answers.values().all(|status| status.is_ok() || *status == CommandStatus::QUEUE_FULL), "{answers:?}");
    assert_eq!(till.texts().len(), taken - 1, "an OK is kept");
}

/// A client that says all that it has to say in one write hears the answers in that order, and is let go.
#[tokio::test]
async fn a_whole_session_in_one_write_is_answered_in_order() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let sm = mbush::simulator::esme::message(&text("5"), b"5".to_vec(), 0, 0).unwrap();
    let whole = [super::raw::bind(), Body::EnquireLink, Body::SubmitSm(sm), Body::Unbind];
    let octets = (1..).zip(whole).flat_map(|(n, body)| super::raw::octets(&mbush::smpp::Pdu::request(n, body)));
    let mut raw = Raw::connect(server.address()).await;
    raw.write(&octets.collect::<Vec<u8>>()).await;
    let mut answers = Vec::new();
    while let Some(pdu) = raw.next().await {
        answers.push((pdu.command(), pdu.sequence, pdu.status));
    }
    let ok = CommandStatus::OK;
    let expected = [
        (CommandId::BindTransceiverResp, 1, ok),
        (CommandId::EnquireLinkResp, 2, ok),
        (CommandId::SubmitSmResp, 3, ok),
        (CommandId::UnbindResp, 4, ok),
    ];
    assert_eq!(answers, expected);
    assert_eq!(till.texts(), ["5"]);
    until("nobody is bound", || till.registry.report().is_empty()).await;
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_in_flight_and_unbinds() {
    let till = Till::closed();
    let server = server(settings(), &till, "").await;
    let address = server.address();
    let bank = std::sync::Arc::new(bank(&server).await);
    let submitting = bank.clone();
    let in_flight = tokio::spawn(async move { submitting.submit(&text("in flight")).await });
    till.arrived(1).await;
    let stopping = tokio::spawn(server.stop());
    // New messages are to come again, on another connection, once it no longer listens.
    let refused = async { while Esme::bind(&EsmeSettings::new(address.to_string())).await.is_ok() {} };
    within("it no longer listens", refused).await;
    let Completion::Answered(late) = bank.request(Body::SubmitSm(late())).await else { panic!() };
    assert_eq!(late.status, CommandStatus::SYSTEM_ERROR);
    till.commit(1_000);
    assert_eq!(in_flight.await.unwrap().unwrap().status, CommandStatus::OK);
    stopping.await.unwrap();
    until("the session has ended", || bank.is_closed()).await;
    assert_eq!(till.texts(), ["in flight"]);
}

fn late() -> mbush::smpp::pdu::Sm {
    mbush::simulator::esme::message(&text("late"), b"late".to_vec(), 0, 0).unwrap()
}
