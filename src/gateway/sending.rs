//! A reply as a request to its gateway.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_TYPE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::file::{ContentFile, Method, SendFile, SettingFile};
use super::outcome::{Outcome, Rules};
use super::template::Template;
use crate::text::{gsm7, ucs2};

/// Values of every request, besides the settings of the gateway.
const VALUES: &[&str] = &[
    "id",
    "message_id",
    "from",
    "to",
    "e164",
    "text",
    "text_ucs2_hex",
    "secret",
    "reply_user",
    "reply_secret",
    "basic",
    "receipt_url",
];
/// The beginning of the name of a setting's value.
const SETTING: &str = "setting.";
/// Characters that are not escaped in a query or a form (URL standard).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A reply.
#[derive(Debug, Clone, Copy)]
pub struct Sms<'s> {
    pub id: &'s str,
    /// The gateway's identifier of the message that it answers.
    pub message_id: &'s str,
    pub from: &'s str,
    pub to: &'s str,
    pub text: &'s str,
}

/// The values of a link.
#[derive(Debug, Clone)]
pub struct LinkValues {
    pub url: String,
    pub secret: SecretString,
    pub reply_user: Option<String>,
    pub reply_secret: Option<SecretString>,
    /// The address at which the gateway posts receipts. It may carry the secret.
    pub receipt_url: Option<SecretString>,
    pub settings: BTreeMap<String, String>,
}

/// How a reply becomes a request.
#[derive(Debug)]
pub struct Sending {
    method: Method,
    every: Parameters,
    gsm7: Parameters,
    ucs2: Parameters,
    receipts: Parameters,
    json: Option<Shape>,
    optional: Vec<String>,
    rules: Rules,
}

/// The address of a request with its query, its headers and its body.
type Made = http::Request<Vec<u8>>;

#[derive(Debug, Default)]
struct Parameters {
    headers: Vec<(String, Template)>,
    query: Vec<(String, Template)>,
    form: Vec<(String, Template)>,
}

/// JSON with templates in place of texts.
#[derive(Debug)]
enum Shape {
    Text(Template),
    Other(Value),
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

impl Sending {
    pub(super) fn of(file: SendFile, settings: &BTreeMap<String, SettingFile>) -> Result<Self, String> {
        let names: Vec<String> = settings.keys().map(|name| format!("{SETTING}{name}")).collect();
        let known: Vec<&str> = VALUES.iter().copied().chain(names.iter().map(String::as_str)).collect();
        let SendFile { method, headers, query, form, json, optional, gsm7, ucs2, receipts, answers } = file;
        if let Some(unknown) = optional.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("optional: there is no value `{unknown}`"));
        }
        if json.is_some() && !form.is_empty() {
            return Err("a body is a form or JSON: keep one of form and json".to_owned());
        }
        let parameters = |file: ContentFile| Parameters::of(file, &known);
        let sending = Self {
            method,
            every: parameters(ContentFile { headers, query, form })?,
            gsm7: parameters(gsm7.unwrap_or_default())?,
            ucs2: parameters(ucs2.unwrap_or_default())?,
            receipts: parameters(receipts.unwrap_or_default())?,
            json: json
                .map(|value| Shape::of(value, &known).map_err(|problem| format!("json: {problem}")))
                .transpose()?,
            optional,
            rules: Rules::of(answers)?,
        };
        if sending.method == Method::Get && (sending.json.is_some() || sending.has_form()) {
            return Err("a GET has no body: use query, or method = \"POST\"".to_owned());
        }
        Ok(sending)
    }

    fn parameters(&self) -> [&Parameters; 4] {
        [&self.every, &self.gsm7, &self.ucs2, &self.receipts]
    }

    fn has_form(&self) -> bool {
        self.parameters().iter().any(|parameters| !parameters.form.is_empty())
    }

    /// The request for a reply.
    ///
    /// # Errors
    /// The address of the link or a header is not valid.
    pub fn request(&self, link: &LinkValues, sms: &Sms<'_>) -> Result<Made, String> {
        let by_alphabet = if gsm7::septet_count(sms.text).is_ok() { &self.gsm7 } else { &self.ucs2 };
        let value = |name: &str| value(link, sms, name);
        let with_receipts = link.receipt_url.as_ref().map(|_| &self.receipts);
        let parts: Vec<&Parameters> =
            [Some(&self.every), Some(by_alphabet), with_receipts].into_iter().flatten().collect();
        let listed = |pick: fn(&Parameters) -> &Vec<(String, Template)>| {
            let filled = |(name, template): &(String, Template)| Some((name.clone(), template.text(&value)?));
            let filled = parts.iter().flat_map(|parameters| pick(parameters)).filter_map(filled);
            filled.filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
        };
        let query = encoded(&listed(|parameters| &parameters.query));
        let mut made = http::Request::builder().method(self.method.as_str()).uri(address(&link.url, &query));
        let form = listed(|parameters| &parameters.form);
        let body = match &self.json {
            Some(shape) => {
                made = made.header(CONTENT_TYPE, "application/json");
                shape.filled(&value).unwrap_or_default().to_string().into_bytes()
            }
            None if form.is_empty() => Vec::new(),
            None => {
                made = made.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                encoded(&form).into_bytes()
            }
        };
        for (name, value) in listed(|parameters| &parameters.headers) {
            made = made.header(name, value);
        }
        made.body(body).map_err(|error| error.to_string())
    }

    /// The meaning of the gateway's answer to the reply `id`.
    pub fn outcome(&self, id: &str, status: u16, body: &[u8]) -> Outcome {
        self.rules.outcome(id, status, body)
    }

    /// Names of values that the requests use.
    pub(super) fn uses(&self, name: &str) -> bool {
        let of = |parameters: &Parameters| {
            let all = parameters.headers.iter().chain(&parameters.query).chain(&parameters.form);
            all.into_iter().any(|(_, template)| template.names().any(|used| used == name))
        };
        self.parameters().into_iter().any(of) || self.json.as_ref().is_some_and(|shape| shape.uses(name))
    }

    /// Returns true if the requests cannot do without a value.
    pub(super) fn needs(&self, name: &str) -> bool {
        self.uses(name) && !self.optional.iter().any(|optional| optional == name)
    }

    pub(super) const fn method(&self) -> Method {
        self.method
    }

    pub(super) const fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl Parameters {
    fn of(file: ContentFile, known: &[&str]) -> Result<Self, String> {
        let parsed = |part: &str, listed: BTreeMap<String, String>| -> Result<Vec<(String, Template)>, String> {
            let one = |(name, text): (String, String)| match Template::parse(&text, known) {
                Ok(template) => Ok((name, template)),
                Err(problem) => Err(format!("{part}.{name}: {problem}")),
            };
            listed.into_iter().map(one).collect()
        };
        Ok(Self {
            headers: parsed("headers", file.headers)?,
            query: parsed("query", file.query)?,
            form: parsed("form", file.form)?,
        })
    }
}

impl Shape {
    fn of(value: toml::Value, known: &[&str]) -> Result<Self, String> {
        Ok(match value {
            toml::Value::String(text) => Self::Text(Template::parse(&text, known)?),
            toml::Value::Array(elements) => {
                Self::List(elements.into_iter().map(|element| Self::of(element, known)).collect::<Result<_, _>>()?)
            }
            toml::Value::Table(members) => {
                let member = |(name, value)| Ok((name, Self::of(value, known)?));
                Self::Object(members.into_iter().map(member).collect::<Result<_, String>>()?)
            }
            other => Self::Other(serde_json::to_value(other).map_err(|error| error.to_string())?),
        })
    }

    /// The JSON. A member of which a value is missing is left out, and so is an object of which nothing is left.
    fn filled(&self, value: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
        Some(match self {
            Self::Text(template) => Value::String(template.text(value).filter(|text| !text.is_empty())?),
            Self::Other(other) => other.clone(),
            Self::List(elements) => elements.iter().filter_map(|element| element.filled(value)).collect(),
            Self::Object(members) => {
                let member = |(name, shape): &(String, Self)| Some((name.clone(), shape.filled(value)?));
                Value::Object(
                    Some(members.iter().filter_map(member).collect::<Map<_, _>>()).filter(|all| !all.is_empty())?,
                )
            }
        })
    }

    fn uses(&self, name: &str) -> bool {
        match self {
            Self::Text(template) => template.names().any(|used| used == name),
            Self::Other(_) => false,
            Self::List(elements) => elements.iter().any(|element| element.uses(name)),
            Self::Object(members) => members.iter().any(|(_, shape)| shape.uses(name)),
        }
    }
}

/// A value of a reply or of its link.
fn value(link: &LinkValues, sms: &Sms<'_>, name: &str) -> Option<String> {
    let given = match name {
        "id" => sms.id.to_owned(),
        "message_id" => sms.message_id.to_owned(),
        "from" => sms.from.to_owned(),
        "to" => sms.to.to_owned(),
        "e164" => format!("+{}", sms.to.trim_start_matches('+')),
        "text" => sms.text.to_owned(),
        "text_ucs2_hex" => hex::encode(ucs2::encode(sms.text)),
        "secret" => link.secret.expose_secret().to_owned(),
        "reply_user" => link.reply_user.clone()?,
        "reply_secret" => link.reply_secret.as_ref()?.expose_secret().to_owned(),
        "basic" => {
            let password = link.reply_secret.as_ref()?.expose_secret();
            BASE64_STANDARD.encode(format!("{}:{password}", link.reply_user.as_ref()?))
        }
        "receipt_url" => link.receipt_url.as_ref()?.expose_secret().to_owned(),
        setting => link.settings.get(setting.strip_prefix(SETTING)?)?.clone(),
    };
    Some(given)
}

/// A query or a form.
fn encoded(pairs: &[(String, String)]) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let shown: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    shown.join("&")
}

fn address(url: &str, query: &str) -> String {
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, true) => format!("{url}&{query}"),
        (false, false) => format!("{url}?{query}"),
    }
}
