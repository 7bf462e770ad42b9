//! Waits after wrong bearer secrets. A wrong secret is counted and logged, and its address has to wait, longer each
//! time. Meanwhile, its requests are refused unread.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use tracing::warn;

use super::problem::{Problem, WrongCredential};
use super::serve::Peer;
use crate::config::http::Http;
use crate::links::admission::AuthFailures;

/// The header in which a proxy names the client.
const FORWARDED: &str = "x-forwarded-for";

/// Addresses that sent wrong secrets.
#[derive(Debug)]
pub(super) struct Backoff {
    auth_failures: AuthFailures,
    proxies: Vec<IpNet>,
}

impl Backoff {
    pub(super) fn new(settings: &Http) -> Arc<Self> {
        let wait = |ms: u32| Duration::from_millis(ms.into());
        let (first, longest) = (wait(settings.auth_backoff_first_ms), wait(settings.auth_backoff_max_ms));
        Arc::new(Self { auth_failures: AuthFailures::new("http", first, longest), proxies: settings.proxies.clone() })
    }

    /// Returns the address of the client: the other end of the connection, or the client of a configured proxy. Each
    /// proxy appends the address of its client, so the last address that is no configured proxy counts. Anybody can
    /// write those before it.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_proxy = |address: &IpAddr| self.proxies.iter().any(|network| network.contains(address));
        let forwarded = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut client = peer;
        for name in named.into_iter().rev() {
            match name.parse::<IpAddr>() {
                Ok(address) if is_proxy(&client) => client = address.to_canonical(),
                _ => break,
            }
        }
        client
    }
}

/// Serves a request that needs a secret.
pub(super) async fn watch(State(backoff): State<Arc<Backoff>>, request: Request, next: Next) -> Response {
    // Without a connection, there is no address to wait.
    let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() else { return next.run(request).await };
    let address = backoff.client(peer, request.headers());
    if let Some(wait) = backoff.auth_failures.wait(address, None) {
        return too_many(wait);
    }
    let has_secret = request.headers().contains_key(AUTHORIZATION);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if response.status() != StatusCode::UNAUTHORIZED {
        // A wrong method is refused before the secret is compared.
        if response.status() != StatusCode::METHOD_NOT_ALLOWED {
            backoff.auth_failures.worked(address, None);
        }
        return response;
    }
    let has_secret = has_secret || response.extensions().get::<WrongCredential>().is_some();
    let auth_failures = &backoff.auth_failures;
    let line = if has_secret { auth_failures.failed(address, None) } else { auth_failures.missing(address) };
    if line {
        warn!(%address, path, has_secret, "a request without the right secret was refused");
    }
    response
}

fn too_many(wait: Duration) -> Response {
    metrics::counter!("mbush_http_throttled_total").increment(1);
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    let detail = format!("too many wrong secrets came from your address; send the same again in {seconds} s");
    Problem::throttled("header Authorization", detail, seconds).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let settings: Http = toml::from_str("proxies = [\"127.0.0.0/8\", \"10.0.0.0/24\"]").unwrap();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        Backoff::new(&settings).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_proxy_is_believed_and_nobody_else() {
        assert_eq!(client("203.0.113.7", &["198.51.100.1"]), "203.0.113.7", "a stranger says what it likes");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["192.0.2.9, 198.51.100.1"]), "198.51.100.1", "what came first was not seen");
        assert_eq!(client("127.0.0.1", &["192.0.2.9", "198.51.100.1, 10.0.0.3"]), "198.51.100.1", "two proxies");
        assert_eq!(client("127.0.0.1", &["unknown"]), "127.0.0.1");
    }
}
