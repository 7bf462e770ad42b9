//! The words of fixtures: each is one of a closed set.

use serde::{Deserialize, Deserializer};

use super::action::Action;
use crate::domain::{Language, Reason, Service, is_forward_name};

/// The requests that a `[[read]]` may name as its `action`.
pub fn fixture_actions() -> Vec<String> {
    let plain = Action::ALL.iter().filter(|action| !matches!(action, Action::Language(_) | Action::Forward));
    let languages = Language::ALL.iter().map(|language| format!("language {}", language.code()));
    plain
        .map(|action| action.as_str().to_owned())
        .chain(languages)
        .chain(["voucher", "forward NAME"].map(str::to_owned))
        .collect()
}

pub(super) fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let known: Vec<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    one_of(String::deserialize(deserializer)?, "reason", &known)
}

pub(super) fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let written = String::deserialize(deserializer)?;
    match written.strip_prefix("forward ") {
        Some(name) if is_forward_name(name) => Ok(Some(written)),
        _ => one_of(written, "action", &fixture_actions()).map(Some),
    }
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
