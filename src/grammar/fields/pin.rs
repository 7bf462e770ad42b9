//! A personal identification number, and the one that takes its place.

use std::ops::RangeInclusive;

use super::amount::Amount;
use super::date;
use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width, Widths};
use super::miss::Miss;
use super::token::{self, DigitsShape};
use crate::domain::Reason;
use crate::grammar::action::Action;
use crate::grammar::automaton::digit;

/// Digits behind an amount that a sample's PIN or code has.
const GUESSED_DIGITS: RangeInclusive<usize> = 4..=16;

/// `{pin}`
pub(in crate::grammar) type Pin = PinOf<false>;

/// `{new_pin}`
pub(in crate::grammar) type NewPin = PinOf<true>;

/// A PIN, or the one that takes its place.
pub(in crate::grammar) struct PinOf<const NEW: bool>;

const PIN: Facts = Facts {
    width: Widths::Size("write how many characters it has, at most 32: `{pin:4}` or `{pin:4-8}`"),
    is_other_digits: true,
    sort: Some(Sort::Pin),
    absent: Some(Reason::PinMissing),
    ..Facts::of("pin", "a PIN", "4 to 8 digits; `{pin:4}`, `{pin:4-6}`")
};

const NEW_PIN: Facts = Facts {
    name: "new_pin",
    described: "a new PIN",
    reads: "the new PIN that replaces it, in the same ways",
    width: Widths::Size("write how many characters it has, at most 32: `{new_pin:4}` or `{new_pin:4-8}`"),
    serves: |action| action.is_pin() || matches!(action, Action::Forward),
    ..PIN
};

/// A PIN that is nobody's, of so many digits; the new one differs from the old one.
pub(in crate::grammar) fn for_show(digits: usize, is_new: bool) -> String {
    let shown = token::digits_for_show(u32::try_from(digits).unwrap_or(token::CHARACTERS_MAX));
    if is_new { shown.chars().rev().collect() } else { shown }
}

impl<const NEW: bool> Kind for PinOf<NEW> {
    const FACTS: Facts = if NEW { NEW_PIN } else { PIN };

    const KEPT: bool = true;

    type Shape = DigitsShape;
    type Read = ();

    fn fits(width: Width) -> bool {
        width.counts_to(token::CHARACTERS_MAX)
    }

    fn shape(width: Width, around: Around) -> DigitsShape {
        DigitsShape { width: width.span(4, 8), glued: around.glued }
    }

    fn read(shape: DigitsShape, at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        token::digits(input.text.folded(), at, shape).map(|end| ((), end))
    }

    fn texts(shape: DigitsShape, at: usize, builder: &mut Builder<'_>) -> usize {
        builder.automaton.run(at, digit(), shape.width.0, shape.width.1)
    }

    /// Never one that was typed.
    fn print(shape: DigitsShape, _: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(for_show(shape.width.0 as usize, NEW))
    }

    /// Digits behind an amount that are no day.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let digits = sample.digits();
        let is_pin = !NEW && sample.has::<Amount>() && !sample.has::<Self>() && GUESSED_DIGITS.contains(&digits);
        let is_day = date::read(sample.text, sample.at).is_ok();
        (is_pin && !is_day).then(|| Guessed { width: format!(":{digits}"), end: sample.at + digits })
    }
}
