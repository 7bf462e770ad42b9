//! `POST /v1/ussd`: one step of a USSD dialogue as JSON, from a gateway with a bearer secret.
//!
//! A step tells all that was entered so far, and nothing is kept between two of them: a step that comes again is answered
//! the same, also by another node and after a restart. What moves money is a message under a key of the dialogue's own and
//! its step, and is done once, as every message is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::refused::not_accepted;
use super::{ID_MAX, address, receipt};
use crate::api::bearer::Bearer;
use crate::api::gateway_roster::Gateway;
use crate::api::instant::Instant;
use crate::api::posted::Posted;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::{Body, Channel, InboundSms, Receipt, ShortCode};
use crate::links::dialled::{dialled, trim};
use crate::menus::Step;
use crate::text::address::is_printable;

/// Longest of what was dialled or entered, in characters: what the steps of one dialogue can come to.
const ENTERED_MAX: usize = 1_000;

/// What a gateway posts.
struct Post {
    /// The gateway's identifier of the dialogue, which no other dialogue ever has.
    session: String,
    /// The phone.
    msisdn: String,
    /// What was dialled to begin it: `*123#`, `*123*CODE#`.
    dialled: String,
    /// All that was entered since, in order, with `*` between two answers; empty at first.
    text: String,
}

impl Post {
    const FIELDS: &[&str] = &["session", "msisdn", "dialled", "text"];

    fn read(posted: Posted) -> Result<Self, Problem> {
        let mut fields = posted.fields(Self::FIELDS)?;
        Ok(Self {
            session: fields.text("session")?,
            msisdn: fields.text("msisdn")?,
            dialled: fields.text("dialled")?,
            text: fields.text_or_empty("text")?,
        })
    }
}

/// What the phone is to show.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Shown {
    session: String,
    /// `CON` and a text that wants an answer, or `END` and the last one.
    response: String,
    /// How it ended, where a message came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    /// When that message came, the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Instant>,
}

impl Shown {
    const fn new(session: String, response: String) -> Self {
        Self { session, response, outcome: None, receipt: None, at: None }
    }
}

pub(in crate::api) async fn receive(
    State(server): State<Arc<Server>>,
    Bearer(gateway): Bearer<Gateway>,
    posted: Posted,
) -> Result<Json<Shown>, Problem> {
    let post = Post::read(posted)?;
    let (short_code, fields) = check(&post, &gateway)?;
    let answers: Vec<&str> = if post.text.is_empty() { Vec::new() } else { post.text.split('*').collect() };
    let (step, steps) = match server.menus.load().of(&short_code) {
        // A complete code that is dialled at once is a message, whatever is entered after it.
        Some(menu) if fields.is_empty() => {
            let language = server.ingress.language(&post.msisdn).await;
            (menu.after(&answers, language), answers.len())
        }
        // Whatever is entered, it stays the message of the first step.
        _ => (Step::Send(fields), 0),
    };
    match step {
        Step::Ask(text) => Ok(Json(Shown::new(post.session, format!("CON {text}")))),
        Step::End(text) => Ok(Json(Shown::new(post.session, format!("END {text}")))),
        Step::Send(text) => {
            let message = InboundSms {
                key: format!("{}:{}/{steps}", gateway.name, post.session),
                link: gateway.name.clone(),
                from: post.msisdn,
                from_type: None,
                to: short_code,
                body: Body::Text(text),
                channel: Channel::Ussd,
                received_at: server.clock.now(),
                redelivery_doubt_since: None,
            };
            carry_out(&server, post.session, message).await
        }
    }
}

/// Has a message read and done, and shows the reply.
async fn carry_out(server: &Server, session: String, message: InboundSms) -> Result<Json<Shown>, Problem> {
    let answer = server.ingress.accept_in_dialogue(message).await;
    let answer = answer.map_err(|refusal| not_accepted(&refusal, "body /session"))?;
    let reply = answer.reply.unwrap_or_default();
    Ok(Json(Shown {
        outcome: Some(answer.outcome.kind()),
        receipt: receipt(&answer.outcome),
        at: Some(Instant(answer.at)),
        ..Shown::new(session, format!("END {reply}"))
    }))
}

/// The short code and what was dialled behind it.
fn check(post: &Post, gateway: &Gateway) -> Result<(String, String), Problem> {
    if !is_printable(&post.session, ID_MAX) {
        let detail = format!("give 1 to {ID_MAX} printable characters that no other dialogue of yours has");
        return Err(Problem::bad("body /session", detail));
    }
    address(&post.msisdn, "body /msisdn")?;
    for (place, text) in [("body /dialled", &post.dialled), ("body /text", &post.text)] {
        if text.chars().count() > ENTERED_MAX {
            return Err(Problem::bad(place, format!("give at most {ENTERED_MAX} characters")));
        }
    }
    if !trim(&post.dialled).starts_with('*') {
        return Err(Problem::bad("body /dialled", "give what was dialled to begin the dialogue, as in *123#"));
    }
    let (short_code, fields) = dialled(&gateway.ussd_codes, "", &post.dialled);
    if let Err(error) = short_code.parse::<ShortCode>() {
        return Err(Problem::bad("body /dialled", error.to_string()));
    }
    gateway.may_speak_for(&short_code, "body /dialled")?;
    Ok((short_code, fields))
}
