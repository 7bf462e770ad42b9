//! The checks of files of texts when they are loaded, and the proof that every reply fits.

use minijinja::Environment;

use super::near::nearest;
use super::rendering::{Values, name_of};
use super::replies::{CURRENCY, Reply};
use super::template_error::{Mistake, TemplateError, TooLong};
use super::text_file::{self, Coding, Settings, Text, TextFile};
use crate::domain::Language;

/// End of the keys of replies that are sent in UCS-2.
const WIDE: &str = "_wide";
/// Longest user name with which a reply in UCS-2 fits, where the others are in GSM 7-bit; a longer one takes another part.
const WIDE_USERNAME_MAX: usize = 20;

/// Reads the files, and puts the languages of `order` first.
pub(super) fn ordered(files: Vec<(String, String)>, order: &[Language]) -> (Vec<TextFile>, Vec<TemplateError>) {
    let mut errors = Vec::new();
    let mut read: Vec<TextFile> = Vec::new();
    for (name, text) in files {
        let (file, mistakes) = text_file::read(&name, &text);
        errors.extend(mistakes);
        let Some(file) = file else { continue };
        let language = file.settings.language;
        match read.iter().find(|other| other.settings.language == language) {
            Some(other) => {
                let mistake = Mistake::TwoFiles { language, other: other.name.clone() };
                errors.push(TemplateError { file: name, line: None, mistake });
            }
            None => read.push(file),
        }
    }
    if read.is_empty() && errors.is_empty() {
        errors.push(TemplateError { file: "texts".to_owned(), line: None, mistake: Mistake::NoFiles });
    }
    let known: Vec<Language> = read.iter().map(|file| file.settings.language).collect();
    // A file that cannot be read may be the one that is missing.
    let all_read = errors.is_empty();
    for &language in order.iter().filter(|language| all_read && !known.contains(language)) {
        let mistake = Mistake::NoTexts { language, known: known.clone() };
        errors.push(TemplateError { file: "texts".to_owned(), line: None, mistake });
    }
    let place = |file: &TextFile| order.iter().position(|language| *language == file.settings.language);
    read.sort_by_key(|file| place(file).unwrap_or(usize::MAX));
    (read, errors)
}

/// Checks that each language has all replies, of its own or of its fallback.
pub(super) fn complete(files: &[TextFile], replies: &[Reply]) -> Vec<TemplateError> {
    let of = |language: Language| files.iter().find(|file| file.settings.language == language);
    let mut errors = Vec::new();
    for file in files {
        let at = |line, mistake| TemplateError::new(&file.name, line, mistake);
        let Some(fallback) = file.settings.fallback else {
            let missing = replies.iter().map(|reply| &reply.key).filter(|key| !file.texts.contains_key(*key));
            let missing: Vec<String> = missing.cloned().collect();
            if !missing.is_empty() {
                errors.push(at(file.replies_line, Mistake::Missing(missing)));
            }
            continue;
        };
        if of(fallback).is_none() {
            let problem = Mistake::NoTexts {
                language: fallback,
                known: files.iter().map(|file| file.settings.language).collect(),
            };
            errors.push(at(file.fallback_line, Mistake::Setting { key: "fallback", problem: problem.to_string() }));
        }
        let mut passed = vec![file.settings.language];
        let mut next = Some(fallback);
        while let Some(language) = next {
            let before = passed.contains(&language);
            passed.push(language);
            if before {
                if language == file.settings.language {
                    errors.push(at(file.fallback_line, Mistake::Circle(passed)));
                }
                break;
            }
            next = of(language).and_then(|file| file.settings.fallback);
        }
    }
    errors
}

/// Checks the texts of a file and puts them into the environment.
pub(super) fn add(
    environment: &mut Environment<'static>,
    file: &TextFile,
    replies: &[Reply],
    longest: &Values,
) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    for (key, text) in &file.texts {
        let mistakes = if let Some(reply) = replies.iter().find(|reply| reply.key == *key) {
            add_text(environment, &file.settings, reply, text, longest)
        } else {
            let near = nearest(key, replies.iter().map(|reply| reply.key.as_str())).map(str::to_owned);
            vec![Mistake::UnknownReply { key: key.clone(), near }]
        };
        errors.extend(mistakes.into_iter().map(|mistake| TemplateError::new(&file.name, text.line, mistake)));
    }
    errors
}

fn add_text(
    environment: &mut Environment<'static>,
    settings: &Settings,
    reply: &Reply,
    text: &Text,
    longest: &Values,
) -> Vec<Mistake> {
    let key = &reply.key;
    let syntax = |error: minijinja::Error| {
        let message = error.detail().map_or_else(|| error.to_string(), ToOwned::to_owned);
        vec![Mistake::Syntax { key: key.clone(), message }]
    };
    if text.template.trim().is_empty() {
        return vec![Mistake::Empty(key.clone())];
    }
    let name = name_of(settings.language, key);
    if let Err(error) = environment.add_template_owned(name.clone(), text.template.clone()) {
        return syntax(error);
    }
    let parsed = match environment.get_template(&name) {
        Ok(parsed) => parsed,
        Err(error) => return syntax(error),
    };
    let unknown = unknown_values(&parsed, reply);
    let narrow = (settings.coding == Coding::Gsm7).then(|| settings.outgoing(&text.template).unencodable);
    let left = narrow.into_iter().flatten().map(|left| Mistake::Unencodable { key: key.clone(), char: left.char });
    let mistakes: Vec<_> = unknown.into_iter().chain(left).collect();
    if !mistakes.is_empty() {
        return mistakes;
    }
    // Rendering also finds errors that show only when a template runs, such as a filter on a value of the wrong type.
    let mut longest = longest.clone();
    let wide = settings.coding == Coding::Ucs2 || key.ends_with(WIDE);
    if wide && settings.coding == Coding::Gsm7 {
        longest.insert("username", "W".repeat(WIDE_USERNAME_MAX));
    }
    match settings.render(&parsed, &longest) {
        Ok(rendered) => too_long(settings, reply, rendered, wide).into_iter().collect(),
        Err(error) => syntax(error),
    }
}

fn unknown_values(parsed: &minijinja::Template<'_, '_>, reply: &Reply) -> Vec<Mistake> {
    let mut used: Vec<_> = parsed.undeclared_variables(false).into_iter().collect();
    used.sort_unstable();
    used.retain(|variable| variable != CURRENCY && !reply.values.contains(variable));
    let unknown = used.into_iter().map(|variable| {
        let values = reply.values.iter().cloned().chain([CURRENCY.to_owned()]).collect();
        Mistake::UnknownValue { key: reply.key.clone(), variable, values }
    });
    unknown.collect()
}

fn too_long(settings: &Settings, reply: &Reply, text: String, wide: bool) -> Option<Mistake> {
    let Reply { key, parts, .. } = reply;
    let parts = parts.in_language(settings.segments, wide || settings.letters.is_some());
    let (taken, room) = settings.excess(&text, parts, wide)?;
    Some(Mistake::TooLong(TooLong { key: key.clone(), wide, taken, room, parts, text }))
}

#[cfg(test)]
#[path = "template_check_tests.rs"]
mod tests;
