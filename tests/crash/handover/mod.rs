//! Replies on their way from the commit to their final state, when the program is killed with SIGKILL.
//!
//! - `steps`: killed between every two steps
//! - `nodes`: one of two nodes killed, and the other takes over
//! - `random`: killed at random moments under load
//! - `scene`: the program between relays that keep back what the test says
//! - `received`: what an SMSC received, answered or not

mod nodes;
mod random;
mod received;
mod scene;
mod steps;

use std::time::Duration;

use sqlx::{Connection, PgConnection, SqliteConnection};
use testkit::wait::within;

/// The shortest that can be set.
const LEASE_SECONDS: u32 = 10;

/// A reply in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    recipient: String,
    text: String,
    state: String,
}

const REPLIES: &str = "SELECT recipient, text, state FROM outbox";
/// The replies that confirm top-ups.
const CONFIRMATIONS: &str = "SELECT outbox.recipient, outbox.text, outbox.state FROM outbox
    JOIN transfers ON transfers.message_key = outbox.message_key";

async fn replies(url: &str, sql: &'static str) -> Vec<Reply> {
    let rows: Vec<(String, String, String)> = if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    };
    rows.into_iter().map(|(recipient, text, state)| Reply { recipient, text, state }).collect()
}

/// The confirmations of this payer's top-ups.
async fn confirmations(url: &str, payer: &str) -> Vec<Reply> {
    let mut found = replies(url, CONFIRMATIONS).await;
    found.retain(|reply| reply.recipient == payer);
    found
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(what, wait).await;
}

/// Waits until no reply is on its way any more, and all were taken.
async fn until_all_are_sent(url: &str) {
    until("the final state of every reply", async || {
        let rows = replies(url, REPLIES).await;
        assert!(rows.iter().all(|row| ["open", "sent"].contains(&&*row.state)), "{rows:#?}");
        rows.iter().all(|row| row.state == "sent")
    })
    .await;
}
