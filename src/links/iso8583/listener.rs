//! Takes connections, within the caps and from addresses that are a client's.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, info, warn};

use super::session::{self, Ended, SHOWN_OUT};
use super::shared::Shared;
use crate::links::admission::Admitted;
use crate::links::smpp::tls::Stream;

/// Wait after a connection could not be taken: out of descriptors, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(100);

pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Some(taken) = shared.stop.run_until_cancelled(listener.accept()).await {
        match taken {
            Ok((stream, remote)) => take(stream, remote, &shared),
            Err(error) => {
                warn!(%error, "an ISO 8583 connection could not be taken");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
}

fn take(stream: TcpStream, remote: SocketAddr, shared: &Arc<Shared>) {
    let address = remote.ip().to_canonical();
    if !shared.responder.admits(address) {
        metrics::counter!("mbush_iso8583_connections_refused_total", "cap" => "unknown_address").increment(1);
        if shared.auth_failures.refused(address) {
            warn!(%remote, "no client of ISO 8583 is at this address: closed");
        }
        return;
    }
    let Ok(admitted) = shared.limits.enter(address) else { return };
    shared.tasks.spawn(serve(stream, remote, shared.clone(), admitted));
}

/// Sets `TCP_NODELAY`, because answers are small and must not wait until a segment is full.
async fn serve(stream: TcpStream, remote: SocketAddr, shared: Arc<Shared>, admitted: Admitted) {
    // Without the option, the connection works more slowly.
    drop(stream.set_nodelay(true));
    let Some(ended) = converse(stream, remote.ip().to_canonical(), &shared, &admitted).await else { return };
    if ended.was_signed_on {
        return info!(%remote, reason = ended.why, "an ISO 8583 connection ended");
    }
    metrics::counter!("mbush_iso8583_unsigned_connections_total").increment(1);
    if shared.auth_failures.refused(remote.ip().to_canonical()) {
        warn!(%remote, reason = ended.why, "an ISO 8583 connection ended that never signed on");
    }
}

/// Returns `None` if the server stops before the session begins.
async fn converse(stream: TcpStream, ip: IpAddr, shared: &Arc<Shared>, admitted: &Admitted) -> Option<Ended> {
    let Some(tls) = &shared.tls else { return Some(session::run(stream, ip, shared, admitted).await) };
    let wait = Duration::from_secs(shared.settings.partial_seconds.into());
    let shaken = tokio::select! {
        () = shared.stop.cancelled() => return None,
        () = admitted.shown_out() => return Some(Ended::unsigned(SHOWN_OUT)),
        shaken = tokio::time::timeout(wait, tls.accept(stream)) => shaken,
    };
    Some(match shaken {
        Ok(Ok(Stream::Tls(stream))) => session::run(*stream, ip, shared, admitted).await,
        Ok(Ok(Stream::Plain(stream))) => session::run(stream, ip, shared, admitted).await,
        Ok(Err(error)) => {
            debug!(%ip, %error, "no TLS session");
            Ended::unsigned("no TLS session")
        }
        Err(_) => Ended::unsigned("no TLS session in time"),
    })
}
