//! Replies to a gateway. Each is one POST of `{"id", "from", "to", "text"}`. The `id` is also sent as
//! `Idempotency-Key`, so that a gateway that honours it sends a repeated reply once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use super::super::{LinkState, Outbound, SendOutcome};
use crate::config::gateway::HttpGateway;
use crate::domain::OutboundSms;

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
    url: String,
    secret: Option<SecretString>,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(alias = "message_id")]
    id: Option<String>,
}

impl HttpOut {
    /// # Errors
    /// The address is not valid, the secret cannot be read, or TLS is not available on this machine.
    pub fn new(gateway: &HttpGateway) -> Result<Self, String> {
        reqwest::Url::parse(&gateway.url).map_err(|error| format!("url = \"{}\": {error}", gateway.url))?;
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(gateway.timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("mbush/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("url: {error}"))?;
        Ok(Self { last: Mutex::default(), client, url: gateway.url.clone(), secret: gateway.reply_secret()? })
    }

    async fn post(&self, sms: &OutboundSms) -> SendOutcome {
        let id = sms.id.to_string();
        let to = sms.to_source.as_ref().map_or(&sms.to, |source| &source.value);
        let body = serde_json::json!({ "id": id, "from": sms.from, "to": to, "text": sms.text });
        let mut request = self.client.post(&self.url).header("Idempotency-Key", &id).json(&body);
        if let Some(secret) = &self.secret {
            request = request.bearer_auth(secret.expose_secret());
        }
        match request.send().await {
            Ok(response) => answered(response).await,
            Err(error) if error.is_connect() => SendOutcome::Unreachable { reason: innermost(&error.without_url()) },
            Err(error) if error.is_builder() => SendOutcome::Rejected { reason: error.to_string(), permanent: true },
            Err(error) => SendOutcome::Unknown { reason: error.without_url().to_string() },
        }
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

async fn answered(response: reqwest::Response) -> SendOutcome {
    let status = response.status();
    if status.is_success() {
        let taken = body(response).await.and_then(|body| serde_json::from_slice::<Taken>(&body).ok());
        return SendOutcome::Sent { remote_ids: vec![taken.and_then(|taken| taken.id)] };
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return SendOutcome::Throttled;
    }
    // A refusal because of the message itself is permanent. Others pass: a secret is exchanged, a path is deployed.
    let about_it = [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNPROCESSABLE_ENTITY];
    let permanent = about_it.contains(&status);
    SendOutcome::Rejected { reason: format!("the gateway answered {status}"), permanent }
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
