//! Batches pass replies to the dispatcher in memory and write final states for it. Batches that fail lose neither a
//! reply nor a place, and final states that the database refuses stop no top-up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::config::section;
use mbush::dispatch::Dispatcher;
use mbush::domain::{Clock, OutboundSms, Outcome};
use mbush::links::{Links, Outbound, SendOutcome};
use mbush::store::Store;
use rstest::rstest;
use testkit::postgres::Postgres;
use testkit::proxy::Proxy;
use testkit::wait::{self, within};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::node::Node;
use crate::store::audit::execute;
use crate::store::cancelled::cancel_after;
use crate::store::final_states::{refuse_final_states, take_final_states, until};
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, try_apply, try_write};

/// A link that takes everything, and has so many places. If there is one and a batch keeps it, no reply is sent any more.
#[derive(Debug)]
struct Counting {
    places: usize,
    sent: Mutex<BTreeMap<String, usize>>,
}

impl Counting {
    fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places, sent: Mutex::default() })
    }

    /// The number of times that the reply to this message was sent.
    fn sent(&self, key: &str) -> usize {
        self.sent.lock().unwrap().get(key).copied().unwrap_or(0)
    }
}

impl Outbound for Counting {
    fn is_ready(&self) -> bool {
        true
    }

    fn places(&self) -> usize {
        self.places
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        *self.sent.lock().unwrap().entry(sms.message_key.clone()).or_default() += 1;
        std::future::ready(SendOutcome::Sent { remote_ids: vec![Some("a1".into())] }).boxed()
    }
}

/// A dispatcher whose clock stands still, so that no lease ends.
struct Dispatching {
    store: Store,
    link: Arc<Counting>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Dispatching {
    /// Batches pass replies to it.
    async fn on(store: &Store) -> Self {
        let (store, link, stop) = (store.clone(), Counting::new(1), CancellationToken::new());
        let mut links = Links::default();
        links.insert("ipko", link.clone());
        let dispatcher = Dispatcher::new(store.clone(), links, section::Dispatch::default(), Clock::new(now));
        let this = Self { running: tokio::spawn(dispatcher.run(stop.clone())), store, link, stop };
        this.confirms(0).await;
        this
    }

    /// A top-up in good order, whose reply is sent.
    async fn confirms(&self, number: u64) {
        apply(&self.store, &[top_up(number)]).await;
        self.is_sent_once(number).await;
    }

    async fn is_sent_once(&self, number: u64) {
        let key = top_up(number).message.key;
        until("the final state of its reply", async || {
            self.store.outbox_of(&key).await.unwrap().iter().any(|row| row.state == "sent")
        })
        .await;
        assert_eq!(self.link.sent(&key), 1, "{key}");
    }

    async fn stop(self) {
        self.stop.cancel();
        within("the dispatcher's end", self.running).await.unwrap();
    }
}

fn top_up(number: u64) -> TopUp {
    TopUp::new(&format!("ipko:{number}"), number + 1, number + 1)
}

/// A database whose next commits with replies fail at their end.
async fn refuse_commits(database: &Database, kind: Kind) {
    let statements: &[&str] = match kind {
        Kind::Sqlite => &[
            "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
            "CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TRIGGER refuse AFTER INSERT ON outbox BEGIN INSERT INTO child VALUES (1); END",
        ],
        Kind::Postgres => &[
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$",
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION refuse()",
        ],
    };
    for statement in statements {
        execute(database, kind, statement).await;
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_commit_fails_gives_its_place_back(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let dispatching = Dispatching::on(&store).await;
    refuse_commits(&database, kind).await;
    for _ in 0..3 {
        try_apply(&store, &[top_up(1)]).await.unwrap_err();
    }
    assert!(store.outbox_of("ipko:1").await.unwrap().is_empty());
    assert_eq!(dispatching.link.sent("ipko:1"), 0, "nothing is sent of a batch that is not committed");
    take_final_states(&database, kind).await;
    dispatching.confirms(1).await;
    dispatching.stop().await;
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_cancelled_before_its_commit_gives_its_place_back(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let dispatching = Dispatching::on(&store).await;
    for number in 1..4 {
        drop(try_write(&store, &[top_up(number)]).await.unwrap());
        let (batch, _) = try_write(&store, &[top_up(number)]).await.unwrap();
        batch.rollback().await;
        assert_eq!(dispatching.link.sent(&top_up(number).message.key), 0);
        dispatching.confirms(number).await;
    }
    dispatching.stop().await;
}

/// The clock stands still: a reply that waited for the end of its lease would never be sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reply_of_a_batch_whose_answer_was_lost_is_due_at_once() {
    let Some(database) = Database::new(Kind::Postgres) else { return };
    let Some(server) = database.server() else { return };
    let Some(proxy) = Proxy::before(server).await else { return };
    let store = Store::open(&proxy.url).await.unwrap();
    let dispatching = Dispatching::on(&store).await;
    for number in 1..4 {
        let (batch, _) = try_write(&store, &[top_up(number)]).await.unwrap();
        proxy.lose_next();
        batch.commit().await.unwrap_err();
        dispatching.is_sent_once(number).await;
        dispatching.confirms(100 + number).await;
    }
    assert_eq!(proxy.lost(), 3);
    dispatching.stop().await;
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reply_of_a_batch_that_is_cancelled_in_its_commit_is_sent_once_if_it_is_committed(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let dispatching = Dispatching::on(&store).await;
    for number in 1..=40 {
        let (batch, _) = try_write(&store, &[top_up(number)]).await.unwrap();
        let polls = u32::try_from(number % 4).unwrap();
        cancel_after(polls, Duration::from_micros(50 * number), batch.commit()).await;
        // As the processor does; the key shows whether it was committed.
        dispatching.confirms(number).await;
    }
    dispatching.stop().await;
    assert_sound(&store).await;
}

/// A server that stood still commits what it was sent before, and only after the batch has given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reply_of_a_batch_that_is_committed_after_it_was_cancelled_is_due_at_once() {
    let Some(mut server) = Postgres::start().filter(Postgres::is_private) else { return };
    let store = Store::open(&server.url).await.unwrap();
    let dispatching = Dispatching::on(&store).await;
    for number in 1..=10 {
        let (batch, _) = try_write(&store, &[top_up(number)]).await.unwrap();
        server.freeze();
        cancel_after(3, Duration::from_millis(1), batch.commit()).await;
        server.thaw();
        dispatching.confirms(number).await;
    }
    dispatching.stop().await;
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn final_states_that_the_database_refuses_stop_no_top_up(#[case] kind: Kind) {
    const TOP_UPS: i64 = 20;
    let Some(database) = Database::new(kind) else { return };
    let node = Node::start_with(|config| config.store.url.clone_from(&database.url)).await;
    refuse_final_states(&database, kind).await;
    let (link, stop, mut links) = (Counting::new(100), CancellationToken::new(), Links::default());
    links.insert("ipko", link.clone());
    let settings = section::Dispatch::default();
    let dispatcher = Dispatcher::new(node.store.clone(), links, settings, node.clock.clone());
    let running = tokio::spawn(dispatcher.run(stop.clone()));
    let key = |number: i64| format!("ipko:{number}");
    for number in 0..TOP_UPS {
        let from = format!("383491110{number:02}");
        let answer = node.text(&number.to_string(), &from, "50005", "2").await.unwrap();
        assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
        // The next batch gets its final state to write.
        wait::until("its reply", || link.sent(&key(number)) > 0).await;
    }
    for number in 0..TOP_UPS {
        assert_eq!(node.store.outbox_of(&key(number)).await.unwrap()[0].state, "open", "message {number}");
    }
    take_final_states(&database, kind).await;
    for number in 0..TOP_UPS {
        until("its final state", async || node.store.outbox_of(&key(number)).await.unwrap()[0].state == "sent").await;
        assert_eq!(link.sent(&key(number)), 1, "message {number}");
    }
    stop.cancel();
    within("the dispatcher's end", running).await.unwrap();
    let totals = node.store.totals().await.unwrap();
    assert_eq!((totals.applied, totals.transfers), (TOP_UPS, TOP_UPS));
    assert_sound(&node.stop().await).await;
}
