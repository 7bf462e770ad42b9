//! What becomes of a request whose connection is gone.

use super::*;
use crate::smpp::session::Role;

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
