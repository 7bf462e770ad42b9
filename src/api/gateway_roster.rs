//! The gateways that may post messages: `[links.NAME]` with `kind = "http"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::problem::Problem;
use crate::config::Link;
use crate::gateway::{Gateway as Format, Gateways as Formats, NATIVE, Posting, Proof, Request};
use crate::links::admission::is_secret;

/// One gateway that may post.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) name: String,
    secret: SecretString,
    /// The short codes that the gateway may speak for. Empty for all.
    short_codes: Vec<String>,
    /// The short code of each service code that is dialled.
    pub(super) ussd_codes: BTreeMap<String, String>,
    pub(super) format: Arc<Format>,
    /// The address at which the gateway reaches this program.
    public_url: Option<String>,
}

/// The gateways that may post.
#[derive(Debug)]
pub struct Gateways(Vec<Arc<Gateway>>);

impl Gateways {
    /// Takes the gateways out of these links.
    ///
    /// # Errors
    /// A secret cannot be read, or a format is unknown. The text names the link and the key.
    pub fn new(links: &BTreeMap<String, Link>, formats: &Formats) -> Result<Self, String> {
        let mut gateways = Vec::new();
        for (name, link) in links {
            let Link::Http(settings) = link else { continue };
            let secret = settings.secret().map_err(|problem| format!("links.{name}.{problem}"))?;
            let (short_codes, ussd_codes) = (settings.short_codes.clone(), settings.ussd_codes.clone());
            let format =
                formats.get(&settings.gateway).map_err(|problem| format!("links.{name}.gateway: {problem}"))?;
            let (name, format, public_url) = (name.clone(), format.clone(), settings.public_url.clone());
            gateways.push(Arc::new(Gateway { name, secret, short_codes, ussd_codes, format, public_url }));
        }
        Ok(Self(gateways))
    }

    /// Returns the gateway of this name.
    pub(super) fn by_name(&self, name: &str) -> Option<Arc<Gateway>> {
        self.0.iter().find(|gateway| gateway.name == name).cloned()
    }

    /// Returns the gateway with this secret, if it speaks the program's own format. Every secret is compared completely, so that the time taken reveals
    /// nothing.
    pub(super) fn by_secret(&self, secret: &str) -> Option<Arc<Gateway>> {
        let has_it =
            |gateway: &&Arc<Gateway>| is_secret(&gateway.secret, secret.as_bytes()) && gateway.format.id == NATIVE;
        self.0.iter().filter(has_it).fold(None, |_, gateway| Some(gateway.clone()))
    }
}

impl Gateway {
    /// Checks the credential of a request in the gateway's format.
    pub(super) fn opens<K>(
        &self,
        posting: &Posting<K>,
        request: &Request<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let proof = self.format.proof(posting, request, self.public_url.as_deref(), now);
        let is_right = match proof.map_err(|missing| Problem::no_credential(missing.to_string()))? {
            Proof::Secret(given) => is_secret(&self.secret, &given),
            Proof::Signed(signed) => signed.is_made_with(self.secret.expose_secret()),
        };
        if is_right {
            return Ok(());
        }
        Err(Problem::wrong_credential("it does not carry the secret of this link, or is not signed with it"))
    }

    /// Refuses a short code that is not one of the gateway's.
    pub(super) fn may_speak_for(&self, short_code: &str, place: &'static str) -> Result<(), Problem> {
        if self.short_codes.is_empty() || self.short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("this gateway is not configured for short code {short_code}");
        Err(Problem::new(StatusCode::FORBIDDEN, place, detail))
    }
}
