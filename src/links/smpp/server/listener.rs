//! Accepts connections, within the limits, and runs a session over each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tracing::{info, warn};

use super::session::Side;
use super::shared::Shared;
use crate::links::admission::Admitted;
use crate::links::smpp::driver::{Connection, Ended};
use crate::links::smpp::settings::UNBIND_WAIT;
use crate::links::smpp::tls::Stream;
use crate::smpp::session::{CloseReason, Role, Settings};

/// Wait after a connection could not be taken: out of descriptors, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(100);
/// Requests that may follow a bind before it is decided.
const UNBOUND_WINDOW: usize = 32;

pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Some(taken) = shared.stop.run_until_cancelled(listener.accept()).await {
        match taken {
            Ok((stream, remote)) => take(stream, remote, &shared),
            Err(error) => {
                warn!(%error, "an SMPP connection could not be taken");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
}

fn take(stream: TcpStream, remote: SocketAddr, shared: &Arc<Shared>) {
    let Ok(admitted) = shared.limits.enter(remote.ip()) else { return };
    shared.tasks.spawn(serve(stream, remote, shared.clone(), Arc::new(admitted)));
}

async fn serve(stream: TcpStream, remote: SocketAddr, shared: Arc<Shared>, admitted: Arc<Admitted>) {
    tokio::select! {
        () = converse(stream, remote, &shared, &admitted) => {}
        // The session is not bound, so that no request needs an answer.
        () = admitted.shown_out() => {}
    }
}

async fn converse(stream: TcpStream, remote: SocketAddr, shared: &Arc<Shared>, admitted: &Arc<Admitted>) {
    let settings = settings(shared);
    let Some(stream) = shake_hands(stream, remote, shared, settings.session_init).await else { return };
    let patience = settings.drain + UNBIND_WAIT;
    let connection = Connection::new(settings);
    let handle = connection.handle();
    let side = Side::new(shared.clone(), remote, &connection, admitted.clone());
    let running = stream.run(connection, side);
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => Some(ended),
        () = shared.stop.cancelled() => {
            handle.drain();
            tokio::time::timeout(patience, running).await.ok()
        }
    };
    if !shared.application.faults.admits_from(remote.ip()) {
        return;
    }
    match ended {
        None => warn!(%remote, "a session did not end in time: cut"),
        Some(Ended::Session(CloseReason::Unbound | CloseReason::UnboundByPeer)) => info!(%remote, "session ended"),
        Some(ended) => info!(%remote, reason = %ended, "session lost"),
    }
}

/// Sets `TCP_NODELAY`, because answers are small and must not wait until a segment is full.
async fn shake_hands(stream: TcpStream, remote: SocketAddr, shared: &Shared, wait: Duration) -> Option<Stream> {
    stream.set_nodelay(true).ok()?;
    let Some(tls) = &shared.tls else { return Some(Stream::Plain(stream)) };
    match shared.stop.run_until_cancelled(tokio::time::timeout(wait, tls.accept(stream))).await? {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tell_no_session(shared, remote, &error.to_string());
            None
        }
        Err(_) => {
            tell_no_session(shared, remote, "not in time");
            None
        }
    }
}

fn tell_no_session(shared: &Shared, remote: SocketAddr, error: &str) {
    if shared.application.faults.admits_from(remote.ip()) {
        info!(%remote, error, "no TLS session");
    }
}

fn settings(shared: &Shared) -> Settings {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let server = &shared.settings;
    Settings {
        system_id: shared.system_id,
        peer_window: UNBOUND_WINDOW,
        session_init: seconds(server.session_init_seconds),
        enquire_link: seconds(server.enquire_link_seconds),
        response: seconds(server.response_timeout_seconds),
        inactivity: (server.inactivity_seconds > 0).then(|| seconds(server.inactivity_seconds)),
        partial_pdu: seconds(server.partial_seconds),
        drain: seconds(server.drain_seconds),
        ..Settings::new(Role::Smsc)
    }
}
