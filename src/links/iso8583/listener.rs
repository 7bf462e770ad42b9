//! Takes connections, within the cap and from addresses that are a client's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{debug, info, warn};

use super::Shared;
use super::session;
use crate::links::smpp::tls::Stream;

/// Wait after a connection could not be taken: out of descriptors, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(100);

pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let seats = Arc::new(Semaphore::new(shared.settings.connections_max));
    while let Some(taken) = shared.stop.run_until_cancelled(listener.accept()).await {
        match taken {
            Ok((stream, remote)) if !shared.desk.admits(remote.ip().to_canonical()) => {
                metrics::counter!("mbush_iso8583_connections_refused_total").increment(1);
                if shared.desk.may_log_of(remote.ip()) {
                    info!(%remote, "no client of ISO 8583 is at this address: closed");
                }
                drop(stream);
            }
            Ok((stream, remote)) => {
                if let Ok(seat) = seats.clone().try_acquire_owned() {
                    shared.tasks.spawn(serve(stream, remote, shared.clone(), seat));
                } else {
                    metrics::counter!("mbush_iso8583_connections_refused_total").increment(1);
                    debug!(%remote, "as many ISO 8583 connections as may be: closed");
                }
            }
            Err(error) => {
                warn!(%error, "an ISO 8583 connection could not be taken");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
}

/// Answers are small and wanted at once: no waiting to fill a segment (`TCP_NODELAY`).
async fn serve(stream: TcpStream, remote: SocketAddr, shared: Arc<Shared>, seat: OwnedSemaphorePermit) {
    // It works all the same, only later.
    drop(stream.set_nodelay(true));
    let ip = remote.ip().to_canonical();
    let wait = Duration::from_secs(shared.settings.partial_seconds.into());
    let ended = match &shared.tls {
        None => session::run(stream, ip, &shared).await,
        Some(tls) => match shared.stop.run_until_cancelled(tokio::time::timeout(wait, tls.accept(stream))).await {
            Some(Ok(Ok(Stream::Tls(stream)))) => session::run(*stream, ip, &shared).await,
            Some(Ok(Ok(Stream::Plain(stream)))) => session::run(stream, ip, &shared).await,
            Some(Ok(Err(error))) if shared.desk.may_log_of(ip) => return info!(%remote, %error, "no TLS session"),
            Some(Err(_)) if shared.desk.may_log_of(ip) => return info!(%remote, "no TLS session in time"),
            Some(Ok(Err(_)) | Err(_)) | None => return,
        },
    };
    drop(seat);
    if shared.desk.may_log_of(ip) {
        info!(%remote, reason = ended, "an ISO 8583 connection ended");
    }
}
