//! Walking a TOML document key by key, so that one run finds every error in it and each is pointed at.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use crate::domain::locale::Currency;
use crate::domain::{Amount, Language};
use crate::text::near::nearest;

/// Most errors of one file that are told.
const ERRORS_MAX: usize = 100;

/// A file being read, and what was found wrong in it so far.
pub(super) struct Source<'s> {
    pub(super) file: &'s str,
    pub(super) text: &'s str,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'s> Source<'s> {
    pub(super) fn new(file: &'s str, text: &'s str) -> Self {
        Self { file, text, diagnostics: Vec::new() }
    }

    pub(super) fn diagnostic(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.file, self.text, span, message)
    }

    /// Notes an error at `span`, in bytes of the file.
    pub(super) fn report(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        if self.diagnostics.len() >= ERRORS_MAX {
            return;
        }
        let diagnostic = self.diagnostic(span, message).help(help);
        self.diagnostics.push(diagnostic);
    }
}

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

impl<T> Placed<T> {
    pub(super) fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: change(self.value), span: self.span }
    }
}

/// One table of the document, with the keys that are allowed in it.
pub(super) struct Table<'t, 'i> {
    keys: &'t DeTable<'i>,
    span: Range<usize>,
    name: String,
}

impl<'t, 'i> Table<'t, 'i> {
    /// A table in which only `keys` are allowed; any other is reported with its nearest.
    pub(super) fn new(
        source: &mut Source<'_>,
        table: &'t DeTable<'i>,
        span: Range<usize>,
        name: &str,
        keys: &[&str],
    ) -> Self {
        for key in table.keys() {
            let written: &str = key.get_ref();
            if !keys.contains(&written) {
                let help = nearest(written, keys.iter().copied()).map_or_else(
                    || format!("the keys of {name} are {}", keys.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                source.report(key.span(), format!("{name} has no key `{written}`"), help);
            }
        }
        Self { keys: table, span, name: name.to_owned() }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Placed<&'t str>> {
        self.keys.keys().map(|key| Placed::new(key.get_ref().as_ref(), key.span()))
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(super) fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.keys.get(key)
    }

    pub(super) fn string(&self, source: &mut Source<'_>, key: &str) -> Option<Placed<&'t str>> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            wrong_type(source, value, key, "a text", "in quotes");
        }
        text.map(|text| Placed::new(text, value.span()))
    }

    /// A text that has to be there and must not be empty.
    pub(super) fn required(&self, source: &mut Source<'_>, key: &str, help: &str) -> Option<Placed<&'t str>> {
        if self.value(key).is_none() {
            let span = self.span.start..self.span.start;
            source.report(span, format!("{} has no `{key}`", self.name), help);
            return None;
        }
        let text = self.string(source, key)?;
        if text.value.trim().is_empty() {
            source.report(text.span, format!("`{key}` is empty"), help);
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&self, source: &mut Source<'_>, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            wrong_type(source, value, key, "true or false", "without quotes");
        }
        flag
    }

    pub(super) fn integer(&self, source: &mut Source<'_>, key: &str) -> Option<Placed<i64>> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            wrong_type(source, value, key, "a whole number", "without quotes");
        }
        number.map(|number| Placed::new(number, value.span()))
    }

    /// A list of texts; one text alone is a list of one.
    pub(super) fn strings(&self, source: &mut Source<'_>, key: &str) -> Option<Vec<Placed<&'t str>>> {
        let value = self.value(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(vec![Placed::new(text, value.span())]);
        }
        let Some(array) = value.get_ref().as_array() else {
            wrong_type(source, value, key, "a list of texts", "as in [\"a\", \"b\"]");
            return None;
        };
        let mut texts = Vec::new();
        for item in array {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Placed::new(text, item.span())),
                None => wrong_type(source, item, key, "a list of texts", "as in [\"a\", \"b\"]"),
            }
        }
        Some(texts)
    }

    pub(super) fn amount(&self, source: &mut Source<'_>, key: &str) -> Option<Placed<Amount>> {
        let value = self.value(key)?;
        read_amount(source, value, key)
    }

    pub(super) fn amounts(&self, source: &mut Source<'_>, key: &str) -> Option<Vec<Amount>> {
        let value = self.value(key)?;
        let Some(array) = value.get_ref().as_array() else {
            wrong_type(source, value, key, "a list of amounts", "as in [1, 2, \"2.50\"]");
            return None;
        };
        Some(array.iter().filter_map(|item| read_amount(source, item, key)).map(|amount| amount.value).collect())
    }
}

fn read_amount(source: &mut Source<'_>, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Placed<Amount>> {
    let written = match value.get_ref() {
        DeValue::String(text) => text.as_ref(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        _ => {
            wrong_type(source, value, key, "an amount", "as in 5 or \"5.00\"");
            return None;
        }
    };
    let currency = Currency::ledger();
    // Either whole, or with all decimals.
    let minor =
        currency.read(written).ok().filter(|minor| !written.contains('.') || currency.written(*minor) == written);
    let amount = minor.filter(|_| !written.contains(',')).and_then(|minor| Amount::from_minor(minor).ok());
    if amount.is_none() {
        let help = format!("write it as 5 or \"{}\", at most {}", currency.written(5 * currency.unit()), Amount::MAX);
        source.report(value.span(), format!("`{key}`: `{written}` is not an amount"), help);
    }
    amount.map(|amount| Placed::new(amount, value.span()))
}

pub(super) fn owned(list: Option<Vec<Placed<&str>>>) -> Option<Vec<Placed<String>>> {
    list.map(|list| list.into_iter().map(|text| text.map(str::to_owned)).collect())
}

pub(super) fn subtable<'t, 'i>(
    source: &mut Source<'_>,
    table: &Table<'t, 'i>,
    key: &str,
    keys: &[&str],
) -> Option<Table<'t, 'i>> {
    let value = table.value(key)?;
    if let DeValue::Table(inner) = value.get_ref() {
        return Some(Table::new(source, inner, value.span(), &format!("[{key}]"), keys));
    }
    wrong_type(source, value, key, "a table", &format!("as a section [{key}]"));
    None
}

/// The one of `all` that is named by `text`, or a report with the nearest.
pub(super) fn choose<T: Copy>(
    source: &mut Source<'_>,
    text: &Placed<&str>,
    what: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Option<T> {
    let chosen = all.iter().copied().find(|&each| name(each) == text.value);
    if chosen.is_none() {
        let names: Vec<&str> = all.iter().map(|&each| name(each)).collect();
        let help = nearest(text.value, names.iter().copied())
            .map_or_else(|| format!("write one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        source.report(text.span.clone(), format!("there is no {what} `{}`", text.value), help);
    }
    chosen
}

/// A language; whether there are texts in it is known only where grammars and texts come together.
pub(super) fn language(source: &mut Source<'_>, text: &Placed<&str>) -> Option<Language> {
    let language = text.value.parse();
    if language.is_err() {
        let help = "write two or three small letters, and a script if it needs one, such as `sq` or `sr-Cyrl`";
        source.report(text.span.clone(), format!("`{}` is no code of a language", text.value), help);
    }
    language.ok()
}

pub(super) fn wrong_type(source: &mut Source<'_>, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str, how: &str) {
    let found = value.get_ref().type_str();
    source.report(value.span(), format!("`{key}` is {wanted}, this is of type {found}"), format!("write it {how}"));
}
