//! Connections: as many as may be, each with a time for the head of its request. Whoever sends that octet by octet, or
//! nothing at all, must not keep others out.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::config::section::Http;

/// Wait after a connection could not be taken: out of descriptors, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(100);

/// Serves until `stop`, then ends the requests that are under way. Dropped, it cuts all connections.
pub async fn serve(listener: TcpListener, router: Router, settings: &Http, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(settings.head_timeout_seconds));
    let mut connections = JoinSet::new();
    loop {
        let taken = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            taken = listener.accept() => taken,
        };
        match taken {
            Ok((_, remote)) if connections.len() >= settings.connections_max => {
                metrics::counter!("mbush_http_connections_refused_total").increment(1);
                debug!(%remote, "as many HTTP connections as may be: closed");
            }
            Ok((stream, _)) => {
                connections.spawn(connection(stream, http.clone(), router.clone(), stop.clone()));
            }
            Err(error) => {
                warn!(%error, "an HTTP connection could not be taken");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Answers are small and wanted at once: no waiting to fill a segment (`TCP_NODELAY`).
async fn connection(stream: TcpStream, http: http1::Builder, router: Router, stop: CancellationToken) {
    // It works all the same, only later.
    drop(stream.set_nodelay(true));
    let serving = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "an HTTP connection ended badly");
    }
}
