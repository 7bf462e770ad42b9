//! The words of fixtures: each is one of a closed set.

use serde::{Deserialize, Deserializer};

use super::action::Action;
use crate::domain::{Language, Reason, Service, is_forward_name};

/// The requests that a `[[read]]` may name as its `action`.
pub fn fixture_actions() -> Vec<String> {
    let plain = Action::ALL.iter().filter(|action| !matches!(action, Action::Language(_) | Action::Forward));
    let plain = plain.map(|action| action.as_str().to_owned());
    plain.chain(["language CODE", "voucher", "forward NAME"].map(str::to_owned)).collect()
}

pub(super) fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let known: Vec<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    one_of(String::deserialize(deserializer)?, "reason", &known)
}

pub(super) fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let written = String::deserialize(deserializer)?;
    let is_forward = written.strip_prefix("forward ").is_some_and(is_forward_name);
    let is_language = written.strip_prefix("language ").is_some_and(|code| code.parse::<Language>().is_ok());
    if is_forward || is_language {
        return Ok(Some(written));
    }
    one_of(written, "action", &fixture_actions()).map(Some)
}

pub(super) fn service<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let known: Vec<String> = Service::ALL.iter().map(|service| service.as_str().to_owned()).collect();
    one_of(String::deserialize(deserializer)?, "service", &known).map(Some)
}

/// An error in the words of serde's own for a key that is unknown.
fn one_of<E: serde::de::Error>(written: String, what: &str, known: &[String]) -> Result<String, E> {
    if known.contains(&written) {
        return Ok(written);
    }
    Err(E::custom(format!("there is no {what} `{written}`, expected one of `{}`", known.join("`, `"))))
}
