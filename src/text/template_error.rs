//! Errors in templates of replies.

use super::segments::GSM7_SEPTETS_MAX;

/// A mistake in a file of templates. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file is no TOML, or holds something other than keys with texts.
    #[error("replies in {language}, line {line}: {message}")]
    Toml {
        /// Language of the file.
        language: String,
        /// Line in the file.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// There are no replies in this language.
    #[error("`{language}` is not a language of replies; there are sq, sr and en")]
    UnknownLanguage {
        /// The language's code.
        language: String,
    },
    /// No reply has this key.
    #[error("replies in {language}, line {line}: there is no reply `{key}`")]
    UnknownKey {
        /// Language of the file.
        language: String,
        /// The key.
        key: String,
        /// Line in the file.
        line: usize,
    },
    /// A language lacks a reply that the others have.
    #[error("replies in {language}: the reply `{key}` is missing")]
    MissingKey {
        /// Language of the file.
        language: String,
        /// The key.
        key: &'static str,
    },
    /// The text is no template.
    #[error("replies in {language}, line {line}, `{key}`: {message}")]
    Syntax {
        /// Language of the file.
        language: String,
        /// The key.
        key: String,
        /// Line in the file.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The text uses a value that its reply does not have.
    #[error("replies in {language}, line {line}, `{key}`: no value `{variable}`; there are: {}", .values.join(", "))]
    UnknownValue {
        /// Language of the file.
        language: String,
        /// The key.
        key: String,
        /// Line in the file.
        line: usize,
        /// Name of the value.
        variable: String,
        /// Those that the reply has.
        values: &'static [&'static str],
    },
    /// The text has a character that GSM-7 lacks, and that has no transliteration.
    #[error("replies in {language}, line {line}, `{key}`: {char:?} cannot be sent in GSM 7-bit")]
    Unencodable {
        /// Language of the file.
        language: String,
        /// The key.
        key: String,
        /// Line in the file.
        line: usize,
        /// The character.
        char: char,
    },
}

/// A reply could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no such language or key.
    #[error("there is no reply `{key}` in `{language}`")]
    Unknown {
        /// Code of the language.
        language: String,
        /// The key.
        key: String,
    },
    /// A value that the template shows was not given.
    #[error("reply `{key}` in `{language}`: {message}")]
    Value {
        /// Code of the language.
        language: String,
        /// The key.
        key: String,
        message: String,
    },
}

/// A reply that does not fit one segment when its values are as long as they can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reply `{key}` in {language} takes {septets} septets of {GSM7_SEPTETS_MAX} at its longest: {text}")]
pub struct TooLong {
    /// Code of the language.
    pub language: &'static str,
    /// The key.
    pub key: &'static str,
    /// Septets that it takes.
    pub septets: usize,
    /// The longest text.
    pub text: String,
}
