//! How messages reach the program: by a gateway's posts, delivered by an SMSC, or submitted by a bank that binds to it.
//! All give up after a while and send again what was not acknowledged.

use std::sync::Arc;
use std::time::Duration;

use mbush::simulator::{Esme, EsmeSettings, Smsc, SmscSettings, Text};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// Longest wait for an acknowledgement: far more than any commit takes. A request that is handed to a connection in the
/// moment of its death may never be woken: the client drops the connection's queue with the request in it, and itself
/// holds that queue while it waits. So each has an end of its own; a gateway gives up and sends again, too.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// Which way messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    Http,
    Smpp,
    Bank,
}

/// A way in that is open now.
#[derive(Clone)]
pub(crate) enum Sender {
    Http { client: reqwest::Client, url: String },
    Smpp(Arc<Smsc>),
    Bank(Arc<Bank>),
}

/// A bank that binds again when its session is gone.
pub(crate) struct Bank {
    settings: EsmeSettings,
    session: Mutex<Option<Arc<Esme>>>,
}

impl Bank {
    pub(crate) fn of(server: &str) -> Self {
        let settings = EsmeSettings { window: 32, response_timeout: ANSWER_MAX, ..EsmeSettings::new(server) };
        Self { settings, session: Mutex::new(None) }
    }

    async fn session(&self) -> Result<Arc<Esme>, String> {
        let mut session = self.session.lock().await;
        if let Some(live) = session.as_ref().filter(|live| !live.is_closed()) {
            return Ok(live.clone());
        }
        let bound = Esme::bind(&self.settings).await.map_err(|error| error.to_string())?;
        Ok(session.insert(Arc::new(bound)).clone())
    }
}

/// Message `index` is from a payer of its own; every other one tops up one of seven numbers, the rest their payer's.
pub(crate) fn text(index: usize) -> Text {
    let text = if index.is_multiple_of(2) { "2".to_owned() } else { format!("04920000{} 2", index % 7) };
    Text { from: payer(index), to: "50005".to_owned(), text }
}

pub(crate) fn payer(index: usize) -> String {
    format!("383491{index:05}")
}

pub(crate) async fn smsc() -> Arc<Smsc> {
    let settings = SmscSettings { window: 32, response_timeout: ANSWER_MAX, ..SmscSettings::default() };
    Arc::new(Smsc::start(settings).await.expect("a port is free"))
}

pub(crate) fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().timeout(ANSWER_MAX).build().expect("the settings are right")
}

impl Sender {
    /// What the acknowledgement says, where there is one: the transfer over HTTP, nothing over SMPP.
    pub(crate) async fn send(&self, index: usize) -> Result<String, String> {
        match self {
            Self::Http { client, url } => post(client, url, index).await,
            Self::Smpp(smsc) => match smsc.deliver(&text(index)).await {
                Ok(status) if status.is_ok() => Ok(String::new()),
                Ok(status) => Err(status.to_string()),
                Err(error) => Err(error.to_string()),
            },
            Self::Bank(bank) => match bank.session().await?.submit(&text(index)).await {
                Ok(submission) if submission.status.is_ok() => Ok(String::new()),
                Ok(submission) => Err(submission.status.to_string()),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

async fn post(client: &reqwest::Client, url: &str, index: usize) -> Result<String, String> {
    let Text { from, to, text } = text(index);
    let body = json!({ "id": format!("m{index}"), "from": from, "to": to, "text": text });
    let told = |error: reqwest::Error| error.without_url().to_string();
    let response = client.post(url).bearer_auth("s").json(&body).send().await.map_err(told)?;
    if !response.status().is_success() {
        return Err(response.status().to_string());
    }
    let answer: Value = response.json().await.map_err(told)?;
    answer["transfer"].as_str().map(str::to_owned).ok_or_else(|| format!("no transfer in {answer}"))
}
