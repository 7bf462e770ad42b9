//! `POST /v1/sms`: one inbound SMS as JSON, from a gateway with a bearer secret, answered after the commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::config::gateway::HttpGateway;
use crate::domain::{Body, Channel, Clock, InboundSms, Outcome, Receipt, ShortCode};
use crate::menus::Menus;
use crate::processor::{Answer, NotAccepted, Processor};

/// Longest identifier of a gateway, in characters.
pub(super) const ID_MAX: usize = 128;
/// Longest address, as in SMPP, in characters.
pub(super) const ADDRESS_MAX: usize = 20;
/// Longest text, in characters: more than the longest message of 255 parts that anyone sends.
const TEXT_MAX: usize = 10_000;

/// One gateway that may post.
#[derive(Debug)]
struct Gateway {
    name: String,
    secret: SecretString,
    terms: Arc<Terms>,
}

/// What a gateway may speak for, and how it names it.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) short_codes: Vec<String>,
    pub(super) ussd_codes: BTreeMap<String, String>,
}

/// The gateways that may post, and where their messages go.
#[derive(Debug, Clone)]
pub struct Gateways {
    known: Arc<Vec<Gateway>>,
    pub(super) processor: Processor,
    pub(super) menus: Arc<ArcSwap<Menus>>,
    pub(super) clock: Clock,
}

impl Gateways {
    /// # Errors
    /// A secret cannot be read; the text names link and key.
    pub fn new<'a>(
        gateways: impl Iterator<Item = (&'a String, &'a HttpGateway)>,
        processor: Processor,
        menus: Arc<ArcSwap<Menus>>,
        clock: Clock,
    ) -> Result<Self, String> {
        let gateways = gateways
            .map(|(name, gateway)| {
                let secret = gateway.secret().map_err(|problem| format!("links.{name}: {problem}"))?;
                let (short_codes, ussd_codes) = (gateway.short_codes.clone(), gateway.ussd_codes.clone());
                Ok(Gateway { name: name.clone(), secret, terms: Arc::new(Terms { short_codes, ussd_codes }) })
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Self { known: Arc::new(gateways), processor, menus, clock })
    }

    /// The gateway with this secret; every secret is compared to its end, so that time tells nothing.
    fn by_secret(&self, secret: &str) -> Option<&Gateway> {
        let mut found = None;
        for gateway in self.known.iter() {
            if bool::from(gateway.secret.expose_secret().as_bytes().ct_eq(secret.as_bytes())) {
                found = Some(gateway);
            }
        }
        found
    }
}

/// The routes of gateways.
pub fn routes(gateways: Gateways) -> Router {
    Router::new().route("/v1/sms", post(receive)).route("/v1/ussd", post(super::ussd::receive)).with_state(gateways)
}

/// What a gateway posts. Other fields are left unread.
#[derive(Deserialize)]
struct Post {
    /// The gateway's identifier of the message: the idempotency key.
    id: String,
    /// Source address.
    from: String,
    /// Destination address, the short code.
    to: String,
    /// The text.
    text: String,
}

/// How it ended.
#[derive(Debug, Serialize)]
struct Receiving {
    id: String,
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// The identifier was used before for the same message; this is the answer of then.
    replayed: bool,
}

/// An error as RFC 9457 has it.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({
            "status": self.status.as_u16(),
            "title": self.status.canonical_reason().unwrap_or("error"),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// Who posts, proven by its secret before the body is read.
pub(super) struct Sender {
    pub(super) link: String,
    pub(super) terms: Arc<Terms>,
}

impl Sender {
    /// Whether it may speak for this short code.
    pub(super) fn may_speak_for(&self, short_code: &str) -> Result<(), Problem> {
        let short_codes = &self.terms.short_codes;
        if short_codes.is_empty() || short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("to: this gateway may not speak for {short_code}; it is configured for others");
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}

impl FromRequestParts<Gateways> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateways: &Gateways) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret =
            header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let gateway = secret.and_then(|(_, secret)| gateways.by_secret(secret.trim()));
        let gateway = gateway.ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED, "send the gateway's secret as `Authorization: Bearer SECRET`")
        })?;
        Ok(Self { link: gateway.name.clone(), terms: gateway.terms.clone() })
    }
}

async fn receive(
    State(gateways): State<Gateways>,
    sender: Sender,
    body: Result<Json<Post>, JsonRejection>,
) -> Result<Json<Receiving>, Problem> {
    let Json(post) = body.map_err(|rejection| {
        let detail = format!("{}; send a JSON object with the texts id, from, to and text", rejection.body_text());
        Problem::new(rejection.status(), detail)
    })?;
    check(&post, &sender)?;
    let message = InboundSms {
        key: format!("{}:{}", sender.link, post.id),
        link: sender.link,
        from: post.from,
        from_type: None,
        to: post.to,
        body: Body::Text(post.text),
        channel: Channel::Sms,
        received_at: gateways.clock.now(),
        session_since: None,
    };
    let answer = gateways.processor.accept(message).await.map_err(|refusal| not_accepted(&refusal))?;
    Ok(Json(receiving(post.id, answer)))
}

fn receiving(id: String, answer: Answer) -> Receiving {
    let receipt = receipt(&answer.outcome);
    Receiving { id, outcome: answer.outcome, receipt, reply: answer.reply, replayed: answer.replayed }
}

/// The receipt of what was done, now or before.
pub(super) fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Applied(applied) => Some(Receipt::of(applied.transfer)),
        Outcome::Duplicate { of, .. } => Some(Receipt::of(of.transfer)),
        Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) => None,
    }
}

fn check(post: &Post, sender: &Sender) -> Result<(), Problem> {
    let bad = |detail: String| Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    if !is_name(&post.id, ID_MAX) {
        return bad(format!("id: give 1 to {ID_MAX} printable characters that no other message of yours has"));
    }
    if !is_name(&post.from, ADDRESS_MAX) {
        return bad(format!("from: give 1 to {ADDRESS_MAX} printable characters, as in +38349123456"));
    }
    if let Err(error) = post.to.parse::<ShortCode>() {
        return bad(format!("to: {error}"));
    }
    if post.text.chars().count() > TEXT_MAX {
        return bad(format!("text: give at most {TEXT_MAX} characters"));
    }
    sender.may_speak_for(&post.to)
}

pub(super) fn is_name(text: &str, chars_max: usize) -> bool {
    !text.is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

pub(super) fn not_accepted(refusal: &NotAccepted) -> Problem {
    let status = match refusal {
        NotAccepted::Conflict => StatusCode::CONFLICT,
        NotAccepted::QueueFull | NotAccepted::Stopping | NotAccepted::Store => StatusCode::SERVICE_UNAVAILABLE,
    };
    Problem::new(status, refusal.to_string())
}
