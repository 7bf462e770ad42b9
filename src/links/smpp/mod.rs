//! Sessions over SMPP, in both roles: a tokio shell around [`crate::smpp::Session`].
//!
//! | file | what is there |
//! | --- | --- |
//! | [`driver`] | one connection: socket ↔ framer ↔ session, for either role |
//! | [`EsmeLink`] | one configured SMSC: one session as a transceiver, or a transmitter and a receiver |
//! | [`server`] | banks and aggregators bind to us |
//! | `tls` | TLS and mutual TLS, on both sides |
//! | [`meter`] | what each session has done so far |
//! | `sessions` | connect, bind, come back after a loss |
//! | `backoff` | how long to wait before that |
//! | [`ingress`] | where messages go, and what became of them there |
//! | `content` | what a message carries: a text, what was dialled, a part of a long text |
//! | `identifier` | what peers' messages are known by |
//! | `patience` | who waits for an answer gets one in time, also where the database does not |
//! | `inbound`, `waiter` | a message PDU, or a part of one → commit → its response |
//! | `outbound`, `pace` | reply → segments → `submit_sm` or `deliver_sm` → outcome; throttle and pauses |
//! | [`receipts`] | what an SMSC says became of a reply |
//! | `reports` | what those who submit to us are told about the ending of their messages |
//! | `ussd` | what is dialled becomes a message, its reply the answer that closes the dialogue |
//! | `conversation`, `dialogue` | dialogues through a menu: answers so far → screen, or the message that they come to |
//!
//! What is promised here: a message, or a part of one, is answered OK only after it is committed; a message of ours without an answer is reported as unknown and never sent again
//! from here; a PDU that cannot be read costs its sender an error and nobody else anything.

mod backoff;
mod content;
mod conversation;
mod dialogue;
pub mod driver;
mod identifier;
mod inbound;
pub mod ingress;
pub mod meter;
mod outbound;
mod pace;
mod patience;
pub mod receipts;
mod reports;
pub mod server;
mod sessions;
pub mod tls;
mod ussd;
mod waiter;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::faults::FaultLog;
use super::{LinkState, Outbound, SendOutcome};
use crate::config::link::{Bind as BindSetting, DefaultAlphabet as AlphabetSetting, ReplyAddress, SmppLink};
use crate::domain::{Clock, OutboundSms, Report};
use crate::menus::Menus;
use crate::smpp::address::Address;
use crate::smpp::octets::InvalidOctets;
use crate::smpp::pdu::{Bind, BindMode};
use crate::smpp::session::Role;
use crate::text::data_coding::DefaultAlphabet;
use inbound::{Inbound, Terms};
pub use ingress::{Accepted, Ingress, Known};
use meter::Registry;
use outbound::{Route, Submitter};
use receipts::ReceiptSink;
pub use server::{PreparedServer, SmppServer};
use sessions::Sessions;
pub use tls::TlsError;
use ussd::Ussd;

/// How long what is in flight may take when the link stops, before its sessions unbind.
const DRAIN: Duration = Duration::from_secs(10);

/// How long a peer may then take to answer our leave, when we stop.
const UNBIND_WAIT: Duration = Duration::from_secs(5);

/// Requests beyond the window that a peer may have unanswered before it is asked to send less: its own window need not
/// be the one that is configured here.
const WINDOW_SLACK: usize = 256;

/// What sessions work for.
#[derive(Debug, Clone)]
pub struct Application {
    /// Where messages go.
    pub ingress: Arc<dyn Ingress>,
    /// Where delivery receipts go.
    pub receipts: Arc<dyn ReceiptSink>,
    /// What is shown to who dials a short code alone; they may be exchanged at any time.
    pub menus: Arc<ArcSwap<Menus>>,
    /// Who is bound.
    pub registry: Registry,
    /// Which lines about peers are logged.
    pub faults: FaultLog,
    /// The time.
    pub clock: Clock,
}

/// One configured link to an SMSC, running.
#[derive(Debug)]
pub struct EsmeLink {
    name: String,
    submitter: Arc<Submitter>,
    inbound: Arc<Inbound>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A setting that the protocol cannot carry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLink {
    /// A text that does not fit its field.
    #[error("{key}: {problem}")]
    Field {
        /// Key of the setting.
        key: &'static str,
        /// What is wrong.
        problem: InvalidOctets,
    },
    /// The password cannot be had.
    #[error("{0}")]
    Password(String),
    /// Certificates that cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] TlsError),
}

/// A link whose settings are good and whose files are read: what is left is to connect.
#[derive(Debug)]
pub struct PreparedLink {
    name: String,
    settings: SmppLink,
    tls: Option<Arc<tls::ClientSide>>,
    binds: Vec<Bind>,
}

impl PreparedLink {
    /// Starts to connect, in the background: a link that cannot bind yet tries until it is stopped.
    pub fn start(self, application: Application) -> EsmeLink {
        let Self { name, settings, tls, binds } = self;
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let application = application.within(Duration::from_secs(settings.response_timeout_seconds.into()));
        if let Some(tls) = &tls {
            tasks.spawn(tls.clone().watch(name.clone(), stop.clone()));
        }
        let ussd = Arc::new(Ussd::new(settings.ussd_codes.clone(), settings.ussd_service_op));
        let submitter = Arc::new(Submitter::new(route(&name, &settings), ussd.clone()));
        let inbound = Arc::new(Inbound::new(
            terms(&name, &settings),
            application.clone(),
            (ussd, submitter.clone()),
            tasks.clone(),
        ));
        let ends = sessions::Ends { submitter: submitter.clone(), inbound: inbound.clone(), application };
        let sessions = Arc::new(Sessions::new(&name, &settings, tls, ends, stop.clone()));
        for bind in binds {
            tasks.spawn(sessions.clone().keep(bind));
        }
        tasks.spawn(inbound.clone().expire(stop.clone()));
        EsmeLink { name, submitter, inbound, stop, tasks }
    }
}

impl EsmeLink {
    /// Reads what the link needs, and connects to nobody.
    ///
    /// # Errors
    /// A setting that the protocol cannot carry, or files that cannot be used.
    pub fn prepare(name: &str, settings: &SmppLink) -> Result<PreparedLink, InvalidLink> {
        let tls = settings.tls.as_ref().map(tls::ClientSide::of_client).transpose()?.map(Arc::new);
        let binds = modes(settings.bind).iter().map(|mode| bind(settings, *mode)).collect::<Result<_, _>>()?;
        Ok(PreparedLink { name: name.to_owned(), settings: settings.clone(), tls, binds })
    }

    /// The way out.
    pub fn outbound(&self) -> Arc<dyn Outbound> {
        Arc::new(BothWays { submitter: self.submitter.clone(), inbound: self.inbound.clone() })
    }

    /// Stops in good order: nothing new is taken, what is in flight is committed and answered, sessions unbind.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        info!(link = self.name, "link stopped");
    }
}

/// The way out of a link, which is up where the way in is, too.
#[derive(Debug)]
struct BothWays {
    submitter: Arc<Submitter>,
    inbound: Arc<Inbound>,
}

impl Outbound for BothWays {
    fn state(&self) -> LinkState {
        if self.inbound.is_bound() { self.submitter.state() } else { LinkState::Down }
    }

    fn is_ready(&self) -> bool {
        self.submitter.is_ready()
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        self.submitter.send(sms)
    }

    fn report<'a>(&'a self, sms: &'a OutboundSms, report: &'a Report) -> BoxFuture<'a, SendOutcome> {
        self.submitter.report(sms, report)
    }
}

/// A link that nobody holds any more ends too.
impl Drop for EsmeLink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn terms(name: &str, settings: &SmppLink) -> Terms {
    Terms {
        link: name.to_owned(),
        role: Role::Esme,
        alphabet: alphabet(settings.default_alphabet),
        short_codes: settings.short_codes.iter().cloned().collect(),
        message_id_tlv: settings.message_id_tlv,
    }
}

fn route(name: &str, settings: &SmppLink) -> Route {
    Route {
        link: name.to_owned(),
        role: Role::Esme,
        alphabet: alphabet(settings.default_alphabet),
        source: (settings.source_ton, settings.source_npi),
        destination: (settings.dest_ton, settings.dest_npi),
        as_received: settings.reply_address == ReplyAddress::AsReceived,
        segments_per_second: settings.throttle_segments_per_second,
        window: settings.window,
        receipts: settings.receipts,
    }
}

const fn modes(setting: BindSetting) -> &'static [BindMode] {
    match setting {
        BindSetting::Transceiver => &[BindMode::Transceiver],
        BindSetting::Pair => &[BindMode::Transmitter, BindMode::Receiver],
    }
}

const fn alphabet(setting: AlphabetSetting) -> DefaultAlphabet {
    match setting {
        AlphabetSetting::Gsm7 => DefaultAlphabet::Gsm7Unpacked,
        AlphabetSetting::Gsm7Packed => DefaultAlphabet::Gsm7Packed,
        AlphabetSetting::Latin1 => DefaultAlphabet::Latin1,
    }
}

fn bind(settings: &SmppLink, mode: BindMode) -> Result<Bind, InvalidLink> {
    use secrecy::ExposeSecret;

    use crate::smpp::octets::Octets;
    let field = |key| move |problem| InvalidLink::Field { key, problem };
    let password = settings.password().map_err(InvalidLink::Password)?;
    Ok(Bind {
        mode,
        system_id: Octets::from_text(&settings.system_id).map_err(field("system_id"))?,
        password: Octets::from_text(password.expose_secret()).map_err(field("password"))?,
        system_type: Octets::from_text(&settings.system_type).map_err(field("system_type"))?,
        interface_version: crate::smpp::session::INTERFACE_VERSION,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    })
}

/// An address as the link sends it: the plus of an international number is in the type of number.
fn address(ton: u8, npi: u8, value: &str) -> Result<Address, InvalidOctets> {
    Address::new(ton, npi, value.strip_prefix('+').unwrap_or(value))
}
