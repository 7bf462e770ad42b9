//! What is wrong with a request, as RFC 9457 has it: what, where, and how to mend it. One shape for all doors over HTTP.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::domain::Reason;

/// Its media type.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Place of what is the server's, not the request's.
const SERVER: &str = "server";

/// A problem. Nothing of the request was kept.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    place: Cow<'static, str>,
    detail: String,
    /// What a member of the body should be, and what it is.
    mismatch: Option<(String, String)>,
    /// Why, where the rules say no.
    reason: Option<Reason>,
}

impl Problem {
    /// `place` is where it is: `header NAME`, `path`, `method`, `body`, `body /MEMBER`, `server`.
    pub fn new(status: StatusCode, place: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { status, place: place.into(), detail: detail.into(), mismatch: None, reason: None }
    }

    /// Something of the request is wrong.
    pub fn bad(place: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, place, detail)
    }

    /// The header has no secret that is known here; `whose` says whose it should be.
    pub fn unauthorized(whose: &str) -> Self {
        let detail = format!("send {whose} secret as `Authorization: Bearer SECRET`, once");
        Self::new(StatusCode::UNAUTHORIZED, "header Authorization", detail)
    }

    /// It cannot be taken now, and may be sent again.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, detail)
    }

    /// Of a member of the body: what is expected there, and what was found.
    #[must_use]
    pub fn instead(mut self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        self.mismatch = Some((expected.into(), found.into()));
        self
    }

    /// The reason that the rules give.
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What a layer below answered with no more than a status, said as all else is.
    pub fn of_status(status: StatusCode, path: &str) -> Self {
        let (place, detail) = match status {
            StatusCode::NOT_FOUND => ("path", format!("there is nothing at {path}; docs/api.md has all paths")),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method", format!("{path} is not asked for this way; `Allow` has the methods that it takes"))
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("body", "it is longer than `http.body_bytes_max` of the server allows; send less at a time".to_owned())
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("body", "send JSON, as `Content-Type: application/json`".to_owned()),
            StatusCode::UNAUTHORIZED => return Self::unauthorized("your"),
            StatusCode::SERVICE_UNAVAILABLE => {
                (SERVER, "it took too long; send the same request again, under the same key".to_owned())
            }
            status if status.is_client_error() => ("request", "it cannot be read; see docs/api.md".to_owned()),
            _ => (
                SERVER,
                "the server made a mistake, which is in its log; the same request may be sent again".to_owned(),
            ),
        };
        Self::new(status, place, detail)
    }

    pub(super) fn body(&self) -> Map<String, Value> {
        let text = |text: &str| Value::from(text);
        let mut body = Map::from_iter([
            ("status".to_owned(), Value::from(self.status.as_u16())),
            ("title".to_owned(), text(self.status.canonical_reason().unwrap_or("error"))),
            ("where".to_owned(), text(&self.place)),
            ("detail".to_owned(), text(&self.detail)),
        ]);
        if let Some((expected, found)) = &self.mismatch {
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
