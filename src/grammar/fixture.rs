//! Texts that must be read, and how, and texts that must be refused, and why: what proves a bank's file.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::action::Action;
use super::diagnostic::Diagnostic;
use super::failure::ParseFailure;
use super::fixture_items::{MustItem, same_items};
use super::fixture_words;
use super::guarded::Guarded;
use super::message::{Incoming, Reading};
use super::set::GrammarSet;
use super::shown::{Shown, same};
use crate::domain::Request;
use crate::text::near::nearest;

/// One file of cases.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The destination of the texts.
    pub short_code: String,
    /// The sender of every case that does not name its own.
    pub from: String,
    /// Texts that must be read.
    #[serde(default)]
    pub read: Vec<MustRead>,
    /// Texts that must be refused.
    #[serde(default)]
    pub refuse: Vec<MustRefuse>,
}

/// A text that must be read. What is not given is not there: a case without `amount` is one without an amount; `form`, `pin`,
/// `service` and `operator` may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustRead {
    /// The text.
    pub text: Spanned<String>,
    /// Another sender.
    pub from: Option<String>,
    /// Another destination: a short code with a number behind it.
    pub to: Option<String>,
    /// The link it comes by.
    pub link: Option<String>,
    /// Name of the form that reads it.
    pub form: Option<String>,
    /// The service that is topped up.
    #[serde(default, deserialize_with = "fixture_words::service")]
    pub service: Option<String>,
    /// The number that is topped up, international, digits only.
    pub number: Option<String>,
    /// Its operator's identifier.
    pub operator: Option<String>,
    /// The user name, as it is written.
    pub username: Option<String>,
    /// The number whose registered account is topped up, international, digits only.
    pub registered: Option<String>,
    /// The account of a kind that the grammar declares, as `meter:04123456784`.
    pub account: Option<String>,
    /// The amount, as `5.00`.
    pub amount: Option<String>,
    /// The bank's reference.
    pub reference: Option<String>,
    /// The sender says that it really is a second time.
    #[serde(default)]
    pub repeat: bool,
    /// The party that verifies the PIN of the text.
    pub pin: Option<String>,
    /// The request, where it is no top-up: `balance`, `language sr`, `voucher`, `transfer`, `forward loan` …
    #[serde(default, deserialize_with = "fixture_words::action")]
    pub action: Option<String>,
    /// The values that only the form knows, as staff see them; numbers in digits only.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The top-ups of a list, in the order of the text.
    #[serde(default)]
    pub items: Vec<MustItem>,
    /// Its line in the file.
    #[serde(skip)]
    line: usize,
}

/// A text that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustRefuse {
    /// The text.
    pub text: Spanned<String>,
    /// Another sender.
    pub from: Option<String>,
    /// Another destination.
    pub to: Option<String>,
    /// The link it comes by.
    pub link: Option<String>,
    /// The name of the reason.
    #[serde(deserialize_with = "fixture_words::reason")]
    pub reason: String,
    /// The right form that the reply shows.
    pub shows: Option<String>,
    /// The keyword that the reply names.
    pub keyword: Option<String>,
    /// The amounts that the reply offers.
    pub offered: Option<String>,
    /// The words that the reply quotes.
    pub value: Option<String>,
    /// Characters before the furthest place.
    pub position: Option<usize>,
    /// Its line in the file.
    #[serde(skip)]
    line: usize,
}

/// The error with its place, and the nearest of the words that were expected.
fn diagnostic(file: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let (what, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    let expected: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let is_list = what.starts_with("unknown field") || what.starts_with("there is no");
    let message = if is_list { what } else { error.message() }.replacen("unknown field", "there is no key", 1);
    let diagnostic = Diagnostic::new(file, text, error.span().unwrap_or(0..0), message);
    if !is_list || expected.is_empty() {
        return diagnostic;
    }
    let written = what.split('`').nth(1).unwrap_or_default();
    match nearest(written, expected.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("write one of {}", expected.join(", "))),
    }
}

impl Fixture {
    /// From the text of a file.
    ///
    /// # Errors
    /// The first mistake, with its place: not TOML, or a key, reason, action or service that does not exist.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let read: Result<Self, _> = toml::from_str(text);
        let mut fixture = read.map_err(|error| Box::new(diagnostic(file, text, &error)))?;
        let line = |of: &Spanned<String>| text.get(..of.span().start).unwrap_or_default().matches('\n').count() + 1;
        fixture.read.iter_mut().for_each(|case| case.line = line(&case.text));
        fixture.refuse.iter_mut().for_each(|case| case.line = line(&case.text));
        Ok(fixture)
    }

    /// The messages that must be read.
    pub fn messages(&self) -> impl Iterator<Item = Incoming<'_>> {
        self.read.iter().map(|case| self.message(&case.text, case.from.as_ref(), case.to.as_ref(), case.link.as_ref()))
    }

    /// Tries every case; one line for each that did not end as it must, with its line in the file.
    pub fn check(&self, set: &GrammarSet) -> Vec<String> {
        let mut wrong = Vec::new();
        let told = |line: usize, text: &Spanned<String>, problem: String| {
            format!("line {line}: `{}` {problem}", text.get_ref())
        };
        for (case, message) in self.read.iter().zip(self.messages()) {
            wrong.extend(case.check(set, &message).err().map(|problem| told(case.line, &case.text, problem)));
        }
        for case in &self.refuse {
            let message = self.message(&case.text, case.from.as_ref(), case.to.as_ref(), case.link.as_ref());
            wrong.extend(case.check(set, &message).err().map(|problem| told(case.line, &case.text, problem)));
        }
        wrong
    }

    fn message<'f>(
        &'f self,
        text: &'f Spanned<String>,
        from: Option<&'f String>,
        to: Option<&'f String>,
        link: Option<&'f String>,
    ) -> Incoming<'f> {
        Incoming {
            from: from.unwrap_or(&self.from),
            to: to.unwrap_or(&self.short_code),
            text: text.get_ref(),
            link: link.map(String::as_str),
        }
    }
}

impl MustRead {
    fn check(&self, set: &GrammarSet, message: &Incoming<'_>) -> Result<(), String> {
        let Guarded { reading, pin, .. } = set.read_guarded(message).map_err(|failure| {
            let reason = failure.rejection.reason.as_str();
            format!("must be read, but is refused: {reason}\n{}", failure.picture())
        })?;
        if let Some(wanted) = &self.pin {
            let is = pin.map_or("nobody", |pin| pin.verifier.as_str());
            if is != wanted {
                return Err(format!("pin is verified by `{is}`, not `{wanted}`"));
            }
        }
        self.same(&Shown::of(&reading))?;
        match &reading {
            Reading::Recharge(request) => self.written_again(set, message, request),
            _ => Ok(()),
        }
    }

    /// A request that was read can be written out, and is then read again as the same.
    fn written_again(&self, set: &GrammarSet, message: &Incoming<'_>, request: &Request) -> Result<(), String> {
        let keeps_all = !self.text.get_ref().is_empty();
        match set.canonical(message, request) {
            None if keeps_all => Err("was read, but cannot be written out again".to_owned()),
            _ => Ok(()),
        }
    }

    fn same(&self, shown: &Shown) -> Result<(), String> {
        for (what, is, wanted) in [
            ("form", &shown.form, &self.form),
            ("service", &shown.service, &self.service),
            ("operator", &shown.operator, &self.operator),
        ] {
            if wanted.is_some() {
                same(what, is.as_ref(), wanted.as_ref())?;
            }
        }
        same_items(&shown.items, &self.items)?;
        let action = self.action.as_ref().filter(|action| *action != Action::Recharge.as_str());
        for (what, is, wanted) in [
            ("action", &shown.action, action),
            ("number", &shown.number, self.number.as_ref()),
            ("username", &shown.username, self.username.as_ref()),
            ("registered", &shown.registered, self.registered.as_ref()),
            ("account", &shown.account, self.account.as_ref()),
            ("amount", &shown.amount, self.amount.as_ref()),
            ("reference", &shown.reference, self.reference.as_ref()),
            ("repeat", &Some(shown.repeat.to_string()), Some(&self.repeat.to_string())),
        ] {
            same(what, is.as_ref(), wanted)?;
        }
        for name in shown.fields.keys().chain(self.fields.keys()) {
            same(name, shown.fields.get(name), self.fields.get(name))?;
        }
        Ok(())
    }
}

impl MustRefuse {
    fn check(&self, set: &GrammarSet, message: &Incoming<'_>) -> Result<(), String> {
        match set.read(message) {
            Ok(reading) => Err(format!("must be refused, but was read as\n{}", Shown::of(&reading))),
            Err(failure) => self.same_failure(&failure),
        }
    }

    fn same_failure(&self, failure: &ParseFailure) -> Result<(), String> {
        let details = &failure.rejection.details;
        same("reason", Some(&failure.rejection.reason.as_str().to_owned()), Some(&self.reason))?;
        for (what, is, wanted) in [
            ("form", &details.form, &self.shows),
            ("keyword", &details.keyword, &self.keyword),
            ("offered", &details.offered, &self.offered),
            ("value", &details.value, &self.value),
        ] {
            if wanted.is_some() {
                same(what, is.as_ref(), wanted.as_ref())?;
            }
        }
        match self.position {
            Some(position) if position != failure.position => {
                Err(format!("has the position {}, not {position}", failure.position))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "fixture_tests.rs"]
mod tests;
