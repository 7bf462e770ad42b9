//! The closed set of replies, read from `replies.toml`: the values that the text of each may show. [`VALUES`] has what is
//! known of each value. The texts are files of a country.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::template_error::{Mistake, TemplateError, line_at};

/// The list that is part of the program.
pub(super) const CATALOGUE: &str = include_str!("replies.toml");
const NAME: &str = "src/text/replies.toml";

/// The value that every text may show: the name of the currency, from the file of the text.
pub(super) const CURRENCY: &str = "currency";

/// One reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) key: String,
    /// Names of the values that its texts may show, beside [`CURRENCY`].
    pub(super) values: Vec<String>,
}

/// A reply as the list has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    values: Vec<Spanned<String>>,
}

/// Reads a list of replies.
///
/// # Errors
/// It is not TOML of this shape, or a reply names a value that is not in [`VALUES`].
pub(super) fn read(list: &str) -> Result<Vec<Reply>, Vec<TemplateError>> {
    let error = |at: usize, mistake| TemplateError::new(NAME, line_at(list, at), mistake);
    let entries: BTreeMap<String, Entry> = toml::from_str(list).map_err(|problem| {
        let at = problem.span().map_or(0, |span| span.start);
        vec![error(at, Mistake::Toml(problem.message().to_owned()))]
    })?;
    let mut errors = Vec::new();
    let mut replies = Vec::new();
    for (key, Entry { values }) in entries {
        for value in values.iter().filter(|value| handling(value.get_ref()).is_none()) {
            let mistake = Mistake::NoSuchValue { key: key.clone(), value: value.get_ref().clone() };
            errors.push(error(value.span().start, mistake));
        }
        replies.push(Reply { key, values: values.into_iter().map(Spanned::into_inner).collect() });
    }
    if errors.is_empty() { Ok(replies) } else { Err(errors) }
}

/// The way that a value gets into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// Amounts with a comma and a space between them.
    Amounts,
    /// Transliterated with the text around it.
    Free,
    /// Words of a sender: in GSM 7-bit transliterated, with `?` for what it lacks; clipped to the longest.
    Quoted,
    /// Never altered, at the price of UCS-2 if it needs it.
    Kept,
    /// A plain decimal, written with the signs of the language.
    Amount,
}

/// Every value: its name, its longest length in septets (of an amount as a plain decimal), and how it is handled.
pub(super) const VALUES: &[(&str, usize, Handling)] = &[
    ("account", 32, Handling::Free),
    ("amount", 6, Handling::Amount),
    ("available", 8, Handling::Amount),
    ("balance", 8, Handling::Amount),
    ("bank", 16, Handling::Free),
    ("bonus", 6, Handling::Amount),
    ("bonus_name", 16, Handling::Quoted),
    ("commission", 6, Handling::Amount),
    ("count", 6, Handling::Free),
    ("fee", 5, Handling::Amount),
    ("form", 26, Handling::Free),
    ("keyword", 12, Handling::Free),
    ("kind", 32, Handling::Free),
    ("left", 3, Handling::Free),
    ("limit", 8, Handling::Amount),
    ("max", 8, Handling::Amount),
    ("min", 6, Handling::Amount),
    ("minutes", 5, Handling::Free),
    ("number", 9, Handling::Free),
    ("offered", 30, Handling::Amounts),
    ("opens", 12, Handling::Free),
    ("operator", 12, Handling::Free),
    ("receipt", 10, Handling::Free),
    ("service", 12, Handling::Free),
    ("time", 12, Handling::Free),
    ("username", 32, Handling::Kept),
    ("valid_until", 10, Handling::Free),
    ("value", 20, Handling::Quoted),
];

/// Handling and longest length of a value.
pub(super) fn handling(name: &str) -> Option<(Handling, usize)> {
    VALUES.iter().find(|(value, ..)| *value == name).map(|&(_, septets_max, handling)| (handling, septets_max))
}
