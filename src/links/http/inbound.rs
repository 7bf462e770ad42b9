//! `POST /v1/sms`: one inbound SMS as JSON, from a gateway with a bearer secret, answered after the commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::post;
use axum::{Json, Router};
use secrecy::SecretString;
use serde::Serialize;

use super::{Instant, Posted, Problem};
use crate::config::gateway::HttpGateway;
use crate::domain::{Body, Channel, Clock, InboundSms, Outcome, Receipt, ShortCode};
use crate::links::bearer::{bearer, is_secret};
use crate::menus::Menus;
use crate::processor::{Answer, NotAccepted, Processor};
use crate::smpp::receipt::is_receipt;
use crate::text::address::is_printable;

/// Longest identifier of a gateway, in characters.
pub(super) const ID_MAX: usize = 128;
/// Longest address, as in SMPP, in characters.
const ADDRESS_MAX: usize = 20;
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
                let secret = gateway.secret().map_err(|problem| format!("links.{name}.{problem}"))?;
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
            if is_secret(&gateway.secret, secret) {
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

/// What a gateway posts.
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

impl Post {
    const FIELDS: &[&str] = &["id", "from", "to", "text"];

    fn read(posted: Posted) -> Result<Self, Problem> {
        let mut fields = posted.fields(Self::FIELDS)?;
        Ok(Self {
            id: fields.text("id")?,
            from: fields.text("from")?,
            to: fields.text("to")?,
            text: fields.text("text")?,
        })
    }
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
    /// When the message came, the first time.
    at: Instant,
    /// The identifier was used before for the same message; this is the answer of then.
    replayed: bool,
}

/// Who posts, proven by its secret before the body is read.
pub(super) struct Sender {
    pub(super) link: String,
    pub(super) terms: Arc<Terms>,
}

impl Sender {
    /// Whether it may speak for this short code.
    pub(super) fn may_speak_for(&self, short_code: &str, place: &'static str) -> Result<(), Problem> {
        let short_codes = &self.terms.short_codes;
        if short_codes.is_empty() || short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("this gateway may not speak for {short_code}; it is configured for others");
        Err(Problem::new(StatusCode::FORBIDDEN, place, detail))
    }
}

impl FromRequestParts<Gateways> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateways: &Gateways) -> Result<Self, Problem> {
        let gateway = bearer(&parts.headers).and_then(|secret| gateways.by_secret(secret));
        let gateway = gateway.ok_or_else(|| Problem::unauthorized("the gateway's"))?;
        Ok(Self { link: gateway.name.clone(), terms: gateway.terms.clone() })
    }
}

async fn receive(State(gateways): State<Gateways>, sender: Sender, posted: Posted) -> Result<Json<Receiving>, Problem> {
    let post = Post::read(posted)?;
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
    let answer = gateways.processor.accept(message).await.map_err(|refusal| not_accepted(&refusal, "body /id"))?;
    Ok(Json(receiving(post.id, answer)))
}

fn receiving(id: String, answer: Answer) -> Receiving {
    let receipt = receipt(&answer.outcome);
    Receiving {
        id,
        outcome: answer.outcome,
        receipt,
        reply: answer.reply,
        at: Instant(answer.at),
        replayed: answer.replayed,
    }
}

/// The receipt of what was done, now or before.
pub(super) fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Duplicate { of, .. } => Some(Receipt::of(of.transfer)),
        _ => outcome.transfer().map(Receipt::of),
    }
}

fn check(post: &Post, sender: &Sender) -> Result<(), Problem> {
    if !is_printable(&post.id, ID_MAX) {
        let detail = format!("give 1 to {ID_MAX} printable characters that no other message of yours has");
        return Err(Problem::bad("body /id", detail));
    }
    address(&post.from, "body /from")?;
    if let Err(error) = post.to.parse::<ShortCode>() {
        return Err(Problem::bad("body /to", error.to_string()));
    }
    if post.text.chars().count() > TEXT_MAX {
        return Err(Problem::bad("body /text", format!("give at most {TEXT_MAX} characters")));
    }
    if is_receipt(&post.text) {
        // Answered, it would bring another receipt, and so on without end.
        let detail = "a delivery receipt is no message of a customer's; send texts that customers wrote";
        return Err(Problem::bad("body /text", detail));
    }
    sender.may_speak_for(&post.to, "body /to")
}

/// The address of a phone or of a machine.
pub(super) fn address(text: &str, place: &'static str) -> Result<(), Problem> {
    if is_printable(text, ADDRESS_MAX) {
        return Ok(());
    }
    Err(Problem::bad(place, format!("give 1 to {ADDRESS_MAX} printable characters, as in +38349123456")))
}

pub(super) fn not_accepted(refusal: &NotAccepted, place: &'static str) -> Problem {
    match refusal {
        NotAccepted::Conflict | NotAccepted::Contradiction(_) => {
            Problem::new(StatusCode::CONFLICT, place, refusal.to_string())
        }
        NotAccepted::QueueFull | NotAccepted::Stopping | NotAccepted::Store | NotAccepted::Unknown => {
            Problem::unavailable(refusal.to_string())
        }
        NotAccepted::Throttled { seconds } => Problem::throttled(place, refusal.to_string(), *seconds),
    }
}
