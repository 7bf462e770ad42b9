//! The `[[form]]` tables of a bank's file.

use std::ops::Range;

use toml::de::DeValue;

use super::action::{Action, FormTarget};
use super::amount_file::{AmountFile, amount_section};
use super::forward_file::{self, ForwardFile};
use super::pattern::{self, Node};
use super::walk::{Placed, Source, Table, choose, owned, wrong_type};
use crate::domain::{Amount, Language, Service};

/// Most characters of an address: what its field of SMPP holds beside the zero octet.
const SENDER_CHARS_MAX: usize = 20;

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
    /// For a form of action `forward`.
    pub(super) forward: Option<ForwardFile>,
}

pub(super) const FORM_KEYS: [&str; 16] = [
    "name",
    "text",
    "example",
    "action",
    "service",
    "target",
    "price",
    "operators",
    "amount",
    "separators",
    "language",
    "priority",
    "senders",
    "links",
    "forward",
    "reply",
];

pub(super) fn forms(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<FormFile> {
    let list = table.value("form").and_then(|value| value.get_ref().as_array());
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        let help = "write at least one:\n[[form]]\nname = \"own number\"\ntext = \"{amount}\"";
        source.report(table.span(), "a bank's file has no `[[form]]`", help);
        return Vec::new();
    };
    let mut forms: Vec<FormFile> = Vec::new();
    for value in list {
        let DeValue::Table(inner) = value.get_ref() else {
            wrong_type(source, value, "form", "a table", "as a section [[form]]");
            continue;
        };
        let inner = Table::new(source, inner, value.span(), "a form", &FORM_KEYS);
        let Some(form) = form(source, &inner) else { continue };
        if forms.iter().any(|earlier| earlier.name == form.name) {
            let span = inner.value("name").map_or(inner.span(), toml::Spanned::span);
            source.report(span, format!("two forms are named `{}`", form.name), "give each form a name of its own");
        }
        forms.push(form);
    }
    forms
}

fn form(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<FormFile> {
    let name = table.required(source, "name", "name the form for staff: name = \"own number\"");
    let text = table.string(source, "text");
    if table.value("text").is_none() {
        let help = "write what is sent: text = \"{msisdn} {amount}\" (text = \"\" for an empty message)";
        source.report(table.span(), "a form has no `text`", help);
    }
    let nodes = text.as_ref().and_then(|text| nodes(source, text));
    let language = table.string(source, "language");
    let language = language.and_then(|text| choose(source, &text, "language", &Language::ALL, Language::code));
    let action = action(source, table, language);
    let service = table.string(source, "service").and_then(|text| {
        let chosen = choose(source, &text, "service", &Service::ALL, Service::as_str);
        chosen.map(|service| Placed::new(service, text.span))
    });
    let target = table.string(source, "target").and_then(|text| {
        let all = [FormTarget::Own, FormTarget::Registered, FormTarget::Destination];
        let chosen = choose(source, &text, "target", &all, FormTarget::as_str);
        chosen.map(|target| Placed::new(target, text.span))
    });
    Some(FormFile {
        senders: senders(source, table),
        links: table.strings(source, "links").unwrap_or_default().iter().map(|link| link.value.to_owned()).collect(),
        example: table.string(source, "example").map(|text| text.map(str::to_owned)),
        price: table.amount(source, "price"),
        operators: owned(table.strings(source, "operators")),
        amount: table.value("amount").map(|_| amount_section(source, table, "amount")).unwrap_or_default(),
        separators: owned(table.strings(source, "separators")),
        priority: table.integer(source, "priority").map_or(0, |priority| priority.value),
        name: name?.value.to_owned(),
        text: text?.map(str::to_owned),
        nodes: nodes?,
        forward: forward_file::read(source, table, action?),
        action: action?,
        service,
        target,
        language,
    })
}

/// Addresses that no message can come from would make a form that nothing reaches.
fn senders(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<String> {
    let senders = table.strings(source, "senders").unwrap_or_default();
    for sender in &senders {
        let is_address = (1..=SENDER_CHARS_MAX).contains(&sender.value.len())
            && sender.value.trim() == sender.value
            && sender.value.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if !is_address {
            source.report(
                sender.span.clone(),
                "no message comes from this address",
                format!(
                    "write 1 to {SENDER_CHARS_MAX} characters of ASCII, which is what the address field of SMPP holds"
                ),
            );
        }
    }
    senders.iter().map(|sender| sender.value.to_owned()).collect()
}

fn nodes(source: &mut Source<'_>, text: &Placed<&str>) -> Option<Vec<Node>> {
    match pattern::parse(text.value) {
        Ok(nodes) => Some(nodes),
        Err(error) => {
            let span = inside(source.text, text, error.span);
            let mut diagnostic = source.diagnostic(span, error.message);
            diagnostic.help = error.help;
            source.diagnostics.push(diagnostic);
            None
        }
    }
}

/// The place in the file of a place in a string of the file, where the string is written without escapes.
fn inside(file: &str, text: &Placed<&str>, span: Range<usize>) -> Range<usize> {
    let start = text.span.start + 1;
    match file.get(start..start + text.value.len()) {
        Some(written) if written == text.value => start + span.start..start + span.end,
        _ => text.span.clone(),
    }
}

fn action(source: &mut Source<'_>, table: &Table<'_, '_>, language: Option<Language>) -> Option<Action> {
    let Some(text) = table.string(source, "action") else { return Some(Action::Recharge) };
    let all = [
        Action::Recharge,
        Action::Transfer,
        Action::Pin,
        Action::Confirm,
        Action::Sale,
        Action::Stock,
        Action::Undo,
        Action::DealerPin,
        Action::Balance,
        Action::Help,
        Action::Language(Language::Sq),
        Action::Stop,
        Action::Forward,
    ];
    let chosen = choose(source, &text, "action", &all, Action::as_str)?;
    match (chosen, language) {
        (Action::Language(_), Some(language)) => Some(Action::Language(language)),
        (Action::Language(_), None) => {
            source.report(text.span, "a form of action `language` has no `language`", "write language = \"sr\"");
            None
        }
        (other, _) => Some(other),
    }
}
