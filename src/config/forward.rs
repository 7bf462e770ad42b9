//! `[forward.NAME]`: the system that requests of this name are handed to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;

use super::problem::check;
use super::secret::Carrier;
use super::values;
use crate::domain::{FORWARD_NAME_MAX, is_forward_name};

/// The author of the answer to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The reply of the form, at once.
    #[default]
    Template,
    /// The other system, when it has the request.
    Webhook,
}

/// One `[forward.NAME]`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Forward {
    /// URL that requests are posted to; `None` to leave them to staff.
    #[garde(inner(custom(values::http_url)))]
    url: Option<String>,
    /// The secret that posts are signed with.
    #[garde(skip)]
    secret: Option<SecretString>,
    /// File with the secret.
    #[garde(skip)]
    secret_file: Option<PathBuf>,
    /// Longest wait for the response to a post, in seconds.
    #[garde(range(min = 1, max = 120))]
    timeout_seconds: u32,
    /// Attempts before a request is given up.
    #[garde(range(min = 1, max = 1_000))]
    attempts: u32,
    /// Hours after which it is given up.
    #[garde(range(min = 1, max = 720))]
    give_up_hours: u32,
    #[serde(deserialize_with = "super::word")]
    #[garde(skip)]
    answer: Answer,
}

impl Default for Forward {
    fn default() -> Self {
        Self {
            url: None,
            secret: None,
            secret_file: None,
            timeout_seconds: 10,
            attempts: 50,
            give_up_hours: 24,
            answer: Answer::default(),
        }
    }
}

/// A system that takes requests.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub secret: SecretString,
    pub timeout: Duration,
    pub attempts: u32,
    pub give_up: TimeDelta,
    /// It words the answer.
    pub answers: bool,
}

/// The names of requests that the other system answers.
pub(super) fn answered_later(forwards: &BTreeMap<String, Forward>) -> BTreeSet<String> {
    let later = forwards.iter().filter(|(_, forward)| forward.url.is_some() && forward.answer == Answer::Webhook);
    later.map(|(name, _)| name.clone()).collect()
}

pub(super) fn problems(forwards: &BTreeMap<String, Forward>) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, forward) in forwards {
        let place = format!("forward.{name}");
        if !is_forward_name(name) {
            problems.push(format!("{place}: a name has 1 to {FORWARD_NAME_MAX} of a to z, digits, `-` and `_`"));
        }
        check(&place, forward, &mut problems);
        problems.extend(forward.webhook().err().map(|problem| format!("{place}.{problem}")));
    }
    problems
}

impl Forward {
    /// The system that requests are posted to; `None` if staff do them.
    ///
    /// # Errors
    /// The secret is missing or given twice, or its file cannot be read; or a key has no use without `url`.
    pub fn webhook(&self) -> Result<Option<Webhook>, String> {
        let Some(url) = &self.url else {
            let is_signed = self.secret.is_some() || self.secret_file.is_some();
            return match (is_signed, self.answer) {
                (true, _) => Err("url is missing: give the address that requests are posted to".to_owned()),
                (_, Answer::Webhook) => Err("answer = \"webhook\" without a url: give one".to_owned()),
                (false, Answer::Template) => Ok(None),
            };
        };
        Ok(Some(Webhook {
            url: url.clone(),
            secret: self.secret()?,
            timeout: Duration::from_secs(u64::from(self.timeout_seconds)),
            attempts: self.attempts,
            give_up: TimeDelta::hours(i64::from(self.give_up_hours)),
            answers: self.answer == Answer::Webhook,
        }))
    }

    fn secret(&self) -> Result<SecretString, String> {
        super::secret::resolve(Carrier::Header, "secret", self.secret.clone(), self.secret_file.as_ref())
    }

    /// The secret, if there is one that can be read.
    pub(super) fn known_secret(&self) -> Option<SecretString> {
        self.secret().ok()
    }

    pub(super) fn secret_file(&self) -> Option<&Path> {
        self.secret_file.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn problem(section: &str) -> String {
        Config::from_toml(&format!("[forward.loan]\n{section}")).unwrap_err().to_string()
    }

    #[test]
    fn a_webhook_has_an_address_and_a_secret() {
        let config = Config::from_toml("[forward.loan]\nurl = \"https://bank/loan\"\nsecret = \"s3cret\"").unwrap();
        let webhook = config.forward["loan"].webhook().unwrap().unwrap();
        assert_eq!((webhook.attempts, webhook.give_up.num_hours(), webhook.timeout.as_secs()), (50, 24, 10));
        assert!(!webhook.answers && config.rules.answered_later.is_empty());
        assert!(Config::from_toml("[forward.loan]").unwrap().forward["loan"].webhook().unwrap().is_none());
        for (section, told) in [
            ("url = \"https://bank/loan\"", "forward.loan.secret is missing"),
            ("secret = \"s3cret\"", "forward.loan.url is missing"),
            ("answer = \"webhook\"", "forward.loan.answer = \"webhook\" without a url"),
            ("answer = \"later\"", "write template or webhook"),
            ("url = \"ftp://bank\"\nsecret = \"x\"", "must be an http:// or https:// address"),
            ("attempts = 0", "at least 1"),
            ("uri = \"https://bank\"", "uri"),
        ] {
            assert!(problem(section).contains(told), "{section}: {}", problem(section));
        }
        let name = Config::from_toml("[forward.\"a loan\"]").unwrap_err().to_string();
        assert!(name.contains("forward.a loan: a name has 1 to 32"), "{name}");
    }

    #[test]
    fn requests_that_the_webhook_answers_get_no_reply_at_once() {
        let section = "[forward.loan]\nurl = \"https://bank/loan\"\nsecret = \"s3cret\"\nanswer = \"webhook\"";
        let config = Config::from_toml(section).unwrap();
        assert!(config.rules.answered_later.contains("loan"));
    }
}
