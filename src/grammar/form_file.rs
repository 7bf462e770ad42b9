//! The `[[form]]` tables of a bank's file.

use std::ops::Range;

use toml::de::DeValue;

use super::action::{Action, FormTarget};
use super::amount_file::{AmountFile, form_amount};
use super::fields::own::file::OwnFields;
use super::forward_file;
use super::list_file::{self, ListFile};
use super::pattern::{self, Node};
use super::reply_file::{self, Texts};
use super::verifier::{self, Verifier};
use super::walk::{self, Placed, Source, Table, choose, owned, wrong_type};
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
    pub(super) pin: Option<Placed<Verifier>>,
    pub(super) priority: i64,
    pub(super) senders: Vec<String>,
    pub(super) links: Vec<String>,
    /// Fields that are matched and not kept.
    pub(super) discard: Vec<Placed<String>>,
    /// Name of what is asked for, for a form of action `forward`.
    pub(super) forward: Option<String>,
    /// The texts of the reply, if the form has one of its own, with the place of all of them.
    pub(super) reply: Option<Placed<Texts>>,
    /// The size of the list in its text, and what stands between its items.
    pub(super) list: Option<Placed<ListFile>>,
}

pub(super) const FORM_KEYS: [&str; 19] = [
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
    "pin",
    "priority",
    "senders",
    "links",
    "discard",
    "forward",
    "reply",
    "list",
];

pub(super) fn forms(source: &mut Source<'_>, table: &Table<'_, '_>, declared: &OwnFields) -> Vec<FormFile> {
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
        let Some(form) = form(source, &inner, declared) else { continue };
        if forms.iter().any(|earlier| earlier.name == form.name) {
            let span = inner.value("name").map_or(inner.span(), toml::Spanned::span);
            source.report(span, format!("two forms are named `{}`", form.name), "give each form a name of its own");
        }
        forms.push(form);
    }
    forms
}

fn form(source: &mut Source<'_>, table: &Table<'_, '_>, declared: &OwnFields) -> Option<FormFile> {
    let name = table.required(source, "name", "name the form for staff: name = \"own number\"");
    let text = table.string(source, "text");
    if table.value("text").is_none() {
        let help = "write what is sent: text = \"{msisdn} {amount}\" (text = \"\" for an empty message)";
        source.report(table.span(), "a form has no `text`", help);
    }
    let nodes = text.as_ref().and_then(|text| nodes(source, text, declared));
    let language = table.string(source, "language");
    let language = language.and_then(|text| walk::language(source, &text));
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
        discard: owned(table.strings(source, "discard")).unwrap_or_default(),
        example: table.string(source, "example").map(|text| text.map(str::to_owned)),
        price: table.amount(source, "price"),
        operators: owned(table.strings(source, "operators")),
        amount: form_amount(source, table),
        separators: owned(table.strings(source, "separators")),
        pin: verifier::key(source, table),
        priority: table.integer(source, "priority").map_or(0, |priority| priority.value),
        name: name?.value.to_owned(),
        text: text?.map(str::to_owned),
        nodes: nodes?,
        forward: forward_file::read(source, table, action?),
        reply: reply_file::read(source, table, action?),
        list: list_file::read(source, table),
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

fn nodes(source: &mut Source<'_>, text: &Placed<&str>, declared: &OwnFields) -> Option<Vec<Node>> {
    match pattern::parse(text.value, declared) {
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
pub(super) fn inside(file: &str, text: &Placed<&str>, span: Range<usize>) -> Range<usize> {
    let start = text.span.start + 1;
    match file.get(start..start + text.value.len()) {
        Some(written) if written == text.value => start + span.start..start + span.end,
        _ => text.span.clone(),
    }
}

fn action(source: &mut Source<'_>, table: &Table<'_, '_>, language: Option<Language>) -> Option<Action> {
    let Some(text) = table.string(source, "action") else { return Some(Action::Recharge) };
    let chosen = choose(source, &text, "action", &Action::ALL, Action::as_str)?;
    match (chosen, language) {
        (Action::Language(_), Some(language)) => Some(Action::Language(language)),
        (Action::Language(_), None) => {
            source.report(text.span, "a form of action `language` has no `language`", "write language = \"sr\"");
            None
        }
        (other, _) => Some(other),
    }
}
