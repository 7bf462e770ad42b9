//! The form that a sample is taken for. The meaning of a text cannot be told from the text alone: whatever is doubtful is
//! noted, for the person who corrects the draft.

use std::fmt::Write;
use std::ops::Range;

use super::action::Action;
use super::fields::Field;
use super::fields::kind::{Guessed, Sample};
use super::fields::money::{self, AmountShape, Money};
use super::fields::number::{self, Grouping, is_meant};
use super::fields::username::run;
use super::placeholder::{Filled, filled};
use crate::domain::{NumberingPlan, Service};
use crate::text::normalise::{Normalised, normalise};

/// Digits of an amount, in texts without a longer one, and in others.
const AMOUNT_DIGITS: [usize; 2] = [4, 8];

/// Shortest word that is meant as a number.
const NUMBER_DIGITS_MIN: usize = 6;

/// Words for a gift of the sender's own credit.
const TRANSFER: &str = "gift transfer send share give sendcredit creditshare dergo dhuro transfero transferim poklon posalji prenesi \
                        prebaci pokloni daj kirim pasaload me2u";

/// Messages of one word that ask for something else than a top-up.
const WORDS: [(Action, &str); 3] = [
    (Action::Balance, "balance bal bilanci gjendja stanje saldo kredit"),
    (Action::Stop, "stop ndal ndalo prekini"),
    (Action::Confirm, "confirm yes ok po konfirmo da potvrdi"),
];

/// Names of languages, by their codes.
const LANGUAGES: [(&str, &str); 5] = [
    ("sq", "shqip albanski albanian"),
    ("sr", "srpski serbisht serbian"),
    ("en", "english anglisht engleski"),
    ("bn", "bangla bengali"),
    ("vi", "vietnamese"),
];

/// A form, with the values of its sample.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    /// The sample as it was given.
    pub(super) sample: String,
    /// The text in the language of forms.
    pub(super) text: String,
    /// The sample with values in place of its placeholders.
    pub(super) example: String,
    pub(super) fields: Vec<Field>,
    pub(super) service: Option<Service>,
    pub(super) action: Action,
    pub(super) minor: Option<i64>,
    /// Doubts, for who corrects the draft.
    pub(super) notes: Vec<&'static str>,
}

/// A sample while it is taken apart.
struct Taking<'t> {
    plan: &'t NumberingPlan,
    money: &'t Money,
    text: &'t Normalised<'t>,
    values: &'t [(Range<usize>, Field)],
}

impl Guess {
    /// The form of a sample; `currency` are the words that stand with amounts.
    ///
    /// # Errors
    /// A placeholder that no field is known for.
    pub(super) fn of(sample: &str, plan: &NumberingPlan, currency: &[String]) -> Result<Self, String> {
        let Filled { text: example, mut values } = filled(sample, plan)?;
        let normalised = normalise(&example).map_err(|error| format!("{sample}: {error}"))?;
        values.extend(pins(&normalised, &values));
        let own = || (!currency.is_empty()).then(|| currency.to_vec());
        let mut best = None;
        for digits in AMOUNT_DIGITS {
            let money = Money::new(own(), digits);
            let taking = Taking { plan, money: &money, text: &normalised, values: &values };
            let guess = Self::taken(sample, &example, &taking);
            let is_good = guess.has(Field::Amount) || guess.service.is_some() || guess.has(Field::Voucher);
            if best.is_none() || is_good {
                best = Some(guess);
            }
            if is_good {
                break;
            }
        }
        match numbers_of_wrong_length(normalised.folded(), plan).next() {
            Some(number) => Err(format!("{sample}: {number} has too few or too many digits for a number of the plan")),
            None => best.ok_or_else(|| sample.to_owned()),
        }
    }

    fn taken(sample: &str, example: &str, taking: &Taking<'_>) -> Self {
        let mut guess = Self {
            sample: sample.trim().to_owned(),
            text: String::new(),
            example: example.to_owned(),
            fields: Vec::new(),
            service: None,
            action: Action::Recharge,
            minor: None,
            notes: Vec::new(),
        };
        let folded = taking.text.folded();
        let mut at = 0;
        while let Some(c) = folded.get(at..).and_then(|rest| rest.chars().next()) {
            at = match guess.given(at, taking).or_else(|| guess.value(at, taking)) {
                Some(end) => end,
                None if c.is_alphanumeric() => guess.word(folded, at),
                None => guess.sign(c, at),
            };
        }
        guess.action = guess.meant(folded);
        guess.notes = guess.doubts();
        guess
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    /// The value of a placeholder.
    fn given(&mut self, at: usize, taking: &Taking<'_>) -> Option<usize> {
        let start = taking.text.origin(at);
        let (range, field) = taking.values.iter().find(|(range, _)| range.start == start)?;
        let folded = taking.text.folded();
        let mut end = (at..=folded.len()).find(|end| taking.text.origin(*end) >= range.end)?;
        if *field == Field::Amount
            && let Ok(written) = money::read(folded, at, AmountShape::default(), taking.money)
        {
            end = end.max(written.end);
        }
        let width = if matches!(field, Field::Pin | Field::NewPin) { format!(":{}", end - at) } else { String::new() };
        self.put(*field, &width, at..end, taking);
        Some(end)
    }

    /// The value that stands at a place: of all kinds the one that takes most of the text, the first in their order where
    /// several take the same.
    fn value(&mut self, at: usize, taking: &Taking<'_>) -> Option<usize> {
        let text = taking.text.folded();
        let fields: Vec<&str> = self.fields.iter().map(|field| field.name()).collect();
        let is_service = self.service.is_some() && service_of(run(text.get(at..)?)).is_none();
        let has_number = self.has(Field::Msisdn) || self.has(Field::Landline);
        let (plan, money) = (taking.plan, taking.money);
        let sample = Sample { text, at, plan, money, form: &self.text, fields: &fields, has_number, is_service };
        let kinds = Field::ALL.iter().rev().filter_map(|&field| Some((field, field.guess(&sample)?)));
        let longest = kinds.max_by_key(|(_, guessed)| guessed.end).or_else(|| left_over(&sample));
        let (field, Guessed { width, end }) = longest?;
        self.put(field, &width, at..end, taking);
        Some(end)
    }

    fn put(&mut self, field: Field, width: &str, range: Range<usize>, taking: &Taking<'_>) {
        if field == Field::Amount {
            let written = money::read(taking.text.folded(), range.start, AmountShape::default(), taking.money);
            self.minor = written.ok().map(|written| written.minor);
        }
        let _ = write!(self.text, "{{{}{width}}}", field.name());
        self.fields.push(field);
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

    fn meant(&self, folded: &str) -> Action {
        if self.has(Field::Pin) && self.has(Field::NewPin) {
            return Action::Pin;
        }
        if self.has(Field::Pin) && self.has(Field::Msisdn) && self.has(Field::Amount) && self.says_transfer() {
            return Action::Transfer;
        }
        let has = |words: &str| words.split(' ').any(|word| word == folded);
        let asked = WORDS.iter().find(|(_, words)| has(words)).map(|(action, _)| *action);
        let language = || LANGUAGES.iter().find(|(_, words)| has(words)).and_then(|(code, _)| code.parse().ok());
        asked.or_else(|| language().map(Action::Language)).unwrap_or(Action::Recharge)
    }

    fn says_transfer(&self) -> bool {
        let mut words = self.text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| TRANSFER.split_whitespace().any(|known| known == word))
    }

    fn doubts(&self) -> Vec<&'static str> {
        let mut doubts = match self.action {
            Action::Transfer => {
                vec!["A gift of the sender's own credit. If the sender's bank pays instead, take `action` out."]
            }
            Action::Recharge if self.has(Field::Pin) => vec![
                "The digits behind the amount are taken for a PIN. Are they one? If not, write {reference} or {number:…}.",
                "A top-up with a PIN has to say who verifies it, the program or the bank: see `pin` below.",
                "If the sender's own credit is sent to the number, add action = \"transfer\".",
            ],
            Action::Recharge if self.says_transfer() => {
                vec!["If the sender's own credit is sent, add action = \"transfer\", and {pin} if customers write one."]
            }
            _ => Vec::new(),
        };
        if self.has(Field::Number) {
            doubts.push("{number:…} are digits of which the sample does not tell the meaning.");
        }
        doubts
    }

    pub(super) fn name(&self) -> &'static str {
        match self.action {
            Action::Recharge => {}
            Action::Transfer => return "credit transfer",
            Action::Pin => return "another PIN",
            other => return other.as_str(),
        }
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

/// Digits that no kind takes: never a word of the form, which only this customer could write.
fn left_over(sample: &Sample<'_>) -> Option<(Field, Guessed)> {
    let (digits, is_first) = (sample.digits(), !sample.fields.contains(&Field::Number.name()));
    let is_alone = !sample.rest()[digits..].starts_with(char::is_alphabetic);
    let is_start = !sample.text[..sample.at].ends_with(char::is_alphanumeric);
    let width = format!(":0-{}", "9".repeat(digits));
    (is_first && is_start && is_alone && (1..=9).contains(&digits))
        .then(|| (Field::Number, Guessed { width, end: sample.at + digits }))
}

/// Words that would be numbers with a digit more or less.
fn numbers_of_wrong_length<'f>(folded: &'f str, plan: &NumberingPlan) -> impl Iterator<Item = &'f str> {
    let words = folded.split(|c: char| !c.is_alphanumeric() && c != '+');
    words.filter(|word| {
        word.len() >= NUMBER_DIGITS_MIN
            && is_meant(word, plan)
            && number::any(word, 0, Grouping::default(), plan).is_err()
    })
}

/// Two PINs behind a keyword for one, the old and the new.
fn pins(text: &Normalised<'_>, given: &[(Range<usize>, Field)]) -> Vec<(Range<usize>, Field)> {
    let is_pin = text.folded().split(' ').next().is_some_and(|first| first.contains("pin"));
    let mut at = 0;
    let words = text.folded().split(' ').map(|word| {
        at += word.len() + 1;
        at - word.len() - 1..at - 1
    });
    let is_digits = |word: &Range<usize>| text.folded()[word.clone()].bytes().all(|b| b.is_ascii_digit());
    let digits: Vec<Range<usize>> = words.filter(|word| !word.is_empty() && is_digits(word)).collect();
    let are_pins = digits.len() == 2 && digits.iter().all(|pin| (4..=8).contains(&pin.len()));
    if !given.is_empty() || !is_pin || !are_pins {
        return Vec::new();
    }
    let typed = |word: Range<usize>| text.origin(word.start)..text.origin(word.end);
    digits.into_iter().map(typed).zip([Field::Pin, Field::NewPin]).collect()
}

fn service_of(word: &str) -> Option<Service> {
    match word {
        "internet" | "net" | "int" => Some(Service::Internet),
        other => [Service::Tv, Service::DuoTv, Service::DuoFix].into_iter().find(|service| service.as_str() == other),
    }
}
