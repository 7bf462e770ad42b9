//! A clock that is set back by an hour and forward by a day, under the real program (libfaketime) and under the processor
//! with a clock of the test's.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use mbush::config::Config;
use mbush::domain::voucher::Keys;
use mbush::domain::{AccountKey, Body, Channel, Clock, InboundSms, Outcome, UnknownSubscriber};
use mbush::processor::{Answer, BankPins, PinKey, Processor, ProcessorServices};
use mbush::simulator::Faults;
use mbush::smpp::CommandStatus;
use mbush::store::Store;
use mbush::text::templates::Templates;
use rstest::rstest;
use testkit::postgres::Postgres;
use testkit::wait::within;

use crate::interfaces::{Interface, payer};
use crate::node;
use crate::world::{Kind, Moment, Victim, World};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// New messages at each time.
const MESSAGES: usize = 40;

/// The library that tells a program another time.
fn libfaketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("MBUSH_REQUIRE_PEERS").is_ok_and(|value| value == "1");
        assert!(!required, "MBUSH_REQUIRE_PEERS=1, and there is no libfaketime on this machine: run scripts/peers");
        println!("left out: there is no libfaketime on this machine (scripts/peers installs it)");
    }
    found
}

/// Sets the clock of a running program, so many seconds from the true time.
fn set_clock(folder: &Path, seconds: i64) {
    let (new, file) = (folder.join("clock.new"), folder.join("clock"));
    std::fs::write(&new, format!("{seconds:+}\n")).expect("the folder is ours");
    std::fs::rename(&new, &file).expect("the folder is ours");
}

async fn with_clock(kind: Kind, interface: Interface) -> Option<World> {
    let library = libfaketime()?;
    let mut world = World::new(kind, interface).await?;
    set_clock(world.folder.path(), 0);
    let file = world.folder.path().join("clock").display().to_string();
    world.environment = vec![
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        // Only the time of day: timers run as they always do.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    Some(world)
}

/// New messages, and those of before once more.
async fn send(world: &mut World, again: bool) {
    let first = if again { 0 } else { world.messages };
    world.messages += MESSAGES;
    world.send((first..world.messages).collect(), Victim::Nobody, Moment::NEVER).await;
    world.settle().await;
    world.check().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_clock_says_nothing_is_done_twice(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Interface::Http, Interface::Smpp)] interface: Interface,
) {
    let Some(mut world) = with_clock(kind, interface).await else { return };
    world.start().await;
    send(&mut world, false).await;
    set_clock(world.folder.path(), -HOUR);
    send(&mut world, true).await;
    world.kill();
    world.start().await;
    send(&mut world, true).await;
    set_clock(world.folder.path(), DAY);
    // Who gives messages identifiers may send them again after a day; the same text without one is a new wish.
    send(&mut world, interface == Interface::Http).await;
    set_clock(world.folder.path(), 0);
    send(&mut world, interface == Interface::Http).await;
    world.check_all().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_do_not_wait_for_a_clock_that_was_set_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(mut world) = with_clock(kind, Interface::Smpp).await else { return };
    let mut submitted = world.smsc.submitted();
    let full = std::iter::repeat_n(CommandStatus::QUEUE_FULL, 100_000).collect();
    world.smsc.set_faults(Faults { submit_statuses: full, ..Faults::default() });
    world.start().await;
    send(&mut world, false).await;
    set_clock(world.folder.path(), -HOUR);
    while submitted.try_recv().is_ok() {}
    world.smsc.set_faults(Faults::default());
    let mut left: HashSet<String> = (0..world.messages).map(payer).collect();
    while !left.is_empty() {
        let what = format!("the replies to {left:?}; printed {:#?}", world.printed());
        left.remove(&within(&what, submitted.recv()).await.expect("the SMSC lives").to);
    }
    world.check_all().await;
}

/// A processor whose clock the test sets.
struct Turned {
    store: Store,
    processor: Processor,
    seconds: Arc<AtomicI64>,
    _server: Option<Postgres>,
    _folder: tempfile::TempDir,
}

impl Turned {
    async fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let server = if kind == Kind::Postgres { Some(Postgres::start()?) } else { None };
        let url = format!("sqlite://{}", folder.path().join("mbush.db").display());
        let url = server.as_ref().map_or(url, |server| server.url.clone());
        let mut config = Config::default();
        config.rules.unknown_subscriber = UnknownSubscriber::Create;
        let store = Store::open(&url).await.unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let turned = seconds.clone();
        let parts = ProcessorServices {
            store: store.clone(),
            grammars: Arc::new(ArcSwap::new(node::grammars())),
            plan: node::plan(),
            templates: Arc::new(Templates::builtin().expect("the replies that are built in")),
            voucher_keys: Keys::default(),
            pin_key: PinKey::default(),
            bank_pins: BankPins::default(),
            rules: config.rules,
            clock: Clock::new(move || at(turned.load(Ordering::Relaxed))),
        };
        let (processor, _) = Processor::start(&parts, 100, 100);
        Some(Self { store, processor, seconds, _server: server, _folder: folder })
    }

    async fn text(&self, key: &str, text: &str) -> Answer {
        let message = InboundSms {
            key: format!("ipko:{key}"),
            link: "ipko".into(),
            from: "38349111222".into(),
            from_type: None,
            to: "50005".into(),
            body: Body::Text(text.into()),
            channel: Channel::Sms,
            received_at: at(self.seconds.load(Ordering::Relaxed)),
            redelivery_doubt_since: None,
        };
        self.processor.accept(message).await.unwrap()
    }

    async fn valid_until(&self) -> DateTime<Utc> {
        let account = self.store.account(&AccountKey::subscriber("38349111222".parse().unwrap())).await.unwrap();
        account.and_then(|account| account.valid_until).expect("it was topped up")
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    node::start_of_time() + TimeDelta::seconds(seconds)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_and_validity_stand_when_the_clock_jumps(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(node) = Turned::new(kind).await else { return };
    let first = node.text("1", "10").await;
    assert!(matches!(first.outcome, Outcome::Applied(_)), "{first:?}");
    let valid_until = node.valid_until().await;

    node.seconds.store(-HOUR, Ordering::Relaxed);
    let again = node.text("1", "10").await;
    assert!(again.replayed && again.outcome == first.outcome, "the same message: {again:?}");
    assert!(matches!(node.text("2", "10").await.outcome, Outcome::Duplicate { .. }), "the same request");
    assert!(matches!(node.text("3", "5").await.outcome, Outcome::Applied(_)), "another request");
    assert_eq!(node.valid_until().await, valid_until, "no top-up shortens validity");

    node.seconds.store(DAY, Ordering::Relaxed);
    assert!(node.text("1", "10").await.replayed);
    assert!(matches!(node.text("4", "10").await.outcome, Outcome::Applied(_)), "the same wish on another day");
    assert_eq!(node.valid_until().await, valid_until + TimeDelta::days(1));

    node.seconds.store(0, Ordering::Relaxed);
    assert!(node.text("4", "10").await.replayed && node.text("3", "5").await.replayed);
    let key = AccountKey::subscriber("38349111222".parse().unwrap());
    let balances: Vec<i64> =
        node.store.statement(&key, 10).await.unwrap().iter().map(|line| line.balance_minor).collect();
    assert_eq!(balances, [2_500, 1_500, 1_000], "a statement is in the order of the entries, whatever their times");
    assert_eq!(node.store.audit(&mut |_| {}).await.unwrap().offence, None);
    let ids: HashSet<_> = node.store.statement(&key, 10).await.unwrap().iter().map(|line| line.id).collect();
    assert_eq!(ids.len(), 3);
}
