//! The closed set of replies, read from `replies.toml`: the values that each may show, and its text in every language.
//! [`VALUES`] has what is known of each value.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::template_error::TemplateError;

/// The file that comes with the program.
pub(super) const FILE: &str = include_str!("replies.toml");

/// Languages that there are replies in, by ISO 639-1 code.
pub(super) const LANGUAGES: [&str; 3] = ["sq", "sr", "en"];

/// One reply in all languages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) key: String,
    /// Names of the values that its texts may show.
    pub(super) values: Vec<String>,
    /// One for each of [`LANGUAGES`], in their order.
    pub(super) texts: Vec<Text>,
}

/// The text of a reply in one language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) language: &'static str,
    /// Line of the file that it begins on, from 1.
    pub(super) line: usize,
    pub(super) template: String,
}

/// A reply as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    values: Vec<Spanned<String>>,
    sq: Option<Spanned<String>>,
    sr: Option<Spanned<String>>,
    en: Option<Spanned<String>>,
}

/// Reads a file of replies.
///
/// # Errors
/// The file is not TOML of this shape, or a reply lacks a language or names a value that is not in [`VALUES`].
pub(super) fn read(file: &str) -> Result<Vec<Reply>, Vec<TemplateError>> {
    let line_at = |at: usize| file.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
    let entries: BTreeMap<String, Entry> = toml::from_str(file).map_err(|error| {
        let line = line_at(error.span().map_or(0, |span| span.start));
        vec![TemplateError::Toml { line, message: error.message().to_owned() }]
    })?;
    let mut errors = Vec::new();
    let mut replies = Vec::new();
    for (key, Entry { values, sq, sr, en }) in entries {
        for value in values.iter().filter(|value| handling(value.get_ref()).is_none()) {
            let (line, value) = (line_at(value.span().start), value.get_ref().clone());
            errors.push(TemplateError::NoSuchValue { key: key.clone(), line, value });
        }
        let mut texts = Vec::new();
        for (language, text) in LANGUAGES.into_iter().zip([sq, sr, en]) {
            match text {
                Some(text) => {
                    texts.push(Text { language, line: line_at(text.span().start), template: text.into_inner() });
                }
                None => errors.push(TemplateError::MissingText { key: key.clone(), language }),
            }
        }
        replies.push(Reply { key, values: values.into_iter().map(Spanned::into_inner).collect(), texts });
    }
    if errors.is_empty() { Ok(replies) } else { Err(errors) }
}

/// The way that a value gets into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// Transliterated with the text around it.
    Free,
    /// Words of a sender: transliterated, what GSM-7 lacks shown as `?`, clipped to the longest.
    Quoted,
    /// Never altered, at the price of UCS-2 if it needs it.
    Kept,
}

/// Every value: its name, its longest length in septets, and how it is handled.
pub(super) const VALUES: &[(&str, usize, Handling)] = &[
    ("account", 32, Handling::Free),
    ("amount", 6, Handling::Free),
    ("available", 8, Handling::Free),
    ("balance", 8, Handling::Free),
    ("bank", 16, Handling::Free),
    ("bonus", 6, Handling::Free),
    ("bonus_name", 16, Handling::Quoted),
    ("commission", 6, Handling::Free),
    ("count", 6, Handling::Free),
    ("fee", 5, Handling::Free),
    ("form", 26, Handling::Free),
    ("keyword", 12, Handling::Free),
    ("kind", 32, Handling::Free),
    ("left", 3, Handling::Free),
    ("limit", 8, Handling::Free),
    ("max", 8, Handling::Free),
    ("min", 6, Handling::Free),
    ("minutes", 5, Handling::Free),
    ("number", 9, Handling::Free),
    ("offered", 30, Handling::Free),
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
