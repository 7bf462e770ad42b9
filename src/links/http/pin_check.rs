//! Asks a bank whether a PIN is right. Each question is one POST of `{"bank", "number", "pin", "key"}`; the key is also sent
//! as `Idempotency-Key`. Only a clear yes is a yes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::outbound::{body, innermost};
use crate::config::bank::PinCheck;
use crate::domain::BankVerdict;
use crate::processor::{BankQuestion, VerifiesPins};

/// Most tries left that a reply has room for. A higher number is not told.
const LEFT_MAX: u32 = 999;

/// A bank that verifies PINs over HTTP.
#[derive(Debug)]
pub struct HttpPinCheck {
    client: reqwest::Client,
    url: String,
    secret: SecretString,
}

#[derive(Serialize)]
struct Question<'a> {
    bank: &'a str,
    number: &'a str,
    pin: &'a str,
    key: &'a str,
}

/// The body of an answer. Unknown keys are left alone.
#[derive(Deserialize)]
struct Told {
    ok: bool,
    left: Option<u32>,
}

impl HttpPinCheck {
    /// # Errors
    /// The address is not valid, the secret cannot be read, or TLS is not available on this machine.
    pub fn new(settings: &PinCheck) -> Result<Self, String> {
        reqwest::Url::parse(&settings.url).map_err(|error| format!("url = \"{}\": {error}", settings.url))?;
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(settings.timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("mbush/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("url: {error}"))?;
        Ok(Self { client, url: settings.url.clone(), secret: settings.secret()? })
    }

    async fn post(&self, question: BankQuestion<'_>) -> Result<BankVerdict, String> {
        let BankQuestion { bank, phone, pin, key } = question;
        let number = phone.digits();
        let asked = Question { bank, number: &number, pin, key };
        // It has the PIN, and is overwritten after it was sent.
        let asked = Zeroizing::new(serde_json::to_vec(&asked).map_err(|error| error.to_string())?);
        let request = self.client.post(&self.url).bearer_auth(self.secret.expose_secret());
        let request = request.header("Idempotency-Key", idempotency_key(key));
        let request = request.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
        let response = request.body(Bytes::from_owner(asked)).send().await;
        let response = response.map_err(|error| innermost(&error.without_url()))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN => {
                let told = body(response).await.and_then(|body| serde_json::from_slice::<Told>(&body).ok());
                return Ok(wrong(told.and_then(|told| told.left)));
            }
            status => return Err(format!("the bank answered {status}")),
        }
        let body = body(response).await.ok_or("the answer broke off, or is too long")?;
        // The error would quote the body, which may repeat the PIN.
        let told: Told =
            serde_json::from_slice(&body).map_err(|_| "the answer is not {\"ok\": true} or {\"ok\": false}")?;
        Ok(if told.ok { BankVerdict::Right } else { wrong(told.left) })
    }
}

fn wrong(left: Option<u32>) -> BankVerdict {
    BankVerdict::Wrong { left: left.filter(|left| *left <= LEFT_MAX) }
}

/// The key of a message as a header can carry it.
fn idempotency_key(key: &str) -> String {
    if key.bytes().all(|octet| octet.is_ascii_graphic()) { key.to_owned() } else { hex::encode(key) }
}

impl VerifiesPins for HttpPinCheck {
    fn verify<'a>(&'a self, question: BankQuestion<'a>) -> BoxFuture<'a, Result<BankVerdict, String>> {
        self.post(question).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_message_is_a_header() {
        assert_eq!(idempotency_key("ipko:01890a5d"), "ipko:01890a5d");
        for odd in ["gateway:a b", "gateway:\u{eb}", "gateway:a\nb", ""] {
            let key = idempotency_key(odd);
            assert!(reqwest::header::HeaderValue::from_str(&key).is_ok() && !key.contains(' '), "{odd:?}");
        }
    }
}
