//! The closed set of replies, read from `replies.toml`: the values that the text of each may show. [`VALUES`] has what is
//! known of each value. The texts are files of a country.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::template_error::{Mistake, TemplateError, line_at};
use crate::domain::ListCommand;

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
    /// The parts that it may have in any language, beside those that its language allows every reply.
    pub(super) parts: Parts,
}

/// Most parts of a reply, by the alphabet that it is sent in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    gsm7: usize,
    ucs2: usize,
}

impl Parts {
    /// Most parts of the reply in a language that allows this number for each reply.
    pub(super) fn in_language(self, segments: usize, wide: bool) -> usize {
        segments.max(if wide { self.ucs2 } else { self.gsm7 })
    }
}

/// A reply as the list has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    values: Vec<Spanned<String>>,
    #[serde(default)]
    parts: Parts,
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
    for (key, Entry { values, parts }) in entries {
        for value in values.iter().filter(|value| handling(value.get_ref()).is_none()) {
            let mistake = Mistake::NoSuchValue { key: key.clone(), value: value.get_ref().clone() };
            errors.push(error(value.span().start, mistake));
        }
        replies.push(Reply { key, values: values.into_iter().map(Spanned::into_inner).collect(), parts });
    }
    if errors.is_empty() { Ok(replies) } else { Err(errors) }
}

/// The way that a value gets into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// Amounts with a comma and a space between them.
    Amounts,
    /// Names of a list, each with its amount; names are kept.
    Items,
    /// Transliterated with the text around it.
    Free,
    /// Words of a sender: in GSM 7-bit transliterated, with `?` for what it lacks; clipped to the longest.
    Quoted,
    /// Never altered, at the price of UCS-2 if it needs it.
    Kept,
    /// A plain decimal, written with the signs of the language.
    Amount,
}

/// Most septets of a user name, and of the identifier of an account.
pub(super) const NAME_MAX: usize = 32;
/// Most septets of an amount.
pub(super) const AMOUNT_MAX: usize = 6;
/// Most items of a list.
pub(super) const ITEMS_MAX: usize = ListCommand::ITEMS_MAX;

/// Every value: its name, its longest length in septets (of an amount as a plain decimal), and how it is handled.
pub(super) const VALUES: &[(&str, usize, Handling)] = &[
    ("account", 32, Handling::Free),
    ("amount", AMOUNT_MAX, Handling::Amount),
    ("available", 8, Handling::Amount),
    ("balance", 8, Handling::Amount),
    ("bank", 16, Handling::Free),
    ("bonus", 6, Handling::Amount),
    ("bonus_name", 16, Handling::Quoted),
    ("commission", 6, Handling::Amount),
    ("count", 6, Handling::Free),
    ("fee", 5, Handling::Amount),
    ("form", 26, Handling::Free),
    ("items", ITEMS_MAX * (NAME_MAX + 1 + AMOUNT_MAX + 2) - 2, Handling::Items),
    ("keyword", 12, Handling::Free),
    ("kind", 32, Handling::Free),
    ("left", 3, Handling::Free),
    ("limit", 8, Handling::Amount),
    ("max", 8, Handling::Amount),
    ("min", 6, Handling::Amount),
    ("minutes", 5, Handling::Free),
    ("name", NAME_MAX, Handling::Kept),
    ("number", 9, Handling::Free),
    ("offered", 30, Handling::Amounts),
    ("opens", 12, Handling::Free),
    ("operator", 12, Handling::Free),
    ("receipt", 10, Handling::Free),
    ("service", 12, Handling::Free),
    ("time", 12, Handling::Free),
    ("total", 8, Handling::Amount),
    ("username", NAME_MAX, Handling::Kept),
    ("valid_until", 10, Handling::Free),
    ("value", 20, Handling::Quoted),
];

/// Handling and longest length of a value.
pub(super) fn handling(name: &str) -> Option<(Handling, usize)> {
    VALUES.iter().find(|(value, ..)| *value == name).map(|&(_, septets_max, handling)| (handling, septets_max))
}
