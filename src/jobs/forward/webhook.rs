//! One post to another system, signed.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::posted::{Answer, Posted, answered};
use crate::config::forward::Webhook as Settings;
use crate::domain::CURRENCY;
use crate::store::Forward;

/// Longest response that is read, in octets.
const RESPONSE_OCTETS_MAX: usize = 16_384;

/// The system that the requests of one name are posted to.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    settings: Settings,
    client: reqwest::Client,
}

impl Webhook {
    /// # Errors
    /// TLS is not available on this machine.
    pub fn new(name: &str, settings: Settings) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("mbush/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("forward.{name}.url: {error}"))?;
        Ok(Self { name: name.to_owned(), settings, client })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// It words the answers to customers.
    pub(super) const fn answers(&self) -> bool {
        self.settings.answers
    }

    /// Longest duration of a post.
    pub(super) const fn wait_max(&self) -> Duration {
        self.settings.timeout
    }

    pub(super) fn gives_up(&self, attempts: u32, waited: TimeDelta) -> bool {
        attempts >= self.settings.attempts || waited >= self.settings.give_up
    }

    pub(super) async fn post(&self, forward: &Forward, now: DateTime<Utc>) -> Posted {
        let body = body(forward);
        let signature = signature(&self.settings.secret, now, &body);
        let request = self
            .client
            .post(&self.settings.url)
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", forward.id.to_string())
            .header("Mbush-Signature", signature)
            .body(body);
        match request.send().await {
            Ok(response) => read(response, now).await,
            Err(error) => {
                let error = error.without_url();
                let answer = if error.is_timeout() { "no response in time".to_owned() } else { innermost(&error) };
                Posted::Again { answer: Answer::none(answer), not_before: None }
            }
        }
    }
}

async fn read(mut response: reqwest::Response, now: DateTime<Utc>) -> Posted {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|header| header.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= RESPONSE_OCTETS_MAX => body.extend_from_slice(&chunk),
            // The status alone counts; of a longer response no text is used.
            Ok(Some(_)) | Err(_) if status.is_success() => return answered(status, None, &[], now),
            Ok(_) | Err(_) => return answered(status, retry_after.as_deref(), &body, now),
        }
    }
}

/// The innermost cause of an error, which is the most specific one: `Connection refused`.
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

fn body(forward: &Forward) -> String {
    serde_json::json!({
        "id": forward.id,
        "name": forward.name,
        "bank": forward.bank,
        "form": forward.form,
        "key": forward.message_key,
        "number": forward.phone,
        "language": forward.language.code(),
        "currency": CURRENCY.to_string(),
        "fields": forward.fields,
        "received_at": forward.created_at.to_rfc3339_opts(SecondsFormat::Millis, true),
    })
    .to_string()
}

/// `t=SECONDS,v1=HEX`: HMAC-SHA256 of the seconds, a full stop and the body.
fn signature(secret: &SecretString, now: DateTime<Utc>, body: &str) -> String {
    let seconds = now.timestamp();
    // A key of HMAC may have any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let tag = mac.map(|mac| {
        let mac = mac.chain_update(seconds.to_string()).chain_update(".").chain_update(body);
        hex::encode(mac.finalize().into_bytes())
    });
    format!("t={seconds},v1={}", tag.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1700000000.{"id":1}' | openssl dgst -sha256 -hmac s3cret`
    #[test]
    fn a_body_is_signed_with_its_time() {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        assert_eq!(
            signature(&"s3cret".into(), at, r#"{"id":1}"#),
            "t=1700000000,v1=ee0658aa4e37018df69c24227df01e0f680eb3b87c7f1f9bd936e283cfe01d9b"
        );
    }
}
