//! Fields of a bank's own: `{meter:digits 11-12}` in a form, or a name that `[fields]` declares for all forms of the file.
//!
//! - [`OwnField`]: its name, its kind, and the checks of its values
//! - `account`: fields that name an account
//! - `spec`: the part behind the colon; `file`: the section `[fields]`
//! - `values`: reading, writing and the automaton of each kind
//! - `checks`: prefixes and check digits
//! - `pattern`: patterns in the syntax of the regex crate

mod account;
mod checks;
pub(in crate::grammar) mod file;
mod pattern;
pub(in crate::grammar) mod spec;
mod values;

use std::ops::Range;
use std::sync::Arc;

use checks::Checks;
use pattern::Pattern;
use spec::Spec;

use crate::domain::{Amount, Service};
use crate::grammar::walk::Placed;

/// Most characters of a name.
pub(in crate::grammar) const NAME_CHARS_MAX: usize = 32;

/// A field of a bank's own. Two are equal if texts cannot tell them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct OwnField {
    pub(in crate::grammar) name: String,
    kind: Kind,
    checks: Checks,
    /// The value is never stored, printed or sent on.
    pub(in crate::grammar) secret: bool,
    /// A value for people who are shown the form.
    example: Option<String>,
    /// The kind of the accounts that its values name.
    account: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Plain(Spec),
    Pattern(Pattern),
    Words(Vec<Row>),
}

/// One line of a table of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct Row {
    /// The word that is kept, whichever of its spellings was written.
    pub(in crate::grammar) value: String,
    /// Every folded spelling that counts as it.
    spellings: Vec<String>,
    pub(in crate::grammar) price: Option<Amount>,
    pub(in crate::grammar) service: Option<Service>,
    /// Identifier of an operator.
    pub(in crate::grammar) operator: Option<Placed<String>>,
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct OwnCapture {
    pub(in crate::grammar) field: Arc<OwnField>,
    /// Bytes of the folded text.
    pub(in crate::grammar) range: Range<usize>,
    /// Index of the line, if the field is a table.
    row: Option<usize>,
}

impl OwnField {
    /// As a form declares it by itself.
    pub(in crate::grammar) fn inline(name: &str, spec: Spec) -> Self {
        let (kind, checks) = (Kind::Plain(spec), Checks::default());
        Self { name: name.to_owned(), kind, checks, secret: false, example: None, account: None }
    }

    /// Another value may follow at once, because this one has always as many characters.
    pub(in crate::grammar) fn is_fixed_width(&self) -> bool {
        match self.kind {
            Kind::Plain(spec) => spec.is_fixed_width(),
            Kind::Pattern(_) | Kind::Words(_) => false,
        }
    }

    /// Fewest and most digits of a secret.
    pub(in crate::grammar) fn secret_width(&self) -> Option<(u32, u32)> {
        match self.kind {
            Kind::Plain(Spec::Digits(low, high)) if self.secret => Some((low, high)),
            _ => None,
        }
    }

    /// The lines of a table; none of another kind.
    pub(in crate::grammar) fn rows(&self) -> &[Row] {
        match &self.kind {
            Kind::Words(rows) => rows,
            Kind::Plain(_) | Kind::Pattern(_) => &[],
        }
    }

    /// The prices of its words.
    pub(in crate::grammar) fn prices(&self) -> impl Iterator<Item = Amount> {
        self.rows().iter().filter_map(|row| row.price)
    }

    /// Each line sets a price.
    pub(in crate::grammar) fn has_price(&self) -> bool {
        self.rows().iter().any(|row| row.price.is_some())
    }

    /// Each line names a service.
    pub(in crate::grammar) fn has_service(&self) -> bool {
        self.rows().iter().any(|row| row.service.is_some())
    }

    /// Some line names an operator.
    pub(in crate::grammar) fn has_operator(&self) -> bool {
        self.rows().iter().any(|row| row.operator.is_some())
    }

    /// Its values may be any words.
    pub(in crate::grammar) const fn is_any_word(&self) -> bool {
        matches!(self.kind, Kind::Pattern(_) | Kind::Plain(Spec::Word(..)))
    }

    /// A character that its values may hold, if it is one of `signs`.
    pub(in crate::grammar) fn sign_of(&self, signs: impl Fn(char) -> bool) -> Option<char> {
        match &self.kind {
            Kind::Pattern(pattern) => pattern.signs().find(|sign| signs(*sign)),
            Kind::Plain(_) | Kind::Words(_) => None,
        }
    }
}

impl OwnCapture {
    /// The line of the table.
    pub(in crate::grammar) fn row(&self) -> Option<&Row> {
        self.field.rows().get(self.row?)
    }
}

/// Tells whether a field may have this name.
pub(in crate::grammar) fn is_name(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod right_form_tests;
#[cfg(test)]
mod tests;
