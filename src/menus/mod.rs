//! USSD menus as data: a file defines screens and questions in the languages of a country, and the texts that they produce.
//!
//! ```text
//!  countries/xk/menus/*.toml ── file ──> Menus ── proof: every screen fits, every text is of a form ──> in use
//!  answers so far ── walk ──> Step: ask on, end, or send a text
//! ```
//!
//! - [`Menus`]: all menus, by the dialled short code
//! - [`Menu::after`]: the state of a dialogue, computed from its answers alone
//! - [`Step`]: the action in that state
//!
//! A menu moves no money. Its result is a text that the grammar of the short code reads as if it were an SMS, so that
//! money has one way in.

mod file;
mod proof;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::Language;
use crate::grammar::GrammarSet;
use crate::text::templates::Templates;
pub use walk::ANSWERS_MAX;

/// Most septets of one USSD text: 160 octets of GSM 7-bit (3GPP TS 23.038, 5 and 6.1.2.3).
pub const USSD_SEPTETS_MAX: usize = 182;
/// Most units of one USSD text in UCS-2, of as many octets.
const USSD_UNITS_MAX: usize = 80;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menus {
    by_short_code: BTreeMap<String, Menu>,
}

/// The dialogue for a short code that is dialled without anything after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// A dialogue begins at the first one.
    screens: Vec<Screen>,
    /// Shown above a screen after an answer that the screen does not offer.
    wrong: Texts,
    /// Line of the choice `0`, which goes back.
    back: Texts,
    /// Ends a dialogue after too many answers.
    over: Texts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Screen {
    name: String,
    title: Texts,
    choices: Vec<Choice>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    label: Texts,
    leads: Leads,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Leads {
    /// Index of another screen.
    Open(usize),
    /// Sends a text after these values were entered and, if `confirm` is set, confirmed.
    Send { ask: Vec<Question>, confirm: Option<Texts>, text: String },
}

/// A value that the user enters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    name: String,
    prompt: Texts,
    chars_max: usize,
    example: String,
}

/// A text in every language of the country, the default one first, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts(Vec<(Language, String)>);

/// Action in the current state of a dialogue.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Show this screen and wait for an answer.
    Ask(String),
    /// Have the grammar of the short code read this text; its reply ends the dialogue.
    Send(String),
    /// Show this text and end the dialogue.
    End(String),
}

/// Texts are not printed, because they may hold a PIN or the code of a card.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(text) => write!(f, "Ask({text:?})"),
            Self::Send(text) => write!(f, "Send({} characters)", text.chars().count()),
            Self::End(text) => write!(f, "End({text:?})"),
        }
    }
}

/// A problem in the file of a menu, with its remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct MenuProblem {
    pub file: String,
    pub problem: String,
}

impl Menus {
    /// Reads files, given as names and contents. Proves that every text is there in each language of the country, or in
    /// its fallback, that every screen fits a USSD text at its longest, and that every text that a menu sends matches a
    /// form of its short code.
    ///
    /// # Errors
    /// All problems that were found.
    pub fn load<N: Into<String>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
        grammars: &GrammarSet,
        templates: &Templates,
    ) -> Result<Self, Vec<MenuProblem>> {
        let mut menus = Self::default();
        let mut problems = Vec::new();
        for (name, text) in files {
            let name = name.into();
            let mut report = |problem: String| problems.push(MenuProblem { file: name.clone(), problem });
            match file::read(text.as_ref(), templates) {
                Ok((code, menu)) => {
                    menu.prove(&code, grammars, templates).into_iter().for_each(&mut report);
                    if menus.by_short_code.insert(code.clone(), menu).is_some() {
                        report(format!("another file has a menu for {code}: write one menu for each short code"));
                    }
                }
                Err(found) => found.into_iter().for_each(report),
            }
        }
        if problems.is_empty() { Ok(menus) } else { Err(problems) }
    }

    pub fn of(&self, short_code: &str) -> Option<&Menu> {
        self.by_short_code.get(short_code)
    }

    /// Short codes that have a menu.
    pub fn short_codes(&self) -> impl Iterator<Item = &str> {
        self.by_short_code.keys().map(String::as_str)
    }

    /// Number of screens of all menus.
    pub fn screens(&self) -> usize {
        self.by_short_code.values().map(|menu| menu.screens.len()).sum()
    }
}

impl Texts {
    /// The text in a language, or in the default one.
    fn of(&self, language: Language) -> &str {
        let own = self.0.iter().find(|(known, _)| *known == language).or_else(|| self.0.first());
        own.map_or("", |(_, text)| text)
    }
}

#[cfg(test)]
mod tests;
