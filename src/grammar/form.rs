//! Compiled forms: a bank's file as it is read from.
//!
//! A form with alternatives and optional parts is kept as its [`Path`]s, each a plain row of [`Step`]s. That makes
//! reading a walk without choices, and printing, tracing, explaining and proving walk the same rows.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::fields::amount::{AmountShape, Currency};
use super::fields::number::NumberShape;
use super::file::{Action, Evidence, FormTarget};
use super::pattern::Field;
use crate::domain::{Amount, Language, Service, ShortCode};

/// Signs that may stand where a form has a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Separators {
    /// White space inside a line.
    pub(super) space: bool,
    /// White space that breaks the line.
    pub(super) newline: bool,
    /// Signs, one bit for each of [`SIGNS`].
    pub(super) signs: u8,
}

/// The signs that a grammar may declare as separators, and their names in a file.
pub(super) const SIGNS: [(char, &str); 8] = [
    (',', "comma"),
    ('.', "dot"),
    ('*', "star"),
    ('#', "hash"),
    ('/', "slash"),
    (':', "colon"),
    (';', "semicolon"),
    ('-', "dash"),
];

impl Default for Separators {
    /// White space of any kind.
    fn default() -> Self {
        Self { space: true, newline: true, signs: 0 }
    }
}

impl Separators {
    pub(super) fn has(self, sign: char) -> bool {
        SIGNS.iter().enumerate().any(|(bit, &(known, _))| known == sign && self.signs & (1 << bit) != 0)
    }

    /// As it is printed: a space where that is one, else the first sign.
    pub(super) fn printed(self) -> &'static str {
        if self.space {
            return " ";
        }
        let sign = SIGNS.iter().enumerate().find(|(bit, _)| self.signs & (1 << bit) != 0);
        match sign.map(|(_, &(sign, _))| sign) {
            Some(',') => ",",
            Some('.') => ".",
            Some('*') => "*",
            Some('#') => "#",
            Some('/') => "/",
            Some(':') => ":",
            Some(';') => ";",
            Some('-') => "-",
            _ => "\n",
        }
    }

    /// Where a separator that begins at `at` ends: white space, or one sign with white space around it.
    pub(super) fn read(self, text: &str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let white = |mut at: usize| {
            let mut broken = false;
            while let Some(byte @ (b' ' | b'\n')) = bytes.get(at) {
                broken |= *byte == b'\n';
                at += 1;
            }
            (at, broken)
        };
        let (after, broken) = white(at);
        if let Some(&sign) = bytes.get(after)
            && self.signs != 0
            && self.has(char::from(sign))
        {
            return Some(white(after + 1).0);
        }
        let allowed = if broken { self.newline } else { self.space };
        (after > at && allowed).then_some(after)
    }
}

/// A keyword, or any other characters that a form wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As the grammar writes it.
    pub(super) written: String,
    /// Every folded spelling that counts as it.
    pub(super) spellings: Vec<String>,
    /// A value follows at once, so that a letter or digit behind it is no fault.
    pub(super) glued: bool,
}

impl Word {
    /// Holds a letter, so that it tells one form from another for people.
    pub(super) fn is_keyword(&self) -> bool {
        self.written.contains(char::is_alphabetic)
    }
}

/// One thing that a path wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Word(Word),
    Separator {
        required: bool,
        set: Separators,
    },
    Amount(AmountShape),
    Number(NumberShape),
    Username,
    Service,
    /// A PIN or the code of a voucher: so many digits.
    Digits {
        field: Field,
        width: (u32, u32),
        glued: bool,
        /// In groups of four too.
        grouped: bool,
    },
    Reference {
        width: (u32, u32),
        glued: bool,
        /// What reads as a telephone number is a reference too.
        may_be_number: bool,
    },
    Currency,
    Operator,
    Date,
    Integer {
        range: (u32, u32),
    },
    Text,
}

impl Step {
    /// The field that it reads, where it is one.
    pub(super) fn field(&self) -> Option<Field> {
        use crate::domain::LineKind;
        Some(match self {
            Self::Word(_) | Self::Separator { .. } => return None,
            Self::Amount(_) => Field::Amount,
            Self::Number(shape) if shape.kind == LineKind::Fixed => Field::Landline,
            Self::Number(_) => Field::Msisdn,
            Self::Username => Field::Username,
            Self::Service => Field::Service,
            Self::Digits { field, .. } => *field,
            Self::Reference { .. } => Field::Reference,
            Self::Currency => Field::Currency,
            Self::Operator => Field::Operator,
            Self::Date => Field::Date,
            Self::Integer { .. } => Field::Number,
            Self::Text => Field::Text,
        })
    }

    /// As it is named to people who expect it.
    pub(super) fn described(&self) -> String {
        match (self, self.field()) {
            (Self::Word(word), _) => format!("`{}`", word.written),
            (_, Some(field)) => field.described().to_owned(),
            (_, None) => "a space".to_owned(),
        }
    }
}

/// One way through a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// Index of its form.
    pub(super) form: usize,
    pub(super) steps: Vec<Step>,
}

impl Path {
    pub(super) fn has(&self, field: Field) -> bool {
        self.steps.iter().any(|step| step.field() == Some(field))
    }

    /// Its first keyword, of one word or several, as a customer writes it (`duo tv`).
    pub(super) fn keyword(&self) -> Option<String> {
        let mut keyword = String::new();
        for step in &self.steps {
            match step {
                Step::Word(word) if word.is_keyword() || !keyword.is_empty() => keyword.push_str(&word.written),
                Step::Separator { required: true, set } if !keyword.is_empty() => keyword.push_str(set.printed()),
                Step::Separator { .. } => {}
                _ if !keyword.is_empty() => break,
                _ => {}
            }
        }
        let keyword = keyword.trim();
        (!keyword.is_empty()).then(|| keyword.to_owned())
    }

    /// Holds values against each other, or an amount in cents: nobody writes like that who is shown how to write.
    pub(super) fn is_for_machines(&self) -> bool {
        let glued = self.steps.windows(2).any(|pair| pair.iter().all(|step| step.field().is_some()));
        glued || self.steps.iter().any(|step| matches!(step, Step::Amount(shape) if shape.cents))
    }

    /// Holds a number, of a mobile or of a fixed line.
    pub(super) fn takes_number(&self) -> bool {
        self.has(Field::Msisdn) || self.has(Field::Landline)
    }

    /// Holds nothing but words, numbers, amounts, user names and cards' codes, so that the order of these tells it.
    pub(super) fn is_told_by_ranks(&self) -> bool {
        let told = [Field::Msisdn, Field::Landline, Field::Amount, Field::Username, Field::Voucher];
        self.steps.iter().filter_map(Step::field).all(|field| told.contains(&field))
    }

    /// How many of its values are digits that are neither a number nor an amount.
    pub(super) fn other_digits(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Digits { .. } | Step::Integer { .. })).count()
    }
}

/// What amounts a form takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) whole_euros: bool,
    pub(super) min: Amount,
    pub(super) max: Amount,
    /// Exactly these, where there is a list.
    pub(super) only: Option<Vec<Amount>>,
    /// Differences for one operator's numbers, by its identifier.
    pub(super) operators: Vec<(String, OperatorLimits)>,
    /// Operators whose numbers are topped up; all where there is no list.
    pub(super) offered: Option<Vec<String>>,
}

/// Differences for one operator's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OperatorLimits {
    pub(super) only: Option<Vec<Amount>>,
    pub(super) min: Option<Amount>,
    pub(super) max: Option<Amount>,
}

/// A form with all that its text does not say.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) name: String,
    /// As the file writes it.
    pub(super) text: String,
    /// Its place in the file; of a form that every short code has, an empty one.
    pub(super) span: Range<usize>,
    pub(super) action: Action,
    /// Where the text itself does not name one by `{service}`.
    pub(super) service: Service,
    /// Whom it is for where the text names nobody.
    pub(super) target: FormTarget,
    pub(super) price: Option<Amount>,
    pub(super) limits: Limits,
    pub(super) language: Option<Language>,
    pub(super) priority: i64,
    pub(super) senders: Vec<String>,
    pub(super) links: Vec<String>,
    /// A text of this form, for people.
    pub(super) example: String,
    /// Its paths, by index.
    pub(super) paths: Range<usize>,
}

impl Form {
    /// One that every short code has without its file saying so.
    pub(super) fn is_built_in(&self) -> bool {
        self.span.is_empty()
    }
}

/// One bank's grammar.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) short_codes: Vec<ShortCode>,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) languages: Vec<Language>,
    pub(super) forms: Vec<Form>,
    pub(super) paths: Vec<Path>,
    pub(super) currency: Currency,
    /// Words for `{service}`, folded.
    pub(super) services: Vec<(String, Service)>,
    /// Words behind a form that say "once more", folded; the first is printed.
    pub(super) repeat: Vec<String>,
    /// Every word of every form, folded: none of them is anybody's user name.
    pub(super) reserved: HashSet<String>,
    pub(super) dispatch: Dispatch,
    /// Place of the file in the set.
    pub(super) file: usize,
}

/// Which paths a text can be of, by how it begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Dispatch {
    /// By the first word, folded.
    pub(super) by_word: HashMap<String, Vec<usize>>,
    /// Paths that begin with a value or with something that is not a whole word.
    pub(super) open: Vec<usize>,
}

impl Dispatch {
    /// The paths of which a text with this first word can be.
    pub(super) fn paths(&self, first_word: &str) -> impl Iterator<Item = usize> {
        let worded = if first_word.is_empty() { None } else { self.by_word.get(first_word) };
        worded.into_iter().flatten().chain(&self.open).copied()
    }
}

impl Bank {
    /// The paths of one form.
    pub(super) fn paths_of(&self, form: &Form) -> &[Path] {
        self.paths.get(form.paths.clone()).unwrap_or_default()
    }
}

/// The letters and digits that a folded text begins with.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    &text[..end]
}
