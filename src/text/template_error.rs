//! Errors in texts of replies.

use crate::domain::Language;

/// A mistake in a file of texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {mistake}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct TemplateError {
    /// As the file was named when it was loaded.
    pub file: String,
    /// Line in the file, from 1; `None` if the mistake has none.
    pub line: Option<usize>,
    pub mistake: Mistake,
}

impl TemplateError {
    pub(super) fn new(file: &str, line: usize, mistake: Mistake) -> Self {
        Self { file: file.to_owned(), line: Some(line), mistake }
    }
}

/// Line of an octet of a file, from 1.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

/// The fault, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// The file is not TOML, or has another shape. In the words of the reader of TOML.
    #[error("{0}")]
    Toml(String),
    /// A reply of the program's list names a value that does not exist.
    #[error("reply `{key}`: there is no value `{value}`")]
    NoSuchValue { key: String, value: String },
    /// A key of `[language]` has a value that it cannot have.
    #[error("`{key}`: {problem}")]
    Setting { key: &'static str, problem: String },
    /// The language of another file.
    #[error("{other} has the texts in `{language}` already: write one file for each language")]
    TwoFiles { language: Language, other: String },
    /// No file has the texts of the language that is named.
    #[error("there are no texts in `{language}`; there are texts in {}", list(.known))]
    NoTexts { language: Language, known: Vec<Language> },
    /// The fallbacks lead back to the language that they began at.
    #[error("`fallback`: {} leads back to itself: one of these languages needs all replies, and no fallback", path(.0))]
    Circle(Vec<Language>),
    #[error("there is no file of texts: write one for each language")]
    NoFiles,
    /// Replies without a text, in a language without a fallback.
    #[error("these replies are missing: {}; write them, or name a `fallback`", .0.join(", "))]
    Missing(Vec<String>),
    /// A text of no reply.
    #[error("there is no reply `{key}`: {}", advised(.near.as_deref()))]
    UnknownReply { key: String, near: Option<String> },
    #[error("reply `{0}` is empty: write its text, or take it out where there is a `fallback`")]
    Empty(String),
    /// The text is not a template. In the words of the template engine.
    #[error("reply `{key}`: {message}")]
    Syntax { key: String, message: String },
    /// The text uses a value that its reply does not have.
    #[error("reply `{key}`: no value `{variable}`; there are: {}", .values.join(", "))]
    UnknownValue { key: String, variable: String, values: Vec<String> },
    /// The text has a character that GSM 7-bit lacks, and that has no transliteration.
    #[error("`{key}`: {char:?} cannot be sent in GSM 7-bit: write another, or set alphabet = \"ucs2\"")]
    Unencodable { key: String, char: char },
    /// A reply does not fit when its values are as long as they can be.
    #[error("{0}")]
    TooLong(TooLong),
}

fn list(languages: &[Language]) -> String {
    languages.iter().map(Language::code).collect::<Vec<_>>().join(", ")
}

fn path(languages: &[Language]) -> String {
    languages.iter().map(|language| format!("`{language}`")).collect::<Vec<_>>().join(" to ")
}

fn advised(near: Option<&str>) -> String {
    near.map_or_else(|| "take it out".to_owned(), |near| format!("did you mean `{near}`?"))
}

/// A reply that does not fit the parts that it may have when its values are as long as they can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "reply `{key}` takes {taken} {} of {room} in {} at its longest: {text}",
    if *.wide { "UCS-2 units" } else { "septets" },
    if *.parts == 1 { "one segment".to_owned() } else { format!("{parts} parts") }
)]
pub struct TooLong {
    /// The key.
    pub key: String,
    /// True if the text is sent in UCS-2.
    pub wide: bool,
    /// Septets or units that it takes.
    pub taken: usize,
    /// Septets or units that the parts hold.
    pub room: usize,
    /// Parts that it may have.
    pub parts: usize,
    /// The longest text.
    pub text: String,
}

/// A reply could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no such language or key.
    #[error("there is no reply `{key}` in `{language}`")]
    Unknown {
        language: Language,
        /// The key.
        key: String,
    },
    /// A value that the template shows was not given.
    #[error("reply `{key}` in `{language}`: {message}")]
    Value {
        language: Language,
        /// The key.
        key: String,
        message: String,
    },
}

/// A text that cannot be sent: its template cannot be rendered, or only blanks are left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reply `{key}` in `{language}`: {problem}")]
pub struct Unworded {
    pub language: Language,
    pub key: String,
    pub problem: String,
}
