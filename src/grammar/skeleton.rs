//! A first grammar file and its fixtures for a bank of which a few sample texts are known. It is a beginning to be
//! read and corrected by a person: what a text means cannot be told from the text alone.

use std::fmt::Write;
use std::sync::Arc;

use super::action::Action;
use super::diagnostic::Diagnostic;
use super::failure::ParseFailure;
use super::fields::Field;
use super::guess::Guess;
use super::message::Incoming;
use super::sample_currency::currency_of;
use super::set::GrammarSet;
use super::shown::Shown;
use super::verifier::Verifier;
use crate::domain::locale::Locale;
use crate::domain::{Amount, Language, NumberingPlan, Reason};

/// The two files of a new bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skeleton {
    /// `grammars/<bank>.toml`.
    pub grammar: String,
    /// `fixtures/<bank>/samples.toml`.
    pub fixtures: String,
}

/// The known facts of a new bank.
#[derive(Debug, Clone, Copy)]
pub struct NewBank<'n> {
    /// Its identifier.
    pub id: &'n str,
    /// Its name for people.
    pub name: &'n str,
    /// The number that its customers text to.
    pub short_code: &'n str,
    /// A number that samples are sent from, as an address has it.
    pub sender: &'n str,
    /// The languages that it answers in.
    pub languages: &'n [Language],
    /// Texts of customers.
    pub samples: &'n [&'n str],
}

/// No draft can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSkeleton {
    /// A sample that no form can be made of, with the reason.
    Sample(String),
    /// The mistakes in the file that the samples lead to, for example that two of them contradict each other.
    Draft(Vec<Diagnostic>),
    /// The draft would refuse a sample.
    Refused(Box<ParseFailure>),
}

/// Writes both files. Every sample is among the texts that must be read.
///
/// # Errors
/// As [`NoSkeleton`].
pub fn skeleton(new: &NewBank<'_>, plan: &Arc<NumberingPlan>) -> Result<Skeleton, NoSkeleton> {
    let mut currency: Vec<String> = new.samples.iter().filter_map(|sample| currency_of(sample, plan)).collect();
    currency.sort_unstable();
    currency.dedup();
    let guess = |sample: &&str| Guess::of(sample, plan, &currency).map_err(NoSkeleton::Sample);
    let guesses = new.samples.iter().map(guess).collect::<Result<Vec<_>, _>>()?;
    let mut forms: Vec<&Guess> = Vec::new();
    for guess in &guesses {
        // Every short code answers a call for help without a form of its own.
        let is_new = !forms.iter().any(|known| known.text == guess.text) && !is_help(guess);
        forms.extend(is_new.then_some(guess));
    }
    let grammar = grammar_file(new, &guesses, &forms, &currency);
    let set = GrammarSet::load([(format!("{}.toml", new.id), grammar.as_str())], plan.clone());
    let set = set.map_err(NoSkeleton::Draft)?;
    Ok(Skeleton { fixtures: fixture_file(new, &guesses, &set).map_err(NoSkeleton::Refused)?, grammar })
}

fn is_help(guess: &Guess) -> bool {
    super::compile::HELP.contains(&guess.text.as_str())
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn grammar_file(new: &NewBank<'_>, guesses: &[Guess], forms: &[&Guess], currency: &[String]) -> String {
    let mut file = format!(
        "# A draft, made from sample texts. Correct it, then test it. The files of other banks show every kind of form.\n\
         bank        = {}\nname        = {}\nshort_codes = [{}]\n\
         evidence    = \"assumed\" # \"published\", with a source, once somebody has published it\n\
         languages   = [{}]\n\n\
         [amount]\n",
        quoted(new.id),
        quoted(new.name),
        quoted(new.short_code),
        new.languages.iter().map(|language| quoted(language.code())).collect::<Vec<_>>().join(", ")
    );
    limits(&mut file, guesses);
    if !currency.is_empty() {
        let words: Vec<String> = currency.iter().map(|word| quoted(word)).collect();
        let _ = writeln!(
            file,
            "currency = [{}] # all words and signs that customers write with an amount",
            words.join(", ")
        );
    }
    file += "# whole = true\n# operators.vala.only = [1, 2, 5]\n";
    let mut names: Vec<&str> = Vec::new();
    for guess in forms {
        let count = names.iter().filter(|name| **name == guess.name()).count();
        let name = if count == 0 { guess.name().to_owned() } else { format!("{} {}", guess.name(), count + 1) };
        form(&mut file, guess, &name);
        names.push(guess.name());
    }
    file
}

/// The usual limits, and wider ones where a sample has an amount outside of them.
fn limits(file: &mut String, guesses: &[Guess]) {
    let amounts = || guesses.iter().filter_map(|guess| Amount::from_minor(guess.minor?).ok()).map(Amount::minor);
    let (lowest, highest) = Locale::get().top_up;
    let min = amounts().chain([lowest]).min().unwrap_or(lowest);
    let max = amounts().chain([highest]).max().unwrap_or(highest);
    for (key, minor, usual) in [("min", min, lowest), ("max", max, highest)] {
        let note = if minor == usual { "" } else { " # of a sample; ask the bank for its limits" };
        let _ = writeln!(file, "{key} = \"{}\"{note}", crate::domain::format_minor(minor));
    }
}

fn form(file: &mut String, guess: &Guess, name: &str) {
    file.push('\n');
    if guess.sample != guess.example {
        let _ = writeln!(file, "# The sample: {}", one_line(&guess.sample));
    }
    for note in &guess.notes {
        let _ = writeln!(file, "# {note}");
    }
    let (name, text, example) = (quoted(name), quoted(&guess.text), quoted(&guess.example));
    let _ = write!(file, "[[form]]\nname    = {name}\ntext    = {text}\nexample = {example}\n");
    if guess.action != Action::Recharge {
        let _ = writeln!(file, "action  = {}", quoted(guess.action.as_str()));
    }
    if guess.has(Field::Pin) && Verifier::of(guess.action).is_none() {
        let who = "the PIN that the sender has with us; \"bank\": the bank is asked";
        let _ = writeln!(file, "pin     = \"subscriber\" # {who}");
    }
    if let Action::Language(language) = guess.action {
        let _ = writeln!(file, "language = {}", quoted(language.code()));
    }
    if let Some(service) = guess.service.filter(|_| guess.action == Action::Recharge && !guess.has(Field::Amount)) {
        let _ = writeln!(file, "service = {}", quoted(service.as_str()));
    }
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fixture_file(new: &NewBank<'_>, guesses: &[Guess], set: &GrammarSet) -> Result<String, Box<ParseFailure>> {
    let mut file = format!(
        "# What must be read, and how; what must be refused, and why. Add what customers really write.\n\
         short_code = {}\nfrom = {}\n",
        quoted(new.short_code),
        quoted(new.sender)
    );
    let message = |text| Incoming { from: new.sender, to: new.short_code, text, link: None };
    for guess in guesses {
        let reading = set.read(&message(&guess.example))?;
        let _ = write!(file, "\n[[read]]\ntext = {}\n{}", quoted(&guess.example), Shown::of(&reading));
    }
    for text in ["", "Kodi juaj eshte 493827", "Fito 1000 euro! Dergo JO per te ndaluar"] {
        if let Err(failure) = set.read(&message(text)) {
            refuse_case(&mut file, text, failure.rejection.reason);
        }
    }
    Ok(file)
}

fn refuse_case(file: &mut String, text: &str, reason: Reason) {
    let _ = write!(file, "\n[[refuse]]\ntext = {}\nreason = {}\n", quoted(text), quoted(reason.as_str()));
}

#[cfg(test)]
#[path = "skeleton_tests.rs"]
mod tests;
