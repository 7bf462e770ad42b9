//! A reading as fixtures write it: one value for each key of a `[[read]]`.

use std::collections::BTreeMap;
use std::fmt;

use super::message::Reading;
use crate::domain::{Fields, Line, Request, Target};

/// The values of a reading; those that it does not have are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) form: Option<String>,
    /// The request, if it is not a top-up.
    pub(super) action: Option<String>,
    pub(super) service: Option<String>,
    pub(super) number: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) username: Option<String>,
    pub(super) registered: Option<String>,
    /// The account of a kind that the grammar declares.
    pub(super) account: Option<String>,
    pub(super) amount: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) repeat: bool,
    /// The values that only the form knows.
    pub(super) fields: BTreeMap<String, String>,
    /// The top-ups of a list, without name and repetition of the form.
    pub(super) items: Vec<Self>,
}

impl Shown {
    pub(super) fn of(reading: &Reading) -> Self {
        let asks =
            |form: &String, action: String| Self { form: Some(form.clone()), action: Some(action), ..Self::default() };
        let shown = match reading {
            Reading::Recharge(request) => Self::of_request(request),
            Reading::List(list) => Self {
                form: Some(list.form.clone()),
                repeat: list.items.iter().any(|item| item.repeat),
                items: list.items.iter().map(Self::item).collect(),
                ..Self::default()
            },
            Reading::Forward(forward) => {
                Self { repeat: forward.repeat, ..asks(&forward.form, format!("forward {}", forward.name)) }
            }
            Reading::Voucher(voucher) => asks(&voucher.form, "voucher".to_owned()).for_target(&voucher.target),
            Reading::Transfer(transfer) => Self {
                amount: Some(transfer.amount.to_string()),
                repeat: transfer.repeat,
                ..asks(&transfer.form, transfer.giving.as_str().to_owned()).for_line(&transfer.line)
            },
            Reading::Pin(change) if change.of_dealer => asks(&change.form, "dealer_pin".to_owned()),
            Reading::Pin(change) => asks(&change.form, "pin".to_owned()),
            Reading::Confirm { form, .. } => asks(form, "confirm".to_owned()),
            Reading::Help { form, .. } => asks(form, "help".to_owned()),
            Reading::Balance { form, .. } => asks(form, "balance".to_owned()),
            Reading::Stop { form, .. } => asks(form, "stop".to_owned()),
            Reading::Language { form, language, .. } => asks(form, format!("language {language}")),
        };
        let digits = |value: String| value.trim_start_matches('+').to_owned();
        let fields = reading.fields().into_iter().flat_map(Fields::iter);
        Self { fields: fields.map(|field| (field.name.clone(), digits(field.value.to_string()))).collect(), ..shown }
    }

    fn item(request: &Request) -> Self {
        Self { form: None, repeat: false, ..Self::of_request(request) }
    }

    fn of_request(request: &Request) -> Self {
        let shown = Self {
            form: Some(request.form.clone()),
            service: Some(request.service.to_string()),
            amount: request.amount.map(|amount| amount.to_string()),
            reference: request.reference.clone(),
            repeat: request.repeat,
            ..Self::default()
        };
        shown.for_target(&request.target)
    }

    fn for_target(self, target: &Target) -> Self {
        match target {
            Target::Line(line) => self.for_line(line),
            Target::Username(name) => Self { username: Some(name.clone()), ..self },
            Target::Registered(msisdn) => Self { registered: Some(msisdn.digits()), ..self },
            Target::Account(account) => Self { account: Some(account.to_string()), ..self },
        }
    }

    fn for_line(self, line: &Line) -> Self {
        Self { number: Some(line.msisdn.digits()), operator: line.operator.as_deref().map(str::to_owned), ..self }
    }

    fn values(&self) -> [(&'static str, &Option<String>); 10] {
        [
            ("form", &self.form),
            ("action", &self.action),
            ("service", &self.service),
            ("number", &self.number),
            ("operator", &self.operator),
            ("username", &self.username),
            ("registered", &self.registered),
            ("account", &self.account),
            ("amount", &self.amount),
            ("reference", &self.reference),
        ]
    }
}

/// The keys of a `[[read]]`, one on each line.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values().into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        for (key, value) in values {
            writeln!(f, "{key} = {}", toml::Value::String(value.clone()))?;
        }
        if !self.fields.is_empty() {
            let fields =
                self.fields.iter().map(|(name, value)| format!("{name} = {}", toml::Value::String(value.clone())));
            writeln!(f, "fields = {{ {} }}", fields.collect::<Vec<_>>().join(", "))?;
        }
        if self.repeat {
            writeln!(f, "repeat = true")?;
        }
        for item in &self.items {
            let values = item.values().into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
            let values = values.map(|(key, value)| format!("{key} = {}", toml::Value::String(value.clone())));
            writeln!(f, "[[read.items]]\n{}", values.collect::<Vec<_>>().join("\n"))?;
        }
        Ok(())
    }
}

/// Compares one value of a reading with the one that must be read.
pub(super) fn same(what: &str, is: Option<&String>, wanted: Option<&String>) -> Result<(), String> {
    if is == wanted {
        return Ok(());
    }
    let shown = |value: Option<&String>| value.map_or("none".to_owned(), |value| format!("`{value}`"));
    Err(format!("has as {what} {}, not {}", shown(is), shown(wanted)))
}
