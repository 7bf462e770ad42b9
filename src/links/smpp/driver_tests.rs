//! Tests of requests whose connection is gone.

use super::*;
use crate::smpp::pdu::{Bind, BindMode, Body, Pdu};
use crate::smpp::session::{Notice, Refusal, Role, Ticket, Unanswered};
use crate::smpp::status::CommandStatus;

/// A connection whose task was dropped while it held the request: nobody is left who could tell its outcome.
#[tokio::test]
async fn a_request_that_nobody_can_tell_the_outcome_of_ends_as_unknown() {
    let Connection { handle, mut commands, .. } = Connection::new(Settings::new(Role::Esme));
    let asking = tokio::spawn(async move { handle.request(Body::EnquireLink).await });
    let held = commands.recv().await;
    assert!(matches!(held, Some(Command::Request(..))));
    drop(commands);
    let outcome = tokio::time::timeout(Duration::from_mins(1), asking).await;
    assert!(matches!(outcome, Ok(Ok(Completion::Unknown(Unanswered::Closed)))), "{outcome:?}");
    drop(held);
}

#[tokio::test]
async fn a_request_to_a_connection_that_has_ended_was_not_sent() {
    let Connection { handle, commands, .. } = Connection::new(Settings::new(Role::Esme));
    drop(commands);
    assert!(matches!(handle.request(Body::EnquireLink).await, Completion::Refused(Refusal::NotBound)));
}

/// A peer that accepts every bind and answers every request.
struct Anybody;

impl Peer for Anybody {
    fn authenticate(&mut self, ticket: Ticket, _: Bind, handle: &Handle) {
        handle.decide(ticket, Ok(()));
    }
    fn bound(&mut self, _: BindMode, _: &Handle) {}
    fn request(&mut self, ticket: Ticket, _: Pdu, handle: &Handle) {
        handle.answer(ticket, CommandStatus::OK, None);
    }
    fn notice(&mut self, _: Notice) {}
}

/// Its clock stands still until everybody waits, and then goes on to the next deadline at once.
#[tokio::test(start_paused = true)]
async fn a_peer_that_asks_and_does_not_read_is_dropped() {
    let (mut peer, ours) = tokio::io::duplex(1_024);
    let (reader, writer) = tokio::io::split(ours);
    let connection = Connection::new(Settings { session_init: Duration::from_hours(1), ..Settings::new(Role::Smsc) });
    let meant = std::time::Duration::from_hours(2);
    let running = tokio::spawn(tokio::time::timeout(meant, connection.run(reader, writer, Anybody)));
    let ask = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 7];
    let started = Instant::now();
    // Until it takes no more: it has stopped reading, or has gone.
    let mut asked = 0;
    while tokio::time::timeout(Duration::from_secs(1), peer.write_all(&ask)).await.is_ok_and(|wrote| wrote.is_ok()) {
        asked += 1;
        assert!(asked < 1_000_000, "it takes questions without end");
    }
    let ended = running.await.unwrap().expect("it ends");
    assert!(matches!(ended, Ended::SlowReader), "{ended}");
    assert!(started.elapsed() >= WRITE_TIMEOUT, "a peer has time to read");
    assert!(asked * ask.len() <= 2 * OUT_OCTETS_FULL, "{asked} questions were taken in all that time");
}
