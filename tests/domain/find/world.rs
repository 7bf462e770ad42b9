//! A node on a database of either kind, and questions to it.

use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::Clock;
use mbush::find::{Finder, Found, Hit, Kind as Meant, Names, Page, Query, SearchIndexer, Timeline};
use mbush::processor::Answer;
use mbush::store::{Delivery, DeliveryReceipt, Lease};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::node::{Node, plan};
use crate::store::harness::{Database, Kind};

pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) finder: Finder,
    _database: Database,
}

impl World {
    pub(crate) async fn start(kind: Kind) -> Option<Self> {
        let database = Database::new(kind)?;
        let url = database.url.clone();
        let node = Node::start_with(|config| config.store.url = url).await;
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let names =
            Names { links: names(&["ipko"]), clients: names(&["bkt-atm", "ipko"]), banks: names(&["teb", "bpb"]) };
        let finder = Finder::new(node.store.clone(), plan(), names, node.clock.clone());
        Some(Self { node, finder, _database: database })
    }

    /// A text under a key, a second after the one before.
    pub(crate) async fn text(&self, key: &str, from: &str, to: &str, text: &str) -> Answer {
        self.node.turn_clock(1);
        self.node.text(key, from, to, text).await.unwrap()
    }

    /// Writes what everything so far is searched by, as two minutes later.
    pub(crate) async fn index(&self) -> u64 {
        // Rows are written when they are two minutes old. Their identifiers have the time of the machine.
        let (now, old) = (self.node.clock.now(), TimeDelta::minutes(2));
        let later = Clock::new(move || Utc::now().max(now + TimeDelta::seconds(1)) + old);
        let indexer = SearchIndexer::new(self.node.store.clone(), plan(), later, 1);
        indexer.index(&CancellationToken::new()).await.unwrap()
    }

    pub(crate) async fn found(&self, query: &str, kind: Option<Meant>, page: &Page) -> Found {
        let query = Query::read(query, kind, &plan()).unwrap();
        self.finder.find(&query, page).await.unwrap()
    }

    /// All results, the newest first.
    pub(crate) async fn hits(&self, query: &str) -> Vec<Hit> {
        self.found(query, None, &Page { limit: 100, ..Page::default() }).await.hits
    }

    /// Keys of all results.
    pub(crate) async fn keys(&self, query: &str) -> Vec<String> {
        self.hits(query).await.into_iter().map(|hit| hit.key).collect()
    }

    /// The story of the only result.
    pub(crate) async fn story(&self, query: &str) -> Timeline {
        let hits = self.hits(query).await;
        assert_eq!(hits.len(), 1, "{query}: {hits:?}");
        self.finder.timeline(&hits[0].cursor.subject.parse().unwrap()).await.unwrap().unwrap()
    }

    pub(crate) async fn sentence(&self, query: &str) -> String {
        self.story(query).await.sentence
    }

    /// All waiting replies are sent a second later, under identifiers that begin with `id`; then the network says what became of
    /// them.
    pub(crate) async fn send_replies(&self, id: &str, undeliverable: Option<&str>) {
        let at = |seconds| self.node.clock.now() + TimeDelta::seconds(seconds);
        let lease = Lease { id: Uuid::now_v7(), now: at(1), until: at(61) };
        let leased = self.node.store.lease_outbox("ipko", lease, 100).await.unwrap();
        let number = |n: usize| format!("{id}{n}");
        let sent = |n| Delivery::Sent { remote_ids: vec![Some(number(n))] };
        let finished: Vec<_> = leased.iter().zip(0..).map(|(it, n)| (it.sms.id, it.lease, sent(n))).collect();
        self.node.store.finish_outbox(&finished, at(1)).await.unwrap();
        let receipt = |n| DeliveryReceipt {
            link: "ipko".into(),
            remote_ids: vec![number(n)],
            phone: String::new(),
            undeliverable: undeliverable.map(str::to_owned),
        };
        let receipts: Vec<_> = (0..leased.len()).map(receipt).collect();
        let later: DateTime<Utc> = at(2);
        assert!(self.node.store.receive_receipts(&receipts, later, later).await.unwrap().iter().all(|found| *found));
    }
}

/// Asks before and after everything is in segments.
#[macro_export]
macro_rules! twice {
    ($world:expr, $check:block) => {
        $check
        assert!($world.index().await > 0, "there is something to write");
        assert_eq!($world.index().await, 0, "all is written");
        $check
    };
}
