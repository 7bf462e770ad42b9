//! `POST /v1/sms`: one inbound SMS as JSON, from a gateway with a bearer secret, answered after the commit.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::refused::not_accepted;
use super::{ID_MAX, address, receipt};
use crate::api::bearer::Bearer;
use crate::api::gateway_roster::Gateway;
use crate::api::instant::{Instant, to_the_millisecond};
use crate::api::posted::Posted;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::{Body, Channel, InboundSms, Outcome, Receipt, ReportWanted, ShortCode};
use crate::processor::Answer;
use crate::smpp::receipt::is_receipt;
use crate::text::address::is_printable;

/// Longest text, in characters. It is more than a message of 255 parts can have.
const TEXT_MAX: usize = 10_000;

struct Post {
    /// The gateway's identifier of the message: the idempotency key.
    id: String,
    from: String,
    /// The short code.
    to: String,
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

/// The answer to a posted message.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Receiving {
    id: String,
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// The time at which the message first came.
    at: Instant,
    /// True if the identifier was used before for the same message. The answer is then the first one.
    replayed: bool,
}

pub(in crate::api) async fn receive(
    State(server): State<Arc<Server>>,
    Bearer(gateway): Bearer<Gateway>,
    posted: Posted,
) -> Result<Json<Receiving>, Problem> {
    let post = Post::read(posted)?;
    check(&post, &gateway)?;
    let message = InboundSms {
        key: format!("{}:{}", gateway.name, post.id),
        link: gateway.name.clone(),
        from: post.from,
        from_type: None,
        to: post.to,
        body: Body::Text(post.text),
        channel: Channel::Sms,
        received_at: server.clock.now(),
        redelivery_doubt_since: None,
    };
    let answer = server.ingress.accept(message, ReportWanted::default()).await;
    Ok(Json(receiving(post.id, answer.map_err(|refusal| not_accepted(&refusal, "body /id"))?)))
}

fn receiving(id: String, answer: Answer) -> Receiving {
    let receipt = receipt(&answer.outcome);
    Receiving {
        id,
        outcome: to_the_millisecond(answer.outcome),
        receipt,
        reply: answer.reply,
        at: Instant(answer.at),
        replayed: answer.replayed,
    }
}

fn check(post: &Post, gateway: &Gateway) -> Result<(), Problem> {
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
        // A reply to a receipt would bring another receipt, without end.
        let detail = "a delivery receipt is no message of a customer's; send texts that customers wrote";
        return Err(Problem::bad("body /text", detail));
    }
    gateway.may_speak_for(&post.to, "body /to")
}
