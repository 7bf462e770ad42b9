//! What goes back to a bank.

use mbush::domain::{Ending, Numbering, Report};
use mbush::links::SendOutcome;
use mbush::simulator::Faults;
use mbush::smpp::pdu::{Bind, BindMode, Body, MessageResp};
use mbush::smpp::{CommandStatus, Pdu};
use testkit::wait::{until, within};

use super::bank::{bank, bank_in, out, server, settings};
use super::raw::Raw;
use crate::smpp_link::till::{Till, reply};

#[tokio::test]
async fn a_reply_waits_until_somebody_is_bound_to_receive_it() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let out = out(&server);
    assert!(!out.is_ready());
    let _transmitter = bank_in(&server, BindMode::Transmitter).await;
    assert!(!out.is_ready());
    assert_eq!(out.send(&reply("5")).await, SendOutcome::NotBound);
    let bank = bank_in(&server, BindMode::Receiver).await;
    let mut received = bank.received();
    until("the way out is ready", || out.is_ready()).await;
    let long = "5.00 EUR u mbushen. {@} ".repeat(10);
    assert_eq!(out.send(&reply(&long)).await, SendOutcome::Sent { remote_ids: vec![None, None] });
    let got = within("a message", received.recv()).await.unwrap();
    assert_eq!((got.from.as_str(), got.to.as_str(), got.text.as_str()), ("50005", "38349111222", long.as_str()));
    bank.unbind().await;
    until("the way out is closed", || !out.is_ready()).await;
}

#[tokio::test]
async fn the_receivers_of_a_bank_take_turns() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let banks = [bank(&server).await, bank(&server).await];
    until("two are bound", || till.registry.report().len() == 2).await;
    let mut received = banks.each_ref().map(mbush::simulator::Esme::received);
    let out = out(&server);
    for _ in 0..10 {
        assert!(matches!(out.send(&reply("5")).await, SendOutcome::Sent { .. }));
    }
    for receiver in &mut received {
        assert_eq!(receiver.len(), 5);
        within("a message", receiver.recv()).await.unwrap();
    }
    banks[0].cut();
    until("one is bound", || till.registry.report().len() == 1).await;
    assert!(matches!(out.send(&reply("5")).await, SendOutcome::Sent { .. }), "the other one is there still");
}

/// Section 3.1.2 of the specification: an older peer cannot read optional parameters.
#[tokio::test]
async fn a_peer_of_before_3_4_gets_no_optional_parameters() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let out = out(&server);
    let now = chrono::Utc::now();
    let numbering = Some(Numbering { from: (3, 0), to: (6, 9) });
    let report = Report { ending: Ending::Refused, error_code: 23, submitted_at: now, done_at: now, numbering };
    for (version, has_parameters) in [(0x00, false), (0x33, false), (0x34, true), (0x50, true)] {
        let Body::Bind(bind) = super::raw::bind() else { panic!() };
        let mut peer = Raw::connect(server.address()).await;
        peer.send(&Pdu::request(1, Body::Bind(Bind { interface_version: version, ..bind }))).await;
        assert!(peer.next().await.unwrap().status.is_ok());
        until("the way out is ready", || out.is_ready()).await;
        let sms = reply("049123456 999");
        let (sent, told) = tokio::join!(out.report(&sms, &report), async {
            let told = peer.next().await.unwrap();
            peer.send(&Pdu::request(told.sequence, Body::DeliverSmResp(MessageResp::default()))).await;
            told
        });
        assert!(matches!(sent, SendOutcome::Sent { .. }));
        let Body::DeliverSm(sm) = told.body else { panic!("{told:?}") };
        assert_eq!(!sm.tlvs.is_empty(), has_parameters, "{version:#04x}");
        let text = String::from_utf8_lossy(sm.short_message.octets()).into_owned();
        assert!(text.contains("stat:REJECTD err:023"), "the text says it all: {text}");
        assert_eq!((sm.source.ton, sm.source.npi, sm.destination.ton, sm.destination.npi), (6, 9, 3, 0));
        peer.send(&Pdu::request(2, Body::Unbind)).await;
        assert_eq!(peer.next().await.unwrap().body, Body::UnbindResp);
        until("it has gone", || !out.is_ready()).await;
    }
}

#[tokio::test]
async fn a_banks_refusal_says_whether_to_try_again() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let out = out(&server);
    until("the way out is ready", || out.is_ready()).await;
    let refusing = [
        CommandStatus::TEMPORARY_APPLICATION_ERROR,
        CommandStatus::PERMANENT_APPLICATION_ERROR,
        CommandStatus::MESSAGE_REFUSED,
    ];
    bank.set_faults(Faults { submit_statuses: refusing.into_iter().collect(), ..Faults::default() });
    for permanent in [false, true, true] {
        let outcome = out.send(&reply("5")).await;
        assert!(matches!(&outcome, SendOutcome::Rejected { permanent: told, .. } if *told == permanent), "{outcome:?}");
    }
    assert!(matches!(out.send(&reply("5")).await, SendOutcome::Sent { .. }));
    bank.set_faults(Faults { silent: true, ..Faults::default() });
    let unanswered = reply("5");
    let (lost, ()) = tokio::join!(out.send(&unanswered), async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        bank.cut();
    });
    assert!(matches!(lost, SendOutcome::Unknown { .. }), "{lost:?}");
}
