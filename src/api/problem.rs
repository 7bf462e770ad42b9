//! Problem answers by RFC 9457: the fault, its place, and the correction. All routes use the same form.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::domain::{Reason, mask_number};
use crate::text::visible::visible;

const PROBLEM_JSON: &str = "application/problem+json";
/// The place of a credential that may be anywhere in the request.
const CREDENTIAL: &str = "credential";
/// The place of a fault of the server.
const SERVER: &str = "server";

/// Fewest digits that may be the number of a phone.
const NUMBER_DIGITS_MIN: usize = 7;

/// A problem. Nothing of the request was kept, unless the fault is the server's and the database did not confirm the
/// result.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    place: Cow<'static, str>,
    detail: String,
    /// The expected type of a member of the body, and its actual type.
    mismatch: Option<Box<(String, String)>>,
    /// The reason, if the rules refused the request.
    reason: Option<Reason>,
    /// The methods of HTTP that the route takes, if the request has another one.
    allow: Option<String>,
    /// The outcome of the comparison of a credential that is not in the header `Authorization`.
    credential: Option<Credential>,
    /// The scheme of `WWW-Authenticate`, if it is not `Bearer`.
    challenge: Option<&'static str>,
    /// Seconds to wait before the same request is sent again, if the fault is temporary.
    retry_after: Option<u32>,
}

impl Problem {
    /// `place` is one of `header NAME`, `path`, `method`, `body`, `body /MEMBER`, `server`.
    pub(super) fn new(status: StatusCode, place: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        let (place, detail) = (place.into(), detail.into());
        Self {
            status,
            place,
            detail,
            mismatch: None,
            reason: None,
            allow: None,
            credential: None,
            challenge: None,
            retry_after: None,
        }
    }

    /// The request has a fault.
    pub(super) fn bad(place: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, place, detail)
    }

    /// The header has no known secret. `whose` names the owner of the secret that is expected.
    pub(super) fn unauthorized(whose: &str) -> Self {
        let detail = format!("send {whose} secret as `Authorization: Bearer SECRET`, once");
        Self::new(StatusCode::UNAUTHORIZED, "header Authorization", detail)
    }

    /// The request has no credential in the format of its gateway. `challenge` is the scheme of HTTP that the format uses,
    /// if any.
    pub(super) fn no_credential(detail: String, challenge: Option<&'static str>) -> Self {
        Self { challenge, ..Self::new(StatusCode::UNAUTHORIZED, CREDENTIAL, detail) }
    }

    /// The credential of the request, in the format of its gateway, is wrong.
    pub(super) fn wrong_credential(detail: &str, challenge: Option<&'static str>) -> Self {
        Self { credential: Some(Credential::Wrong), ..Self::no_credential(detail.to_owned(), challenge) }
    }

    /// The request was refused before its credential was compared.
    pub(super) fn unproven(self) -> Self {
        Self { credential: Some(Credential::Unread), ..self }
    }

    /// The route takes other methods of HTTP.
    pub(super) fn other_method(methods: &[&str]) -> Self {
        let detail = format!("send a {}", methods.join(" or a "));
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
        Self { allow: Some(methods.join(", ")), ..problem }
    }

    /// The request cannot be taken now, and may be sent again.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, detail).after(1)
    }

    /// The sender exceeded a limit. It may send the same request again after `seconds`.
    pub(super) fn throttled(place: impl Into<Cow<'static, str>>, detail: impl Into<String>, seconds: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, place, detail).after(seconds)
    }

    /// The `Content-Type` of the body is not JSON.
    pub(super) fn no_json() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body", "send JSON, as `Content-Type: application/json`")
    }

    const fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds the expected and the actual type of a member of the body.
    #[must_use]
    pub(super) fn instead(mut self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        self.mismatch = Some(Box::new((expected.into(), found.into())));
        self
    }

    /// Adds the reason of a refusal.
    #[must_use]
    pub(super) const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The place and the correction, for the log: a number in them is masked.
    pub(super) fn logged(&self) -> String {
        let text = format!("{}: {}", self.place, self.detail);
        let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count() >= NUMBER_DIGITS_MIN;
        let masked = |part| if digits(part) { mask_number(part) } else { part.to_owned() };
        visible(&text.split(' ').map(masked).collect::<Vec<_>>().join(" ")).into_owned()
    }

    pub(super) fn body(&self) -> Map<String, Value> {
        // Quoted parts of a request are read by people, in terminals and logs.
        let text = |text: &str| Value::from(visible(text));
        let mut body = Map::from_iter([
            ("status".to_owned(), Value::from(self.status.as_u16())),
            ("title".to_owned(), text(self.status.canonical_reason().unwrap_or("error"))),
            ("where".to_owned(), text(&self.place)),
            ("detail".to_owned(), text(&self.detail)),
        ]);
        if let Some((expected, found)) = self.mismatch.as_deref() {
            body.insert("expected".to_owned(), text(expected));
            body.insert("found".to_owned(), text(found));
        }
        if let Some(reason) = self.reason {
            body.insert("reason".to_owned(), text(reason.as_str()));
            body.insert("code".to_owned(), Value::from(reason.code()));
        }
        body
    }
}

/// A mark of the answer to a request whose credential is not in its header `Authorization`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Wrong,
    /// It was not compared.
    Unread,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(credential) = self.credential {
            response.extensions_mut().insert(credential);
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(Ok(methods)) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(ALLOW, methods);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let challenge = self.challenge.or_else(|| (self.place != CREDENTIAL).then_some("Bearer"));
        if let (StatusCode::UNAUTHORIZED, Some(scheme)) = (self.status, challenge) {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        response
    }
}
