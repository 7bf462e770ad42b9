//! The ways through forms. A form with alternatives and optional parts is kept as its [`Path`]s, each a plain row of
//! [`Step`]s. That makes reading a walk without choices, and printing, tracing, explaining and proving walk the same rows.

use std::sync::Arc;

use super::fields::own::OwnField;
use super::fields::{Field, Value};
use super::separators::Separators;
use crate::domain::LineKind;

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
    List(Mark),
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// The first item begins.
    Begin,
    /// An item ends.
    End,
    /// The list may end here, or go on.
    More(Arc<More>),
}

/// The items that a list may have beside those that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct More {
    /// A separator, an item and its end.
    pub(super) steps: Vec<Step>,
    /// Most of them.
    pub(super) times: usize,
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
            Self::Word(_) | Self::Separator { .. } | Self::Own(_) | Self::List(_) => None,
            Self::Value(value) => Some(value.field()),
        }
    }

    /// The bank's own field that it reads, where it is one.
    pub(super) fn own(&self) -> Option<&OwnField> {
        match self {
            Self::Own(own) => Some(&own.field),
            Self::Word(_) | Self::Separator { .. } | Self::Value(_) | Self::List(_) => None,
        }
    }

    /// The PIN that it reads. A secret of the bank's own counts as one.
    pub(super) fn pin(&self) -> Option<Field> {
        match self {
            Self::Value(value) => Some(value.field()).filter(|field| matches!(field, Field::Pin | Field::NewPin)),
            Self::Own(own) => own.field.secret.then_some(Field::Pin),
            Self::Word(_) | Self::Separator { .. } | Self::List(_) => None,
        }
    }

    /// Fewest and most digits of the PIN that it reads.
    pub(super) fn pin_width(&self) -> Option<(u32, u32)> {
        match self {
            Self::Value(Value::Pin(shape) | Value::NewPin(shape)) => Some(shape.width),
            Self::Own(own) => own.field.secret_width(),
            Self::Word(_) | Self::Separator { .. } | Self::Value(_) | Self::List(_) => None,
        }
    }

    /// Names who is topped up.
    pub(super) fn names_target(&self) -> bool {
        match self {
            Self::Word(_) | Self::Separator { .. } | Self::List(_) => false,
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
            Self::Separator { set, .. } if set.space || set.newline => "a space".to_owned(),
            Self::Separator { set, .. } => format!("`{}`", set.printed()),
            Self::Value(value) => value.field().facts().described.to_owned(),
            Self::Own(own) => own.field.described(),
            Self::List(Mark::Begin) => "a list".to_owned(),
            Self::List(Mark::End) => "the end of an item".to_owned(),
            Self::List(Mark::More(_)) => "another item".to_owned(),
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
                Step::Separator { .. } | Step::List(_) => {}
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

    /// The items that a text of it has at least; 0 if it has no list.
    pub(super) fn items(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::List(Mark::End))).count()
    }

    /// Holds values against each other, or an amount in minor units: nobody writes like that who is shown how to write.
    pub(super) fn is_for_machines(&self) -> bool {
        let glued = self.steps.windows(2).any(|pair| pair.iter().all(Step::is_value));
        glued || self.steps.iter().any(|step| matches!(step, Step::Value(Value::Amount(shape)) if shape.minor))
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
        let secrets = self.own().filter(|field| field.secret).count();
        self.fields().filter(|field| field.facts().is_other_digits).count() + secrets
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.steps.iter().filter_map(Step::field)
    }
}
