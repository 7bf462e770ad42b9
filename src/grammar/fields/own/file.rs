//! The section `[fields]` of a bank's file.

use std::sync::Arc;

use toml::de::DeValue;

use super::checks::{CheckDigit, Checks};
use super::pattern::Pattern;
use super::spec::{self, Spec};
use super::{Kind, OwnField, Row, account, is_name};
use crate::domain::Service;
use crate::grammar::fields::Field;
use crate::grammar::walk::{Placed, Source, Table, choose, subtable, wrong_type};
use crate::text::normalise::keyword_spellings;

pub(in crate::grammar) const FIELD_KEYS: [&str; 11] =
    ["digits", "word", "number", "date", "pattern", "words", "prefix", "check", "secret", "example", "account"];
pub(in crate::grammar) const ROW_KEYS: [&str; 4] = ["also", "price", "service", "operator"];

/// Keys of which a field has exactly one.
const KIND_KEYS: [&str; 6] = ["digits", "word", "number", "date", "pattern", "words"];

/// Most lines of a table of words.
const ROWS_MAX: usize = 500;

/// The fields that a file declares for all its forms.
#[derive(Debug, Clone, Default)]
pub(in crate::grammar) struct OwnFields(Vec<Arc<OwnField>>);

impl OwnFields {
    pub(in crate::grammar) fn get(&self, name: &str) -> Option<&Arc<OwnField>> {
        self.0.iter().find(|field| field.name == name)
    }

    /// The operators that words name.
    pub(in crate::grammar) fn operators(&self) -> impl Iterator<Item = &Placed<String>> {
        self.0.iter().flat_map(|field| field.rows()).filter_map(|row| row.operator.as_ref())
    }

    pub(in crate::grammar) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|field| field.name.as_str())
    }
}

/// Reads `[fields]`; what is wrong in it is in `source` afterwards.
pub(in crate::grammar) fn fields(source: &mut Source<'_>, table: &Table<'_, '_>) -> OwnFields {
    let Some(value) = table.value("fields") else { return OwnFields::default() };
    let DeValue::Table(inner) = value.get_ref() else {
        wrong_type(source, value, "fields", "a table", "as a section [fields]");
        return OwnFields::default();
    };
    let names: Vec<&str> = inner.keys().map(|key| key.get_ref().as_ref()).collect();
    let all = Table::new(source, inner, value.span(), "[fields]", &names);
    let mut fields = Vec::new();
    for name in all.keys() {
        if let Some(message) = name_fault(name.value) {
            source.report(name.span, message, "write 1 to 32 of a-z, 0-9 and _, a letter first, and none of the kinds");
            continue;
        }
        let Some(inner) = subtable(source, &all, name.value, &FIELD_KEYS) else { continue };
        fields.extend(field(source, &name, &inner).map(Arc::new));
    }
    OwnFields(fields)
}

fn name_fault(name: &str) -> Option<String> {
    if Field::ALL.iter().any(|field| field.name() == name) {
        return Some(format!("`{name}` is a field of every grammar"));
    }
    (!is_name(name)).then(|| format!("`{name}` is no name of a field"))
}

fn field(source: &mut Source<'_>, name: &Placed<&str>, table: &Table<'_, '_>) -> Option<OwnField> {
    let kinds: Vec<&str> = KIND_KEYS.into_iter().filter(|key| table.value(key).is_some()).collect();
    let [kind_key] = kinds.as_slice() else {
        let message = format!("the field `{}` has {} kinds", name.value, kinds.len());
        source.report(name.span.clone(), message, format!("write exactly one of {}", KIND_KEYS.join(", ")));
        return None;
    };
    let kind = kind(source, table, kind_key)?;
    let checks = checks(source, table, &kind)?;
    let example = table.string(source, "example");
    let secret = table.flag(source, "secret").unwrap_or(false);
    if secret && !matches!(kind, Kind::Plain(Spec::Digits(4.., ..=8))) {
        let span = table.value("secret").map_or(name.span.clone(), toml::Spanned::span);
        let message = "only 4 to 8 digits are concealed in every message";
        source.report(span, message, "take `secret` out, or write digits = \"4-8\"");
        return None;
    }
    if let (Kind::Pattern(_), None) = (&kind, &example) {
        let help = "write a value that it matches, to show the form with: example = \"AB-1234\"";
        source.report(name.span.clone(), format!("the pattern `{}` has no `example`", name.value), help);
        return None;
    }
    let account = account::kind(source, name, table, &kind).ok()?;
    let example = example.map(|example| example.value.to_owned());
    Some(OwnField { name: name.value.to_owned(), kind, checks, secret, example, account })
}

fn kind(source: &mut Source<'_>, table: &Table<'_, '_>, key: &str) -> Option<Kind> {
    match key {
        "date" => table.flag(source, key).map(|_| Kind::Plain(Spec::Date)),
        "pattern" => {
            let written = table.string(source, key)?;
            match Pattern::new(written.value) {
                Ok(pattern) => Some(Kind::Pattern(pattern)),
                Err((message, help)) => {
                    source.report(written.span, message, help);
                    None
                }
            }
        }
        "words" => rows(source, table).map(Kind::Words),
        _ => {
            let value = table.value(key)?;
            let written = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                _ => {
                    wrong_type(source, value, key, "a width", "as in 4 or \"4-8\"");
                    return None;
                }
            };
            match spec::parse(&format!("{key} {written}")) {
                Ok(spec) => Some(Kind::Plain(spec)),
                Err((message, help)) => {
                    source.report(value.span(), message, help);
                    None
                }
            }
        }
    }
}

fn checks(source: &mut Source<'_>, table: &Table<'_, '_>, kind: &Kind) -> Option<Checks> {
    let prefixes = table.strings(source, "prefix").unwrap_or_default();
    let check = table.string(source, "check");
    if !matches!(kind, Kind::Plain(Spec::Digits(..))) {
        let mut spans = prefixes.iter().map(|prefix| &prefix.span).chain(check.as_ref().map(|check| &check.span));
        if let Some(span) = spans.next() {
            source.report(span.clone(), "only a field of digits has a prefix or a check digit", "take it out");
            return None;
        }
    }
    if let Some(wrong) = prefixes.iter().find(|prefix| prefix.value.is_empty() || !is_digits(prefix.value)) {
        source.report(wrong.span.clone(), format!("`{}` is no prefix", wrong.value), "write digits: prefix = [\"04\"]");
        return None;
    }
    let digit = match check {
        Some(check) => Some(choose(source, &check, "check digit", &CheckDigit::ALL, CheckDigit::as_str)?),
        None => None,
    };
    Some(Checks { prefixes: prefixes.iter().map(|prefix| prefix.value.to_owned()).collect(), digit })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn rows(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<Vec<Row>> {
    let value = table.value("words")?;
    let DeValue::Table(inner) = value.get_ref() else {
        wrong_type(source, value, "words", "a table", "as in words = { weekly = { price = \"3.50\" } }");
        return None;
    };
    let words: Vec<&str> = inner.keys().map(|key| key.get_ref().as_ref()).collect();
    if words.is_empty() || words.len() > ROWS_MAX {
        source.report(value.span(), format!("{} words", words.len()), format!("list 1 to {ROWS_MAX} words"));
        return None;
    }
    let all = Table::new(source, inner, value.span(), "words", &words);
    let mut rows: Vec<Row> = Vec::new();
    for word in all.keys() {
        let Some(line) = subtable(source, &all, word.value, &ROW_KEYS) else { continue };
        let row = row(source, &word, &line);
        let twice = row.spellings.iter().find(|spelling| rows.iter().any(|known| known.spellings.contains(spelling)));
        if let Some(twice) = twice {
            source.report(
                word.span.clone(),
                format!("`{twice}` stands in two lines"),
                "let each word have one meaning",
            );
        }
        rows.push(row);
    }
    for (what, count) in [
        ("price", rows.iter().filter(|row| row.price.is_some()).count()),
        ("service", rows.iter().filter(|row| row.service.is_some()).count()),
    ] {
        if count > 0 && count < rows.len() {
            source.report(
                value.span(),
                format!("only some of the words have a {what}"),
                "give one to each, or to none",
            );
        }
    }
    Some(rows)
}

fn row(source: &mut Source<'_>, word: &Placed<&str>, line: &Table<'_, '_>) -> Row {
    let mut spellings = Vec::new();
    let also = line.strings(source, "also").unwrap_or_default();
    for written in std::iter::once(word).chain(&also) {
        match keyword_spellings(written.value) {
            Ok(folded) if folded.iter().all(|spelling| !spelling.is_empty()) => spellings.extend(folded),
            Ok(_) => source.report(written.span.clone(), "an empty word", "write letters or digits"),
            Err(error) => {
                let message = format!("`{}` can never be read: {error}", written.value);
                source.report(written.span.clone(), message, "write plain letters");
            }
        }
    }
    let service = line.string(source, "service");
    Row {
        value: word.value.to_owned(),
        spellings,
        price: line.amount(source, "price").map(|price| price.value),
        service: service.and_then(|name| choose(source, &name, "service", &Service::ALL, Service::as_str)),
        operator: line.string(source, "operator").map(|operator| operator.map(str::to_owned)),
    }
}
