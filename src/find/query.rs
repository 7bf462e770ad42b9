//! Queries, and everything that each may mean by its form.

use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime};
use uuid::Uuid;

use crate::domain::voucher::Serial;
use crate::domain::{Msisdn, NumberingPlan, Receipt};

/// Longest query, in characters.
const CHARS_MAX: usize = 160;
/// Digits of a trace number and of a retrieval reference number.
const TRACE_DIGITS: usize = 6;
const RRN_DIGITS: usize = 12;
/// Digits of the day before the trace number in a retrieval reference number: the last of the year, and the day of the year.
const RRN_DAY: usize = 4;

/// A kind of query, as staff name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Receipt,
    Number,
    Message,
    Reference,
    Key,
    Stan,
    Rrn,
    Voucher,
    Words,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Receipt,
        Self::Number,
        Self::Message,
        Self::Reference,
        Self::Key,
        Self::Stan,
        Self::Rrn,
        Self::Voucher,
        Self::Words,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Number => "number",
            Self::Message => "message",
            Self::Reference => "reference",
            Self::Key => "key",
            Self::Stan => "stan",
            Self::Rrn => "rrn",
            Self::Voucher => "voucher",
            Self::Words => "words",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str).join(", ");
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is no kind of query; there are {names}"))
    }
}

/// One thing that a query may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    Receipt(Receipt),
    /// A transfer's identifier.
    Transfer(Uuid),
    Number(Msisdn),
    /// A key of the inbox, or an identifier that a gateway or an SMSC gave.
    Message(String),
    /// A reference of a bank, a user name, or the identifier of an account.
    Reference(String),
    /// An idempotency key of a client.
    Key(String),
    /// A trace number of a switch.
    Stan(String),
    /// A retrieval reference number: its trace number, and its day as the last digit of the year and the day of the year.
    Rrn {
        trace: String,
        day: String,
    },
    Voucher(Serial),
    /// Words of a text, in small letters.
    Words(Vec<String>),
}

impl Meaning {
    /// Its kind, as staff name it.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Receipt(_) | Self::Transfer(_) => Kind::Receipt,
            Self::Number(_) => Kind::Number,
            Self::Message(_) => Kind::Message,
            Self::Reference(_) => Kind::Reference,
            Self::Key(_) => Kind::Key,
            Self::Stan(_) => Kind::Stan,
            Self::Rrn { .. } => Kind::Rrn,
            Self::Voucher(_) => Kind::Voucher,
            Self::Words(_) => Kind::Words,
        }
    }
}

/// A query with everything that it may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub text: String,
    pub meanings: Vec<Meaning>,
}

impl Query {
    /// Reads a query. `kind` decides if its form leaves a choice.
    ///
    /// # Errors
    /// It has not the form of this kind, or of any.
    pub fn read(text: &str, kind: Option<Kind>, plan: &NumberingPlan) -> Result<Self, String> {
        let text = text.trim().to_owned();
        let length = text.chars().count();
        if length == 0 || length > CHARS_MAX {
            return Err(format!("a query has from 1 to {CHARS_MAX} characters"));
        }
        let mut meanings = meanings(&text, plan, kind);
        if let Some(kind) = kind {
            meanings.retain(|meaning| meaning.kind() == kind);
        }
        if meanings.is_empty() {
            return Err(kind.map_or_else(|| unknown(&text), |kind| not_a(&text, kind)));
        }
        Ok(Self { text, meanings })
    }

    /// The number, if it may be one.
    pub fn number(&self) -> Option<Msisdn> {
        self.meanings
            .iter()
            .find_map(|meaning| if let Meaning::Number(number) = meaning { Some(*number) } else { None })
    }
}

fn meanings(text: &str, plan: &NumberingPlan, kind: Option<Kind>) -> Vec<Meaning> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_plain = |separators: &[char]| text.chars().all(|c| c.is_ascii_digit() || separators.contains(&c));
    let mut meanings = Vec::new();
    meanings.extend(text.parse::<Uuid>().ok().map(Meaning::Transfer));
    meanings.extend(text.parse::<Receipt>().ok().map(Meaning::Receipt));
    meanings.extend(number(text, plan).map(Meaning::Number));
    meanings.extend(text.parse::<Serial>().ok().map(Meaning::Voucher));
    if digits.len() == TRACE_DIGITS && is_plain(&[]) {
        meanings.push(Meaning::Stan(digits.clone()));
    }
    if digits.len() == RRN_DIGITS && is_plain(&[]) {
        let (day, trace) = (digits.chars().take(RRN_DAY).collect(), digits.chars().skip(TRACE_DIGITS).collect());
        meanings.push(Meaning::Rrn { trace, day });
    }
    let is_word = !text.contains(char::is_whitespace);
    // A number in groups is no key, and no words.
    if is_word {
        meanings.push(Meaning::Message(text.to_owned()));
        meanings.push(Meaning::Key(text.to_owned()));
        meanings.push(Meaning::Reference(text.to_owned()));
    }
    // A text may be digits alone: `049123456 5`.
    let is_other = meanings.iter().any(|meaning| !matches!(meaning, Meaning::Receipt(_)) || !is_plain(&[' ']));
    if (!is_word && !is_other) || kind == Some(Kind::Words) {
        meanings.push(Meaning::Words(text.split_whitespace().map(str::to_lowercase).collect()));
    }
    meanings
}

/// A telephone number in any spelling.
fn number(text: &str, plan: &NumberingPlan) -> Option<Msisdn> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '/' | '(' | ')' | '.');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plus = text.starts_with('+');
    let is_number = text.chars().all(is_number);
    let own = || plan.read(&digits, plus).ok().map(|line| line.msisdn);
    if is_number { own().or_else(|| plan.phone(text, None)) } else { None }
}

/// Returns whether a transmission time of a switch is of this day of a retrieval reference number.
pub(super) fn is_of_day(time: &str, day: &str) -> bool {
    let time = NaiveDateTime::parse_from_str(time, "%Y%m%d%H%M%S");
    time.is_ok_and(|time| format!("{}{:03}", time.year().rem_euclid(10), time.ordinal()) == day)
}

fn unknown(text: &str) -> String {
    format!("`{text}` is nothing that can be looked up: write a number, a receipt, a reference or a key")
}

fn not_a(text: &str, kind: Kind) -> String {
    let form = match kind {
        Kind::Receipt => "a receipt has ten letters and digits, as in DC1JZXY9DK",
        Kind::Number => "a number is written as 049123456 or +383 49 123 456",
        Kind::Message | Kind::Key | Kind::Reference => "it has no spaces",
        Kind::Stan => "a trace number has 6 digits",
        Kind::Rrn => "a retrieval reference number has 12 digits, of which the last 6 are the trace number",
        Kind::Voucher => "a serial has 13 digits, as on the card",
        Kind::Words => "words are letters",
    };
    format!("`{text}` has not the form of the kind {}: {form}", kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        let plan = NumberingPlan::kosovo().unwrap();
        let query = Query::read(text, None, &plan).unwrap();
        query.meanings.iter().map(|meaning| meaning.kind().as_str()).collect()
    }

    #[test]
    fn a_query_is_everything_that_its_form_allows() {
        let word = ["message", "key", "reference"];
        let and = |first: &[&'static str]| [first, &word[..]].concat();
        assert_eq!(kinds("049 123 456"), ["number"]);
        assert_eq!(kinds("+38349123456"), and(&["number"]));
        assert_eq!(kinds("049123456"), and(&["number"]));
        assert_eq!(kinds("DC1JZXY9DK"), and(&["receipt"]));
        assert_eq!(kinds("dc1j zxy9dk"), ["receipt"]);
        assert_eq!(kinds("000137"), and(&["stan"]));
        assert_eq!(kinds("632618000137"), and(&["number", "rrn"]), "a number of another country");
        assert_eq!(kinds("00012-0000345-2"), and(&["voucher"]));
        assert_eq!(kinds("a je aty?"), ["words"]);
        assert_eq!(kinds("049123456 5"), ["receipt", "words"]);
        assert_eq!(kinds("0195d3a4-0000-7000-8000-000000000001"), and(&["receipt"]));
    }

    #[test]
    fn a_kind_that_is_named_decides() {
        let plan = NumberingPlan::kosovo().unwrap();
        let read = |text, kind| Query::read(text, Some(kind), &plan);
        let meanings = |text, kind| read(text, kind).unwrap().meanings;
        assert_eq!(meanings("prap", Kind::Words), [Meaning::Words(vec!["prap".into()])]);
        assert_eq!(meanings("000137", Kind::Key), [Meaning::Key("000137".into())]);
        for (text, kind, told) in [("5", Kind::Stan, "6 digits"), ("abc", Kind::Number, "049123456")] {
            assert!(read(text, kind).unwrap_err().contains(told), "{text}");
        }
        assert!(Query::read(" ", None, &plan).unwrap_err().contains("from 1 to"));
    }

    #[test]
    fn the_day_of_a_retrieval_reference_number_is_its_year_and_its_day() {
        assert!(is_of_day("20261122180900", "6326"));
        assert!(!is_of_day("20261123180900", "6326") && !is_of_day("x", "6326"));
    }
}
