//! The proof at load time that every screen fits one USSD text at its longest, and that every sent text matches a form.

use super::walk::filled;
use super::{Leads, Menu, Question, Screen, USSD_SEPTETS_MAX, USSD_UNITS_MAX};
use crate::domain::Language;
use crate::grammar::GrammarSet;
use crate::text::templates::Templates;
use crate::text::{gsm7, ucs2};

impl Menu {
    /// Returns all problems.
    pub(super) fn prove(&self, short_code: &str, grammars: &GrammarSet, templates: &Templates) -> Vec<String> {
        let mut problems = Vec::new();
        for language in templates.languages() {
            let wide = templates.is_wide(language);
            problems.extend(self.texts(language).iter().filter_map(|(place, text)| fit(place, text, wide)));
        }
        let leaves = self.screens.iter().flat_map(|screen| screen.choices.iter().map(move |choice| (screen, choice)));
        for (screen, choice) in leaves {
            let Leads::Send { ask, text, .. } = &choice.leads else { continue };
            let examples: Vec<&str> = ask.iter().map(|question| question.example.as_str()).collect();
            let sent = filled(text, ask, &examples);
            if !grammars.is_form_of(short_code, &sent) {
                let name = &screen.name;
                problems.push(format!("screen `{name}`: `{sent}` is sent to {short_code}, but matches no form of it"));
            }
        }
        problems
    }

    /// Returns every text that may be shown in a language, at its longest, each with its place.
    fn texts(&self, language: Language) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        let mut longest = |place: String, text: String| {
            texts.push((format!("{place} ({language})"), format!("{}\n{text}", self.wrong.of(language))));
        };
        for (place, screen) in self.screens.iter().enumerate() {
            // The first screen can also be opened from other screens.
            let with_back = place > 0 || self.is_opened(place);
            longest(format!("screen `{}`", screen.name), screen.shown(self, with_back, language));
            for (place, text) in asked(screen, language) {
                longest(place, text);
            }
        }
        texts.push((format!("over ({language})"), self.over.of(language).to_owned()));
        texts
    }

    fn is_opened(&self, place: usize) -> bool {
        let mut leads = self.screens.iter().flat_map(|screen| &screen.choices).map(|choice| &choice.leads);
        leads.any(|leads| matches!(leads, Leads::Open(opened) if *opened == place))
    }
}

/// Returns the questions and confirmations of a screen, with the longest values.
fn asked(screen: &Screen, language: Language) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for choice in &screen.choices {
        let Leads::Send { ask, confirm, .. } = &choice.leads else { continue };
        let longest: Vec<String> = ask.iter().map(longest_value).collect();
        let prompts = ask.iter().map(|question| (format!("ask.{}", question.name), &question.prompt));
        let confirms = confirm.iter().map(|confirm| (format!("screen `{}`, confirm", screen.name), confirm));
        texts.extend(prompts.chain(confirms).map(|(place, text)| (place, filled(text.of(language), ask, &longest))));
    }
    texts
}

fn longest_value(question: &Question) -> String {
    "8".repeat(question.chars_max)
}

/// A text in a language that is sent in UCS-2 may fit GSM 7-bit all the same.
fn fit(place: &str, text: &str, wide: bool) -> Option<String> {
    let (taken, room) = match gsm7::septet_count(text) {
        Ok(septets) => (septets, USSD_SEPTETS_MAX),
        Err(_) if wide => (ucs2::unit_count(text), USSD_UNITS_MAX),
        Err(wrong) => return Some(format!("{place}: {wrong}")),
    };
    let too_long =
        || format!("{place}: {taken} characters at its longest, and {room} fit; shorten it or make two of it\n{text}");
    (taken > room).then(too_long)
}
