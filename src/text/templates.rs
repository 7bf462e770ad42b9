//! Replies in three languages: templates from `replies.toml`, rendered, transliterated, and proven to fit one segment.
//!
//! A template is written in full spelling with `{{ values }}`. All mistakes in the file are found when it is loaded: a
//! language that is missing, a value that the reply does not have, a character that GSM-7 lacks even when transliterated.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior, Value};

use super::gsm7;
use super::replies::{self, Handling, LANGUAGES, Reply, Text, VALUES, handling};
use super::segments::{GSM7_SEPTETS_MAX, UCS2_UNITS_MAX};
pub use super::template_error::{RenderError, TemplateError, TooLong, Unworded};
use super::transliterate::{Outgoing, transliterate, transliterate_keeping};

/// End of the keys of replies that are sent in UCS-2.
pub const WIDE: &str = "_wide";
/// Longest user name with which such a reply fits one segment; a longer one takes two.
const WIDE_USERNAME_MAX: usize = 20;

/// Values by name.
pub type Values = BTreeMap<&'static str, String>;

#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
    pub(super) replies: Arc<[Reply]>,
}

impl Templates {
    /// The templates of `replies.toml`, which is part of the program.
    ///
    /// # Errors
    /// All mistakes in the file.
    pub fn builtin() -> Result<Self, Vec<TemplateError>> {
        Self::from_toml(replies::FILE)
    }

    /// Reads templates that are written like `replies.toml`.
    ///
    /// # Errors
    /// All mistakes in the file.
    pub fn from_toml(file: &str) -> Result<Self, Vec<TemplateError>> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let replies = replies::read(file)?;
        let mut errors = Vec::new();
        for reply in &replies {
            for text in &reply.texts {
                errors.extend(add(&mut environment, reply, text).err().unwrap_or_default());
            }
        }
        if errors.is_empty() { Ok(Self { environment, replies: replies.into() }) } else { Err(errors) }
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

    /// Renders a text that is sent to a person. An empty SMS tells its reader nothing, so none is to be sent.
    ///
    /// # Errors
    /// A value does not fit the template, or only blanks are left.
    pub fn words(&self, language: &str, key: &str, values: &Values) -> Result<String, Unworded> {
        let problem = match self.render(language, key, values) {
            Ok(text) if !text.trim().is_empty() => return Ok(text),
            Ok(_) => "it is empty".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(Unworded { language: language.to_owned(), key: key.to_owned(), problem })
    }

    /// Proves at start-up that every reply in every language fits one segment with its longest values. A reply with a
    /// key that ends in [`WIDE`] is for user names that need UCS-2, and must fit 70 units. A value that is not given
    /// has the length of [`longest_values`].
    pub fn prove_one_segment(&self, longest: &Values) -> Result<(), Vec<TooLong>> {
        let mut values = longest_values();
        values.extend(longest.iter().map(|(name, value)| (*name, value.clone())));
        let mut too_long = Vec::new();
        let mut wide = values.clone();
        wide.insert("username", "W".repeat(WIDE_USERNAME_MAX));
        let keys = self.replies.iter().map(|reply| reply.key.as_str());
        for (key, language) in keys.flat_map(|key| LANGUAGES.map(|language| (key, language))) {
            let (values, room) =
                if key.ends_with(WIDE) { (&wide, UCS2_UNITS_MAX) } else { (&values, GSM7_SEPTETS_MAX) };
            // Every template was rendered at load, so rendering with all values cannot fail.
            let text = self.render(language, key, values).unwrap_or_default();
            // A character outside of GSM 7-bit counts as more than a whole segment.
            let septets = gsm7::septet_count(&text).unwrap_or(GSM7_SEPTETS_MAX + 1);
            if septets > room {
                too_long.push(TooLong { language, key: key.to_owned(), septets, text });
            }
        }
        if too_long.is_empty() { Ok(()) } else { Err(too_long) }
    }
}

/// The longest form of each value. A start that knows longer or shorter ones replaces them before the proof.
pub fn longest_values() -> Values {
    VALUES.iter().map(|&(name, septets_max, _)| (name, "W".repeat(septets_max))).collect()
}

fn name_of(language: &str, key: &str) -> String {
    format!("{language}/{key}")
}

/// Checks a text of a reply and puts it into the environment.
fn add(environment: &mut Environment<'static>, reply: &Reply, text: &Text) -> Result<(), Vec<TemplateError>> {
    let Text { language, line, ref template } = *text;
    let key = &reply.key;
    let syntax = |error: minijinja::Error| {
        let message = error.detail().map_or_else(|| error.to_string(), ToOwned::to_owned);
        vec![TemplateError::Syntax { language, key: key.clone(), line, message }]
    };
    let name = name_of(language, key);
    environment.add_template_owned(name.clone(), template.clone()).map_err(&syntax)?;
    let parsed = environment.get_template(&name).map_err(&syntax)?;
    let mut used: Vec<_> = parsed.undeclared_variables(false).into_iter().collect();
    used.sort_unstable();
    used.retain(|variable| !reply.values.contains(variable));
    let unknown = used.into_iter().map(|variable| {
        let values = reply.values.clone();
        TemplateError::UnknownValue { language, key: key.clone(), line, variable, values }
    });
    let left = transliterate(template).unencodable.into_iter();
    let unencodable = left.map(|left| TemplateError::Unencodable { language, key: key.clone(), line, char: left.char });
    let errors: Vec<_> = unknown.chain(unencodable).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    // Finds errors that show only when a template runs, such as a filter on a value of the wrong type.
    parsed.render(Value::from_pairs(longest_values())).map_err(&syntax)?;
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
pub(super) fn readable(outgoing: Outgoing) -> String {
    if outgoing.fits_gsm7() {
        return outgoing.text;
    }
    let known = |c: char| if gsm7::septet_of(c).is_some() { c } else { '?' };
    outgoing.text.chars().map(known).collect()
}

/// The sender's words on one line, truncated to `septets_max` septets; two dots mark a truncated text.
pub(super) fn clip(value: &str, septets_max: usize) -> String {
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
