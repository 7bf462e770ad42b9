//! The server that banks and aggregators bind to. Its sessions are those of a link, in the other role.
//!
//! | file | content |
//! | --- | --- |
//! | [`SmppServer`] | start, orderly stop, and the sending sides of the links | | `listener` | connections, within the
//! limits of [`crate::links::admission`] | | `account` | one configured ESME: its secret, networks, seats, rate limit, and
//! both directions of its messages | | `admission` | checks of a bind, and waits after failed ones | | `session` | one
//! session: binds, requests and its end | | `shared` | the state that all sessions share |
//! | `requests` | `submit_sm`, `submit_multi`, `data_sm`, `query_sm`, `cancel_sm`, `replace_sm` |
//!
//! A submitted message is answered with its identifier only after its commit. Replies go back as `deliver_sm`, over the
//! sessions of the same `system_id` that can receive, in turn. While there is no such session, they wait in the outbox.

mod account;
mod admission;
mod listener;
mod requests;
mod session;
mod shared;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::application::Application;
use super::settings::InvalidLink;
use super::tls::{self, TlsError};
use crate::config::smpp_server::{Esme, SmppServer as Settings};
use crate::links::Outbound;
use crate::links::admission::{AuthFailures, ConnectionLimits, Listener};
use crate::smpp::octets::Octets;
use account::Account;
use shared::Shared;

/// For the limits.
const LISTENER: Listener = Listener {
    name: "SMPP",
    refused: "mbush_smpp_connections_refused_total",
    left: "mbush_smpp_connections_left_total",
};

#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// It cannot listen.
    #[error("smpp_server.listen = \"{0}\": {1}: take a free port")]
    Listen(SocketAddr, std::io::Error),
    /// A setting that cannot be used.
    #[error("smpp_server.system_id: {0}")]
    SystemId(crate::smpp::octets::InvalidOctets),
    /// Certificates that cannot be used.
    #[error("smpp_server.tls: {0}")]
    Tls(#[from] TlsError),
    /// An ESME that cannot be served.
    #[error("links.{0}: {1}")]
    Esme(String, InvalidLink),
    /// Two ESMEs with one name.
    #[error("links.{0}: system_id is that of links.{1}: give each its own")]
    SameName(String, String),
}

/// The running server. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct SmppServer {
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// A server whose settings are valid and whose files are read. It does not listen yet.
#[derive(Debug)]
pub struct PreparedServer {
    settings: Settings,
    system_id: Octets<16>,
    esmes: Vec<(String, Esme)>,
    tls: Option<Arc<tls::ServerSide>>,
}

impl SmppServer {
    /// Reads the files and checks the settings for these ESMEs. It does not listen.
    ///
    /// # Errors
    /// All settings that cannot be used.
    pub fn prepare<'a>(
        settings: &Settings,
        esmes: impl Iterator<Item = (&'a String, &'a Esme)>,
    ) -> Result<PreparedServer, Vec<NotStarted>> {
        let mut problems = Vec::new();
        let mut known: Vec<(String, Esme)> = Vec::new();
        for (name, esme) in esmes {
            let password = esme.password().map_err(InvalidLink::Password);
            problems.extend(password.err().map(|problem| NotStarted::Esme(name.clone(), problem)));
            if let Some((other, _)) = known.iter().find(|(_, other)| other.system_id == esme.system_id) {
                problems.push(NotStarted::SameName(name.clone(), other.clone()));
            }
            known.push((name.clone(), esme.clone()));
        }
        let tls = settings.tls.as_ref().map(tls::ServerSide::of_server).transpose();
        let tls = tls.map_err(|problem| problems.push(NotStarted::Tls(problem)));
        let system_id = Octets::from_text(&settings.system_id);
        let system_id = system_id.map_err(|problem| problems.push(NotStarted::SystemId(problem)));
        match (tls, system_id) {
            (Ok(tls), Ok(system_id)) if problems.is_empty() => {
                let (settings, tls) = (settings.clone(), tls.map(Arc::new));
                Ok(PreparedServer { settings, system_id, esmes: known, tls })
            }
            _ => Err(problems),
        }
    }
}

impl PreparedServer {
    /// Begins to listen.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(self, application: Application) -> Result<SmppServer, NotStarted> {
        let Self { settings, system_id, esmes, tls } = self;
        let tasks = TaskTracker::new();
        let application = application.within(Duration::from_secs(settings.response_timeout_seconds.into()));
        let mut accounts: HashMap<Vec<u8>, Arc<Account>> = HashMap::new();
        for (name, esme) in &esmes {
            let account = Account::new(name, esme, application.clone(), &tasks)
                .map_err(|problem| NotStarted::Esme(name.clone(), problem))?;
            accounts.insert(esme.system_id.as_bytes().to_vec(), Arc::new(account));
        }
        let listen = |error| NotStarted::Listen(settings.listen, error);
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let first = Duration::from_millis(settings.bind_backoff_first_ms.into());
        let longest = Duration::from_millis(settings.bind_backoff_max_ms.into());
        let shared = Arc::new(Shared {
            system_id,
            accounts,
            auth_failures: AuthFailures::new("smpp", first, longest),
            limits: ConnectionLimits::new(LISTENER, settings.connections_max, settings.connections_per_address_max),
            tls,
            application,
            tasks,
            stop: CancellationToken::new(),
            settings,
        });
        begin(&shared, listener);
        info!(%address, esmes = shared.accounts.len(), tls = shared.tls.is_some(), "the SMPP server is up");
        Ok(SmppServer { shared, address })
    }
}

impl SmppServer {
    /// The local address. It has the actual port if the configured port is 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the sending side of each link, with the link's name.
    pub fn outbounds(&self) -> impl Iterator<Item = (&str, Arc<dyn Outbound>)> {
        self.shared.accounts.values().map(|account| (account.name(), account.outbound()))
    }

    /// Stops in good order: accepts no connections, refuses new messages with a temporary error, commits and answers
    /// the messages in flight, and unbinds the sessions.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
        info!("the SMPP server stopped");
    }
}

impl Drop for SmppServer {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn begin(shared: &Arc<Shared>, listener: TcpListener) {
    shared.tasks.spawn(listener::listen(listener, shared.clone()));
    for account in shared.accounts.values() {
        shared.tasks.spawn(account.inbound().clone().expire(shared.stop.clone()));
    }
    if let Some(tls) = &shared.tls {
        shared.tasks.spawn(tls.clone().watch("smpp_server".to_owned(), shared.stop.clone()));
    }
}
