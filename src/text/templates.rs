//! Replies in three languages: templates from TOML files, rendered, transliterated, and proven to fit one segment.
//!
//! A template is written in full spelling with `{{ values }}`. All mistakes of a file are found when it is loaded:
//! a key that is no reply's, one that is missing, a value that the reply does not have, a character that GSM-7 lacks
//! even when transliterated.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, Value};
use toml::Spanned;

use super::gsm7;
use super::replies::{Handling, REPLIES, VALUES, handling, values_of};
use super::segments::{GSM7_SEPTETS_MAX, UCS2_UNITS_MAX};
pub use super::template_error::{RenderError, TemplateError, TooLong};
use super::transliterate::{Outgoing, transliterate, transliterate_keeping};

/// Languages of replies by ISO 639-1 code, each with its built-in file.
pub(super) const BUILTIN: [(&str, &str); 3] = [
    ("sq", include_str!("replies/sq.toml")),
    ("sr", include_str!("replies/sr.toml")),
    ("en", include_str!("replies/en.toml")),
];

/// End of the keys of replies that are sent in UCS-2.
pub const WIDE: &str = "_wide";
/// Longest user name with which such a reply fits one segment; a longer one takes two.
const WIDE_USERNAME_MAX: usize = 20;

/// Values by name.
pub type Values = BTreeMap<&'static str, String>;

#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
}

/// One entry of a file.
pub(super) struct Entry<'f> {
    language: &'f str,
    pub(super) key: String,
    line: usize,
    pub(super) text: String,
}

impl Templates {
    /// The templates that come with the program.
    pub fn builtin() -> Result<Self, Vec<TemplateError>> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut templates = Self { environment };
        let mut errors = Vec::new();
        for (language, file) in BUILTIN {
            errors.extend(templates.override_with(language, file).err().unwrap_or_default());
            errors.extend(templates.missing(language));
        }
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }

    /// Replaces the templates of a language by those of a TOML file of keys with texts; keys that it does not have stay
    /// as they are. All mistakes of the file are reported, and with one nothing of it may be used.
    pub fn override_with(&mut self, language: &str, file: &str) -> Result<(), Vec<TemplateError>> {
        let mut changed = self.environment.clone();
        let mut errors = Vec::new();
        for entry in entries(language, file)? {
            errors.extend(check(&mut changed, entry).err().unwrap_or_default());
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        self.environment = changed;
        Ok(())
    }

    /// Renders a reply for sending. It is in GSM 7-bit, unless a value that must not be altered needs UCS-2.
    pub fn render(&self, language: &str, key: &str, values: &Values) -> Result<String, RenderError> {
        let unknown = |_| RenderError::Unknown { language: language.to_owned(), key: key.to_owned() };
        let template = self.environment.get_template(&name_of(language, key)).map_err(unknown)?;
        let prepared = Value::from_pairs(values.iter().map(|(name, value)| (*name, prepare(name, value))));
        let text = template.render(prepared).map_err(|error| RenderError::Value {
            language: language.to_owned(),
            key: key.to_owned(),
            message: error.to_string(),
        })?;
        let kept = values.iter().filter(|(name, _)| handling(name).is_some_and(|(how, _)| how == Handling::Kept));
        let kept: Vec<&str> = kept.map(|(_, value)| value.as_str()).collect();
        let outgoing = transliterate_keeping(&text, &kept);
        let wide = kept.iter().any(|value| gsm7::septet_count(value).is_err());
        Ok(if wide { outgoing.text } else { readable(outgoing) })
    }

    /// Words a text that goes to a person. Returns `None` if a value does not fit the template, or if nothing but blanks is
    /// left: an empty SMS tells its reader nothing, so that none is to be sent. That is logged and counted.
    pub fn words(&self, language: &str, key: &str, values: &Values) -> Option<String> {
        let problem = match self.render(language, key, values) {
            Ok(text) if !text.trim().is_empty() => return Some(text),
            Ok(_) => "it is empty".to_owned(),
            Err(error) => error.to_string(),
        };
        tracing::error!(language, key, problem, "a text could not be worded");
        metrics::counter!("mbush_texts_unworded_total", "template" => key.to_owned()).increment(1);
        None
    }

    /// Proves that every reply of every language fits one segment when its values are the longest; run at start-up. One
    /// whose key ends in [`WIDE`] is for user names that need UCS-2, and has its 70 units.
    /// Values that are not given are as long as [`longest_values`] says.
    /// Proves at start-up that every reply in every language fits one segment with its longest values. A reply with a
    /// key that ends in [`WIDE`] is for user names that need UCS-2, and must fit 70 units. A value that is not given
    /// has the length of [`longest_values`].
    pub fn prove_one_segment(&self, longest: &Values) -> Result<(), Vec<TooLong>> {
        let mut values = longest_values();
        values.extend(longest.iter().map(|(name, value)| (*name, value.clone())));
        let mut too_long = Vec::new();
        let mut wide = values.clone();
        wide.insert("username", "W".repeat(WIDE_USERNAME_MAX));
        for (language, key) in BUILTIN.iter().flat_map(|(language, _)| REPLIES.map(|(key, _)| (*language, key))) {
            let (values, room) =
                if key.ends_with(WIDE) { (&wide, UCS2_UNITS_MAX) } else { (&values, GSM7_SEPTETS_MAX) };
            // Every template was rendered at load, so rendering with all values cannot fail.
            let text = self.render(language, key, values).unwrap_or_default();
            // A character outside of GSM 7-bit counts as more than a whole segment.
            let septets = gsm7::septet_count(&text).unwrap_or(GSM7_SEPTETS_MAX + 1);
            if septets > room {
                too_long.push(TooLong { language, key, septets, text });
            }
        }
        if too_long.is_empty() { Ok(()) } else { Err(too_long) }
    }

    fn missing<'l>(&self, language: &'l str) -> impl Iterator<Item = TemplateError> + use<'_, 'l> {
        let lacks = move |key: &str| self.environment.get_template(&name_of(language, key)).is_err();
        let missing = REPLIES.iter().map(|(key, _)| *key).filter(move |key| lacks(key));
        missing.map(move |key| TemplateError::MissingKey { language: language.to_owned(), key })
    }
}

/// The longest form of each value. A start that knows longer or shorter ones replaces them before the proof.
pub fn longest_values() -> Values {
    VALUES.iter().map(|&(name, septets_max, _)| (name, "W".repeat(septets_max))).collect()
}

fn name_of(language: &str, key: &str) -> String {
    format!("{language}/{key}")
}

/// Reads a file; the line of each entry is that of its text's beginning.
pub(super) fn entries<'f>(language: &'f str, file: &str) -> Result<Vec<Entry<'f>>, Vec<TemplateError>> {
    if !BUILTIN.iter().any(|(code, _)| *code == language) {
        return Err(vec![TemplateError::UnknownLanguage { language: language.to_owned() }]);
    }
    let line_at = |at: usize| file.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
    let texts: BTreeMap<String, Spanned<String>> = toml::from_str(file).map_err(|error| {
        let line = line_at(error.span().map_or(0, |span| span.start));
        vec![TemplateError::Toml { language: language.to_owned(), line, message: error.message().to_owned() }]
    })?;
    let entry = |(key, text): (String, Spanned<String>)| {
        let line = line_at(text.span().start);
        Entry { language, key, line, text: text.into_inner() }
    };
    Ok(texts.into_iter().map(entry).collect())
}

/// Checks an entry and puts it into the environment.
fn check(environment: &mut Environment<'static>, entry: Entry<'_>) -> Result<(), Vec<TemplateError>> {
    let Entry { language, key, line, text } = entry;
    let Some(values) = values_of(&key) else {
        return Err(vec![TemplateError::UnknownKey { language: language.to_owned(), key, line }]);
    };
    let left = transliterate(&text).unencodable;
    let name = name_of(language, &key);
    let syntax = |error: minijinja::Error| {
        let message = error.detail().map_or_else(|| error.to_string(), ToOwned::to_owned);
        vec![TemplateError::Syntax { language: language.to_owned(), key: key.clone(), line, message }]
    };
    environment.add_template_owned(name.clone(), text).map_err(&syntax)?;
    let template = environment.get_template(&name).map_err(&syntax)?;
    let mut used: Vec<_> = template.undeclared_variables(false).into_iter().collect();
    used.sort_unstable();
    used.retain(|variable| !values.contains(&variable.as_str()));
    let unknown = used.into_iter().map(|variable| TemplateError::UnknownValue {
        language: language.to_owned(),
        key: key.clone(),
        line,
        variable,
        values,
    });
    let unencodable = left.into_iter().map(|left| TemplateError::Unencodable {
        language: language.to_owned(),
        key: key.clone(),
        line,
        char: left.char,
    });
    let errors: Vec<_> = unknown.chain(unencodable).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    // Finds errors that show only when a template runs, such as a filter on a value of the wrong type.
    template.render(Value::from_pairs(longest_values())).map_err(&syntax)?;
    Ok(())
}

/// Prepares a value for the text.
fn prepare(name: &str, value: &str) -> String {
    match handling(name) {
        Some((Handling::Quoted, septets_max)) => clip(&readable(transliterate(value)), septets_max),
        _ => value.to_owned(),
    }
}

/// A text in GSM 7-bit only: a character without transliteration becomes `?`.
fn readable(outgoing: Outgoing) -> String {
    if outgoing.fits_gsm7() {
        return outgoing.text;
    }
    let known = |c: char| if gsm7::septet_of(c).is_some() { c } else { '?' };
    outgoing.text.chars().map(known).collect()
}

/// The sender's words on one line, truncated to `septets_max` septets; two dots mark a truncated text.
fn clip(value: &str, septets_max: usize) -> String {
    let septets = |c: char| gsm7::septet_of(c).map_or(1, gsm7::Septet::count);
    let value: String = value.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if value.chars().map(septets).sum::<usize>() <= septets_max {
        return value;
    }
    let mut room = septets_max.saturating_sub(2);
    let fits = |c: &char| match room.checked_sub(septets(*c)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    value.chars().take_while(fits).chain("..".chars()).collect()
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
