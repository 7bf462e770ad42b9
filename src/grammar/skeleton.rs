//! A first grammar file and its fixtures for a bank of which a few sample texts are known. It is a beginning to be
//! read and corrected by a person: what a text means cannot be told from the text alone.

use std::fmt::Write;
use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::fields::Field;
use super::fields::kind::{Guessed, Sample};
use super::fields::money::Money;
use super::fields::username::run;
use super::message::{Incoming, Reading};
use super::set::GrammarSet;
use crate::domain::{NumberingPlan, Request, Service, Target};
use crate::text::normalise::normalise;

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
    /// Texts of customers.
    pub samples: &'n [&'n str],
}

/// Writes both files.
///
/// # Errors
/// The mistakes in the file that the samples lead to, for example that two of them contradict each other.
pub fn skeleton(new: &NewBank<'_>, plan: &Arc<NumberingPlan>) -> Result<Skeleton, Vec<Diagnostic>> {
    let mut forms: Vec<Guess> = Vec::new();
    for sample in new.samples {
        let guess = Guess::of(sample, plan);
        if !forms.iter().any(|known| known.text == guess.text) {
            forms.push(guess);
        }
    }
    let grammar = grammar_file(new, &mut forms);
    let set = GrammarSet::load([(format!("{}.toml", new.id), grammar.as_str())], plan.clone())?;
    Ok(Skeleton { fixtures: fixture_file(new, &set), grammar })
}

/// The form that a sample is taken for.
struct Guess {
    text: String,
    example: String,
    fields: Vec<Field>,
    service: Option<Service>,
}

impl Guess {
    fn of(sample: &str, plan: &NumberingPlan) -> Self {
        let mut guess =
            Self { text: String::new(), example: sample.trim().to_owned(), fields: Vec::new(), service: None };
        let Ok(normalised) = normalise(sample) else { return guess };
        let folded = normalised.folded();
        let money = Money::new(None, 4);
        let mut at = 0;
        while let Some(c) = folded.get(at..).and_then(|rest| rest.chars().next()) {
            at = match guess.value(folded, at, plan, &money) {
                Some(end) => end,
                None if c.is_alphanumeric() => guess.word(folded, at),
                None => guess.sign(c, at),
            };
        }
        guess
    }

    fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    /// The value that stands at a place: of all kinds the one that takes most of the text, the first in their order where
    /// several take the same.
    fn value(&mut self, text: &str, at: usize, plan: &NumberingPlan, money: &Money) -> Option<usize> {
        let fields: Vec<&str> = self.fields.iter().map(|field| field.name()).collect();
        let is_service = self.service.is_some() && service_of(run(text.get(at..)?)).is_none();
        let has_number = self.has(Field::Msisdn) || self.has(Field::Landline);
        let sample = Sample { text, at, plan, money, form: &self.text, fields: &fields, has_number, is_service };
        let guesses = Field::ALL.iter().rev().filter_map(|&field| Some((field, field.guess(&sample)?)));
        let (field, Guessed { width, end }) = guesses.max_by_key(|(_, guessed)| guessed.end)?;
        let _ = write!(self.text, "{{{}{width}}}", field.name());
        self.fields.push(field);
        Some(end)
    }

    /// A keyword.
    fn word(&mut self, text: &str, at: usize) -> usize {
        let written = run(text.get(at..).unwrap_or_default());
        self.service = service_of(written).or(self.service);
        written.chars().for_each(|c| self.literal(c));
        at + written.len()
    }

    fn sign(&mut self, c: char, at: usize) -> usize {
        if c.is_whitespace() {
            self.text.push(' ');
        } else {
            self.literal(c);
        }
        at + c.len_utf8()
    }

    fn literal(&mut self, c: char) {
        if "_{}()[]|\\".contains(c) {
            self.text.push('\\');
        }
        self.text.push(c);
    }

    fn name(&self) -> &'static str {
        if self.has(Field::Msisdn) {
            "another number"
        } else if self.has(Field::Landline) {
            "fixed line"
        } else if self.has(Field::Amount) {
            "own number"
        } else {
            self.service.map_or("form", Service::as_str)
        }
    }
}

fn service_of(word: &str) -> Option<Service> {
    match word {
        "internet" | "net" | "int" => Some(Service::Internet),
        other => [Service::Tv, Service::DuoTv, Service::DuoFix].into_iter().find(|service| service.as_str() == other),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn grammar_file(new: &NewBank<'_>, forms: &mut [Guess]) -> String {
    let mut file = format!(
        "# A draft, made from sample texts. Correct it, then test it. The files of other banks show every kind of form.\n\
         bank        = {}\nname        = {}\nshort_codes = [{}]\n\
         evidence    = \"assumed\" # \"published\", with a source, once somebody has published it\n\
         languages   = [\"sq\", \"sr\", \"en\"]\n\n\
         [amount]\nmin = \"1.00\"\nmax = \"50.00\"\n# whole_euros = true\n# operators.vala.only = [1, 2, 5]\n",
        quoted(new.id),
        quoted(new.name),
        quoted(new.short_code)
    );
    let mut names: Vec<String> = Vec::new();
    for guess in forms {
        let count = names.iter().filter(|name| name.starts_with(guess.name())).count();
        let name = if count == 0 { guess.name().to_owned() } else { format!("{} {}", guess.name(), count + 1) };
        let (name_text, text, example) = (quoted(&name), quoted(&guess.text), quoted(&guess.example));
        let _ = write!(file, "\n[[form]]\nname    = {name_text}\ntext    = {text}\nexample = {example}\n");
        if let Some(service) = guess.service.filter(|_| !guess.has(Field::Amount)) {
            let _ = writeln!(file, "service = {}", quoted(service.as_str()));
        }
        names.push(name);
    }
    file
}

fn fixture_file(new: &NewBank<'_>, set: &GrammarSet) -> String {
    let mut file = format!(
        "# What must be read, and how; what must be refused, and why. Add what customers really write.\n\
         short_code = {}\nfrom = {}\n",
        quoted(new.short_code),
        quoted(new.sender)
    );
    for sample in new.samples {
        let message = Incoming { from: new.sender, to: new.short_code, text: sample, link: None };
        match set.read(&message) {
            Ok(Reading::Recharge(request)) => read_case(&mut file, sample, &request),
            Ok(_) => {}
            Err(failure) => refuse_case(&mut file, sample, failure.rejection.reason.as_str()),
        }
    }
    for text in ["", "Kodi juaj eshte 493827", "Fito 1000 euro! Dergo JO per te ndaluar"] {
        let message = Incoming { from: new.sender, to: new.short_code, text, link: None };
        if let Err(failure) = set.read(&message) {
            refuse_case(&mut file, text, failure.rejection.reason.as_str());
        }
    }
    file
}

fn read_case(file: &mut String, sample: &str, request: &Request) {
    let _ = write!(file, "\n[[read]]\ntext = {}\nform = {}\n", quoted(sample), quoted(&request.form));
    let _ = writeln!(file, "service = {}", quoted(request.service.as_str()));
    let _ = match &request.target {
        Target::Line(line) => writeln!(file, "number = {}", quoted(&line.msisdn.digits())),
        Target::Username(name) => writeln!(file, "username = {}", quoted(name)),
        Target::Registered(number) => writeln!(file, "registered = {}", quoted(&number.digits())),
        Target::Account(account) => writeln!(file, "account = {}", quoted(&account.to_string())),
    };
    if let Some(amount) = request.amount {
        let _ = writeln!(file, "amount = {}", quoted(&amount.to_string()));
    }
    if let Some(reference) = &request.reference {
        let _ = writeln!(file, "reference = {}", quoted(reference));
    }
}

fn refuse_case(file: &mut String, text: &str, reason: &str) {
    let _ = write!(file, "\n[[refuse]]\ntext = {}\nreason = {}\n", quoted(text), quoted(reason));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{drawn, plan};
    use super::super::{Fixture, GrammarSet};
    use super::*;

    fn new_bank<'n>(samples: &'n [&'n str]) -> NewBank<'n> {
        NewBank { id: "seventh", name: "Seventh Bank", short_code: "50111", sender: "38349111222", samples }
    }

    fn made(samples: &[&str]) -> Skeleton {
        skeleton(&new_bank(samples), &plan()).unwrap_or_else(|errors| panic!("{}", drawn(&errors)))
    }

    #[test]
    fn three_samples_become_a_grammar_whose_fixtures_hold() {
        for samples in [
            ["pay 5", "pay 049123456 5", "tv arben1"],
            ["5*1234#", "049123456*5*1234#", "fix 038712345 20 ref A81723"],
            ["TOPUP;049123456;5.00;REF=A81723", "10 eur", "internet Shfrytëzuesi1"],
        ] {
            let made = made(&samples);
            let set = GrammarSet::load([("seventh.toml", made.grammar.as_str())], plan()).unwrap();
            let fixture = Fixture::from_toml(&made.fixtures).unwrap();
            assert_eq!(fixture.check(&set), Vec::<String>::new(), "{}\n{}", made.grammar, made.fixtures);
            assert_eq!(fixture.read.len(), 3, "{}\n{}", made.grammar, made.fixtures);
            assert_eq!(set.untried(fixture.messages()).iter().filter(|way| way.form != "help").count(), 0);
        }
    }

    #[test]
    fn samples_of_one_form_are_one_form() {
        let grammar = made(&["pay 5", "pay 10", "PAY €20"]).grammar;
        assert_eq!(grammar.matches("[[form]]").count(), 1, "{grammar}");
    }

    #[test]
    fn a_customers_own_digits_are_never_a_word_of_the_form() {
        for (sample, form) in [
            ("kontrata 1234567 5", "kontrata {number:0-9999999} {amount}"),
            ("5 kontrata 123456789", "{amount} kontrata {pin:9}"),
            ("karta 1234567890123456", "karta {voucher}"),
            ("mbush 5 31122026", "mbush {amount} {date}"),
        ] {
            let grammar = grammar_file(&new_bank(&[sample]), &mut [Guess::of(sample, &plan())]);
            assert!(grammar.contains(&format!("text    = {}", quoted(form))), "{sample}: {grammar}");
        }
    }
}
