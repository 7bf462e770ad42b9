//! `/v1/gateways/LINK/messages` and `/v1/gateways/LINK/receipts`: requests in the format of the link's gateway
//! ([`crate::gateway`]), answered after the commit of all that they carry.
//!
//! A request with several messages is answered as taken only if each is on disk. The gateway sends it again otherwise,
//! and the messages that were taken before are recognised by their identifiers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use tracing::warn;

use super::refused::not_accepted;
use super::{ID_MAX, address};
use crate::api::gateway_roster::Gateway;
use crate::api::posted::incomplete;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::{Body, Channel, InboundSms, ReportWanted, ShortCode};
use crate::gateway::{self, AnswerFile, Content, Message, Posting, Receipt, Request};
use crate::links::smpp::Accepted;
use crate::links::smpp::receipts::{Fate, Settlement, canonical};
use crate::processor::{InboundPart, body};
use crate::smpp::receipt::is_receipt;
use crate::text::address::is_printable;

/// Places of mistakes.
const ID: &str = "identifier of the message";
const FROM: &str = "sender of the message";
const TO: &str = "short code of the message";

/// The parts of a request that formats look at.
type Posted = (Method, Uri, HeaderMap, Result<Bytes, BytesRejection>);

pub(in crate::api) async fn messages(
    State(server): State<Arc<Server>>,
    Path(link): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    octets: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let gateway = server.gateways.by_name(&link).ok_or_else(|| unknown(&link))?;
    let posting = gateway.format.message().ok_or_else(|| none_of(&gateway, "messages"))?;
    let read = read(&server, &gateway, posting, &(method, uri, headers, octets), gateway::messages);
    let messages = match read {
        Ok(messages) => messages,
        Err(problem) => return refused(&server, &gateway, posting, problem),
    };
    let taken = join_all(messages.into_iter().map(|message| take(&server, &gateway, message))).await;
    answer(&server, &gateway, posting, taken)
}

pub(in crate::api) async fn receipts(
    State(server): State<Arc<Server>>,
    Path(link): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    octets: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let gateway = server.gateways.by_name(&link).ok_or_else(|| unknown(&link))?;
    let posting = gateway.format.receipt().ok_or_else(|| none_of(&gateway, "receipts"))?;
    let receipts = match read(&server, &gateway, posting, &(method, uri, headers, octets), gateway::receipts) {
        Ok(receipts) => receipts,
        Err(problem) => return refused(&server, &gateway, posting, problem),
    };
    let taken = join_all(receipts.into_iter().map(|receipt| settle(&server, &gateway, receipt))).await;
    answer(&server, &gateway, posting, taken)
}

fn unknown(link: &str) -> Problem {
    let detail = format!("there is no link `{link}` with kind = \"http\" in the configuration");
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}

fn none_of(gateway: &Gateway, what: &str) -> Problem {
    let detail = format!("gateway {} of this link posts no {what}", gateway.format.id);
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}

/// Checks the method and the credential, and reads what the request carries.
fn read<K, T>(
    server: &Server,
    gateway: &Gateway,
    posting: &Posting<K>,
    (method, uri, headers, octets): &Posted,
    each: fn(&Posting<K>, &Request<'_>) -> gateway::Read<T>,
) -> Result<Vec<Result<T, Problem>>, Problem> {
    let octets = octets.as_ref().map_err(incomplete)?;
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request { method: method.as_str(), target, headers, body: octets };
    gateway.opens(posting, &request, server.clock.now())?;
    if !posting.allows(method.as_str()) {
        return Err(Problem::other_method(&posting.methods()));
    }
    let problem = |fault: gateway::Fault| Problem::bad(fault.place, fault.detail);
    Ok(each(posting, &request).map_err(problem)?.into_iter().map(|element| element.map_err(problem)).collect())
}

/// The answer to all that a request carried: taken, or the problem that matters most to its sender.
fn answer<K>(
    server: &Server,
    gateway: &Gateway,
    posting: &Posting<K>,
    taken: Vec<Result<(), Problem>>,
) -> Result<Response, Problem> {
    let problems: Vec<Problem> = taken.into_iter().filter_map(Result::err).collect();
    // What may be taken later has to come again, together with what can never be taken.
    let worst = problems.into_iter().max_by_key(|problem| (is_passing(problem), problem.status()));
    match worst {
        None => Ok(written(posting.taken())),
        Some(problem) => refused(server, gateway, posting, problem),
    }
}

fn is_passing(problem: &Problem) -> bool {
    problem.status().is_server_error() || problem.status() == StatusCode::TOO_MANY_REQUESTS
}

/// Answers a request that was not taken. The log says so, because many gateways drop a message that was refused.
fn refused<K>(server: &Server, gateway: &Gateway, posting: &Posting<K>, problem: Problem) -> Result<Response, Problem> {
    let status = problem.status();
    metrics::counter!("mbush_gateway_refused_total", "link" => gateway.name.clone()).increment(1);
    if server.faults.admits(&gateway.name) {
        warn!(link = gateway.name, status = status.as_u16(), detail = problem.detail(), "a request was not taken");
    }
    match posting.refused() {
        Some(answer) if status.is_client_error() && !is_passing(&problem) && status != StatusCode::UNAUTHORIZED => {
            Ok(written(answer))
        }
        _ => Err(problem),
    }
}

fn written(answer: &AnswerFile) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(CONTENT_TYPE, answer.content_type.clone())], answer.body.clone()).into_response();
    if answer.close {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Takes a message, or a part of one, and returns after the commit.
async fn take(server: &Server, gateway: &Gateway, message: Result<Message, Problem>) -> Result<(), Problem> {
    let mut message = message?;
    // A long code may be written as a number in international form.
    message.to = message.to.trim_start_matches('+').to_owned();
    if !is_printable(&message.id, ID_MAX) {
        let detail = format!("give 1 to {ID_MAX} printable characters that no other message of yours has");
        return Err(Problem::bad(ID, detail));
    }
    address(&message.from, FROM)?;
    message.to.parse::<ShortCode>().map_err(|error| Problem::bad(TO, error.to_string()))?;
    gateway.may_speak_for(&message.to, TO)?;
    let accepted = match message.content.place() {
        Some(_) => server.ingress.accept_part(part(server, gateway, message)?).await.map(drop),
        None => server.ingress.accept(whole(server, gateway, message)?, ReportWanted::default()).await.map(drop),
    };
    accepted.map_err(|refusal| not_accepted(&refusal, ID))
}

fn whole(server: &Server, gateway: &Gateway, message: Message) -> Result<InboundSms, Problem> {
    let (hex, data_coding) = message.content.hex();
    let body = match message.content.coded() {
        Ok(coded) => body(vec![coded], data_coding, None),
        Err(why) => Body::Undecodable { hex, data_coding, why },
    };
    if matches!(&body, Body::Text(text) if is_receipt(text)) {
        // A reply to a receipt would bring another receipt, without end.
        let detail = "a delivery receipt is no message of a customer's; send it to the address for receipts";
        return Err(Problem::bad("text of the message", detail));
    }
    Ok(InboundSms {
        key: format!("{}:{}", gateway.name, message.id),
        link: gateway.name.clone(),
        from: message.from,
        from_type: None,
        to: message.to,
        body,
        channel: Channel::Sms,
        received_at: server.clock.now(),
        redelivery_doubt_since: None,
    })
}

fn part(server: &Server, gateway: &Gateway, message: Message) -> Result<InboundPart, Problem> {
    let Content::Coded { octets, data_coding, alphabet, place: Some(place), has_header } = message.content else {
        return Err(Problem::bad("text of the message", "it has no place in a long message"));
    };
    Ok(InboundPart {
        link: gateway.name.clone(),
        key: format!("{}:{}", gateway.name, message.id),
        key_is_given: true,
        report: ReportWanted::default(),
        from_type: None,
        from: message.from,
        to: message.to,
        place,
        octets,
        has_header,
        data_coding,
        alphabet,
        received_at: server.clock.now(),
        redelivery_doubt_since: None,
    })
}

/// Keeps the final state of a reply, and returns after the commit.
async fn settle(server: &Server, gateway: &Gateway, receipt: Result<Receipt, Problem>) -> Result<(), Problem> {
    let receipt = receipt?;
    let fate = match receipt.state {
        gateway::State::Delivered => Fate::Delivered,
        gateway::State::Undeliverable => Fate::Undeliverable { reason: receipt.reason },
        gateway::State::OnTheWay => return Ok(()),
    };
    let remote_ids = vec![canonical(&receipt.id)];
    let settlement = Settlement { link: gateway.name.clone(), remote_ids, phone: receipt.phone, fate };
    match server.receipts.settle(settlement).await {
        Accepted::Committed => Ok(()),
        Accepted::Busy | Accepted::Unavailable | Accepted::Refused => {
            Err(Problem::unavailable("the receipt could not be stored; send it again"))
        }
    }
}
