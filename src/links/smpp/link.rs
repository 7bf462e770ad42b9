//! One configured link to an SMSC.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::application::Application;
use super::inbound::{Inbound, Terms};
use super::outbound::{Route, Submitter};
use super::sessions::{Ends, Sessions};
use super::settings::{InvalidLink, alphabet};
use super::tls::ClientSide;
use super::trouble::Trouble;
use super::ussd::Ussd;
use crate::config::link::{Bind as BindSetting, ReplyAddress, Smsc};
use crate::domain::{OutboundSms, Report};
use crate::links::{LinkState, Outbound, SendOutcome};
use crate::smpp::octets::Octets;
use crate::smpp::pdu::{Bind, BindMode};
use crate::smpp::session::{INTERFACE_VERSION, Role};
use crate::text::shift::NationalTables;

/// One configured link to an SMSC, while it runs.
#[derive(Debug)]
pub struct SmscLink {
    name: String,
    submitter: Arc<Submitter>,
    inbound: Arc<Inbound>,
    trouble: Trouble,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A link whose settings are valid and whose files are read. It does not connect yet.
#[derive(Debug)]
pub struct PreparedLink {
    name: String,
    settings: Smsc,
    tls: Option<Arc<ClientSide>>,
    binds: Vec<Bind>,
}

impl PreparedLink {
    /// Begins to connect in the background. A link that cannot bind yet tries until it is stopped.
    pub fn start(self, application: Application) -> SmscLink {
        let Self { name, settings, tls, binds } = self;
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let national = if settings.national_tables { application.national.clone() } else { NationalTables::default() };
        let application = application.within(Duration::from_secs(settings.response_timeout_seconds.into()));
        if let Some(tls) = &tls {
            tasks.spawn(tls.clone().watch(name.clone(), stop.clone()));
        }
        let ussd = Arc::new(Ussd::new(settings.ussd_codes.clone(), settings.ussd_service_op));
        let submitter = Arc::new(Submitter::new(route(&name, &settings, national), ussd.clone()));
        let inbound = Arc::new(Inbound::new(
            terms(&name, &settings),
            application.clone(),
            (ussd, submitter.clone()),
            tasks.clone(),
        ));
        let trouble = Trouble::default();
        let ends =
            Ends { submitter: submitter.clone(), inbound: inbound.clone(), application, trouble: trouble.clone() };
        let sessions = Arc::new(Sessions::new(&name, &settings, tls, ends, stop.clone()));
        for bind in binds {
            tasks.spawn(sessions.clone().keep(bind));
        }
        tasks.spawn(inbound.clone().expire(stop.clone()));
        SmscLink { name, submitter, inbound, trouble, stop, tasks }
    }
}

impl SmscLink {
    /// Reads the files and checks the settings. It does not connect.
    ///
    /// # Errors
    /// A setting cannot be expressed in the protocol, or a file cannot be used.
    pub fn prepare(name: &str, settings: &Smsc) -> Result<PreparedLink, InvalidLink> {
        let tls = settings.tls.as_ref().map(ClientSide::of_client).transpose()?.map(Arc::new);
        let binds = modes(settings.bind).iter().map(|mode| bind(settings, *mode)).collect::<Result<_, _>>()?;
        Ok(PreparedLink { name: name.to_owned(), settings: settings.clone(), tls, binds })
    }

    /// Returns the sending side of the link.
    pub fn outbound(&self) -> Arc<dyn Outbound> {
        let (submitter, inbound) = (self.submitter.clone(), self.inbound.clone());
        Arc::new(BothWays { submitter, inbound, trouble: self.trouble.clone() })
    }

    /// Stops in good order: takes nothing new, commits and answers the messages in flight, and unbinds the sessions.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        info!(link = self.name, "link stopped");
    }
}

/// The sending side of a link. It is up only if the receiving side is up as well.
#[derive(Debug)]
struct BothWays {
    submitter: Arc<Submitter>,
    inbound: Arc<Inbound>,
    trouble: Trouble,
}

impl Outbound for BothWays {
    fn state(&self) -> LinkState {
        if self.inbound.is_bound() { self.submitter.state() } else { LinkState::Down }
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.last()
    }

    fn is_ready(&self) -> bool {
        self.submitter.is_ready()
    }

    fn places(&self) -> usize {
        self.submitter.places()
    }

    fn places_for_old(&self) -> usize {
        self.submitter.places_for_old()
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        self.submitter.send(sms)
    }

    fn report<'a>(&'a self, sms: &'a OutboundSms, report: &'a Report) -> BoxFuture<'a, SendOutcome> {
        self.submitter.report(sms, report)
    }
}

/// Ends the link.
impl Drop for SmscLink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn terms(name: &str, settings: &Smsc) -> Terms {
    Terms {
        link: name.to_owned(),
        role: Role::Esme,
        alphabet: alphabet(settings.default_alphabet),
        short_codes: settings.short_codes.iter().cloned().collect(),
        message_id_tlv: settings.message_id_tlv,
    }
}

fn route(name: &str, settings: &Smsc, national: NationalTables) -> Route {
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
        national,
    }
}

const fn modes(setting: BindSetting) -> &'static [BindMode] {
    match setting {
        BindSetting::Transceiver => &[BindMode::Transceiver],
        BindSetting::Pair => &[BindMode::Transmitter, BindMode::Receiver],
    }
}

fn bind(settings: &Smsc, mode: BindMode) -> Result<Bind, InvalidLink> {
    let field = |key| move |problem| InvalidLink::Field { key, problem };
    let password = settings.password().map_err(InvalidLink::Password)?;
    Ok(Bind {
        mode,
        system_id: Octets::from_text(&settings.system_id).map_err(field("system_id"))?,
        password: Octets::from_text(password.expose_secret()).map_err(field("password"))?,
        system_type: Octets::from_text(&settings.system_type).map_err(field("system_type"))?,
        interface_version: INTERFACE_VERSION,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    })
}
