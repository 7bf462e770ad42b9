//! A bank's grammar file, read into what it says; what the forms mean together is the business of [`super::compile`].

use toml::de::{DeTable, DeValue};

use super::Giving;
use super::diagnostic::Diagnostic;
use super::form_file::{choose, forms};
use super::pattern::Node;
use super::walk::{Placed, Source, Table, wrong_type};
use crate::domain::{Amount, Language, Service, ShortCode};

/// Most errors of TOML itself that are told: behind the first few, most are consequences.
const ERRORS_MAX: usize = 20;

const BANK_KEYS: [&str; 13] = [
    "bank",
    "name",
    "short_codes",
    "evidence",
    "source",
    "languages",
    "operators",
    "separators",
    "repeat",
    "help",
    "services",
    "amount",
    "form",
];
const AMOUNT_KEYS: [&str; 6] = ["whole_euros", "min", "max", "only", "operators", "currency"];
const OPERATOR_KEYS: [&str; 3] = ["only", "min", "max"];

/// How a bank's format is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The bank or an operator has published it.
    Published,
    /// Nobody has published it: it is a plausible stand-in.
    Assumed,
}

impl Evidence {
    /// As a grammar file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Assumed => "assumed",
        }
    }
}

/// What a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A top-up.
    Recharge,
    /// Credit of the sender's for another number.
    Transfer,
    /// Another PIN for the sender.
    Pin,
    /// Yes to what the sender was asked.
    Confirm,
    /// Credit for a number, from the wallet of the dealer whose phone writes.
    Sale,
    /// Stock of that dealer's for the dealer of a number.
    Stock,
    /// That dealer's last sale to a number is taken back.
    Undo,
    /// Another PIN for that dealer.
    DealerPin,
    /// The sender's balance.
    Balance,
    /// How to write to this short code.
    Help,
    /// Replies in this language from now on.
    Language(Language),
    /// No more messages.
    Stop,
}

/// Whom a form that names nobody is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FormTarget {
    /// The sender's own number.
    Own,
    /// The account that is registered to the sender.
    Registered,
    /// The number behind the short code in the destination address.
    Destination,
}

/// Limits as a file gives them, for the whole bank or for one form.
#[derive(Debug, Clone, Default)]
pub(super) struct AmountFile {
    pub(super) whole_euros: Option<bool>,
    pub(super) min: Option<Placed<Amount>>,
    pub(super) max: Option<Placed<Amount>>,
    pub(super) only: Option<Vec<Amount>>,
    pub(super) operators: Vec<(Placed<String>, OperatorFile)>,
    pub(super) currency: Option<Vec<Placed<String>>>,
}

/// Limits for one operator's numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct OperatorFile {
    pub(super) only: Option<Vec<Amount>>,
    pub(super) min: Option<Amount>,
    pub(super) max: Option<Amount>,
}

/// One `[[form]]`.
#[derive(Debug, Clone)]
pub(super) struct FormFile {
    pub(super) name: String,
    pub(super) text: Placed<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) example: Option<Placed<String>>,
    pub(super) action: Action,
    pub(super) service: Option<Placed<Service>>,
    pub(super) target: Option<Placed<FormTarget>>,
    pub(super) price: Option<Placed<Amount>>,
    pub(super) operators: Option<Vec<Placed<String>>>,
    pub(super) amount: AmountFile,
    pub(super) separators: Option<Vec<Placed<String>>>,
    pub(super) language: Option<Language>,
    pub(super) priority: i64,
    pub(super) senders: Vec<String>,
    pub(super) links: Vec<String>,
}

/// A whole file.
#[derive(Debug, Clone)]
pub(super) struct GrammarFile {
    pub(super) bank: Placed<String>,
    pub(super) name: String,
    pub(super) short_codes: Vec<Placed<ShortCode>>,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) languages: Vec<Language>,
    pub(super) operators: Option<Vec<Placed<String>>>,
    pub(super) separators: Option<Vec<Placed<String>>>,
    pub(super) repeat: Option<Vec<Placed<String>>>,
    pub(super) help: Option<Vec<Placed<String>>>,
    pub(super) services: Vec<(Placed<String>, Service)>,
    pub(super) amount: AmountFile,
    pub(super) forms: Vec<FormFile>,
}

/// Reads one file; every error that is found is in `source` afterwards, and then nothing is returned.
pub(super) fn read(source: &mut Source<'_>) -> Option<GrammarFile> {
    let (document, errors) = DeTable::parse_recoverable(source.text);
    for error in errors.iter().take(ERRORS_MAX) {
        let span = error.span().unwrap_or(0..0);
        let diagnostic: Diagnostic = source.diagnostic(span, format!("not TOML: {}", error.message()));
        source.diagnostics.push(diagnostic);
    }
    let table = Table::new(source, document.get_ref(), 0..0, "a bank's file", &BANK_KEYS);
    let file = bank(source, &table);
    file.filter(|_| source.diagnostics.is_empty())
}

fn bank(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<GrammarFile> {
    let bank = table.required(source, "bank", "give the bank a short identifier: bank = \"mybank\"");
    if let Some(bank) = &bank
        && !bank.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    {
        let message = format!("`{}` is not an identifier of a bank", bank.value);
        source.report(bank.span.clone(), message, "write lower-case letters, digits, `-` and `_` only");
    }
    let name = table.required(source, "name", "give the bank's name for people: name = \"My Bank\"");
    let short_codes = short_codes(source, table);
    let evidence = table.required(
        source,
        "evidence",
        "write evidence = \"published\" where somebody has published the format, else \"assumed\"",
    );
    let evidence = evidence.and_then(|text| {
        choose(source, &text, "evidence", &[Evidence::Published, Evidence::Assumed], Evidence::as_str)
    });
    let origin = table.string(source, "source");
    if evidence == Some(Evidence::Published) && origin.is_none() {
        let message = "a published format has no `source`";
        source.report(table.span(), message, "say where it was published: source = \"example.com, SMS top-up\"");
    }
    let languages = languages(source, table);
    let services = services(source, table);
    let amount = table.value("amount").map(|_| amount_section(source, table, "amount")).unwrap_or_default();
    let operators = owned(table.strings(source, "operators"));
    let separators = owned(table.strings(source, "separators"));
    let repeat = owned(table.strings(source, "repeat"));
    let help = owned(table.strings(source, "help"));
    let forms = forms(source, table);
    Some(GrammarFile {
        bank: bank?.map(str::to_owned),
        name: name?.value.to_owned(),
        short_codes,
        evidence: evidence?,
        source: origin.map(|origin| origin.value.to_owned()).unwrap_or_default(),
        languages,
        operators,
        separators,
        repeat,
        help,
        services,
        amount,
        forms,
    })
}

pub(super) fn owned(list: Option<Vec<Placed<&str>>>) -> Option<Vec<Placed<String>>> {
    list.map(|list| list.into_iter().map(|text| text.map(str::to_owned)).collect())
}

fn short_codes(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<Placed<ShortCode>> {
    let texts = table.strings(source, "short_codes").unwrap_or_default();
    if texts.is_empty() {
        let span = table.value("short_codes").map_or(table.span(), toml::Spanned::span);
        source.report(
            span,
            "a bank's file has no `short_codes`",
            "list the numbers that are texted: short_codes = [\"50005\"]",
        );
    }
    let mut codes = Vec::new();
    for text in texts {
        match text.value.parse::<ShortCode>() {
            Ok(code) => codes.push(Placed::new(code, text.span)),
            Err(error) => source.report(text.span, error.to_string(), "a short code is what customers text to"),
        }
    }
    codes
}

fn languages(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<Language> {
    let texts = table.strings(source, "languages").unwrap_or_default();
    texts.iter().filter_map(|text| choose(source, text, "language", &Language::ALL, Language::code)).collect()
}

/// `[services]`: the words for `{service}`.
fn services(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<(Placed<String>, Service)> {
    let names = Service::ALL.map(Service::as_str);
    let Some(inner) = subtable(source, table, "services", &names) else { return Vec::new() };
    let mut services = Vec::new();
    for service in Service::ALL {
        for word in inner.strings(source, service.as_str()).unwrap_or_default() {
            services.push((word.map(str::to_owned), service));
        }
    }
    services
}

fn subtable<'t, 'i>(source: &mut Source<'_>, table: &Table<'t, 'i>, key: &str, keys: &[&str]) -> Option<Table<'t, 'i>> {
    let value = table.value(key)?;
    if let DeValue::Table(inner) = value.get_ref() {
        return Some(Table::new(source, inner, value.span(), &format!("[{key}]"), keys));
    }
    wrong_type(source, value, key, "a table", &format!("as a section [{key}]"));
    None
}

pub(super) fn amount_section(source: &mut Source<'_>, table: &Table<'_, '_>, key: &str) -> AmountFile {
    let Some(inner) = subtable(source, table, key, &AMOUNT_KEYS) else { return AmountFile::default() };
    let (min, max) = (inner.amount(source, "min"), inner.amount(source, "max"));
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        let message = format!("`min` {} is above `max` {}", min.value, max.value);
        source.report(min.span.clone(), message, "write the lower amount as `min`");
    }
    let mut operators = Vec::new();
    if let Some(value) = inner.value("operators") {
        if let DeValue::Table(list) = value.get_ref() {
            let known: Vec<&str> = list.keys().map(|key| key.get_ref().as_ref()).collect();
            let list = Table::new(source, list, value.span(), "[amount.operators]", &known);
            for id in list.keys() {
                let Some(limits) = subtable(source, &list, id.value, &OPERATOR_KEYS) else { continue };
                let operator = OperatorFile {
                    only: limits.amounts(source, "only"),
                    min: limits.amount(source, "min").map(|amount| amount.value),
                    max: limits.amount(source, "max").map(|amount| amount.value),
                };
                operators.push((id.map(str::to_owned), operator));
            }
        } else {
            wrong_type(source, value, "operators", "a table", "as operators.vala.only = [1, 2]");
        }
    }
    AmountFile {
        whole_euros: inner.flag(source, "whole_euros"),
        only: inner.amounts(source, "only"),
        currency: owned(inner.strings(source, "currency")),
        min,
        max,
        operators,
    }
}

impl Action {
    /// Whether it is a request: what moves money, may be repeated, and is what somebody meant who wrote nearly that.
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Recharge) || self.giving().is_some()
    }

    /// What of credit that the sender has, where it is about that.
    pub(super) const fn giving(self) -> Option<Giving> {
        match self {
            Self::Transfer => Some(Giving::Credit),
            Self::Sale => Some(Giving::Sale),
            Self::Stock => Some(Giving::Stock),
            Self::Undo => Some(Giving::Undo),
            _ => None,
        }
    }

    /// Whether it changes a PIN.
    pub(super) const fn is_pin(self) -> bool {
        matches!(self, Self::Pin | Self::DealerPin)
    }

    /// As a grammar file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Transfer => "transfer",
            Self::Pin => "pin",
            Self::Confirm => "confirm",
            Self::Sale => "sale",
            Self::Stock => "stock",
            Self::Undo => "undo",
            Self::DealerPin => "dealer_pin",
            Self::Balance => "balance",
            Self::Help => "help",
            Self::Language(_) => "language",
            Self::Stop => "stop",
        }
    }
}

impl FormTarget {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Registered => "registered",
            Self::Destination => "destination",
        }
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
