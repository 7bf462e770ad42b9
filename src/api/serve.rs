//! Connections, up to a limit. Each has limited time for the head of a request, so that idle or slow clients cannot
//! keep others out.

use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::config::http::Http;
use crate::links::admission::{Admitted, ConnectionLimits, Listener};

/// For the limits.
const LISTENER: Listener = Listener {
    name: "HTTP",
    refused: "mbush_http_connections_refused_total",
    left: "mbush_http_connections_left_total",
};
/// Wait after a connection could not be accepted, most likely for lack of file descriptors.
const TAKE_AGAIN: Duration = Duration::from_millis(100);
/// Limits, in time and in octets, of reading on after a request was refused before its body was complete. If a
/// connection is closed with octets unread, a client that still writes loses the answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_OCTETS: usize = 256 * 1024;

/// The address of the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves until `stop`, then ends the requests that are under way. If the future is dropped, all connections are cut.
pub async fn serve(listener: TcpListener, router: Router, settings: &Http, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(settings.head_timeout_seconds));
    let limits = ConnectionLimits::new(LISTENER, settings.connections_max, settings.connections_per_address_max);
    let mut connections = JoinSet::new();
    loop {
        let taken = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            taken = listener.accept() => taken,
        };
        match taken {
            Ok((stream, remote)) => {
                let address = remote.ip().to_canonical();
                if let Ok(admitted) = limits.enter(address) {
                    let visit = Arc::new(Visit { peer: Peer(address), admitted, is_unread: AtomicBool::new(false) });
                    connections.spawn(connection(stream, http.clone(), router.clone(), visit, stop.clone()));
                }
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

/// One connection, as its requests see it.
struct Visit {
    peer: Peer,
    admitted: Admitted,
    /// True if the last answer was given before the body was read.
    is_unread: AtomicBool,
}

impl Visit {
    /// Answers a request after its head is read.
    async fn answer(
        self: Arc<Self>,
        mut request: hyper::Request<Incoming>,
        router: TowerToHyperService<Router>,
    ) -> io::Result<Response> {
        if !self.admitted.settle() {
            return Err(io::Error::other("it had to leave for another connection"));
        }
        request.extensions_mut().insert(self.peer);
        let Ok(response) = router.call(request).await;
        self.is_unread.store(response.headers().contains_key(CONNECTION), Ordering::Relaxed);
        // The answer is on its way before the connection can be closed in favour of another.
        self.admitted.wait();
        Ok(response)
    }
}

/// Sets `TCP_NODELAY`, because answers are small and must not wait until a segment is full.
async fn connection(
    stream: TcpStream,
    http: http1::Builder,
    router: Router,
    visit: Arc<Visit>,
    stop: CancellationToken,
) {
    // Without the option, the connection works more slowly.
    drop(stream.set_nodelay(true));
    let (router, visitor) = (TowerToHyperService::new(router), visit.clone());
    let service = service_fn(move |request| Box::pin(visitor.clone().answer(request, router.clone())));
    let mut serving = http.serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        biased;
        ended = poll_fn(|context| serving.poll_without_shutdown(context)) => ended,
        () = visit.admitted.shown_out() => return,
        () = stop.cancelled() => {
            std::pin::Pin::new(&mut serving).graceful_shutdown();
            poll_fn(|context| serving.poll_without_shutdown(context)).await
        }
    };
    match ended {
        Ok(()) => leave(serving.into_parts().io.into_inner(), visit.is_unread.load(Ordering::Relaxed)).await,
        Err(error) => debug!(%error, "an HTTP connection ended badly"),
    }
}

/// Closes our side, and reads on for a moment if the client still sends.
async fn leave(mut stream: TcpStream, is_unread: bool) {
    if stream.shutdown().await.is_err() || !is_unread {
        return;
    }
    let listening = async {
        let (mut octets, mut left) = (vec![0; 8_192], LINGER_OCTETS);
        while left > 0
            && let Ok(read @ 1..) = stream.read(&mut octets).await
        {
            left = left.saturating_sub(read);
        }
    };
    // A client that sends more than this, or nothing, is cut off.
    drop(tokio::time::timeout(LINGER, listening).await);
}
