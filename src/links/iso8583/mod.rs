//! The door for switches of cash machines: ISO 8583 over TCP, with TLS where it is configured.
//!
//! - `listener`: takes connections, within the caps of [`crate::links::doors`] and from addresses that are a client's
//! - `session`: one connection: messages in, answers out, nobody waited for without end
//! - `shared`: the state that all connections share
//! - `responder`: a message as an order of a client, and its answer
//! - `reading`: what a message asks for, and for whom its connection has signed on
//! - `original`: which key an order has, by what a switch repeats of it
//! - `code`: response codes
//!
//! `docs/iso8583.md` says what a switch may rely on.

mod code;
mod listener;
mod original;
mod reading;
mod responder;
mod session;
mod shared;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::iso8583::Iso8583 as Settings;
use crate::domain::Clock;
use crate::iso8583::{InvalidSpec, Spec};
use crate::links::clients::Clients;
use crate::links::doors::{Door, Gate, Strangers};
use crate::links::smpp::tls::{ServerSide, TlsError};
use responder::Responder;
use shared::Shared;

/// For the gate.
const DOOR: Door = Door {
    name: "ISO 8583",
    refused: "mbush_iso8583_connections_refused_total",
    left: "mbush_iso8583_connections_left_total",
};

/// Why the door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The address is taken, or not this machine's.
    #[error("iso8583.listen = \"{address}\": {problem}: take a free port")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What is wrong.
        problem: std::io::Error,
    },
    /// The spec cannot be read.
    #[error("iso8583.spec_file = \"{file}\": {problem}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What is wrong.
        problem: std::io::Error,
    },
    /// The spec cannot be used.
    #[error("iso8583.spec_file: {0}")]
    Spec(#[from] InvalidSpec),
    /// The certificates cannot be used.
    #[error("iso8583.tls: {0}")]
    Tls(#[from] TlsError),
}

fn strangers(settings: &Settings) -> Strangers {
    let wait = |ms: u32| Duration::from_millis(ms.into());
    Strangers::new("iso8583", wait(settings.sign_on_backoff_first_ms), wait(settings.sign_on_backoff_max_ms))
}

/// The door while it is open.
pub struct Switches {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A door whose settings are good and whose files are read: what is left is to open it.
#[derive(Debug)]
pub struct PreparedDoor {
    settings: Settings,
    spec: Spec,
    tls: Option<Arc<ServerSide>>,
}

impl Switches {
    /// Reads what the door needs, and opens nothing.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn prepare(settings: &Settings) -> Result<PreparedDoor, Vec<NotOpened>> {
        let tls = settings.tls.as_ref().map(ServerSide::of_server).transpose().map_err(NotOpened::Tls);
        match (spec(settings), tls) {
            (Ok(spec), Ok(tls)) => Ok(PreparedDoor { settings: settings.clone(), spec, tls: tls.map(Arc::new) }),
            (spec, tls) => Err(spec.err().into_iter().chain(tls.err()).collect()),
        }
    }
}

impl PreparedDoor {
    /// Opens it.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn start(self, clients: Clients, clock: Clock) -> Result<Switches, NotOpened> {
        let Self { settings, spec, tls } = self;
        let taken = |problem| NotOpened::Listen { address: settings.listen, problem };
        let listener = TcpListener::bind(settings.listen).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        if let Some(tls) = &tls {
            tasks.spawn(tls.clone().watch("iso8583.tls".to_owned(), stop.clone()));
        }
        let strangers = Arc::new(strangers(&settings));
        let responder = Responder::new(clients, (Arc::new(spec), settings.framing), clock, strangers.clone());
        let gate = Gate::new(DOOR, settings.connections_max, settings.connections_per_address_max);
        let shared = Arc::new(Shared { settings, responder, gate, strangers, tls, stop, tasks });
        shared.tasks.spawn(listener::listen(listener, shared.clone()));
        Ok(Switches { address, shared })
    }
}

impl Switches {
    /// Where it is.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes it: nothing more is read; what is under way is committed and answered.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

/// How fields are written: as the file says, or as built in.
///
/// # Errors
/// [`NotOpened`]: the file cannot be read, contradicts itself, or lacks a field that is needed.
pub fn spec(settings: &Settings) -> Result<Spec, NotOpened> {
    let Some(file) = &settings.spec_file else { return Ok(Spec::builtin()?) };
    let unreadable = |problem| NotOpened::Unreadable { file: file.display().to_string(), problem };
    Ok(Spec::from_toml(&std::fs::read_to_string(file).map_err(unreadable)?)?.complete()?)
}
