//! USSD menus as data: a file says what is shown and asked, in three languages, and what text comes of it.
//!
//! ```text
//!  grammars/menus/*.toml ── file ──> Menus ── proof: every screen fits, every text is of a form ──> in use
//!  answers so far ── walk ──> Step: ask on, end, or send a text
//! ```
//!
//! - [`Menus`]: all menus, by the short code that is dialled
//! - [`Menu::after`]: where a dialogue stands, from its answers alone
//! - [`Step`]: what is to be done there
//!
//! A menu moves nothing: at its leaves stands a text that the grammar of the short code reads, as if it had been texted.
//! There is one way in for money, whoever typed it and however.

mod file;
mod proof;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::Language;
use crate::grammar::GrammarSet;
pub use walk::ANSWERS_MAX;

/// Most septets of one USSD text: 160 octets of GSM 7-bit (3GPP TS 23.038, 5 and 6.1.2.3).
pub const USSD_SEPTETS_MAX: usize = 182;

/// All menus.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menus {
    by_short_code: BTreeMap<String, Menu>,
}

/// What is shown to who dials a short code and nothing behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// The first one is where a dialogue begins.
    screens: Vec<Screen>,
    /// Stands above a screen after an answer that it has not.
    wrong: Texts,
    /// The line of the choice `0`, which leads back.
    back: Texts,
    /// Ends a dialogue of too many answers.
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
    /// To another screen.
    Open(usize),
    /// To a text, once these values are there and, where something is asked for it, confirmed.
    Send { ask: Vec<Question>, confirm: Option<Texts>, text: String },
}

/// A value that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    name: String,
    prompt: Texts,
    chars_max: usize,
    example: String,
}

/// A text in every language, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts {
    sq: String,
    sr: String,
    en: String,
}

/// Where a dialogue stands, named by what is done about it.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Show this and wait for an answer.
    Ask(String),
    /// Have this read by the grammar of the short code; its reply ends the dialogue.
    Send(String),
    /// Show this; the dialogue is over.
    End(String),
}

/// What is sent may hold a PIN or the code of a card.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(text) => write!(f, "Ask({text:?})"),
            Self::Send(text) => write!(f, "Send({} characters)", text.chars().count()),
            Self::End(text) => write!(f, "End({text:?})"),
        }
    }
}

/// What is wrong with a menu's file, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct MenuProblem {
    /// The file.
    pub file: String,
    /// What.
    pub problem: String,
}

impl Menus {
    /// Reads files of names and texts, and proves that every screen fits a USSD text at its longest and that every text at
    /// a leaf is of a form of its short code.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn load<N: Into<String>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
        grammars: &GrammarSet,
    ) -> Result<Self, Vec<MenuProblem>> {
        let mut menus = Self::default();
        let mut problems = Vec::new();
        for (name, text) in files {
            let name = name.into();
            let mut report = |problem: String| problems.push(MenuProblem { file: name.clone(), problem });
            match file::read(text.as_ref()) {
                Ok((code, menu)) => {
                    menu.prove(&code, grammars).into_iter().for_each(&mut report);
                    if menus.by_short_code.insert(code.clone(), menu).is_some() {
                        report(format!("another file has the menu of {code}: a short code has one"));
                    }
                }
                Err(found) => found.into_iter().for_each(report),
            }
        }
        if problems.is_empty() { Ok(menus) } else { Err(problems) }
    }

    /// The menu of this short code.
    pub fn of(&self, short_code: &str) -> Option<&Menu> {
        self.by_short_code.get(short_code)
    }

    /// The short codes that have one.
    pub fn short_codes(&self) -> impl Iterator<Item = &str> {
        self.by_short_code.keys().map(String::as_str)
    }

    /// How many screens there are.
    pub fn screens(&self) -> usize {
        self.by_short_code.values().map(|menu| menu.screens.len()).sum()
    }
}

impl Texts {
    fn of(&self, language: Language) -> &str {
        match language {
            Language::Sq => &self.sq,
            Language::Sr => &self.sr,
            Language::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests;
