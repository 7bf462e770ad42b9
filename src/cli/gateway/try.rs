//! `mbush gateway try`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::Room;
use crate::cli::exit::Exit;
use crate::cli::style::{line, object};
use crate::config::Link;
use crate::domain::ShortCode;
use crate::gateway::{self, AnswerFile, Captured, Gateway, NoProof, Posting, Proof, Request, fixture};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The gateway, or a link of the configuration, whose secret and address are then used
    #[arg(value_name = "GATEWAY")]
    gateway: String,
    /// File with the request as it was captured: request line, header fields, an empty line, body; - for standard input
    #[arg(value_name = "FILE")]
    request: PathBuf,
    /// Read it as a request with delivery receipts. By default the path of the request decides
    #[arg(long)]
    receipts: bool,
    /// Secret that the credential is compared with. Without one, it is not compared
    #[arg(long, env = "MBUSH_GATEWAY_SECRET", hide_env_values = true, value_name = "SECRET")]
    secret: Option<SecretString>,
    /// Address at which the gateway reaches the server, if the signature covers it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Time of the request, for a signature that is valid for a while. By default now
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime<Utc>>,
}

/// The settings that a request is read with.
struct Trial<'t> {
    gateway: &'t Gateway,
    secret: Option<SecretString>,
    public_url: Option<String>,
    now: DateTime<Utc>,
    /// The short codes of the link; empty for all.
    short_codes: Vec<String>,
}

/// A message or a receipt for people and for programs, and the status and the reason for which a server refuses it.
struct Shown {
    text: String,
    value: Value,
    refused: Option<(u16, String)>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let trial = trial(room, args)?;
    let captured = Captured::parse(&read(&args.request)?).map_err(|problem| anyhow!(problem))?;
    let request = captured.request();
    let path = request.target.split('?').next().unwrap_or_default();
    if args.receipts || path.ends_with("/receipts") {
        let posting =
            trial.gateway.receipt().ok_or_else(|| anyhow!("gateway {} posts no receipts", trial.gateway.id))?;
        return trial.run(posting, &request, gateway::receipts, &receipt);
    }
    let posting = trial.gateway.message().ok_or_else(|| anyhow!("gateway {} posts no messages", trial.gateway.id))?;
    trial.run(posting, &request, gateway::messages, &|read| message(read, &trial.short_codes))
}

fn trial<'t>(room: &'t Room, args: &Args) -> anyhow::Result<Trial<'t>> {
    let now = args.at.unwrap_or_else(Utc::now);
    let (mut name, mut short_codes) = (args.gateway.as_str(), Vec::new());
    let (mut secret, mut public_url) = (args.secret.clone(), args.public_url.clone());
    if let Some(Link::Http(link)) = room.config.links.get(name) {
        secret = secret.or_else(|| link.secret().ok());
        public_url = public_url.or_else(|| link.public_url.clone());
        short_codes.clone_from(&link.short_codes);
        name = &link.gateway;
    }
    let gateway = room.formats.get(name).map_err(|problem| anyhow!(problem))?;
    Ok(Trial { gateway, secret, public_url, now, short_codes })
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut octets)?;
        return Ok(octets);
    }
    std::fs::read(file).with_context(|| file.display().to_string())
}

impl Trial<'_> {
    fn run<K, T>(
        &self,
        posting: &Posting<K>,
        request: &Request<'_>,
        each: fn(&Posting<K>, &Request<'_>) -> gateway::Read<T>,
        show: &dyn Fn(&T) -> Shown,
    ) -> anyhow::Result<ExitCode> {
        if !posting.allows(request.method) {
            bail!("the request is a {}, and this gateway uses {}", request.method, posting.methods().join(" or "));
        }
        let (is_right, credential) = self.credential(posting, request);
        line(&format!("credential: {credential}"))?;
        let read = match each(posting, request).and_then(|read| read.into_iter().collect::<Result<Vec<T>, _>>()) {
            Ok(read) => read,
            Err(fault) => {
                line(&format!("not read: {fault}"))?;
                object(&json!({ "credential": credential, "fault": fault.to_string() }))?;
                return Ok(Exit::No.into());
            }
        };
        let shown: Vec<Shown> = read.iter().map(show).collect();
        for Shown { text, .. } in &shown {
            line(text)?;
        }
        let wrong = (!is_right).then(|| (401, "the credential is not right".to_owned()));
        let refused = wrong.or_else(|| shown.iter().find_map(|shown| shown.refused.clone()));
        let (status, body) = if let Some((status, why)) = &refused {
            line(&format!("a server refuses it: {status}: {why}"))?;
            (*status, "")
        } else {
            let AnswerFile { status, body, .. } = posting.taken();
            line(format!("answer after the commit: {status} {body}").trim_end())?;
            (*status, body.as_str())
        };
        let read: Vec<&Value> = shown.iter().map(|shown| &shown.value).collect();
        object(&json!({ "credential": credential, "read": read, "answer": { "status": status, "body": body } }))?;
        Ok(Exit::from(refused.is_none()).into())
    }

    fn credential<K>(&self, posting: &Posting<K>, request: &Request<'_>) -> (bool, String) {
        let proof = match self.gateway.proof(posting, request, self.public_url.as_deref(), self.now) {
            Ok(proof) => proof,
            Err(missing @ NoProof::OutsideWindow { .. }) => return (false, format!("too old or too new: {missing}")),
            Err(missing) => return (false, format!("none: {missing}")),
        };
        let Some(secret) = &self.secret else {
            return (true, "there; not compared, because no --secret is given".to_owned());
        };
        let is_right = match proof {
            Proof::Secret(given) => given == secret.expose_secret().as_bytes(),
            Proof::Signed(signed) => signed.is_made_with(secret.expose_secret()),
        };
        (is_right, if is_right { "right" } else { "wrong" }.to_owned())
    }
}

fn message(message: &gateway::Message, short_codes: &[String]) -> Shown {
    let (text, part) = fixture::shown(message);
    let place = part.as_ref().map(|part| format!(" (part {part})")).unwrap_or_default();
    let gateway::Message { id, from, to, .. } = message;
    let read = if text.is_empty() { "(an empty text)" } else { &text };
    let shown = format!("message {id}: {from} > {to}{place}  {read}");
    let value = json!({ "id": id, "from": from, "to": to, "text": text, "part": part });
    let to = to.trim_start_matches('+');
    let is_of_link = short_codes.is_empty() || short_codes.iter().any(|known| known == to);
    let refused = match to.parse::<ShortCode>() {
        Err(error) => Some((400, error.to_string())),
        Ok(_) if !is_of_link => Some((403, format!("the link is not configured for short code {to}"))),
        Ok(_) => None,
    };
    Shown { text: shown, value, refused }
}

fn receipt(receipt: &gateway::Receipt) -> Shown {
    let state = match receipt.state {
        gateway::State::Delivered => "delivered",
        gateway::State::Undeliverable => "undeliverable",
        gateway::State::OnTheWay => "on the way",
    };
    let gateway::Receipt { id, phone, reason, .. } = receipt;
    let text = format!("receipt for {id}: {state} ({reason})");
    Shown { text, value: json!({ "id": id, "state": state, "phone": phone, "reason": reason }), refused: None }
}
