//! Texts that must be read, and how, and texts that must be refused, and why: what proves a bank's file.

use serde::Deserialize;

use super::failure::ParseFailure;
use super::message::{Incoming, Reading, TransferRequest};
use super::set::GrammarSet;
use crate::domain::{Request, Target};

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

/// A text that must be read. What is not given is not there: a case without `amount` is one without an amount; `form`,
/// `service` and `operator` may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustRead {
    /// The text.
    pub text: String,
    /// Another sender.
    pub from: Option<String>,
    /// Another destination: a short code with a number behind it.
    pub to: Option<String>,
    /// The link it comes by.
    pub link: Option<String>,
    /// Name of the form that reads it.
    pub form: Option<String>,
    /// The service that is topped up.
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
    /// `help`, `balance`, `language sr`, `stop`, `voucher`, `transfer`, `pin` or `confirm`, where it is no top-up.
    pub action: Option<String>,
}

/// A text that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustRefuse {
    /// The text.
    pub text: String,
    /// Another sender.
    pub from: Option<String>,
    /// Another destination.
    pub to: Option<String>,
    /// The link it comes by.
    pub link: Option<String>,
    /// The name of the reason.
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
}

impl Fixture {
    /// From the text of a file.
    ///
    /// # Errors
    /// Not TOML, or not of this shape.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The messages that must be read.
    pub fn messages(&self) -> impl Iterator<Item = Incoming<'_>> {
        self.read.iter().map(|case| self.message(&case.text, case.from.as_ref(), case.to.as_ref(), case.link.as_ref()))
    }

    /// Tries every case; one line for each that did not end as it must.
    pub fn check(&self, set: &GrammarSet) -> Vec<String> {
        let mut wrong = Vec::new();
        for (case, message) in self.read.iter().zip(self.messages()) {
            wrong.extend(case.check(set, &message).err());
        }
        for case in &self.refuse {
            let message = self.message(&case.text, case.from.as_ref(), case.to.as_ref(), case.link.as_ref());
            wrong.extend(case.check(set, &message).err());
        }
        wrong
    }

    fn message<'f>(
        &'f self,
        text: &'f str,
        from: Option<&'f String>,
        to: Option<&'f String>,
        link: Option<&'f String>,
    ) -> Incoming<'f> {
        Incoming {
            from: from.unwrap_or(&self.from),
            to: to.unwrap_or(&self.short_code),
            text,
            link: link.map(String::as_str),
        }
    }
}

impl MustRead {
    fn check(&self, set: &GrammarSet, message: &Incoming<'_>) -> Result<(), String> {
        let reading = set.read(message).map_err(|failure| {
            let reason = failure.rejection.reason.as_str();
            format!("{:?} must be read, but: {reason}\n{}", self.text, failure.picture())
        })?;
        match (&reading, &self.action) {
            (Reading::Recharge(request), None) => {
                self.same_request(request)?;
                self.written_again(set, message, request)
            }
            (Reading::Transfer(transfer), Some(_)) => self.same_transfer(transfer),
            (other, action) => self.same("action", Some(&action_of(other)), action.as_ref()),
        }
    }

    /// A request that was read can be written out, and is then read again as the same.
    fn written_again(&self, set: &GrammarSet, message: &Incoming<'_>, request: &Request) -> Result<(), String> {
        let keeps_all = !self.text.is_empty();
        match set.canonical(message, request) {
            None if keeps_all => Err(format!("{:?} was read, but cannot be written out again", self.text)),
            _ => Ok(()),
        }
    }

    fn same_request(&self, request: &Request) -> Result<(), String> {
        let (mut number, mut operator, mut username, mut registered, mut account) = (None, None, None, None, None);
        match &request.target {
            Target::Line(line) => {
                number = Some(line.msisdn.digits());
                operator = line.operator.as_deref().map(str::to_owned);
            }
            Target::Username(name) => username = Some(name.clone()),
            Target::Registered(msisdn) => registered = Some(msisdn.digits()),
            Target::Account(named) => account = Some(named.to_string()),
        }
        let service = request.service.to_string();
        for (what, is, wanted) in [
            ("form", Some(&request.form), &self.form),
            ("service", Some(&service), &self.service),
            ("operator", operator.as_ref(), &self.operator),
        ] {
            if wanted.is_some() {
                self.same(what, is, wanted.as_ref())?;
            }
        }
        self.same("number", number.as_ref(), self.number.as_ref())?;
        self.same("username", username.as_ref(), self.username.as_ref())?;
        self.same("registered", registered.as_ref(), self.registered.as_ref())?;
        self.same("account", account.as_ref(), self.account.as_ref())?;
        self.same("amount", request.amount.map(|amount| amount.to_string()).as_ref(), self.amount.as_ref())?;
        self.same("reference", request.reference.as_ref(), self.reference.as_ref())?;
        self.same("repeat", Some(&request.repeat.to_string()), Some(&self.repeat.to_string()))
    }

    fn same_transfer(&self, transfer: &TransferRequest) -> Result<(), String> {
        self.same("action", Some(&transfer.giving.as_str().to_owned()), self.action.as_ref())?;
        self.same("number", Some(&transfer.line.msisdn.digits()), self.number.as_ref())?;
        self.same("amount", Some(&transfer.amount.to_string()), self.amount.as_ref())?;
        self.same("repeat", Some(&transfer.repeat.to_string()), Some(&self.repeat.to_string()))
    }

    fn same(&self, what: &str, is: Option<&String>, wanted: Option<&String>) -> Result<(), String> {
        same(&self.text, what, is, wanted)
    }
}

impl MustRefuse {
    fn check(&self, set: &GrammarSet, message: &Incoming<'_>) -> Result<(), String> {
        let failure = match set.read(message) {
            Ok(reading) => return Err(format!("{:?} must be refused, but was read as {reading:?}", self.text)),
            Err(failure) => failure,
        };
        self.same_failure(&failure)
    }

    fn same_failure(&self, failure: &ParseFailure) -> Result<(), String> {
        let details = &failure.rejection.details;
        same(&self.text, "reason", Some(&failure.rejection.reason.as_str().to_owned()), Some(&self.reason))?;
        for (what, is, wanted) in [
            ("form", &details.form, &self.shows),
            ("keyword", &details.keyword, &self.keyword),
            ("offered", &details.offered, &self.offered),
            ("value", &details.value, &self.value),
        ] {
            if wanted.is_some() {
                same(&self.text, what, is.as_ref(), wanted.as_ref())?;
            }
        }
        match self.position {
            Some(position) if position != failure.position => {
                Err(format!("{:?}: position is {}, not {position}", self.text, failure.position))
            }
            _ => Ok(()),
        }
    }
}

fn action_of(reading: &Reading) -> String {
    match reading {
        Reading::Help { .. } => "help".to_owned(),
        Reading::Balance { .. } => "balance".to_owned(),
        Reading::Stop { .. } => "stop".to_owned(),
        Reading::Language { language, .. } => format!("language {language}"),
        Reading::Voucher(_) => "voucher".to_owned(),
        Reading::Transfer(transfer) => transfer.giving.as_str().to_owned(),
        Reading::Pin(change) if change.of_dealer => "dealer_pin".to_owned(),
        Reading::Pin(_) => "pin".to_owned(),
        Reading::Confirm { .. } => "confirm".to_owned(),
        Reading::Recharge(_) => "recharge".to_owned(),
    }
}

fn same(text: &str, what: &str, is: Option<&String>, wanted: Option<&String>) -> Result<(), String> {
    if is == wanted {
        return Ok(());
    }
    let shown = |value: Option<&String>| value.map_or("nothing".to_owned(), |value| format!("`{value}`"));
    Err(format!("{text:?}: {what} is {}, not {}", shown(is), shown(wanted)))
}
