//! Machines that order top-ups from the demo: a client of the API, and a switch of cash machines.

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::style::{line, marked};
use super::stage::{ACQUIRER, Stage, secret};
use crate::domain::locale::Currency;
use crate::domain::{CURRENCY, format_minor};
use crate::iso8583::Framing;
use crate::simulator::{Atm, AtmSettings};

/// Time limit for an answer. Only a broken demo reaches it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Orders a top-up over the API, with an idempotency key of its own. Returns the text of the answer.
pub(super) async fn order(stage: &Stage, client: &str, number: &str, minor: i64) -> anyhow::Result<String> {
    let key = Uuid::now_v7().to_string();
    let body = json!({ "number": number, "amount_minor": minor });
    let header = format!("   Idempotency-Key: {key}");
    marked(&format!("  {client} > POST /v1/topups   "), &body.to_string(), &header)?;
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let request = http.post(format!("http://{}/v1/topups", stage.app.http));
    let answer = request.bearer_auth(secret(client)).header("Idempotency-Key", key).json(&body).send().await?;
    let (status, answer) = (answer.status(), answer.json::<Value>().await?);
    line(&format!("  {} > {client}   {answer}", status.as_u16()))?;
    Ok(answer.to_string())
}

/// Requests a top-up as a switch. Returns the response code and the text for the customer.
pub(super) async fn ask(stage: &mut Stage, number: &str, minor: u64) -> anyhow::Result<String> {
    let atm = match stage.switch.take() {
        Some(atm) => atm,
        None => connect(stage).await?,
    };
    let request = atm.top_up(number, minor);
    let amount = format_minor(i64::try_from(minor)?);
    marked("  ATM > 0200   ", &format!("{number} {amount} {CURRENCY}"), "")?;
    let answer = atm.ask(&request).await.ok_or_else(|| anyhow!("no answer to the switch"))?;
    stage.switch = Some(atm);
    let field = |number: u8| answer.get(number).unwrap_or_default().to_owned();
    let words = [field(62), field(63)].join(" ");
    line(&format!("  0210 > ATM   response code {}   {}", field(39), words.trim()))?;
    Ok(words)
}

/// A switch that has signed on. Its trace numbers increase with each request.
async fn connect(stage: &Stage) -> anyhow::Result<Atm> {
    let address = stage.app.switches.as_ref().context("the demo listens for switches")?.address();
    let settings = AtmSettings {
        server: address.to_string(),
        framing: Framing::default(),
        acquirer: ACQUIRER.to_owned(),
        terminal: "DEMO0001".to_owned(),
        currency: Currency::ledger().numeric(),
        patience: PATIENCE,
    };
    let atm = Atm::connect(settings).await?;
    atm.sign_on().await.ok_or_else(|| anyhow!("the switch could not sign on"))?;
    Ok(atm)
}
