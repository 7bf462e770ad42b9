//! Reads the file of a menu and checks everything that concerns the file alone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Choice, Leads, Menu, Question, Screen, Texts};
use crate::domain::{Language, ShortCode};
use crate::text::templates::Templates;

/// Most choices of a screen: each is one digit, and 0 goes back.
const CHOICES_MAX: usize = 9;
/// Most characters of a requested value.
const VALUE_CHARS_MAX: usize = 40;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MenuFile {
    short_code: String,
    wrong: Written,
    back: Written,
    over: Written,
    #[serde(default)]
    ask: BTreeMap<String, AskFile>,
    screen: Vec<ScreenFile>,
}

/// A text as written in the file, in full spelling, by the codes of languages.
type Written = BTreeMap<Language, String>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskFile {
    prompt: Written,
    chars_max: usize,
    example: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenFile {
    name: String,
    title: Written,
    choice: Vec<ChoiceFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceFile {
    label: Written,
    open: Option<String>,
    #[serde(default)]
    ask: Vec<String>,
    confirm: Option<Written>,
    send: Option<String>,
}

/// The file while it is read.
struct Reading<'r> {
    templates: &'r Templates,
    problems: Vec<String>,
}

/// Returns the short code and its menu.
pub(super) fn read(text: &str, templates: &Templates) -> Result<(String, Menu), Vec<String>> {
    let file: MenuFile = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut reading = Reading { templates, problems: Vec::new() };
    if let Err(error) = file.short_code.parse::<ShortCode>() {
        reading.problems.push(format!("short_code: {error}"));
    }
    let questions: BTreeMap<&str, Question> =
        file.ask.iter().map(|(name, ask)| (name.as_str(), reading.question(name, ask))).collect();
    let places = places(&file.screen, &mut reading.problems);
    let screens: Vec<Screen> = file.screen.iter().map(|screen| reading.screen(screen, &places, &questions)).collect();
    if screens.is_empty() {
        let problem = "there is no [[screen]]: write one at least; a dialogue begins at the first";
        reading.problems.push(problem.to_owned());
    }
    let [wrong, back, over] = [("wrong", &file.wrong), ("back", &file.back), ("over", &file.over)]
        .map(|(place, written)| reading.texts(place, written));
    let menu = Menu { screens, wrong, back, over };
    if reading.problems.is_empty() { Ok((file.short_code, menu)) } else { Err(reading.problems) }
}

/// Index of each screen by its name.
fn places<'f>(screens: &'f [ScreenFile], problems: &mut Vec<String>) -> BTreeMap<&'f str, usize> {
    let mut places = BTreeMap::new();
    for (place, screen) in screens.iter().enumerate() {
        if places.insert(screen.name.as_str(), place).is_some() {
            problems.push(format!("two screens are named `{}`", screen.name));
        }
    }
    places
}

impl Reading<'_> {
    fn screen(
        &mut self,
        screen: &ScreenFile,
        places: &BTreeMap<&str, usize>,
        questions: &BTreeMap<&str, Question>,
    ) -> Screen {
        let name = &screen.name;
        if screen.choice.is_empty() || screen.choice.len() > CHOICES_MAX {
            self.problems.push(format!("screen `{name}`: write 1 to {CHOICES_MAX} choices"));
        }
        let title = self.texts(&format!("screen `{name}`, title"), &screen.title);
        let mut choices = Vec::new();
        for (number, choice) in (1..).zip(&screen.choice) {
            let place = format!("screen `{name}`, choice {number}");
            let label = self.texts(&format!("{place}, label"), &choice.label);
            let confirm = choice.confirm.as_ref().map(|written| self.texts(&format!("{place}, confirm"), written));
            match leads(choice, confirm, places, questions) {
                Ok(leads) => choices.push(Choice { label, leads }),
                Err(why) => self.problems.push(format!("{place}: {why}")),
            }
        }
        Screen { name: name.clone(), title, choices }
    }

    fn question(&mut self, name: &str, ask: &AskFile) -> Question {
        if !(1..=VALUE_CHARS_MAX).contains(&ask.chars_max) {
            self.problems.push(format!("ask.{name}.chars_max: write 1 to {VALUE_CHARS_MAX}"));
        }
        let question = Question {
            name: name.to_owned(),
            prompt: self.texts(&format!("ask.{name}.prompt"), &ask.prompt),
            chars_max: ask.chars_max.min(VALUE_CHARS_MAX),
            example: ask.example.clone(),
        };
        if question.value(&ask.example).is_none() {
            self.problems.push(format!("ask.{name}.example: `{}` is not a valid answer", ask.example));
        }
        question
    }

    /// The text in each language of the country, as it is sent. One that is not written is that of its fallback.
    fn texts(&mut self, place: &str, written: &Written) -> Texts {
        let known: Vec<Language> = self.templates.languages().collect();
        let list = known.iter().map(Language::code).collect::<Vec<_>>().join(", ");
        for language in written.keys().filter(|language| !known.contains(language)) {
            self.problems.push(format!("{place}: there are no texts of replies in `{language}`: write one of {list}"));
        }
        let mut texts = Vec::new();
        for language in known {
            match self.written(language, written) {
                Some(text) => texts.push((language, text)),
                None => self
                    .problems
                    .push(format!("{place}: the text in `{language}` is missing: write it, or that of its fallback")),
            }
        }
        Texts(texts)
    }

    fn written(&self, language: Language, written: &Written) -> Option<String> {
        let mut next = Some(language);
        while let Some(language) = next {
            if let Some(text) = written.get(&language) {
                return Some(self.templates.as_shown(language, text.trim()));
            }
            next = self.templates.fallback(language);
        }
        None
    }
}

fn leads(
    choice: &ChoiceFile,
    confirm: Option<Texts>,
    places: &BTreeMap<&str, usize>,
    questions: &BTreeMap<&str, Question>,
) -> Result<Leads, String> {
    match (&choice.open, &choice.send) {
        (Some(open), None) if choice.ask.is_empty() && choice.confirm.is_none() => {
            let place = places.get(open.as_str()).ok_or_else(|| format!("there is no screen `{open}`"))?;
            Ok(Leads::Open(*place))
        }
        (None, Some(send)) => {
            let asked = choice
                .ask
                .iter()
                .map(|name| questions.get(name.as_str()).cloned().ok_or_else(|| format!("there is no [ask.{name}]")));
            let ask = asked.collect::<Result<Vec<_>, _>>()?;
            let leads = Leads::Send { ask, confirm, text: send.clone() };
            leads.check_values().map(|()| leads)
        }
        _ => Err("write either `open`, or `send` with or without `ask` and `confirm`".to_owned()),
    }
}
