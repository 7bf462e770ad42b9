//! Checks that a spec is sufficient for the server. A field that is missing or too short would otherwise show only at
//! its first use.

use super::spec::{Field, Kind};
use super::{InvalidSpec, Spec};

/// Characters of a receipt.
const RECEIPT: usize = 10;
/// Fewest characters of a number, as it is written within the country.
const NUMBER: usize = 9;
/// Digits of a processing code.
const PROCESSING: usize = 6;

/// A field that is required to read or write a recharge, a reversal, a sign-on, or the answer to one.
struct Needed {
    field: u8,
    length: Length,
    holds: Holds,
}

enum Length {
    /// The standard fixes the length, and all users rely on it.
    Exactly(usize),
    AtLeast(usize),
}

enum Holds {
    Digits,
    Text,
    Either,
}

const fn needed(field: u8, length: Length, holds: Holds) -> Needed {
    Needed { field, length, holds }
}

const NEEDED: [Needed; 11] = [
    needed(3, Length::Exactly(PROCESSING), Holds::Digits),
    needed(4, Length::Exactly(12), Holds::Digits),
    needed(7, Length::Exactly(10), Holds::Digits),
    needed(11, Length::Exactly(6), Holds::Digits),
    needed(32, Length::Exactly(11), Holds::Digits),
    needed(38, Length::AtLeast(6), Holds::Text),
    needed(39, Length::Exactly(2), Holds::Either),
    needed(41, Length::AtLeast(8), Holds::Either),
    needed(49, Length::Exactly(3), Holds::Either),
    needed(70, Length::Exactly(3), Holds::Digits),
    needed(90, Length::Exactly(42), Holds::Digits),
];

/// Fields that an answer repeats or that have a fixed meaning. None of them may hold the values for which the standard
/// has no field.
const TAKEN: [u8; 17] = [2, 3, 4, 7, 11, 12, 13, 32, 33, 37, 38, 39, 41, 42, 49, 70, 90];

impl Spec {
    /// Checks that the server can use the spec.
    ///
    /// # Errors
    /// A required field is missing or too short, or a value has a place that is not its own.
    pub fn complete(self) -> Result<Self, InvalidSpec> {
        let problem = NEEDED.iter().find_map(|needed| needed.problem(&self));
        let problem = problem.or_else(|| self.problem_of_places()).or_else(|| self.problem_of_codes());
        problem.map_or(Ok(self), |problem| Err(InvalidSpec::Contradiction(problem)))
    }

    fn problem_of_places(&self) -> Option<String> {
        let places = self.places.named();
        let shared = places.iter().enumerate().find_map(|(at, (name, place))| {
            let (other, _) = places.iter().take(at).find(|(_, other)| other == place)?;
            Some(format!("places.{name} = {place}: `{other}` has the same place: give each its own"))
        });
        let taken = || places.iter().find(|(_, place)| TAKEN.contains(place));
        let taken = || {
            taken().map(|(name, place)| {
                format!("places.{name} = {place}: the standard gives that field another meaning: choose another field")
            })
        };
        shared.or_else(taken).or_else(|| places.iter().find_map(|(name, place)| self.unfit(name, *place)))
    }

    /// A number may be written in digits only.
    fn unfit(&self, name: &str, place: u8) -> Option<String> {
        let field = self.fields.get(&place)?;
        let least = match name {
            "number" => NUMBER,
            "receipt" => RECEIPT,
            _ => 1,
        };
        let holds_it = if name == "number" { field.kind != Kind::B } else { field.holds_text() };
        let problem = if !holds_it {
            "that field holds no text: make it an or ans".to_owned()
        } else if field.length < least {
            format!("that field is {} long, but must hold {least} characters", field.length)
        } else {
            return None;
        };
        Some(format!("places.{name} = {place}: {problem}"))
    }

    fn problem_of_codes(&self) -> Option<String> {
        let codes = &self.places.processing_codes;
        if codes.is_empty() {
            return Some(
                "places.processing_codes: it is empty, so that nothing is a recharge: name the codes".to_owned(),
            );
        }
        let is_code = |code: &&String| code.len() == PROCESSING && code.bytes().all(|octet| octet.is_ascii_digit());
        let wrong = codes.iter().find(|code| !is_code(code))?;
        Some(format!("places.processing_codes: {wrong:?} is not a processing code: write {PROCESSING} digits"))
    }
}

impl Needed {
    fn problem(&self, spec: &Spec) -> Option<String> {
        let number = self.field;
        let Some(field) = spec.fields.get(&number) else {
            return Some(format!("[fields] has no {number}: recharges, reversals or their answers have it: add it"));
        };
        let holds_it = match self.holds {
            Holds::Digits => field.kind == Kind::N,
            Holds::Text => field.holds_text(),
            Holds::Either => field.kind != Kind::B,
        };
        let kind = match self.holds {
            Holds::Digits => "n",
            Holds::Text => "an or ans",
            Holds::Either => "n, an or ans",
        };
        let (fits, length) = match self.length {
            Length::Exactly(length) => (field.length == length, format!("{length}")),
            Length::AtLeast(length) => (field.length >= length, format!("{length} or more")),
        };
        (!holds_it || !fits).then(|| {
            format!(
                "fields.{number}: recharges, reversals or their answers need it with kind {kind} and length {length}"
            )
        })
    }
}

impl Field {
    const fn holds_text(&self) -> bool {
        matches!(self.kind, Kind::An | Kind::Ans)
    }
}
