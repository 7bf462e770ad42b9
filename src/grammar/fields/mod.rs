//! One reader for each kind of value, all over the folded text.
//!
//! A reader is given a text and the byte at which the value has to begin. It answers with the value and the byte behind
//! it, or with a [`Miss`]; nothing is allocated on the way to a miss, because most forms miss most texts.

pub(super) mod amount;
pub(super) mod number;
pub(super) mod token;

use crate::domain::NumberProblem;

/// Why a value, a word or a separator is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Miss {
    /// Byte of the folded text at which it was looked for.
    pub(super) at: usize,
    /// Byte behind what stands there instead, where that could be told.
    pub(super) end: usize,
    /// What is wrong with it.
    pub(super) problem: Problem,
}

/// What is wrong at a [`Miss`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Something else stands there.
    Absent,
    /// Digits that are no number of the plan, or of the wrong length.
    Number(NumberProblem),
    /// A mobile where a fixed line belongs, or the other way round.
    WrongKind,
    /// An amount that can be read two ways.
    Ambiguous,
    /// An amount in another currency.
    OtherCurrency,
    /// A user name with characters or a length that none has.
    Username,
    /// A complete form with something behind it.
    Leftover,
    /// A complete form, and a keyword in what looks like a signature.
    KeywordInSignature,
}

impl Miss {
    pub(super) const fn absent(at: usize) -> Self {
        Self { at, end: at, problem: Problem::Absent }
    }
}

/// Whether a word, an amount or a number that ends here really ends: no letter or digit goes on.
pub(super) fn ends(rest: &str) -> bool {
    !rest.starts_with(char::is_alphanumeric)
}
