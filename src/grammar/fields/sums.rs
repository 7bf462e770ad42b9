//! The digits of a sum: decimals behind a sign, and groups of three digits.

use nom::bytes::complete::take_while1;
use nom::character::complete::{digit1, one_of};
use nom::sequence::pair;
use nom::{IResult, Parser};

/// The signs that may stand before decimals, in a form whose separators may take one of them away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::grammar) struct Decimals {
    pub(in crate::grammar) comma: bool,
    pub(in crate::grammar) stop: bool,
}

pub(super) fn digits(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_digit()).parse(input)
}

pub(super) fn decimal(input: &str, decimals: Decimals) -> IResult<&str, (char, &str)> {
    let signs = match decimals {
        Decimals { comma: true, stop: true } => ",.",
        Decimals { comma: true, stop: false } => ",",
        Decimals { comma: false, stop: true } => ".",
        Decimals { comma: false, stop: false } => "",
    };
    pair(one_of(signs), digit1).parse(input)
}

/// The minor units of a sum with a sign behind its first digits, and the rest of the text; `None` without such a sign. An
/// error is the text behind a sum that can be read in two ways.
pub(super) fn signed<'t>(
    first: &str,
    rest: &'t str,
    signs: Decimals,
    decimals: u8,
) -> Option<Result<(&'t str, i64), &'t str>> {
    let (behind, (sign, fraction)) = decimal(rest, signs).ok()?;
    let simple = || Some((behind, parts(first.parse().ok()?, fraction, decimals)?));
    let read = match decimals {
        0 => grouped(first, rest, sign),
        _ => grouped_decimals(first, rest, (sign, signs), decimals).or_else(simple),
    };
    Some(read.ok_or(behind))
}

/// Minor units of a whole part and decimals; `None` if these are more than the currency has.
fn parts(whole: i64, fraction: &str, decimals: u8) -> Option<i64> {
    let missing = u32::from(decimals).checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let fraction = fraction.parse::<i64>().ok()?.checked_mul(10_i64.pow(missing))?;
    whole.checked_mul(10_i64.pow(decimals.into()))?.checked_add(fraction)
}

/// As [`grouped`], with decimals behind the other sign: `1.000,50` can be read in one way only.
fn grouped_decimals<'t>(
    first: &str,
    rest: &'t str,
    (sign, signs): (char, Decimals),
    decimals: u8,
) -> Option<(&'t str, i64)> {
    let (behind, units) = grouped(first, rest, sign)?;
    let (behind, (other, fraction)) = decimal(behind, signs).ok()?;
    Some((behind, parts(units, fraction, decimals).filter(|_| other != sign)?))
}

/// The units of one to three digits and groups of three behind them, each with the same sign before it, and the rest.
fn grouped<'t>(first: &str, mut rest: &'t str, sign: char) -> Option<(&'t str, i64)> {
    if first.len() > 3 || first.starts_with('0') {
        return None;
    }
    let mut units: i64 = first.parse().ok()?;
    while let Some(behind) = rest.strip_prefix(sign).filter(|behind| behind.starts_with(|c: char| c.is_ascii_digit())) {
        let (behind, group) = digits(behind).ok()?;
        units = Some(group)
            .filter(|group| group.len() == 3)?
            .parse::<i64>()
            .ok()?
            .checked_add(units.checked_mul(1_000)?)?;
        rest = behind;
    }
    Some((rest, units))
}
