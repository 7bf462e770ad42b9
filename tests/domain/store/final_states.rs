//! What became of a reply is remembered until the database takes it: the reply is not sent a second time meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::config::section;
use mbush::dispatch::Dispatcher;
use mbush::domain::{Clock, OutboundSms};
use mbush::links::{Links, Outbound, SendOutcome};
use rstest::rstest;
use testkit::wait::within;
use tokio_util::sync::CancellationToken;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, now};

/// A link that takes everything, and counts.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Outbound for Counting {
    fn is_ready(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, _: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::ready(SendOutcome::Sent { remote_ids: vec![Some("a1".into())] }).boxed()
    }
}

/// A database that takes leases and no final states.
pub(crate) async fn refuse_final_states(database: &Database, kind: Kind) {
    match kind {
        Kind::Sqlite => {
            let trigger = "CREATE TRIGGER refuse BEFORE UPDATE OF state ON outbox WHEN NEW.state = 'sent'
                BEGIN SELECT RAISE(ABORT, 'not now'); END";
            execute(database, kind, trigger).await;
        }
        Kind::Postgres => {
            let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not now'; END $$";
            execute(database, kind, function).await;
            let trigger = "CREATE TRIGGER refuse BEFORE UPDATE OF state ON outbox FOR EACH ROW
                WHEN (NEW.state = 'sent') EXECUTE FUNCTION refuse()";
            execute(database, kind, trigger).await;
        }
    }
}

/// It takes them again.
pub(crate) async fn take_final_states(database: &Database, kind: Kind) {
    let drop = match kind {
        Kind::Sqlite => "DROP TRIGGER refuse",
        Kind::Postgres => "DROP TRIGGER refuse ON outbox",
    };
    execute(database, kind, drop).await;
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(what, wait).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_whose_final_state_the_database_refused_is_sent_once(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    refuse_final_states(&database, kind).await;
    let (seconds, link) = (Arc::new(AtomicI64::new(0)), Arc::new(Counting::default()));
    let turned = seconds.clone();
    let clock = Clock::new(move || now() + TimeDelta::seconds(turned.load(Ordering::SeqCst)));
    let mut links = Links::default();
    links.insert("ipko", link.clone());
    let settings = section::Dispatch { lease_seconds: 60, ..section::Dispatch::default() };
    let stop = CancellationToken::new();
    let running = tokio::spawn(Dispatcher::new(store.clone(), links, settings, clock).run(stop.clone()));
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    until("the reply on its way", async || link.0.load(Ordering::SeqCst) > 0).await;

    // Its lease ends, and the dispatcher takes it again, twice.
    for _ in 0..2 {
        let later = seconds.fetch_add(61, Ordering::SeqCst) + 61;
        let lease_over = now() + TimeDelta::seconds(later);
        until("the next lease", async || {
            store.next_outbox_due(&["ipko".to_owned()]).await.unwrap().is_some_and(|due| due > lease_over)
        })
        .await;
        assert_eq!(link.0.load(Ordering::SeqCst), 1, "the phone got it once");
    }
    take_final_states(&database, kind).await;
    until("its final state", async || store.outbox_of("ipko:1").await.unwrap()[0].state == "sent").await;
    assert_eq!(link.0.load(Ordering::SeqCst), 1, "the phone got it once");
    stop.cancel();
    within("the dispatcher's end", running).await.unwrap();
}
