//! The server for switches of cash machines: ISO 8583 over TCP, with TLS if it is configured.
//!
//! - `listener`: accepts connections, within the limits of [`crate::links::admission`] and from addresses of clients
//! - `session`: one connection: messages in, answers out, with a limit for each wait
//! - `shared`: the state that all connections share
//! - `responder`: carries out a message as an order of a client, and answers it
//! - `reading`: reads the order in a message, and checks the sign-on of its connection
//! - `original`: the key of an order, made of the fields that a switch repeats
//! - `code`: response codes
//!
//! `docs/iso8583.md` describes the behaviour that a switch may rely on.

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
use crate::links::admission::{AuthFailures, ConnectionLimits, Listener};
use crate::links::clients::Clients;
use crate::links::smpp::tls::{ServerSide, TlsError};
use responder::Responder;
use shared::Shared;

/// For the limits.
const LISTENER: Listener = Listener {
    name: "ISO 8583",
    refused: "mbush_iso8583_connections_refused_total",
    left: "mbush_iso8583_connections_left_total",
};

/// The reason that the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The address is taken, or not this machine's.
    #[error("iso8583.listen = \"{address}\": {problem}: take a free port")]
    Listen { address: SocketAddr, problem: std::io::Error },
    /// The spec cannot be read.
    #[error("iso8583.spec_file = \"{file}\": {problem}")]
    Unreadable { file: String, problem: std::io::Error },
    /// The spec cannot be used.
    #[error("iso8583.spec_file: {0}")]
    Spec(#[from] InvalidSpec),
    /// The certificates cannot be used.
    #[error("iso8583.tls: {0}")]
    Tls(#[from] TlsError),
}

fn auth_failures(settings: &Settings) -> AuthFailures {
    let wait = |ms: u32| Duration::from_millis(ms.into());
    AuthFailures::new("iso8583", wait(settings.sign_on_backoff_first_ms), wait(settings.sign_on_backoff_max_ms))
}

/// The running server.
pub struct Switches {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A server whose settings are valid and whose files are read. It does not listen yet.
#[derive(Debug)]
pub struct PreparedSwitches {
    settings: Settings,
    spec: Spec,
    tls: Option<Arc<ServerSide>>,
}

impl Switches {
    /// Reads the files and checks the settings. It does not listen.
    ///
    /// # Errors
    /// All settings that cannot be used.
    pub fn prepare(settings: &Settings) -> Result<PreparedSwitches, Vec<NotOpened>> {
        let tls = settings.tls.as_ref().map(ServerSide::of_server).transpose().map_err(NotOpened::Tls);
        match (spec(settings), tls) {
            (Ok(spec), Ok(tls)) => Ok(PreparedSwitches { settings: settings.clone(), spec, tls: tls.map(Arc::new) }),
            (spec, tls) => Err(spec.err().into_iter().chain(tls.err()).collect()),
        }
    }
}

impl PreparedSwitches {
    /// Begins to listen.
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
        let auth_failures = Arc::new(auth_failures(&settings));
        let responder = Responder::new(clients, (Arc::new(spec), settings.framing), clock, auth_failures.clone());
        let limits = ConnectionLimits::new(LISTENER, settings.connections_max, settings.connections_per_address_max);
        let shared = Arc::new(Shared { settings, responder, limits, auth_failures, tls, stop, tasks });
        shared.tasks.spawn(listener::listen(listener, shared.clone()));
        Ok(Switches { address, shared })
    }
}

impl Switches {
    /// The local address. It has the actual port if the configured port is 0.
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

/// Returns the field formats from the configured file, or the built-in ones.
///
/// # Errors
/// [`NotOpened`]: the file cannot be read, contradicts itself, or lacks a field that is needed.
pub fn spec(settings: &Settings) -> Result<Spec, NotOpened> {
    let Some(file) = &settings.spec_file else { return Ok(Spec::builtin()?) };
    let unreadable = |problem| NotOpened::Unreadable { file: file.display().to_string(), problem };
    Ok(Spec::from_toml(&std::fs::read_to_string(file).map_err(unreadable)?)?.complete()?)
}
