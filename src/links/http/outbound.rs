//! Replies to a gateway, in the format of its file ([`crate::gateway`]).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Method;
use tokio::time::Instant;

use super::super::{LinkState, Outbound, SendOutcome};
use crate::config::gateway::HttpGateway;
use crate::domain::OutboundSms;
use crate::gateway::{Gateway, Gateways, LinkValues, Outcome, Sms};

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 65_536;

/// Time after which the last attempt says nothing about the state of the gateway any more.
const REMEMBERED: Duration = Duration::from_mins(5);

/// The sending side of a link to a gateway.
#[derive(Debug)]
pub struct HttpOut {
    /// The time of the last attempt, and the state that it showed.
    last: Mutex<Option<(Instant, LinkState)>>,
    client: reqwest::Client,
    format: Arc<Gateway>,
    values: LinkValues,
}

impl HttpOut {
    /// # Errors
    /// The format is unknown or needs a value that is missing, the address is not valid, the secret cannot be read, or
    /// TLS is not available on this machine.
    pub fn new(name: &str, gateway: &HttpGateway, formats: &Gateways) -> Result<Self, String> {
        let url = reqwest::Url::parse(&gateway.url).map_err(|error| format!("url: {error}"))?;
        if url.fragment().is_some() {
            return Err("url: it has a part after `#`, which is never sent: take it out".to_owned());
        }
        let format = formats.get(&gateway.gateway).map_err(|problem| format!("gateway: {problem}"))?;
        if !gateway.ussd_codes.is_empty() && !format.is_own() {
            return Err(format!("ussd_codes: dialogues come in the format `json` only, not in that of {}", format.id));
        }
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(gateway.timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("mbush/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("url: {error}"))?;
        let given = LinkValues {
            url: gateway.url.clone(),
            secret: gateway.secret()?,
            reply_user: gateway.reply_user.clone(),
            reply_secret: gateway.reply_secret()?,
            receipt_url: None,
            settings: gateway.settings.clone(),
        };
        let values = format.link_values(name, gateway.public_url.as_deref(), given)?;
        let sample = Sms { id: "1", message_id: "1", from: "1", to: "1", phone: "1", text: "1" };
        format.send().map(|send| send.request(&values, &sample)).transpose()?;
        Ok(Self { last: Mutex::default(), client, format: format.clone(), values })
    }

    async fn post(&self, sms: &OutboundSms) -> SendOutcome {
        let refused = |reason: String| SendOutcome::Rejected { reason, permanent: true };
        let Some(send) = self.format.send() else {
            return refused(format!("gateway {} takes no replies", self.format.id));
        };
        let id = sms.id.to_string();
        let message_id = sms.message_key.split_once(':').map_or(sms.message_key.as_str(), |(_, id)| id);
        let to = sms.to_source.as_ref().map_or(&sms.to, |source| &source.value);
        let reply = Sms { id: &id, message_id, from: &sms.from, to, phone: &sms.to, text: &sms.text };
        let made = match send.request(&self.values, &reply) {
            Ok(made) => made,
            Err(problem) => return refused(format!("no request can be made: {problem}")),
        };
        let method = if made.method == "GET" { Method::GET } else { Method::POST };
        let request = self.client.request(method, made.url).headers(made.headers).body(made.body);
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                outcome(send.outcome(&id, status, body(response).await.as_deref()))
            }
            Err(error) if error.is_connect() => SendOutcome::Unreachable { reason: innermost(&error.without_url()) },
            Err(error) if error.is_builder() => refused(error.without_url().to_string()),
            Err(error) => SendOutcome::Unknown { reason: error.without_url().to_string() },
        }
    }
}

fn outcome(outcome: Outcome) -> SendOutcome {
    match outcome {
        Outcome::Sent { ids } => SendOutcome::Sent { remote_ids: ids },
        Outcome::Refused { reason } => SendOutcome::Rejected { reason, permanent: true },
        Outcome::Later { reason } => SendOutcome::Rejected { reason, permanent: false },
        Outcome::Slower => SendOutcome::Throttled,
        Outcome::Unknown { reason } => SendOutcome::Unknown { reason },
    }
}

/// The innermost cause of an error, which is the most specific one: `Connection refused`.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

/// The state of the gateway after an attempt. A gateway that refuses a message because of its content works.
fn state_after(outcome: &SendOutcome) -> LinkState {
    match outcome {
        SendOutcome::Sent { .. } | SendOutcome::Throttled | SendOutcome::Partial { .. } => LinkState::Up,
        SendOutcome::Rejected { permanent, .. } if *permanent => LinkState::Up,
        SendOutcome::Rejected { .. }
        | SendOutcome::NotBound
        | SendOutcome::Unreachable { .. }
        | SendOutcome::Unknown { .. } => LinkState::Down,
    }
}

/// Returns the body of the answer, if it is complete and not too long.
pub(super) async fn body(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

impl Outbound for HttpOut {
    /// The state after the last attempt, if that was not too long ago.
    fn state(&self) -> LinkState {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(at, _)| at.elapsed() < REMEMBERED).map_or(LinkState::Untried, |(_, state)| state)
    }

    /// The state is that of replies alone.
    fn carries_messages(&self) -> bool {
        false
    }

    /// Always true, because HTTP has no session: only an attempt shows the state of the gateway.
    fn is_ready(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        async move {
            let outcome = self.post(sms).await;
            let now = (Instant::now(), state_after(&outcome));
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            outcome
        }
        .boxed()
    }
}
