//! A processor on a real database file, with a clock that the test turns.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use mbush::api::{Gateways, Server};
use mbush::config::Config;
use mbush::dispatch::Receipts;
use mbush::domain::{Body, Channel, Clock, InboundSms, NumberingPlan, UnknownSubscriber};
use mbush::gateway::Gateways as Formats;
use mbush::grammar::GrammarSet;
use mbush::links::clients::{Clients, Roster};
use mbush::links::faults::FaultLog;
use mbush::menus::Menus;
use mbush::processor::{Answer, BankPins, NotAccepted, PinKey, Processor, ProcessorServices};
use mbush::store::Store;
use mbush::text::templates::Templates;
use tokio::task::JoinHandle;

pub(crate) struct Node {
    pub(crate) store: Store,
    pub(crate) processor: Processor,
    pub(crate) clock: Clock,
    seconds: Arc<AtomicI64>,
    breaks: Arc<AtomicBool>,
    applier: JoinHandle<()>,
    folder: tempfile::TempDir,
}

pub(crate) fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000, 0).expect("a valid instant")
}

/// The grammars of this checkout.
pub(crate) fn grammars() -> Arc<GrammarSet> {
    static GRAMMARS: OnceLock<Arc<GrammarSet>> = OnceLock::new();
    GRAMMARS.get_or_init(|| Arc::new(load_grammars())).clone()
}

fn load_grammars() -> GrammarSet {
    grammars_and(&[])
}

/// The grammars of this checkout, and these files.
pub(crate) fn grammars_and(more: &[(&str, &str)]) -> GrammarSet {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/grammars");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("grammars/ is there").map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let files = paths.into_iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()));
    let more = more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    GrammarSet::load(files.chain(more), plan()).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

/// The menus of this checkout.
pub(crate) fn menus() -> Arc<ArcSwap<Menus>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/grammars/menus/operator.toml");
    let text = std::fs::read_to_string(file).expect("the menu is there");
    let menus = Menus::load([("operator.toml", text)], &grammars(), &Templates::builtin().unwrap());
    Arc::new(ArcSwap::from_pointee(menus.unwrap_or_else(|problems| panic!("{problems:?}"))))
}

/// The formats of gateways that are built in.
pub(crate) fn formats() -> Formats {
    Formats::load(Formats::built_in()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What PINs are compared by.
pub(crate) fn pin_key() -> PinKey {
    PinKey::new(vec![7; 32].into(), "0000".to_owned().into())
}

pub(crate) fn plan() -> Arc<NumberingPlan> {
    Arc::new(NumberingPlan::kosovo().expect("the plan that is built in"))
}

impl Node {
    /// With the defaults, but that unknown numbers get an account.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_changed(change, |_| {}).await
    }

    /// With the grammar of one bank alone.
    pub(crate) async fn start_reading(bank: &str, change: impl FnOnce(&mut Config)) -> Self {
        let set = GrammarSet::load([("bank.toml", bank)], plan()).unwrap_or_else(|faults| panic!("{faults:?}"));
        Self::start_changed(change, |parts| parts.grammars = Arc::new(ArcSwap::from_pointee(set))).await
    }

    /// With replies of its own.
    pub(crate) async fn start_worded(templates: Templates, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_changed(change, |parts| parts.templates = Arc::new(templates)).await
    }

    /// With other parts.
    pub(crate) async fn start_changed(
        change: impl FnOnce(&mut Config),
        exchange: impl FnOnce(&mut ProcessorServices),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.url = format!("sqlite://{}", folder.path().join("mbush.db").display());
        config.rules.unknown_subscriber = UnknownSubscriber::Create;
        change(&mut config);
        let store = Store::open(&config.store.url).await.unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let breaks = Arc::new(AtomicBool::new(false));
        let (turned, broken) = (seconds.clone(), breaks.clone());
        let clock = Clock::new(move || {
            assert!(!broken.swap(false, Ordering::Relaxed), "the clock breaks once");
            start_of_time() + TimeDelta::seconds(turned.load(Ordering::Relaxed))
        });
        let mut parts = ProcessorServices {
            store: store.clone(),
            grammars: Arc::new(ArcSwap::new(grammars())),
            plan: plan(),
            templates: Arc::new(Templates::builtin().expect("the replies that are built in")),
            rules: config.rules.clone(),
            voucher_keys: config.vouchers.keys().unwrap(),
            pin_key: pin_key(),
            bank_pins: BankPins::default(),
            clock: clock.clone(),
        };
        exchange(&mut parts);
        let (processor, applier) = Processor::start(&parts, config.processor.queue_max, config.processor.batch_max);
        Self { store, processor, clock, seconds, breaks, applier, folder }
    }

    /// The gateways and clients of this configuration over HTTP; nobody monitors them.
    pub(crate) fn server(&self, config: &Config) -> Server {
        let (ingress, roster) = (Arc::new(self.processor.clone()), Roster::new(&config.clients).unwrap());
        Server {
            ingress: ingress.clone(),
            receipts: Arc::new(Receipts::start(self.store.clone(), self.clock.clone())),
            faults: FaultLog::default(),
            gateways: Gateways::new(&config.links, &formats()).unwrap(),
            clients: Clients::new(roster, ingress, plan(), self.clock.clone()),
            staff: None,
            monitoring: None,
            menus: menus(),
            rules: Arc::new(config.rules.clone()),
            clock: self.clock.clone(),
        }
    }

    /// The folder of the database file.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn turn_clock(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Whoever asks for the time next panics.
    pub(crate) fn break_clock(&self) {
        self.breaks.store(true, Ordering::Relaxed);
    }

    /// A message under this key, as a link hands it in.
    pub(crate) fn message(&self, key: &str, from: &str, to: &str, text: &str) -> InboundSms {
        InboundSms {
            key: format!("ipko:{key}"),
            link: "ipko".into(),
            from: from.into(),
            from_type: None,
            to: to.into(),
            body: Body::Text(text.into()),
            channel: Channel::Sms,
            received_at: self.clock.now(),
            redelivery_doubt_since: None,
        }
    }

    pub(crate) async fn text(&self, key: &str, from: &str, to: &str, text: &str) -> Result<Answer, NotAccepted> {
        self.processor.accept(self.message(key, from, to, text)).await
    }

    /// Ends the processor and waits until what had queued is done.
    pub(crate) async fn stop(self) -> Store {
        drop(self.processor);
        self.applier.await.expect("the applier ends well");
        self.store
    }
}
