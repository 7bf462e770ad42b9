//! What every test of a link begins with.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use chrono::Utc;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::domain::{
    Account, AccountKey, AddressType, Body, Channel, Clock, Dealer, DealerName, Ending, InboundSms, Language, Line,
    Msisdn, NumberingPlan, OutboundSms, Outcome, Reason, Rejection, Report, ReportWanted,
};
use mbush::grammar::GrammarSet;
use mbush::links::faults::FaultLog;
use mbush::links::smpp::meter::Registry;
use mbush::links::smpp::receipts::{ReceiptSink, Settlement};
use mbush::links::smpp::{Accepted, Application, SmscLink};
use mbush::menus::Menus;
use mbush::processor::{Answer, InboundPart, Ingress, Known, NotAccepted, Order, OrderState, body};
use mbush::simulator::{Smsc, SmscSettings, Text};
use mbush::text::shift::NationalTables;
use mbush::text::templates::Templates;
use mbush::text::udh::UserData;
use testkit::wait::within;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// Takes messages in. Each is committed when the till has a permit for it.
#[derive(Debug)]
pub(crate) struct Till {
    open: Semaphore,
    arrived: watch::Sender<usize>,
    committed: Mutex<Vec<InboundSms>>,
    parts: Mutex<Vec<InboundPart>>,
    reports_wanted: Mutex<Vec<ReportWanted>>,
    verdict: Mutex<Accepted>,
    settled: Mutex<Vec<Settlement>>,
    pub(crate) registry: Registry,
}

impl Till {
    /// Commits at once.
    pub(crate) fn open() -> Arc<Self> {
        let till = Self::closed();
        till.open.add_permits(1_000_000);
        till
    }

    /// Commits nothing until told to.
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self {
            open: Semaphore::new(0),
            arrived: watch::Sender::new(0),
            committed: Mutex::default(),
            parts: Mutex::default(),
            reports_wanted: Mutex::default(),
            verdict: Mutex::new(Accepted::Committed),
            settled: Mutex::default(),
            registry: Registry::default(),
        })
    }

    pub(crate) fn commit(&self, messages: usize) {
        self.open.add_permits(messages);
    }

    /// Receipts that came and were kept.
    pub(crate) fn settled(&self) -> Vec<Settlement> {
        self.settled.lock().unwrap().clone()
    }

    pub(crate) fn answer_with(&self, verdict: Accepted) {
        *self.verdict.lock().unwrap() = verdict;
    }

    /// Waits until so many messages have come, committed or not.
    pub(crate) async fn arrived(&self, messages: usize) {
        let mut arrived = self.arrived.subscribe();
        within("messages", arrived.wait_for(|arrived| *arrived >= messages)).await.unwrap();
    }

    pub(crate) fn committed(&self) -> Vec<InboundSms> {
        self.committed.lock().unwrap().clone()
    }

    /// Parts that wait for others.
    pub(crate) fn parts(&self) -> usize {
        self.parts.lock().unwrap().len()
    }

    /// After which endings the senders of what was committed want a report.
    pub(crate) fn reports_wanted(&self) -> Vec<ReportWanted> {
        self.reports_wanted.lock().unwrap().clone()
    }

    /// Committed texts, sorted.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |sms: InboundSms| match sms.body {
            Body::Text(text) => text,
            other @ (Body::Undecodable { .. } | Body::Order(_) | Body::Masked { .. } | Body::Newer(_)) => {
                format!("{other:?}")
            }
        };
        let mut texts: Vec<String> = self.committed().into_iter().map(text).collect();
        texts.sort();
        texts
    }
}

impl Till {
    /// Keeps a part, and commits the whole when it is there; the next message may then use its reference.
    fn keep(&self, part: InboundPart) -> String {
        let mut parts = self.parts.lock().unwrap();
        if !parts.iter().any(|kept| kept.place == part.place) {
            parts.push(part.clone());
        }
        let is_of_it = |kept: &InboundPart| kept.place.reference() == part.place.reference();
        let mut whole: Vec<InboundPart> = parts.iter().filter(|kept| is_of_it(kept)).cloned().collect();
        let key = whole[0].key.clone();
        if whole.len() == usize::from(part.place.total()) {
            parts.retain(|kept| !is_of_it(kept));
            whole.sort_by_key(|part| part.place.number());
            let read = |part: &InboundPart| {
                UserData::parse(&part.octets, part.has_header, part.data_coding, part.alphabet).unwrap().body
            };
            self.committed.lock().unwrap().push(InboundSms {
                key: key.clone(),
                link: part.link,
                from: part.from,
                from_type: part.from_type,
                to: part.to,
                body: body(whole.iter().map(read).collect(), part.data_coding, None),
                channel: Channel::Sms,
                received_at: part.received_at,
                redelivery_doubt_since: part.redelivery_doubt_since,
            });
        }
        key
    }
}

impl Till {
    /// What the processor would say.
    fn answer(&self) -> Result<Answer, NotAccepted> {
        match *self.verdict.lock().unwrap() {
            Accepted::Committed => Ok(Answer {
                outcome: Outcome::Refused(Rejection::new(Reason::AmountMissing)),
                reply: None,
                at: Utc::now(),
                replayed: false,
            }),
            Accepted::Busy => Err(NotAccepted::QueueFull),
            Accepted::Unavailable => Err(NotAccepted::Store),
            Accepted::Refused => Err(NotAccepted::Conflict),
        }
    }
}

/// A link of SMPP takes no orders.
impl Ingress for Till {
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        async move {
            self.arrived.send_modify(|arrived| *arrived += 1);
            self.open.acquire().await.unwrap().forget();
            self.committed.lock().unwrap().push(sms);
            self.reports_wanted.lock().unwrap().push(report);
            self.answer()
        }
        .boxed()
    }

    fn accept_in_dialogue(&self, _message: InboundSms) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        unreachable!()
    }

    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, NotAccepted>> {
        async move {
            self.arrived.send_modify(|arrived| *arrived += 1);
            self.open.acquire().await.unwrap().forget();
            self.answer().map(|_| self.keep(part))
        }
        .boxed()
    }

    fn order(&self, _order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        unreachable!()
    }

    fn try_out(&self, _order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        unreachable!()
    }

    fn order_state(&self, _keys: [String; 2], _withdrawal: String) -> BoxFuture<'_, Result<OrderState, NotAccepted>> {
        unreachable!()
    }

    fn find<'a>(&'a self, _link: &'a str, key: String) -> BoxFuture<'a, Result<Known, NotAccepted>> {
        let report = |sms: InboundSms| Report {
            ending: Ending::Applied,
            error_code: 0,
            submitted_at: sms.received_at,
            done_at: sms.received_at,
            numbering: None,
        };
        let known = self.committed().into_iter().find(|sms| sms.key == key).map(report);
        std::future::ready(Ok(known.map_or(Known::Unknown, Known::Ended))).boxed()
    }

    fn dealer<'a>(&'a self, _name: &'a DealerName) -> BoxFuture<'a, Result<Option<Dealer>, NotAccepted>> {
        unreachable!()
    }

    fn account<'a>(&'a self, _key: &'a AccountKey) -> BoxFuture<'a, Result<Option<Account>, NotAccepted>> {
        unreachable!()
    }

    fn language<'a>(&'a self, _from: &'a str) -> BoxFuture<'a, Language> {
        std::future::ready(Language::EN).boxed()
    }

    fn languages(&self) -> Vec<Language> {
        vec![Language::EN]
    }

    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        NumberingPlan::kosovo().unwrap().phone(from, labelled)
    }

    fn line(&self, _written: &str) -> Result<Line, Rejection> {
        unreachable!()
    }

    fn words(&self, _rejection: &Rejection, _to: &str, _language: Option<Language>) -> String {
        unreachable!()
    }
}

impl ReceiptSink for Till {
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Accepted> {
        async move {
            self.arrived.send_modify(|arrived| *arrived += 1);
            self.open.acquire().await.unwrap().forget();
            let verdict = *self.verdict.lock().unwrap();
            if verdict == Accepted::Committed {
                self.settled.lock().unwrap().push(settlement);
            }
            verdict
        }
        .boxed()
    }
}

/// What a link under test works for.
pub(crate) fn application(till: &Arc<Till>) -> Application {
    Application {
        ingress: till.clone(),
        receipts: till.clone(),
        menus: Arc::new(ArcSwap::from_pointee(menus())),
        registry: till.registry.clone(),
        faults: FaultLog::default(),
        clock: Clock::new(Utc::now),
        national: NationalTables::default(),
    }
}

/// The menus of this checkout.
fn menus() -> Menus {
    let plan = Arc::new(NumberingPlan::kosovo().expect("the plan that is built in"));
    let grammars =
        GrammarSet::load([("operator.toml", include_str!("../../../grammars/operator.toml"))], plan).unwrap();
    let menu = include_str!("../../../grammars/menus/operator.toml");
    Menus::load([("operator.toml", menu)], &grammars, &Templates::builtin().unwrap()).unwrap()
}

/// An SMSC with a window of 100.
pub(crate) async fn smsc() -> Smsc {
    Smsc::start(SmscSettings { window: 100, ..SmscSettings::default() }).await.unwrap()
}

/// A link to it; `more` are further lines of its configuration.
pub(crate) fn link(smsc: &Smsc, till: &Arc<Till>, more: &str) -> SmscLink {
    link_with_password(smsc, till, "mbush", more)
}

pub(crate) fn link_with_password(smsc: &Smsc, till: &Arc<Till>, password: &str, more: &str) -> SmscLink {
    start(smsc, application(till), password, more)
}

/// One that works for this.
pub(crate) fn link_of(smsc: &Smsc, application: Application, more: &str) -> SmscLink {
    start(smsc, application, "mbush", more)
}

fn start(smsc: &Smsc, application: Application, password: &str, more: &str) -> SmscLink {
    link_at(smsc.address(), application, password, more)
}

/// One that dials this address.
pub(crate) fn link_to(address: SocketAddr, till: &Arc<Till>, more: &str) -> SmscLink {
    link_at(address, application(till), "mbush", more)
}

/// A link to whatever listens there.
pub(crate) fn link_at(address: SocketAddr, application: Application, password: &str, more: &str) -> SmscLink {
    let fast = if more.contains("throttle") { "" } else { "throttle_segments_per_second = 100000\n" };
    let settings = format!(
        "kind = \"smsc\"\nhosts = [\"{address}\"]\nsystem_id = \"mbush\"\npassword = \"{password}\"\n\
         reconnect_first_ms = 10\nreconnect_max_ms = 50\n{fast}{more}"
    );
    let settings: mbush::config::link::Smsc = toml::from_str(&settings).unwrap();
    SmscLink::prepare("ipko", &settings).unwrap().start(application)
}

pub(crate) fn text(text: &str) -> Text {
    Text { from: "38349111222".to_owned(), to: "50005".to_owned(), text: text.to_owned() }
}

pub(crate) fn reply(text: &str) -> OutboundSms {
    OutboundSms {
        id: Uuid::now_v7(),
        message_key: "ipko:1".to_owned(),
        link: "ipko".to_owned(),
        from: "50005".to_owned(),
        to: "+38349111222".to_owned(),
        to_source: None,
        text: text.to_owned(),
        created_at: Utc::now(),
    }
}
