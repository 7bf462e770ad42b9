//! The sessions of a link: connecting, binding, and reconnecting after a loss.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::application::Patient;
use super::backoff::Backoff;
use super::driver::{Connection, Ended, Handle, Peer};
use super::inbound::Inbound;
use super::meter::{Membership, Meter, Who};
use super::outbound::Submitter;
use super::settings::{DRAIN, UNBIND_WAIT, WINDOW_SLACK};
use super::tls::{ClientSide, Stream};
use super::trouble::Trouble;
use crate::config::link::Smsc;
use crate::smpp::pdu::{Bind, BindMode};
use crate::smpp::session::{CloseReason, Notice, Role, Settings, Ticket};
use crate::smpp::{CommandStatus, Pdu};

/// Longest wait for a TCP connection to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The state that all sessions of one link share.
#[derive(Debug)]
pub(super) struct Sessions {
    link: String,
    hosts: Vec<String>,
    settings: Settings,
    reconnect_first: Duration,
    reconnect_longest: Duration,
    tls: Option<Arc<ClientSide>>,
    ends: Ends,
    stop: CancellationToken,
}

/// The components that a session takes messages from and passes messages to.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    pub submitter: Arc<Submitter>,
    pub inbound: Arc<Inbound>,
    pub application: Patient,
    pub trouble: Trouble,
}

impl Sessions {
    pub(super) fn new(
        link: &str,
        link_settings: &Smsc,
        tls: Option<Arc<ClientSide>>,
        ends: Ends,
        stop: CancellationToken,
    ) -> Self {
        let window = usize::from(link_settings.window);
        let response = Duration::from_secs(link_settings.response_timeout_seconds.into());
        let settings = Settings {
            window,
            peer_window: window + WINDOW_SLACK,
            session_init: response,
            enquire_link: Duration::from_secs(link_settings.enquire_link_seconds.into()),
            response,
            drain: DRAIN,
            ..Settings::new(Role::Esme)
        };
        Self {
            link: link.to_owned(),
            hosts: link_settings.hosts.clone(),
            settings,
            reconnect_first: Duration::from_millis(link_settings.reconnect_first_ms.into()),
            reconnect_longest: Duration::from_millis(link_settings.reconnect_max_ms.into()),
            tls,
            ends,
            stop,
        }
    }

    /// Keeps one session bound until the link stops. It tries each host in turn, then waits longer after every round.
    pub(super) async fn keep(self: Arc<Self>, bind: Bind) {
        let mut backoff = Backoff::new(self.reconnect_first, self.reconnect_longest);
        while !self.stop.is_cancelled() {
            for host in &self.hosts {
                if self.stop.is_cancelled() {
                    return;
                }
                if self.session(host, &bind).await {
                    // After a session that was bound, the first host is tried again soon.
                    backoff.reset();
                    break;
                }
            }
            let wait = backoff.wait();
            debug!(link = self.link, wait_ms = wait.as_millis(), "waits before it connects again");
            if self.stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Runs one session, from the connection to its end. Returns true if it was ever bound.
    async fn session(&self, host: &str, bind: &Bind) -> bool {
        let Some(stream) = self.open(host).await else { return false };
        let connection = Connection::new(self.settings.clone());
        let handle = connection.handle();
        handle.bind(bind.clone());
        let side = LinkSide {
            link: self.link.clone(),
            host: stream.peer().map_or_else(|| host.to_owned(), |address| address.to_string()),
            ends: self.ends.clone(),
            meter: connection.meter(),
            bound: None,
        };
        let was_bound = Arc::new(AtomicBool::new(false));
        let watched = Watched { side, handle: handle.clone(), was_bound: was_bound.clone() };
        let running = stream.run(connection, watched);
        tokio::pin!(running);
        let ended = tokio::select! {
            ended = &mut running => Some(ended),
            () = self.stop.cancelled() => {
                handle.drain();
                tokio::time::timeout(DRAIN + UNBIND_WAIT, running).await.ok()
            }
        };
        if let Some(ended) = ended {
            self.report(host, &ended);
        } else {
            warn!(link = self.link, host, "a session did not end in time: cut");
        }
        was_bound.load(Ordering::Relaxed)
    }

    /// Opens a connection; `None` if that failed or the link stops.
    async fn open(&self, host: &str) -> Option<Stream> {
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, self.connect(host));
        match self.stop.run_until_cancelled(connecting).await? {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => {
                self.ends.trouble.is(format!("cannot connect: {error}"));
                warn!(link = self.link, host, %error, "cannot connect");
            }
            Err(_) => {
                self.ends.trouble.is("cannot connect in time");
                warn!(link = self.link, host, "cannot connect in time");
            }
        }
        None
    }

    /// Sets `TCP_NODELAY`, because replies are small and must not wait until a segment is full.
    async fn connect(&self, host: &str) -> std::io::Result<Stream> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Stream::Plain(stream)),
            Some(tls) => tls.connect(host, stream).await,
        }
    }

    fn report(&self, host: &str, ended: &Ended) {
        self.ends.trouble.is(ended.to_string());
        let orderly = matches!(ended, Ended::Session(CloseReason::Unbound | CloseReason::UnboundByPeer));
        if orderly {
            info!(link = self.link, host, reason = %ended, "session ended");
        } else {
            warn!(link = self.link, host, reason = %ended, "session lost");
        }
    }
}

/// The link's side of one session.
struct LinkSide {
    link: String,
    host: String,
    ends: Ends,
    meter: Arc<Meter>,
    bound: Option<(BindMode, Membership)>,
}

/// Takes the session off the link, however it ends.
struct Watched {
    side: LinkSide,
    handle: Handle,
    was_bound: Arc<AtomicBool>,
}

impl Peer for Watched {
    fn authenticate(&mut self, ticket: Ticket, _bind: Bind, handle: &Handle) {
        // A peer cannot bind to an ESME.
        handle.decide(ticket, Err(CommandStatus::BIND_FAILED));
    }

    fn bound(&mut self, mode: BindMode, handle: &Handle) {
        let side = &mut self.side;
        info!(link = side.link, host = side.host, ?mode, "bound");
        let who = Who {
            link: side.link.clone(),
            peer_is: "smsc",
            address: side.host.clone(),
            mode,
            bound_at: side.ends.application.clock.now(),
        };
        side.bound = Some((mode, side.ends.application.registry.enter(who, side.meter.clone())));
        if mode.transmits() {
            side.ends.submitter.bound(handle.clone());
        }
        if mode.receives() {
            side.ends.inbound.bound();
        }
        self.was_bound.store(true, Ordering::Relaxed);
    }

    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle) {
        self.side.ends.inbound.serve(ticket, &pdu, handle);
    }

    fn notice(&mut self, notice: Notice) {
        let (link, host) = (&self.side.link, &self.side.host);
        if let Notice::Unanswerable(command) = notice {
            return debug!(link, host, %command, "noted");
        }
        if !self.side.ends.application.faults.admits(link) {
            return;
        }
        match notice {
            Notice::Malformed(error) => warn!(link, host, %error, "a PDU that cannot be read"),
            Notice::Refused(command, status) => warn!(link, host, %command, %status, "a request was refused"),
            Notice::UnexpectedResponse { command, sequence, status } => {
                warn!(link, host, command, sequence, %status, "a response that nobody waits for");
            }
            Notice::Unanswerable(_) => {}
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.side.ends.submitter.lost(&self.handle);
        if self.side.bound.as_ref().is_some_and(|(mode, _)| mode.receives()) {
            self.side.ends.inbound.lost();
        }
    }
}
