//! The HTTP formats of SMS gateways as data: a file says how a gateway posts messages and receipts, how it proves who it
//! is, what it has to be answered, and how it takes replies.
//!
//! ```text
//!  gateways/*.toml ── file ──> Gateway
//!  a request ── request, fields ──> proof of its sender (auth); Message (message, content), Receipt
//!  a reply ── sending, template ──> a request; its answer ── outcome ──> Outcome
//! ```
//!
//! - [`Gateways`]: all gateways by name; [`Gateway`]: one of them
//! - `pointer`: a place in JSON; [`Captured`]: a request that was captured
//! - [`explain`]: a file in words; [`fixture`]: captured requests with what is read in them
//!
//! This room has no clock, socket or file. Its callers read files, receive and send.

mod auth;
mod auth_file;
mod built_in;
mod content;
pub mod explain;
mod fields;
mod file;
pub mod fixture;
mod message;
mod outcome;
mod pointer;
mod request;
mod sending;
mod signature;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

pub use auth::Proof;
pub use content::Content;
pub use fields::Fault;
pub use file::{AnswerFile, Evidence, State};
pub use message::{Message, OfMessage, OfReceipt, Posting, Receipt};
pub use outcome::Outcome;
pub use request::{Captured, Request};
pub use sending::{LinkValues, Sending, Sms};
pub use signature::NoProof;

use crate::text::near::nearest;
use auth::Auth;
use fields::Fields;
use file::{GatewayFile, SettingFile};

/// The name of the program's own format.
const OWN: &str = "json";

/// All gateways by the names of their files.
#[derive(Debug, Clone, Default)]
pub struct Gateways(BTreeMap<String, Arc<Gateway>>);

/// The format of one gateway.
#[derive(Debug)]
pub struct Gateway {
    /// Name of the file without its ending.
    pub id: String,
    /// Name for people.
    pub title: String,
    pub evidence: Evidence,
    auth: Auth,
    /// Ways in which a message or a reply may be lost or come twice, for staff.
    pub traps: Vec<String>,
    settings: BTreeMap<String, SettingFile>,
    message: Option<Posting<OfMessage>>,
    receipt: Option<Posting<OfReceipt>>,
    send: Option<Sending>,
}

impl Gateways {
    /// The files that are built in, each with its name and its text.
    pub fn built_in() -> Vec<(String, String)> {
        built_in::files(built_in::FORMATS)
    }

    /// Reads files, each with its name for people and its text. A later file replaces one of the same name.
    ///
    /// # Errors
    /// Every file that is not valid.
    pub fn load(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<String>> {
        let (mut gateways, mut problems) = (BTreeMap::new(), Vec::new());
        for (path, text) in files {
            let name = path.rsplit('/').next().unwrap_or(&path);
            let id = name.strip_suffix(".toml").unwrap_or(name).to_owned();
            match Gateway::parse(id.clone(), &text) {
                Ok(gateway) => drop(gateways.insert(id, Arc::new(gateway))),
                Err(problem) => problems.push(format!("{path}: {problem}")),
            }
        }
        if problems.is_empty() { Ok(Self(gateways)) } else { Err(problems) }
    }

    /// The gateway of this name.
    ///
    /// # Errors
    /// There is none. The text names the nearest, or all.
    pub fn get(&self, name: &str) -> Result<&Arc<Gateway>, String> {
        self.0.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let hint = nearest(name, names.iter().copied())
                .map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
            format!("there is no gateway `{name}`: {hint}")
        })
    }

    /// All of them by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Gateway>> {
        self.0.values()
    }
}

impl Gateway {
    fn parse(id: String, text: &str) -> Result<Self, String> {
        let file: GatewayFile = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let GatewayFile { title, evidence, traps, auth, settings, message, receipt, send } = file;
        let at = |place: &str| {
            let place = place.to_owned();
            move |problem: String| format!("{place}: {problem}")
        };
        let sending = send.map(|send| Sending::of(send, &settings)).transpose().map_err(at("send"))?;
        let auth = Auth::of(auth).map_err(at("auth"))?;
        let message = message.map(Posting::<OfMessage>::of).transpose().map_err(at("message"))?;
        let receipt = receipt.map(Posting::<OfReceipt>::of).transpose().map_err(at("receipt"))?;
        message.iter().try_for_each(|posting| auth.covers(posting, posting.has_places())).map_err(at("auth"))?;
        receipt.iter().try_for_each(|posting| auth.covers(posting, posting.has_places())).map_err(at("auth"))?;
        Ok(Self { id, title, evidence, traps, auth, message, receipt, send: sending, settings })
    }

    /// Returns true for the program's own format, in which `/v1/sms` and `/v1/ussd` are, too.
    pub fn is_own(&self) -> bool {
        self.id == OWN && matches!(self.auth, Auth::Bearer)
    }

    /// The scheme of HTTP authentication that the gateway uses, if any.
    pub const fn challenge(&self) -> Option<&'static str> {
        match self.auth {
            Auth::Bearer => Some("Bearer"),
            Auth::Basic => Some("Basic realm=\"mbush\""),
            Auth::Query(_) | Auth::Header(_) | Auth::Signature(_) => None,
        }
    }

    /// Requests with messages of customers; `None` if the gateway posts none.
    pub const fn message(&self) -> Option<&Posting<OfMessage>> {
        self.message.as_ref()
    }

    /// Requests with receipts; `None` if the gateway posts none.
    pub const fn receipt(&self) -> Option<&Posting<OfReceipt>> {
        self.receipt.as_ref()
    }

    /// Replies to the gateway; `None` if it takes none.
    pub const fn send(&self) -> Option<&Sending> {
        self.send.as_ref()
    }

    /// The credential of a request of this kind.
    ///
    /// # Errors
    /// There is none, or it is too old.
    pub fn proof<K>(
        &self,
        posting: &Posting<K>,
        request: &Request<'_>,
        public_url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Proof, NoProof> {
        // If the fields cannot be read, nothing that is signed is in them.
        let fields = posting.fields(request).unwrap_or(Fields::Pairs(Vec::new()));
        self.auth.proof(request, &fields, public_url, now)
    }

    /// Checks that the format has all settings of a link.
    fn known_settings(&self, settings: &BTreeMap<String, String>) -> Result<(), String> {
        let Some(name) = settings.keys().find(|name| !self.settings.contains_key(*name)) else { return Ok(()) };
        let known: Vec<&str> = self.settings.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        Err(format!("settings.{name}: gateway {} has no such setting; {known}", self.id))
    }

    /// The values of a link to this gateway.
    ///
    /// # Errors
    /// A value is missing, or the gateway has no use for it. The text begins with the key.
    pub fn link_values(&self, name: &str, public_url: Option<&str>, given: LinkValues) -> Result<LinkValues, String> {
        let uses = |value: &str| self.send.as_ref().is_some_and(|send| send.uses(value));
        let needs = |value: &str| self.send.as_ref().is_some_and(|send| send.needs(value));
        let mut values = given;
        if self.send.is_none() {
            return Err(format!("gateway {} takes no replies: its format has no [send]", self.id));
        }
        if values.reply_user.is_some() && !uses("reply_user") && !uses("basic") {
            return Err(format!(
                "reply_user: gateway {} has no use for it: name the gateway of this link (gateway = \"kannel\"), or take it out",
                self.id
            ));
        }
        self.known_settings(&values.settings)?;
        for (setting, SettingFile { about, default }) in &self.settings {
            let is_needed = uses(&format!("setting.{setting}")) && !values.settings.contains_key(setting);
            match default {
                Some(default) if is_needed => drop(values.settings.insert(setting.clone(), default.clone())),
                None if is_needed => {
                    return Err(format!("settings.{setting} is missing: gateway {} needs it: {about}", self.id));
                }
                _ => {}
            }
        }
        if values.reply_user.is_none() && (needs("reply_user") || uses("basic")) {
            return Err(format!("reply_user is missing: gateway {} needs a user name for replies", self.id));
        }
        if values.reply_secret.is_none() && (uses("basic") || needs("reply_secret")) {
            return Err(format!("reply_secret is missing: gateway {} needs a password or key for replies", self.id));
        }
        if public_url.is_none() && self.auth.needs_public_url() {
            return Err(format!("public_url is missing: gateway {} signs the address at which it reaches us", self.id));
        }
        values.receipt_url = public_url.filter(|_| self.receipt.is_some()).map(|url| {
            let address = format!("{url}/v1/gateways/{name}/receipts");
            let secret = self.auth.in_url(values.secret.expose_secret());
            secret.map_or_else(|| address.clone(), |secret| format!("{address}?{secret}")).into()
        });
        Ok(values)
    }
}

/// All that a request carries, each read or not.
pub type Read<T> = Result<Vec<Result<T, Fault>>, Fault>;

/// Reads the messages of a request.
///
/// # Errors
/// The request does not fit the file.
pub fn messages(posting: &Posting<OfMessage>, request: &Request<'_>) -> Read<Message> {
    posting.read(posting.fields(request)?)
}

/// Reads the receipts of a request.
///
/// # Errors
/// The request does not fit the file.
pub fn receipts(posting: &Posting<OfReceipt>, request: &Request<'_>) -> Read<Receipt> {
    posting.read(posting.fields(request)?)
}

#[cfg(test)]
mod formats_tests;
