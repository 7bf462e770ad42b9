//! The code of a voucher: digits, in one piece or in groups.

use super::amount::Amount;
use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width, Widths};
use super::miss::Miss;
use super::token::{self, DigitsShape, GROUP_DIGITS};
use crate::grammar::action::Action;
use crate::grammar::automaton::{any_of, digit};

/// Digits of a code whose form does not say how many.
const DIGITS: u32 = 16;

/// The spelling of a code in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) struct VoucherShape {
    digits: DigitsShape,
    /// In groups of four too.
    grouped: bool,
}

/// The end of a code that begins at byte `at`.
pub(in crate::grammar) fn read(text: &str, at: usize, shape: VoucherShape) -> Result<usize, Miss> {
    let whole = token::digits(text, at, shape.digits);
    if shape.grouped { whole.or_else(|_| token::grouped_digits(text, at, shape.digits.width.0)) } else { whole }
}

impl VoucherShape {
    /// The number of its groups, if it may stand in groups.
    pub(in crate::grammar) fn groups(self) -> Option<usize> {
        self.grouped.then_some((self.digits.width.0 / GROUP_DIGITS) as usize)
    }

    /// The same for a code that stands alone.
    pub(in crate::grammar) fn alone(self) -> Self {
        Self { digits: DigitsShape { glued: false, ..self.digits }, ..self }
    }
}

/// `{voucher}`
pub(in crate::grammar) struct Voucher;

impl Kind for Voucher {
    const FACTS: Facts = Facts {
        width: Widths::Size(
            "write how many digits it has, at most 32: `{voucher:14}`, `{voucher:13-15}`, or `{voucher:16 \
                     grouped}` where it may stand in groups of four",
        ),
        is_other_digits: true,
        sort: Some(Sort::Card),
        serves: |action| matches!(action, Action::Recharge | Action::Forward),
        ..Facts::of(
            "voucher",
            "a voucher code",
            "16 digits; `{voucher:14}`; `{voucher:16 grouped}` also matches groups of four digits, joined by white space \
             or one dash",
        )
    };

    const KEPT: bool = true;

    type Shape = VoucherShape;
    type Read = ();

    fn fits(width: Width) -> bool {
        if !width.grouped {
            return width.counts_to(token::CHARACTERS_MAX);
        }
        let digits = width.low.filter(|_| width.high.is_none());
        digits.is_some_and(|digits| (8..=token::CHARACTERS_MAX).contains(&digits) && digits % GROUP_DIGITS == 0)
    }

    fn shape(width: Width, around: Around) -> VoucherShape {
        let digits = DigitsShape { width: width.span(DIGITS, DIGITS), glued: around.glued };
        VoucherShape { digits, grouped: width.grouped }
    }

    fn read(shape: VoucherShape, at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        read(input.text.folded(), at, shape).map(|end| ((), end))
    }

    fn texts(shape: VoucherShape, at: usize, builder: &mut Builder<'_>) -> usize {
        let (low, high) = shape.digits.width;
        if !shape.grouped {
            return builder.automaton.run(at, digit(), low, high);
        }
        // Any white space or dashes between two groups.
        let mut at = builder.automaton.run(at, digit(), GROUP_DIGITS, GROUP_DIGITS);
        for _ in 1..low / GROUP_DIGITS {
            let behind = builder.automaton.many(at, any_of(" \n-"));
            at = builder.automaton.run(behind, digit(), GROUP_DIGITS, GROUP_DIGITS);
        }
        at
    }

    fn print(shape: VoucherShape, _: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(token::digits_for_show(shape.digits.width.0))
    }

    /// As many digits as a code has, in a text without an amount.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let digits = sample.digits();
        let is_code = digits == DIGITS as usize && !sample.has::<Amount>() && !sample.has::<Self>();
        is_code.then(|| Guessed::to(sample.at + digits))
    }
}
