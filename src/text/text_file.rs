//! Files of texts: the replies of a country in one language. `docs/texts.md` describes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::shift::Letters;
use super::signs::Signs;
use super::template_error::{Mistake, TemplateError, line_at};
use super::transliterate::{Outgoing, transliterate_keeping};
use crate::domain::Language;

/// Most parts that a file may allow a reply.
const SEGMENTS_MAX: usize = 3;
/// Most characters of the name of a currency.
pub(super) const CURRENCY_CHARS_MAX: usize = 16;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextFile {
    /// As it is named in errors.
    pub(super) name: String,
    pub(super) settings: Settings,
    /// Line of the fallback, to report it.
    pub(super) fallback_line: usize,
    /// Line of `[replies]`, or 1.
    pub(super) replies_line: usize,
    /// By the key of the reply.
    pub(super) texts: BTreeMap<String, Text>,
}

/// The text of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Line of the file that it begins on, from 1.
    pub(super) line: usize,
    pub(super) template: String,
}

/// The section `[language]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) language: Language,
    /// In English.
    pub(super) name: String,
    pub(super) coding: Coding,
    /// Most parts of a reply.
    pub(super) segments: usize,
    pub(super) fallback: Option<Language>,
    pub(super) currency: String,
    pub(super) signs: Signs,
    /// The letters that stand for others when a text is sent in GSM 7-bit.
    pub(super) spelling: BTreeMap<char, String>,
    /// Its national language tables, if its texts are sent in GSM 7-bit with them.
    pub(super) letters: Option<Letters>,
}

impl Settings {
    /// The text with the letters that this language sends.
    pub(super) fn spelled(&self, text: &str) -> String {
        spelled(&self.spelling, text)
    }

    /// The text as a reply is sent.
    pub(super) fn as_replied(&self, text: &str) -> String {
        if self.coding == Coding::Ucs2 { text.to_owned() } else { self.outgoing(&self.spelled(text)).text }
    }

    /// The text in the letters that it is sent with in GSM 7-bit.
    pub(super) fn outgoing(&self, text: &str) -> Outgoing {
        transliterate_keeping(text, &[], self.letters.as_ref())
    }
}

/// The alphabet that the texts are sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Transliterated.
    Gsm7,
    /// As written.
    Ucs2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    language: LanguageToml,
    #[serde(default)]
    replies: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageToml {
    code: Spanned<String>,
    name: Spanned<String>,
    alphabet: Option<Spanned<String>>,
    /// The name of its national language tables.
    national: Option<Spanned<String>>,
    /// The locking shift table is used, too.
    locking: Option<Spanned<bool>>,
    segments: Option<Spanned<i64>>,
    fallback: Option<Spanned<String>>,
    currency: Spanned<String>,
    decimal: Option<Spanned<String>>,
    thousands: Option<Spanned<String>>,
    /// Letters, each with the letters that stand for it when a text is sent in GSM 7-bit.
    #[serde(default)]
    spell: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// Collects the mistakes of a file.
struct Reading<'t> {
    name: &'t str,
    text: &'t str,
    errors: Vec<TemplateError>,
}

impl Reading<'_> {
    fn report(&mut self, at: usize, mistake: Mistake) {
        self.errors.push(TemplateError::new(self.name, line_at(self.text, at), mistake));
    }

    fn setting<T>(&mut self, key: &'static str, value: &Spanned<T>, problem: impl Into<String>) {
        self.report(value.span().start, Mistake::Setting { key, problem: problem.into() });
    }
}

/// Reads a file. Where its language is known, the file is returned in spite of mistakes, so that all can be found.
pub(super) fn read(name: &str, text: &str) -> (Option<TextFile>, Vec<TemplateError>) {
    let mut reading = Reading { name, text, errors: Vec::new() };
    let file: FileToml = match toml::from_str(text) {
        Ok(file) => file,
        Err(problem) => {
            let at = problem.span().map_or(0, |span| span.start);
            reading.report(at, Mistake::Toml(problem.message().to_owned()));
            return (None, reading.errors);
        }
    };
    let fallback_line = file.language.fallback.as_ref().map_or(1, |fallback| line_at(text, fallback.span().start));
    let spelling = spelling(&mut reading, &file.language);
    let mut language = file.language;
    *language.currency.get_mut() = spelled(&spelling, language.currency.get_ref());
    let settings = settings(&mut reading, language);
    let replies_line = text.find("[replies]").map_or(1, |at| line_at(text, at));
    let texts = file.replies.into_iter().map(|(key, template)| {
        let line = line_at(text, key.span().start);
        (key.into_inner(), Text { line, template: spelled(&spelling, template.get_ref()) })
    });
    let texts = texts.collect();
    let name = name.to_owned();
    let file = settings.map(|settings| TextFile {
        name,
        settings: Settings { spelling, ..settings },
        fallback_line,
        replies_line,
        texts,
    });
    (file, reading.errors)
}

fn spelled(spelling: &BTreeMap<char, String>, text: &str) -> String {
    if spelling.is_empty() {
        return text.to_owned();
    }
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        match spelling.get(&c) {
            Some(letters) => spelled.push_str(letters),
            None => spelled.push(c),
        }
    }
    spelled
}

/// The letters that stand for others.
fn spelling(reading: &mut Reading<'_>, section: &LanguageToml) -> BTreeMap<char, String> {
    let mut spelling = BTreeMap::new();
    let is_wide = section.alphabet.as_ref().is_some_and(|alphabet| alphabet.get_ref() == "ucs2");
    for (letter, written) in &section.spell {
        if is_wide {
            reading.setting("spell", letter, "a language that is sent in UCS-2 keeps its letters: take it out");
            break;
        }
        let mut chars = letter.get_ref().chars();
        match (chars.next(), chars.next()) {
            (Some(letter), None) if letter.is_alphabetic() && written.get_ref().chars().all(char::is_alphanumeric) => {
                spelling.insert(letter, written.get_ref().clone());
            }
            _ => reading.setting(
                "spell",
                letter,
                "write one letter, and the letters that stand for it: spell = { \"đ\" = \"d\" }",
            ),
        }
    }
    spelling
}

/// The settings, with defaults in place of those that are wrong.
fn settings(reading: &mut Reading<'_>, section: LanguageToml) -> Option<Settings> {
    let LanguageToml { code, name, alphabet, national, locking, segments, fallback, .. } = section;
    let LanguageToml { currency, decimal, thousands, .. } = section;
    let coding = alphabet.as_ref().map_or(Coding::Gsm7, |written| coding(reading, written));
    let letters = letters(reading, national.as_ref(), locking.as_ref(), coding);
    let segments = segments.map_or(1, |written| parts(reading, &written));
    let fallback = fallback.and_then(|written| language(reading, "fallback", &written));
    if name.get_ref().trim().is_empty() {
        reading.setting("name", &name, "it is empty: write the name of the language in English");
    }
    let chars = currency.get_ref().trim().chars().count();
    if !(1..=CURRENCY_CHARS_MAX).contains(&chars) {
        let problem = format!("write 1 to {CURRENCY_CHARS_MAX} characters that stand behind amounts, such as \"EUR\"");
        reading.setting("currency", &currency, problem);
    }
    for (key, written) in
        [("currency", Some(&currency)), ("decimal", decimal.as_ref()), ("thousands", thousands.as_ref())]
    {
        let Some(written) = written.filter(|_| coding == Coding::Gsm7) else { continue };
        for left in transliterate_keeping(written.get_ref(), &[], letters.as_ref()).unencodable {
            let mistake = Mistake::Unencodable { key: key.to_owned(), char: left.char };
            reading.report(written.span().start, mistake);
        }
    }
    let signs = signs(reading, decimal, thousands);
    let language = language(reading, "code", &code)?;
    let (name, currency) = (name.into_inner().trim().to_owned(), currency.into_inner().trim().to_owned());
    Some(Settings { language, name, coding, segments, fallback, currency, signs, spelling: BTreeMap::new(), letters })
}

/// The national language tables.
fn letters(
    reading: &mut Reading<'_>,
    national: Option<&Spanned<String>>,
    locking: Option<&Spanned<bool>>,
    coding: Coding,
) -> Option<Letters> {
    let name = national.map(|national| national.get_ref().as_str());
    match Letters::read(name, locking.map(|locking| *locking.get_ref()), coding == Coding::Ucs2) {
        Ok(letters) => letters,
        Err((key, problem)) => {
            let of_national = national.filter(|_| key == "national").map(Spanned::span);
            let span = of_national.or_else(|| locking.map(Spanned::span)).unwrap_or_default();
            reading.report(span.start, Mistake::Setting { key, problem });
            None
        }
    }
}

fn language(reading: &mut Reading<'_>, key: &'static str, written: &Spanned<String>) -> Option<Language> {
    written.get_ref().parse().map_err(|error| reading.setting(key, written, format!("{error}"))).ok()
}

fn coding(reading: &mut Reading<'_>, written: &Spanned<String>) -> Coding {
    match written.get_ref().as_str() {
        "gsm7" => Coding::Gsm7,
        "ucs2" => Coding::Ucs2,
        other => {
            let problem = format!("there is no alphabet `{other}`: write \"gsm7\" or \"ucs2\"");
            reading.setting("alphabet", written, problem);
            // Of every text it is known that it can be sent so.
            Coding::Ucs2
        }
    }
}

fn parts(reading: &mut Reading<'_>, written: &Spanned<i64>) -> usize {
    let parts = usize::try_from(*written.get_ref()).unwrap_or_default();
    if !(1..=SEGMENTS_MAX).contains(&parts) {
        reading.setting("segments", written, format!("a reply may have 1 to {SEGMENTS_MAX} parts: write one of these"));
    }
    parts.clamp(1, SEGMENTS_MAX)
}

fn signs(reading: &mut Reading<'_>, decimal: Option<Spanned<String>>, thousands: Option<Spanned<String>>) -> Signs {
    let mut signs = Signs::default();
    if let Some(written) = decimal {
        if is_sign(written.get_ref()) {
            signs.decimal = written.into_inner();
        } else {
            reading.setting("decimal", &written, "write one sign, such as \".\" or \",\"");
        }
    }
    if let Some(written) = thousands {
        let problem = match written.get_ref() {
            sign if *sign == signs.decimal => "it is the sign of `decimal` too: write another, or \"\" for none",
            sign if sign.is_empty() || is_sign(sign) => "",
            _ => "write one sign, such as \",\" or \" \", or \"\" for none",
        };
        if problem.is_empty() {
            signs.thousands = written.into_inner();
        } else {
            reading.setting("thousands", &written, problem);
        }
    }
    signs
}

/// One character that no number has.
fn is_sign(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| !c.is_alphanumeric() && !c.is_control() && c != '-') && chars.next().is_none()
}
