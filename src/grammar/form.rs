//! Compiled forms: a bank's file as it is read from.
//!
//! A form with alternatives and optional parts is kept as its [`Path`]s, each a plain row of [`Step`]s. That makes
//! reading a walk without choices, and printing, tracing, explaining and proving walk the same rows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::action::{Action, Evidence, FormTarget};
use super::fields::kind::Words;
use super::fields::own::OwnField;
use super::fields::{Field, Value};
use super::separators::Separators;
use super::verifier::Verifier;
use crate::domain::{Amount, Language, LineKind, Service, ShortCode};
use crate::text::own_reply::OwnReply;

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

    /// Tells whether this is one of its words, as `ref` is one of `;REF=`.
    pub(super) fn holds(&self, folded: &str) -> bool {
        self.spellings.iter().any(|spelling| spelling.split(|c: char| !c.is_alphanumeric()).any(|part| part == folded))
    }
}

/// One thing that a path wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Word(Word),
    Separator { required: bool, set: Separators },
    Value(Value),
    Own(Own),
}

/// A field of the bank's own in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) field: Arc<OwnField>,
    /// Another value follows at once.
    pub(super) glued: bool,
}

impl Step {
    /// The field that it reads, where it is one.
    pub(super) fn field(&self) -> Option<Field> {
        match self {
            Self::Word(_) | Self::Separator { .. } | Self::Own(_) => None,
            Self::Value(value) => Some(value.field()),
        }
    }

    /// The bank's own field that it reads, where it is one.
    pub(super) fn own(&self) -> Option<&OwnField> {
        match self {
            Self::Own(own) => Some(&own.field),
            Self::Word(_) | Self::Separator { .. } | Self::Value(_) => None,
        }
    }

    /// Names who is topped up.
    pub(super) fn names_target(&self) -> bool {
        match self {
            Self::Word(_) | Self::Separator { .. } => false,
            Self::Value(value) => value.field().facts().names_target,
            Self::Own(own) => own.field.account().is_some(),
        }
    }

    /// Tells whether it is a value, of any kind.
    pub(super) const fn is_value(&self) -> bool {
        matches!(self, Self::Value(_) | Self::Own(_))
    }

    /// As it is named to people who expect it.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Word(word) => format!("`{}`", word.written),
            Self::Separator { .. } => "a space".to_owned(),
            Self::Value(value) => value.field().facts().described.to_owned(),
            Self::Own(own) => own.field.described(),
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
        self.fields().any(|known| known == field)
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

    /// Begins with a keyword, or with a user name before one, so that its keyword tells a request of its own.
    pub(super) fn opens(&self) -> bool {
        match self.steps.first() {
            Some(Step::Word(word)) => word.is_keyword(),
            Some(Step::Value(value)) => value.field() == Field::Username,
            _ => false,
        }
    }

    /// Holds values against each other, or an amount in cents: nobody writes like that who is shown how to write.
    pub(super) fn is_for_machines(&self) -> bool {
        let glued = self.steps.windows(2).any(|pair| pair.iter().all(Step::is_value));
        glued || self.steps.iter().any(|step| matches!(step, Step::Value(Value::Amount(shape)) if shape.cents))
    }

    /// Holds a number, of a mobile or of a fixed line.
    pub(super) fn takes_number(&self) -> bool {
        self.has(Field::Msisdn) || self.has(Field::Landline)
    }

    /// Holds no number of the other kind.
    pub(super) fn fits(&self, kind: Option<LineKind>) -> bool {
        match kind {
            Some(LineKind::Mobile) => !self.has(Field::Landline),
            Some(LineKind::Fixed) => !self.has(Field::Msisdn),
            None => true,
        }
    }

    /// Names who is topped up.
    pub(super) fn names_target(&self) -> bool {
        self.steps.iter().any(Step::names_target)
    }

    /// Holds nothing but words and values that are recognised in any text, so that the order of these tells it.
    pub(super) fn is_told_by_sorts(&self) -> bool {
        self.fields().all(|field| field.facts().sort.is_some()) && self.own().next().is_none()
    }

    /// The kind of the account that a field of the bank's own names.
    pub(super) fn account_kind(&self) -> Option<&str> {
        self.own().find_map(OwnField::account)
    }

    /// Its fields of the bank's own.
    pub(super) fn own(&self) -> impl Iterator<Item = &OwnField> {
        self.steps.iter().filter_map(Step::own)
    }

    /// The count of its values that are digits that are neither a number nor an amount.
    pub(super) fn other_digits(&self) -> usize {
        self.fields().filter(|field| field.facts().is_other_digits).count()
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.steps.iter().filter_map(Step::field)
    }
}

/// The amounts that a form takes.
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

/// A request that is handed on.
#[derive(Debug, Clone)]
pub(super) struct Forwarding {
    pub(super) name: String,
    /// The form's own reply in each language, the first of the bank first; empty without one.
    pub(super) replies: Vec<(Language, OwnReply)>,
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
    /// The service, if the text itself does not name one by `{service}`.
    pub(super) service: Service,
    /// The account, if the text does not name one.
    pub(super) target: FormTarget,
    pub(super) price: Option<Amount>,
    /// The party that verifies its PIN; `None` if it has none.
    pub(super) pin: Option<Verifier>,
    pub(super) limits: Limits,
    pub(super) language: Option<Language>,
    /// The request that is handed on, for a form of that action.
    pub(super) forwarding: Option<Forwarding>,
    pub(super) priority: i64,
    pub(super) senders: Vec<String>,
    pub(super) links: Vec<String>,
    /// Names of fields that are matched and not kept.
    pub(super) discard: Vec<String>,
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
    pub(super) words: Words,
    pub(super) dispatch: Dispatch,
    /// Place of the file in the set.
    pub(super) file: usize,
}

/// The paths that a text can be of, by its beginning.
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
    /// The path is of a form that every short code has.
    pub(super) fn is_built_in(&self, path: usize) -> bool {
        self.paths.get(path).and_then(|path| self.forms.get(path.form)).is_some_and(Form::is_built_in)
    }

    /// The message that is shown to who asks how to write: the first of the file, before all of a request that anybody
    /// may send.
    pub(super) fn example(&self) -> Option<&str> {
        let shown = self.forms.iter().filter(|form| !form.example.is_empty() && !form.is_built_in());
        let is_open = |form: &Form| form.senders.is_empty() && form.links.is_empty();
        shown.min_by_key(|form| (!form.action.is_request(), !is_open(form))).map(|form| form.example.as_str())
    }

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
