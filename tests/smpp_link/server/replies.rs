//! What goes back to a bank.

use mbush::links::SendOutcome;
use mbush::simulator::Faults;
use mbush::smpp::CommandStatus;
use mbush::smpp::pdu::BindMode;

use super::bank::{bank, bank_in, out, server, settings};
use crate::till::{Till, reply};
use crate::wait::{until, within};

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
