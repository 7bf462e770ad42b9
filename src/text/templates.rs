//! Replies: templates from files of texts, rendered, written in the alphabet of their language, and proven to fit.
//!
//! A template is written in full spelling with `{{ values }}`. All mistakes in the files are found when they are loaded:
//! a reply that is missing, a value that a reply does not have, a character that the alphabet lacks, a text that can be too
//! long.

use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};

pub use super::rendering::{Values, items, longest_values};
use super::rendering::{longest_items, name_of};
use super::replies;
use super::shift::NationalTables;
use super::template_check;
pub use super::template_error::{Mistake, RenderError, TemplateError, TooLong, Unworded};
use super::text_file::{Coding, Settings, TextFile};
use super::transliterate::transliterate;
use crate::domain::Language;

/// The files of texts of Kosovo, which are part of the program.
const KOSOVO: [(&str, &str); 3] = [
    ("countries/xk/texts/sq.toml", include_str!("../../countries/xk/texts/sq.toml")),
    ("countries/xk/texts/sr.toml", include_str!("../../countries/xk/texts/sr.toml")),
    ("countries/xk/texts/en.toml", include_str!("../../countries/xk/texts/en.toml")),
];

/// The texts of a country.
#[derive(Debug, Clone)]
pub struct Templates {
    pub(super) environment: Environment<'static>,
    /// Not empty; the first one is of the default language.
    pub(super) files: Arc<[TextFile]>,
}

impl Templates {
    /// The texts of Kosovo, which are part of the program.
    ///
    /// # Errors
    /// All mistakes in the files.
    pub fn builtin() -> Result<Self, Vec<TemplateError>> {
        let files = KOSOVO.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self::load(files.into(), &[], &longest_values())
    }

    /// Reads files of texts, given as names for errors and contents. `order` names the languages that come first, of which
    /// the first is the default; the others keep the order of the files. It is proven that every reply fits with the
    /// `longest` values; one that is not given has the length of [`longest_values`].
    ///
    /// # Errors
    /// All mistakes in all files.
    pub fn load(
        files: Vec<(String, String)>,
        order: &[Language],
        longest: &Values,
    ) -> Result<Self, Vec<TemplateError>> {
        let replies = replies::read(replies::CATALOGUE)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut values = longest_values();
        values.extend(longest.iter().map(|(name, value)| (*name, value.clone())));
        if let Some(amount) = longest.get("amount") {
            values.insert("items", longest_items(amount));
        }
        let (files, mut errors) = template_check::ordered(files, order);
        errors.extend(template_check::complete(&files, &replies));
        for file in &files {
            errors.extend(template_check::add(&mut environment, file, &replies, &values));
        }
        if errors.is_empty() { Ok(Self { environment, files: files.into() }) } else { Err(errors) }
    }

    /// The languages that there are texts in; the first one is the default.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.files.iter().map(|file| file.settings.language)
    }

    /// The first of the wanted languages that there are texts in, or else the default language.
    pub fn choose(&self, wanted: impl IntoIterator<Item = Option<Language>>) -> Language {
        let known = wanted.into_iter().flatten().find(|&language| self.settings(language).is_some());
        known.or_else(|| self.languages().next()).unwrap_or(Language::EN)
    }

    /// English name of a language, or its code if there are no texts in it.
    pub fn name(&self, language: Language) -> String {
        self.settings(language).map_or_else(|| language.to_string(), |settings| settings.name.clone())
    }

    /// The language whose texts are taken for those that this one lacks.
    pub fn fallback(&self, language: Language) -> Option<Language> {
        self.settings(language)?.fallback
    }

    /// Tells whether screens of dialogues, which have no header, may be in UCS-2 in this language.
    pub fn is_wide(&self, language: Language) -> bool {
        self.settings(language).is_some_and(|settings| settings.coding == Coding::Ucs2 || settings.letters.is_some())
    }

    /// The text as a screen shows it in this language: in GSM 7-bit transliterated, in UCS-2 as it is.
    pub fn as_shown(&self, language: Language, text: &str) -> String {
        match self.settings(language).filter(|settings| settings.coding == Coding::Gsm7) {
            Some(settings) => transliterate(&settings.spelled(text)).text,
            None => text.to_owned(),
        }
    }

    /// The national language tables that replies are sent with.
    pub fn national(&self) -> NationalTables {
        NationalTables::of(self.files.iter().filter_map(|file| file.settings.letters.as_ref()))
    }

    pub(super) fn settings(&self, language: Language) -> Option<&Settings> {
        self.files.iter().map(|file| &file.settings).find(|settings| settings.language == language)
    }

    /// Renders a reply for sending, in the alphabet of the language. In GSM 7-bit, a value that must not be altered may
    /// need UCS-2 all the same.
    pub fn render(&self, language: Language, key: &str, values: &Values) -> Result<String, RenderError> {
        let mut settings = self.settings(language);
        while let Some(of) = settings {
            if let Ok(template) = self.environment.get_template(&name_of(of.language, key)) {
                return of.render(&template, values).map_err(|error| RenderError::Value {
                    language: of.language,
                    key: key.to_owned(),
                    message: error.to_string(),
                });
            }
            settings = of.fallback.and_then(|fallback| self.settings(fallback));
        }
        Err(RenderError::Unknown { language, key: key.to_owned() })
    }

    /// Renders a text that is sent to a person. An empty SMS tells its reader nothing, so none is to be sent.
    ///
    /// # Errors
    /// A value does not fit the template, or only blanks are left.
    pub fn words(&self, language: Language, key: &str, values: &Values) -> Result<String, Unworded> {
        let problem = match self.render(language, key, values) {
            Ok(text) if !text.trim().is_empty() => return Ok(text),
            Ok(_) => "it is empty".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(Unworded { language, key: key.to_owned(), problem })
    }
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
