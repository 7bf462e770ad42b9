//! What is wrong with a request, as RFC 9457 has it: what, where, and how to mend it.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::{Reason, Rejection};
use crate::links::clients::NotTaken;
use crate::processor::NotAccepted;

/// A problem. Nothing of the request was kept, but where the database did not say whether it was.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    place: &'static str,
    detail: String,
    /// Reason and its number, where the rules say no.
    reason: Option<(&'static str, u8)>,
    /// Seconds, where it passes.
    retry_after: u32,
}

impl Problem {
    /// `place` is where it is: a header, or a member of the body.
    pub(super) fn new(status: StatusCode, place: &'static str, detail: impl Into<String>) -> Self {
        Self { status, place, detail: detail.into(), reason: None, retry_after: 1 }
    }

    pub(super) fn body(rejection: &JsonRejection, shape: &str) -> Self {
        // What is JSON and of another shape is told as what is no JSON: 422 is for a key that was used otherwise.
        let status = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        Self::new(status, "body", format!("{}; send {shape}", rejection.body_text()))
    }

    /// `NotTaken::Refused` is about the number.
    pub(super) fn not_taken(refusal: &NotTaken) -> Self {
        match refusal {
            NotTaken::Refused(rejection) => Self::rejected(rejection),
            NotTaken::NotAccepted(refusal) => Self::not_accepted(refusal),
        }
    }

    fn rejected(rejection: &Rejection) -> Self {
        let reason = rejection.reason;
        let place = if reason == Reason::DealerUnknown { "header Authorization" } else { "body /number" };
        let detail = match reason {
            Reason::DealerUnknown => {
                "there is no dealer of the name in this client's configuration; mend its `dealer`, or add the dealer"
            }
            Reason::ServiceNotAvailable => {
                "this client is not configured to top up numbers of this kind; `services` of its configuration says which"
            }
            Reason::NumberWrongLength => "the number has too few or too many digits; check it",
            _ => "this is no number of the plan; write it as 049123456 or +38349123456",
        };
        let reason = Some((reason.as_str(), reason.code()));
        Self { reason, ..Self::new(StatusCode::BAD_REQUEST, place, detail) }
    }

    pub(super) fn not_accepted(refusal: &NotAccepted) -> Self {
        match refusal {
            NotAccepted::Conflict => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "header Idempotency-Key",
                "the key was used for another request; give each request a key of its own",
            ),
            NotAccepted::QueueFull | NotAccepted::Stopping | NotAccepted::Store | NotAccepted::Unknown => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "server",
                format!("{refusal}; send the same request under the same key again"),
            ),
            NotAccepted::Throttled { seconds } => Self {
                retry_after: *seconds,
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "body /code", format!("{refusal}, under the same key"))
            },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "status": self.status.as_u16(),
            "title": self.status.canonical_reason().unwrap_or("error"),
            "where": self.place,
            "detail": self.detail,
        });
        if let (Some((reason, code)), Some(members)) = (self.reason, body.as_object_mut()) {
            members.insert("reason".to_owned(), Value::from(reason));
            members.insert("code".to_owned(), Value::from(code));
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&self.status) {
            headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
