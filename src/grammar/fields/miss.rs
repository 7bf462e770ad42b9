//! The failure to find something at its place.

use crate::domain::NumberProblem;

/// A value, a word or a separator that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) struct Miss {
    /// Byte of the folded text at which it was looked for.
    pub(in crate::grammar) at: usize,
    /// Byte behind what stands there instead, where that could be told.
    pub(in crate::grammar) end: usize,
    pub(in crate::grammar) problem: Problem,
}

/// The problem at a [`Miss`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) enum Problem {
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
    /// A value of the right shape that fails its check.
    Check,
    /// Another value than the one that it must repeat.
    Unequal,
    /// A complete form with something behind it.
    Leftover,
    /// A complete form, and a keyword in what looks like a signature.
    KeywordInSignature,
}

impl Miss {
    pub(in crate::grammar) const fn absent(at: usize) -> Self {
        Self { at, end: at, problem: Problem::Absent }
    }
}

/// Tells whether a word, an amount or a number that ends here really ends: no letter or digit goes on.
pub(in crate::grammar) fn ends(rest: &str) -> bool {
    !rest.starts_with(char::is_alphanumeric)
}
