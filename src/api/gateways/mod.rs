//! `/v1/sms` and `/v1/ussd`, for gateways: `[links.NAME]` with `kind = "http"`, each with a bearer secret of its own.

mod refused;
pub(super) mod sms;
pub(super) mod ussd;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use secrecy::SecretString;

use super::problem::Problem;
use crate::config::Link;
use crate::domain::{Outcome, Receipt};
use crate::links::doors::is_secret;
use crate::text::address::is_printable;

/// Longest identifier of a gateway, in characters.
const ID_MAX: usize = 128;
/// Longest address, as in SMPP, in characters.
const ADDRESS_MAX: usize = 20;

/// One gateway that may post.
#[derive(Debug)]
pub(super) struct Gateway {
    name: String,
    secret: SecretString,
    /// Those that it may speak for; empty for all.
    short_codes: Vec<String>,
    /// Short codes by the service code that is dialled for them.
    ussd_codes: BTreeMap<String, String>,
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
    fn may_speak_for(&self, short_code: &str, place: &'static str) -> Result<(), Problem> {
        if self.short_codes.is_empty() || self.short_codes.iter().any(|known| known == short_code) {
            return Ok(());
        }
        let detail = format!("this gateway may not speak for {short_code}; it is configured for others");
        Err(Problem::new(StatusCode::FORBIDDEN, place, detail))
    }
}

/// The receipt of what was done, now or before.
fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Duplicate { of, .. } => Some(Receipt::of(of.transfer)),
        _ => outcome.transfer().map(Receipt::of),
    }
}

/// The address of a phone or of a machine.
fn address(text: &str, place: &'static str) -> Result<(), Problem> {
    if is_printable(text, ADDRESS_MAX) {
        return Ok(());
    }
    Err(Problem::bad(place, format!("give 1 to {ADDRESS_MAX} printable characters, as in +38349123456")))
}
