//! Computes the state of a dialogue from its answers. No state is kept between answers: the same answers lead to the
//! same state on any node, however often the network repeats them.

use super::{Choice, Leads, Menu, Question, Screen, Step, Texts};
use crate::domain::Language;
use crate::text::normalise::normalise;

/// Consecutive invalid answers after which a dialogue is ended.
const WRONG_MAX: u8 = 3;
/// Most answers of a dialogue.
pub const ANSWERS_MAX: usize = 32;
/// The answer that goes back.
const BACK: &str = "0";
/// The answer that confirms.
const YES: &str = "1";

struct Walk<'m> {
    menu: &'m Menu,
    /// Indexes of the opened screens; the last one is shown. Never empty.
    opened: Vec<usize>,
    /// The choice whose values or confirmation are being entered.
    chosen: Option<&'m Leads>,
    values: Vec<String>,
    /// Number of consecutive invalid answers.
    wrong: u8,
}

/// Effect of an answer.
enum Turn {
    On,
    Send(String),
    Over,
}

impl Menu {
    /// Returns the step after these answers; without answers, the first screen.
    pub fn after<A: AsRef<str>>(&self, answers: &[A], language: Language) -> Step {
        let over = || Step::End(self.over.of(language).to_owned());
        let mut walk = Walk { menu: self, opened: vec![0], chosen: None, values: Vec::new(), wrong: 0 };
        if answers.len() > ANSWERS_MAX {
            return over();
        }
        for (place, answer) in answers.iter().enumerate() {
            match walk.answered(answer.as_ref().trim()) {
                Turn::On => {}
                Turn::Send(text) if place + 1 == answers.len() => return Step::Send(text),
                // Answers after the end have no effect.
                Turn::Send(_) | Turn::Over => return over(),
            }
        }
        walk.shown(language).map_or_else(over, Step::Ask)
    }
}

impl<'m> Walk<'m> {
    fn screen(&self) -> Option<&'m Screen> {
        self.menu.screens.get(self.opened.last().copied().unwrap_or_default())
    }

    fn answered(&mut self, answer: &str) -> Turn {
        let taken = match self.chosen {
            None => self.choose(answer),
            Some(leads) => self.fill(leads, answer),
        };
        match taken {
            Some(turn) => {
                self.wrong = 0;
                turn
            }
            None if self.wrong + 1 >= WRONG_MAX => Turn::Over,
            None => {
                self.wrong += 1;
                Turn::On
            }
        }
    }

    /// Handles an answer to a screen: the number of a choice, or back. Returns `None` if it is neither.
    fn choose(&mut self, answer: &str) -> Option<Turn> {
        if answer == BACK && self.opened.len() > 1 {
            self.opened.pop();
            return Some(Turn::On);
        }
        let number = answer.parse::<usize>().ok()?.checked_sub(1)?;
        let leads = &self.screen()?.choices.get(number)?.leads;
        match leads {
            Leads::Open(place) => {
                self.opened.push(*place);
                Some(Turn::On)
            }
            Leads::Send { ask, confirm, text } if ask.is_empty() && confirm.is_none() => Some(Turn::Send(text.clone())),
            Leads::Send { .. } => {
                self.chosen = Some(leads);
                Some(Turn::On)
            }
        }
    }

    /// Handles an answer to a question: a value, or the confirmation of all values.
    fn fill(&mut self, leads: &Leads, answer: &str) -> Option<Turn> {
        let Leads::Send { ask, confirm, text } = leads else { return None };
        if answer == BACK {
            (self.chosen, self.values) = (None, Vec::new());
            return Some(Turn::On);
        }
        match ask.get(self.values.len()) {
            Some(question) => self.values.push(question.value(answer)?),
            None if answer == YES => return Some(Turn::Send(filled(text, ask, &self.values))),
            None => return None,
        }
        let done = self.values.len() == ask.len() && confirm.is_none();
        Some(if done { Turn::Send(filled(text, ask, &self.values)) } else { Turn::On })
    }

    /// Returns the text that the telephone shows now.
    fn shown(&self, language: Language) -> Option<String> {
        let text = match self.chosen {
            None => self.screen()?.shown(self.menu, self.opened.len() > 1, language),
            Some(Leads::Send { ask, confirm, .. }) => match (ask.get(self.values.len()), confirm) {
                (Some(question), _) => filled(question.prompt.of(language), ask, &self.values),
                (None, Some(confirm)) => filled(confirm.of(language), ask, &self.values),
                (None, None) => return None,
            },
            Some(Leads::Open(_)) => return None,
        };
        let wrong = if self.wrong > 0 { Some(self.menu.wrong.of(language)) } else { None };
        Some(wrong.map_or_else(|| text.clone(), |wrong| format!("{wrong}\n{text}")))
    }
}

impl Screen {
    pub(super) fn shown(&self, menu: &Menu, with_back: bool, language: Language) -> String {
        let choice = |(number, choice): (usize, &Choice)| format!("\n{} {}", number + 1, choice.label.of(language));
        let choices: String = self.choices.iter().enumerate().map(choice).collect();
        let back = if with_back { format!("\n{BACK} {}", menu.back.of(language)) } else { String::new() };
        format!("{}{choices}{back}", self.title.of(language))
    }
}

impl Question {
    /// Returns an answer as a value in ASCII digits; `None` if it cannot be one. It may have digits of any supported
    /// script and the separators between them, so that no word gets into the text that is built of it. The grammar
    /// decides whether the value is valid.
    pub(super) fn value(&self, answer: &str) -> Option<String> {
        let normalised = normalise(answer).ok()?;
        let value = normalised.folded();
        let is_value = (1..=self.chars_max).contains(&value.chars().count())
            && value.contains(|c: char| c.is_ascii_digit())
            && value.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '.' | ','));
        is_value.then(|| value.to_owned())
    }
}

/// Replaces the placeholders of a text by the values.
pub(super) fn filled<V: AsRef<str>>(text: &str, ask: &[Question], values: &[V]) -> String {
    let named = ask.iter().zip(values);
    named.fold(text.to_owned(), |text, (question, value)| text.replace(&question.place(), value.as_ref()))
}

impl Question {
    /// The placeholder of the value in a text.
    pub(super) fn place(&self) -> String {
        format!("{{{}}}", self.name)
    }
}

impl Leads {
    /// Checks that every value is used after it is known, and that every requested value is used.
    pub(super) fn check_values(&self) -> Result<(), String> {
        let Self::Send { ask, confirm, text } = self else { return Ok(()) };
        if let Some(question) = ask.iter().find(|question| !text.contains(&question.place())) {
            return Err(format!("`{}` is asked for and not sent: write {} in `send`", question.name, question.place()));
        }
        let left = |text: &str, known: &[Question]| {
            let rest = known.iter().fold(text.to_owned(), |rest, question| rest.replace(&question.place(), ""));
            rest.contains(['{', '}']).then(|| format!("`{text}` uses a value that is not known at this point"))
        };
        let prompts = ask.iter().enumerate().map(|(asked, question)| (&question.prompt, ask.get(..asked)));
        let all = prompts.chain(confirm.iter().map(|confirm| (confirm, Some(&ask[..]))));
        let unknown =
            all.flat_map(|(texts, known)| texts.each().map(move |text| left(text, known.unwrap_or_default())));
        let unknown = unknown.chain([left(text, ask)]).flatten().next();
        unknown.map_or(Ok(()), Err)
    }
}

impl Texts {
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, text)| text.as_str())
    }
}
