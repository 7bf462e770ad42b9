//! The gateways that may post messages: `[links.NAME]` with `kind = "http"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use secrecy::SecretString;

use super::problem::Problem;
use crate::config::Link;
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
}

/// The gateways that may post.
#[derive(Debug)]
pub struct Gateways(Vec<Arc<Gateway>>);

impl Gateways {
    /// Takes the gateways out of these links.
    ///
    /// # Errors
    /// A secret cannot be read. The text names the link and the key.
    pub fn new(links: &BTreeMap<String, Link>) -> Result<Self, String> {
        let mut gateways = Vec::new();
        for (name, link) in links {
            let Link::Http(settings) = link else { continue };
            let secret = settings.secret().map_err(|problem| format!("links.{name}.{problem}"))?;
            let (short_codes, ussd_codes) = (settings.short_codes.clone(), settings.ussd_codes.clone());
            gateways.push(Arc::new(Gateway { name: name.clone(), secret, short_codes, ussd_codes }));
        }
        Ok(Self(gateways))
    }

    /// Returns the gateway with this secret. Every secret is compared completely, so that the time taken reveals
    /// nothing.
    pub(super) fn by_secret(&self, secret: &str) -> Option<Arc<Gateway>> {
        let has_it = |gateway: &&Arc<Gateway>| is_secret(&gateway.secret, secret.as_bytes());
        self.0.iter().filter(has_it).fold(None, |_, gateway| Some(gateway.clone()))
    }
}

impl Gateway {
    /// Refuses a short code that is not one of the gateway's.
    pub(super) fn may_speak_for(&self, short_code: &str, place: &'static str) -> Result<(), Problem> {
        if self.short_codes.is_empty() || self.short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("this gateway is not configured for short code {short_code}");
        Err(Problem::new(StatusCode::FORBIDDEN, place, detail))
    }
}
