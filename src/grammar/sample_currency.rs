//! The words for the currency in samples.

use super::fields::miss::Problem;
use super::fields::money::{self, AmountShape, Money};
use super::placeholder::filled;
use crate::domain::NumberingPlan;
use crate::text::normalise::normalise;

/// Most digits of an amount.
const AMOUNT_DIGITS: usize = 8;

/// The word for another currency than the usual one, with an amount of a sample.
pub(super) fn currency_of(sample: &str, plan: &NumberingPlan) -> Option<String> {
    let filled = filled(sample, plan).ok()?;
    let text = normalise(&filled.text).ok()?;
    let money = Money::new(None, AMOUNT_DIGITS);
    let folded = text.folded();
    let starts = folded.char_indices().map(|(at, _)| at).filter(|&at| !folded[..at].ends_with(char::is_alphanumeric));
    let mut found = starts.filter_map(|at| {
        let miss = money::read(folded, at, AmountShape::default(), &money).err()?;
        (miss.problem == Problem::OtherCurrency).then(|| folded[at..miss.end].to_owned())
    });
    let word = |amount: String| {
        let word = amount.replace(|c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ','), "");
        (!word.is_empty()).then_some(word)
    };
    found.find_map(word)
}
