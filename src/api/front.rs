//! Handling common to all requests: a deadline, and one form for all error answers, whichever part of the server found
//! the error.
//!
//! An error that is JSON already, by RFC 9457 or otherwise, is left as it is. Other errors (no such path, another
//! method, a body that is too long, a panic) get their text here. If an answer is given before the body was read, it
//! says that the connection is closed after it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use hyper::body::{Frame, SizeHint};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tracing::warn;

use super::problem::Problem;
use crate::config::http::Http;

/// Longest text of a bare error that is shown, in bytes.
const TEXT_MAX: usize = 1_024;
/// The name in metrics of requests without a route.
const NO_ROUTE: &str = "none";

/// The effect of a request on the stored state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A request changes nothing and may simply be repeated.
    Reads,
    /// A request may change the state, once for its key or identifier.
    Writes,
}

/// The configured limits of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    body_bytes_max: fn(&Http) -> usize,
    timeout_seconds: fn(&Http) -> u64,
}

/// `http.body_bytes_max` and `http.timeout_seconds`.
pub(super) const OF_SERVER: Limits =
    Limits { body_bytes_max: |http| http.body_bytes_max, timeout_seconds: |http| http.timeout_seconds };

/// The settings of one route.
#[derive(Debug, Clone, Copy)]
pub(super) struct Front {
    /// The route's name in metrics.
    name: &'static str,
    effect: Effect,
    /// Longest time for one request.
    deadline: Duration,
    /// Longest body, in bytes.
    body_max: usize,
}

/// Serves one request.
async fn front(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let is_read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let watch = is_read.clone();
    let request = request.map(|body| Body::new(Watched { body, is_read: watch }));
    let answered = tokio::time::timeout(front.deadline, next.run(request)).await;
    let is_read = is_read.load(Ordering::Relaxed);
    let mut response = match answered {
        Ok(response) => front.worded(response, &method, &path).await,
        Err(_) => front.late(is_read),
    };
    if !is_read {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let status = response.status().as_str().to_owned();
    metrics::counter!("mbush_http_requests_total", "route" => front.name, "status" => status).increment(1);
    response
}

impl Front {
    pub(super) fn of_no_route(settings: &Http) -> Self {
        Self::new(NO_ROUTE, Effect::Reads, OF_SERVER, settings)
    }

    /// `name` is the name of the route in metrics.
    pub(super) fn new(name: &'static str, effect: Effect, limits: Limits, settings: &Http) -> Self {
        let deadline = Duration::from_secs((limits.timeout_seconds)(settings));
        Self { name, effect, deadline, body_max: (limits.body_bytes_max)(settings) }
    }

    /// Applies these settings to the methods of a route, and to the answer to other methods.
    pub(super) fn before<S: Clone + Send + Sync + 'static>(self, methods: MethodRouter<S>) -> MethodRouter<S> {
        methods
            .layer::<_, Infallible>(RequestBodyLimitLayer::new(self.body_max))
            .layer::<_, Infallible>(CatchPanicLayer::new())
            .layer(from_fn_with_state(self, front))
    }

    /// The answer after the deadline. The request may be done nevertheless.
    fn late(&self, is_read: bool) -> Response {
        metrics::counter!("mbush_late_total", "interface" => "http").increment(1);
        let seconds = self.deadline.as_secs();
        if !is_read {
            let detail = format!("the body did not come within {seconds} s: nothing of it was kept; send all of it");
            return Problem::new(StatusCode::REQUEST_TIMEOUT, "body", detail).into_response();
        }
        warn!(seconds, "a request had no answer of the database in time; its sender may send it again");
        let detail = if self.effect == Effect::Reads {
            format!("the database does not answer (waited {seconds} s); ask again")
        } else {
            format!(
                "the database did not answer within {seconds} s, so that it is not known whether this was done; send the \
                 same again under the same key or identifier: it is done once, and you are told"
            )
        };
        Problem::unavailable(detail).into_response()
    }

    /// Adds a text to an error without one.
    async fn worded(&self, response: Response, method: &Method, path: &str) -> Response {
        let status = response.status();
        if !(status.is_client_error() || status.is_server_error()) || has_words(&response) {
            return response;
        }
        let (head, body) = response.into_parts();
        let text = to_bytes(body, TEXT_MAX).await.unwrap_or_default();
        let (place, detail) = match status {
            StatusCode::NOT_FOUND => ("path", format!("there is no route {path}; docs/http.md lists the routes")),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method", format!("{path} does not take {method}; see the header `Allow`"))
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body", format!("give at most {} bytes", self.body_max)),
            _ if status.is_server_error() => ("server", "internal error; see the server's log".to_owned()),
            _ => ("request", String::from_utf8_lossy(&text).into_owned()),
        };
        let mut response = Problem::new(status, place, detail).into_response();
        for (name, value) in &head.headers {
            if *name == ALLOW || *name == RETRY_AFTER {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// Returns true if the answer has a text already.
fn has_words(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/"))
}

/// A body that reports the end of its reading.
struct Watched {
    body: Body,
    is_read: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || (frame.is_ready() && self.body.is_end_stream()) {
            self.is_read.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
