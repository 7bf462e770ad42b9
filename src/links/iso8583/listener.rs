//! Takes connections, within the caps and from addresses that are a client's.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, info, warn};

use super::session::{self, Ended, SHOWN_OUT};
use super::shared::Shared;
use crate::links::doors::Pass;
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
        metrics::counter!("mbush_iso8583_connections_refused_total", "cap" => "stranger").increment(1);
        if shared.strangers.refused(address) {
            warn!(%remote, "no client of ISO 8583 is at this address: closed");
        }
        return;
    }
    let Ok(pass) = shared.gate.enter(address) else { return };
    shared.tasks.spawn(serve(stream, remote, shared.clone(), pass));
}

/// Answers are small and wanted at once: no waiting to fill a segment (`TCP_NODELAY`).
async fn serve(stream: TcpStream, remote: SocketAddr, shared: Arc<Shared>, pass: Pass) {
    // It works all the same, only later.
    drop(stream.set_nodelay(true));
    let Some(ended) = converse(stream, remote.ip().to_canonical(), &shared, &pass).await else { return };
    if ended.was_signed_on {
        return info!(%remote, reason = ended.why, "an ISO 8583 connection ended");
    }
    metrics::counter!("mbush_iso8583_unsigned_connections_total").increment(1);
    if shared.strangers.refused(remote.ip().to_canonical()) {
        warn!(%remote, reason = ended.why, "an ISO 8583 connection ended that never signed on");
    }
}

/// `None` where the server stops before there is a session.
async fn converse(stream: TcpStream, ip: IpAddr, shared: &Arc<Shared>, pass: &Pass) -> Option<Ended> {
    let Some(tls) = &shared.tls else { return Some(session::run(stream, ip, shared, pass).await) };
    let wait = Duration::from_secs(shared.settings.partial_seconds.into());
    let shaken = tokio::select! {
        () = shared.stop.cancelled() => return None,
        () = pass.shown_out() => return Some(Ended::unsigned(SHOWN_OUT)),
        shaken = tokio::time::timeout(wait, tls.accept(stream)) => shaken,
    };
    Some(match shaken {
        Ok(Ok(Stream::Tls(stream))) => session::run(*stream, ip, shared, pass).await,
        Ok(Ok(Stream::Plain(stream))) => session::run(stream, ip, shared, pass).await,
        Ok(Err(error)) => {
            debug!(%ip, %error, "no TLS session");
            Ended::unsigned("no TLS session")
        }
        Err(_) => Ended::unsigned("no TLS session in time"),
    })
}
