//! The result of a post.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde::Deserialize;

use super::pace::ASKED_MAX;

/// Characters of an answer that are kept for staff.
const KEPT_CHARS_MAX: usize = 200;

/// The result of a post.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Posted {
    /// The other system has the request; its text for the customer, if it gave one.
    Taken { text: Option<String> },
    /// It will not take it.
    Refused { answer: Answer },
    /// It may take it later.
    Again { answer: Answer, not_before: Option<DateTime<Utc>> },
}

/// The answer of the other system, or the reason why there was none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status of the response. It has no words of the other system, so that it may be logged.
    pub(super) status: String,
    /// The beginning of the response, which may repeat values of the request; only staff see it.
    body: String,
}

impl Answer {
    /// Of a post without a response.
    pub(super) const fn none(reason: String) -> Self {
        Self { status: reason, body: String::new() }
    }
}

/// As it is kept for staff.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.body.as_str() {
            "" => f.write_str(&self.status),
            body => write!(f, "{}: {body}", self.status),
        }
    }
}

#[derive(Deserialize)]
struct Words {
    text: Option<String>,
}

/// The result of a response. `retry_after` is its header of this name.
pub(super) fn answered(status: StatusCode, retry_after: Option<&str>, body: &[u8], now: DateTime<Utc>) -> Posted {
    if status.is_success() {
        return Posted::Taken { text: serde_json::from_slice::<Words>(body).ok().and_then(|words| words.text) };
    }
    let answer = Answer { status: status.to_string(), body: kept(&String::from_utf8_lossy(body)) };
    // Under one key, a conflict is the attempt before, which is still being worked on.
    let passes =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::CONFLICT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_client_error() && !passes.contains(&status) {
        return Posted::Refused { answer };
    }
    Posted::Again { answer, not_before: retry_after.and_then(|header| asked(header, now)) }
}

/// The beginning of a text of another system, on one line: a database may refuse a control character.
pub(super) fn kept(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().take(KEPT_CHARS_MAX).map(visible).collect()
}

/// The instant of a `Retry-After`: seconds, or a date.
fn asked(header: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let header = header.trim();
    let at = match header.parse::<u32>() {
        Ok(seconds) => now + TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(header).ok()?.to_utc(),
    };
    Some(at.min(now + ASKED_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(status: u16, retry_after: Option<&str>, body: &str) -> Posted {
        answered(StatusCode::from_u16(status).unwrap(), retry_after, body.as_bytes(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_success_may_have_words_for_the_customer() {
        assert_eq!(posted(200, None, r#"{"text": "Yes", "more": 1}"#), Posted::Taken { text: Some("Yes".into()) });
        for none in ["", "Yes", "{}", r#"{"text": 5}"#, r#"{"text": null}"#] {
            assert_eq!(posted(204, None, none), Posted::Taken { text: None }, "{none}");
        }
    }

    #[test]
    fn what_the_other_system_will_never_take_is_refused() {
        let refused = |status, body: &str| match posted(status, None, body) {
            Posted::Refused { answer } => (answer.to_string(), answer.status),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(404, ""), ("404 Not Found".into(), "404 Not Found".into()));
        assert_eq!(refused(400, "a\0b\nc\n"), ("400 Bad Request: a b c".into(), "400 Bad Request".into()));
        let status = "422 Unprocessable Entity";
        assert_eq!(refused(422, &"x".repeat(300)), (format!("{status}: {}", "x".repeat(200)), status.into()));
    }

    #[test]
    fn what_it_may_take_later_is_tried_again_when_it_asks() {
        for status in [301, 408, 409, 425, 429, 500, 502, 503, 504] {
            assert!(matches!(posted(status, None, ""), Posted::Again { not_before: None, .. }), "{status}");
        }
        for (header, seconds) in [
            ("120", Some(120)),
            ("Thu, 01 Jan 1970 00:01:00 GMT", Some(60)),
            ("4294967295", Some(21_600)),
            ("soon", None),
        ] {
            let not_before = seconds.map(|seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
            let answer = Answer::none("503 Service Unavailable".to_owned());
            assert_eq!(posted(503, Some(header), ""), Posted::Again { answer, not_before }, "{header}");
        }
    }
}
