//! Reads the file of a menu and checks everything that concerns the file alone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Choice, Leads, Menu, Question, Screen, Texts};
use crate::domain::ShortCode;
use crate::text::transliterate::transliterate;

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

/// A text as written in the file, in full spelling.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sq: String,
    sr: String,
    en: String,
}

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

/// Returns the short code and its menu.
pub(super) fn read(text: &str) -> Result<(String, Menu), Vec<String>> {
    let file: MenuFile = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut problems = Vec::new();
    if let Err(error) = file.short_code.parse::<ShortCode>() {
        problems.push(format!("short_code: {error}"));
    }
    let questions: BTreeMap<&str, Question> =
        file.ask.iter().map(|(name, ask)| (name.as_str(), question(name, ask, &mut problems))).collect();
    let places = places(&file.screen, &mut problems);
    let mut screens = Vec::with_capacity(file.screen.len());
    for screen in &file.screen {
        if screen.choice.is_empty() || screen.choice.len() > CHOICES_MAX {
            problems.push(format!("screen `{}`: write 1 to {CHOICES_MAX} choices", screen.name));
        }
        let choices = screen.choice.iter().enumerate().filter_map(|(number, choice)| {
            let leads = leads(choice, &places, &questions);
            let leads =
                leads.map_err(|why| problems.push(format!("screen `{}`, choice {}: {why}", screen.name, number + 1)));
            Some(Choice { label: texts(&choice.label), leads: leads.ok()? })
        });
        let choices = choices.collect();
        screens.push(Screen { name: screen.name.clone(), title: texts(&screen.title), choices });
    }
    if screens.is_empty() {
        problems.push("there is no [[screen]]: write one at least; a dialogue begins at the first".to_owned());
    }
    let menu = Menu { screens, wrong: texts(&file.wrong), back: texts(&file.back), over: texts(&file.over) };
    if problems.is_empty() { Ok((file.short_code, menu)) } else { Err(problems) }
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

fn question(name: &str, ask: &AskFile, problems: &mut Vec<String>) -> Question {
    if !(1..=VALUE_CHARS_MAX).contains(&ask.chars_max) {
        problems.push(format!("ask.{name}.chars_max: write 1 to {VALUE_CHARS_MAX}"));
    }
    let question = Question {
        name: name.to_owned(),
        prompt: texts(&ask.prompt),
        chars_max: ask.chars_max.min(VALUE_CHARS_MAX),
        example: ask.example.clone(),
    };
    if question.value(&ask.example).is_none() {
        problems.push(format!("ask.{name}.example: `{}` is not a valid answer", ask.example));
    }
    question
}

fn leads(
    choice: &ChoiceFile,
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
            let leads = Leads::Send { ask, confirm: choice.confirm.as_ref().map(texts), text: send.clone() };
            leads.check_values().map(|()| leads)
        }
        _ => Err("write either `open`, or `send` with or without `ask` and `confirm`".to_owned()),
    }
}

/// Transliterates the texts for sending.
fn texts(written: &Written) -> Texts {
    let sent = |text: &str| transliterate(text.trim()).text;
    Texts { sq: sent(&written.sq), sr: sent(&written.sr), en: sent(&written.en) }
}
