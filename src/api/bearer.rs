//! The credential of a request: `Authorization: Bearer SECRET`. It is checked before the body is read.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::gateway_roster::Gateway;
use super::problem::Problem;
use super::staff::Staff;
use super::state::Server;
use crate::links::admission::is_secret;
use crate::links::clients::Client;

/// Callers of one kind, each with a secret of its own.
pub(super) trait Credential: Send + Sync + 'static {
    /// The owner of the secret in the answer to a wrong one.
    const WHOSE: &'static str;

    /// Returns the caller with this secret. Every secret is compared completely, so that the time taken reveals
    /// nothing.
    fn of_secret(server: &Server, secret: &str) -> Option<Arc<Self>>;
}

impl Credential for Gateway {
    const WHOSE: &'static str = "the gateway's";

    fn of_secret(server: &Server, secret: &str) -> Option<Arc<Self>> {
        server.gateways.by_secret(secret)
    }
}

impl Credential for Client {
    const WHOSE: &'static str = "the client's";

    fn of_secret(server: &Server, secret: &str) -> Option<Arc<Self>> {
        server.clients.by_secret(secret)
    }
}

impl Credential for Staff {
    const WHOSE: &'static str = "the admin";

    fn of_secret(server: &Server, secret: &str) -> Option<Arc<Self>> {
        server.staff.clone().filter(|staff| is_secret(&staff.secret, secret.as_bytes()))
    }
}

/// The caller of a request. The layer of the route finds it once, and leaves it in the request for the handler.
pub(super) struct Bearer<C>(pub(super) Arc<C>);

impl<C: Credential> FromRequestParts<Arc<Server>> for Bearer<C> {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        if let Some(found) = request.extensions.get::<Arc<C>>() {
            return Ok(Self(found.clone()));
        }
        let found = secret(&request.headers).and_then(|secret| C::of_secret(server, secret));
        let found = found.ok_or_else(|| Problem::unauthorized(C::WHOSE))?;
        request.extensions.insert(found.clone());
        Ok(Self(found))
    }
}

/// Returns the secret of the `Authorization` header, or `None` if it is missing, empty, repeated, or of another scheme.
fn secret(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    Some(secret.trim()).filter(|secret| scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn a_bearer_is_one_header_with_a_secret() {
        assert_eq!(secret(&headers(&["Bearer a secret"])), Some("a secret"));
        assert_eq!(secret(&headers(&["bearer  x "])), Some("x"));
        for none in [&[][..], &["Bearer"], &["Bearer "], &["Basic x"], &["Bearer x", "Bearer x"]] {
            assert_eq!(secret(&headers(none)), None, "{none:?}");
        }
    }
}
