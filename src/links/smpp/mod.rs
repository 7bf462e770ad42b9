//! Links to SMSCs over SMPP, as an ESME: a tokio shell around [`crate::smpp::Session`].
//!
//! | file | what is there |
//! | --- | --- |
//! | [`driver`] | one connection: socket ↔ framer ↔ session, for either role |
//! | [`EsmeLink`] | one configured link: one session as a transceiver, or a transmitter and a receiver |
//! | `sessions` | connect, bind, come back after a loss |
//! | `backoff` | how long to wait before that |
//! | [`ingress`] | where messages go, and what became of them there |
//! | `inbound`, `parts` | `deliver_sm` → message → commit → `deliver_sm_resp`; parts of long messages |
//! | `outbound`, `pace` | reply → segments → `submit_sm` → outcome; throttle and pauses |
//!
//! What is promised here: a `deliver_sm` is answered OK only after its message is committed; a part of a long message
//! is held unanswered until the whole is; a `submit_sm` without an answer is reported as unknown and never sent again
//! from here; a PDU that cannot be read costs its sender an error and nobody else anything.

mod backoff;
pub mod driver;
mod inbound;
pub mod ingress;
mod outbound;
mod pace;
mod parts;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::Outbound;
use crate::config::link::{Bind as BindSetting, DefaultAlphabet as AlphabetSetting, SmppLink};
use crate::domain::Clock;
use crate::smpp::address::Address;
use crate::smpp::octets::InvalidOctets;
use crate::smpp::pdu::{Bind, BindMode};
use crate::text::data_coding::DefaultAlphabet;
use inbound::Inbound;
pub use ingress::{Accepted, Ingress};
use outbound::Submitter;
use sessions::Sessions;

/// How long what is in flight may take when the link stops, before its sessions unbind.
const DRAIN: Duration = Duration::from_secs(10);

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
}

impl EsmeLink {
    /// Starts to connect, in the background: a link that cannot bind yet tries until it is stopped.
    ///
    /// # Errors
    /// A setting that the protocol cannot carry.
    pub fn start(
        name: &str,
        settings: &SmppLink,
        ingress: Arc<dyn Ingress>,
        clock: Clock,
    ) -> Result<Self, InvalidLink> {
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let alphabet = alphabet(settings.default_alphabet);
        let submitter = Arc::new(Submitter::new(name, settings, alphabet));
        let inbound = Arc::new(Inbound::new(name, settings, alphabet, ingress, clock, tasks.clone()));
        let sessions = Arc::new(Sessions::new(name, settings, submitter.clone(), inbound.clone(), stop.clone()));
        for mode in modes(settings.bind) {
            let bind = bind(settings, *mode)?;
            tasks.spawn(sessions.clone().keep(bind));
        }
        tasks.spawn(inbound.clone().expire_parts(stop.clone()));
        Ok(Self { name: name.to_owned(), submitter, inbound, stop, tasks })
    }

    /// The way out.
    pub fn outbound(&self) -> Arc<dyn Outbound> {
        self.submitter.clone()
    }

    /// Whether messages can come in now.
    pub fn can_receive(&self) -> bool {
        self.inbound.is_bound()
    }

    /// Stops in good order: nothing new is taken, what is in flight is committed and answered, sessions unbind.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        info!(link = self.name, "link stopped");
    }
}

/// A link that nobody holds any more ends too.
impl Drop for EsmeLink {
    fn drop(&mut self) {
        self.stop.cancel();
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
