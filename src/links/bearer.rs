//! Bearer secrets of who calls over HTTP: gateways, clients, staff.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The secret of the `Authorization` header; `None` where it is missing, of another scheme, empty, or there twice.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    Some(secret.trim()).filter(|secret| scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty())
}

/// Whether it is this secret, all of it. It takes as long for one that is nearly right as for any other of its length.
pub fn is_secret(known: &SecretString, given: &str) -> bool {
    let known = known.expose_secret().as_bytes();
    // No configuration has an empty one.
    !known.is_empty() && bool::from(known.ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn a_bearer_is_one_header_with_a_secret() {
        assert_eq!(bearer(&headers(&["Bearer a secret"])), Some("a secret"));
        assert_eq!(bearer(&headers(&["bearer  x "])), Some("x"));
        for none in [&[][..], &["Bearer"], &["Bearer "], &["Basic x"], &["Bearer x", "Bearer x"]] {
            assert_eq!(bearer(&headers(none)), None, "{none:?}");
        }
    }

    #[test]
    fn a_secret_is_compared_to_its_end() {
        let known = SecretString::from("right");
        assert!(is_secret(&known, "right"));
        for other in ["", "r", "righ", "right ", "rightx", "RIGHT"] {
            assert!(!is_secret(&known, other), "{other}");
        }
        assert!(!is_secret(&SecretString::from(""), ""));
    }
}
