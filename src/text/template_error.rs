//! Errors in templates of replies.

use super::segments::GSM7_SEPTETS_MAX;

/// A mistake in the file of replies. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file is not TOML, or does not have a reply's values and texts where they belong.
    #[error("replies, line {line}: {message}")]
    Toml {
        /// Line in the file.
        line: usize,
        /// The fault, in the words of the reader of TOML.
        message: String,
    },
    /// A reply has no text in one of the languages.
    #[error("reply `{key}`: its text in {language} is missing")]
    MissingText {
        /// The reply's key.
        key: String,
        /// Code of the language.
        language: &'static str,
    },
    /// A reply lists a value that does not exist.
    #[error("reply `{key}`, line {line}: there is no value `{value}`")]
    NoSuchValue {
        /// The reply's key.
        key: String,
        /// Line in the file.
        line: usize,
        /// Name of the value.
        value: String,
    },
    /// The text is not a template.
    #[error("reply `{key}` in {language}, line {line}: {message}")]
    Syntax {
        /// Code of the language.
        language: &'static str,
        /// The reply's key.
        key: String,
        /// Line in the file.
        line: usize,
        /// The fault, in the words of the template engine.
        message: String,
    },
    /// The text uses a value that its reply does not have.
    #[error("reply `{key}` in {language}, line {line}: no value `{variable}`; there are: {}", .values.join(", "))]
    UnknownValue {
        /// Code of the language.
        language: &'static str,
        /// The reply's key.
        key: String,
        /// Line in the file.
        line: usize,
        /// Name of the value.
        variable: String,
        /// Those that the reply has.
        values: Vec<String>,
    },
    /// The text has a character that GSM-7 lacks, and that has no transliteration.
    #[error("reply `{key}` in {language}, line {line}: {char:?} cannot be sent in GSM 7-bit")]
    Unencodable {
        /// Code of the language.
        language: &'static str,
        /// The reply's key.
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

/// A text that cannot be sent: its template cannot be rendered, or only blanks are left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reply `{key}` in `{language}`: {problem}")]
pub struct Unworded {
    /// Code of the language.
    pub language: String,
    pub key: String,
    pub problem: String,
}

/// A reply that does not fit one segment when its values are as long as they can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reply `{key}` in {language} takes {septets} septets of {GSM7_SEPTETS_MAX} at its longest: {text}")]
pub struct TooLong {
    /// Code of the language.
    pub language: &'static str,
    /// The key.
    pub key: String,
    /// Septets that it takes.
    pub septets: usize,
    /// The longest text.
    pub text: String,
}
