//! The gateways that may post messages: `[links.NAME]` with `kind = "http"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use secrecy::SecretString;

use super::problem::Problem;
use crate::config::Link;
use crate::links::doors::is_secret;

/// One gateway that may post.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) name: String,
    secret: SecretString,
    /// Those that it may speak for; empty for all.
    short_codes: Vec<String>,
    /// Short codes by the service code that is dialled for them.
    pub(super) ussd_codes: BTreeMap<String, String>,
}

/// The gateways that may post.
#[derive(Debug)]
pub struct Gateways(Vec<Arc<Gateway>>);

impl Gateways {
    /// Those of these links that are gateways.
    ///
    /// # Errors
    /// A secret cannot be read; the text names link and key.
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

    /// The gateway with this secret; every secret is compared to its end, so that time tells nothing.
    pub(super) fn by_secret(&self, secret: &str) -> Option<Arc<Gateway>> {
        let has_it = |gateway: &&Arc<Gateway>| is_secret(&gateway.secret, secret.as_bytes());
        self.0.iter().filter(has_it).fold(None, |_, gateway| Some(gateway.clone()))
    }
}

impl Gateway {
    /// Whether it may speak for this short code.
    pub(super) fn may_speak_for(&self, short_code: &str, place: &'static str) -> Result<(), Problem> {
        if self.short_codes.is_empty() || self.short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("this gateway may not speak for {short_code}; it is configured for others");
        Err(Problem::new(StatusCode::FORBIDDEN, place, detail))
    }
}
