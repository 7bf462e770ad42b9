//! A whole number within a range.

use nom::character::complete::digit1;
use nom::{IResult, Parser};

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Width, Widths};
use super::miss::{Miss, ends};
use crate::grammar::automaton::digit;

/// Highest number of a form that gives no range.
const HIGHEST: u32 = 999_999;

/// Digits of a sample that are a customer's own and no word of the form.
const GUESSED_DIGITS: std::ops::RangeInclusive<usize> = 6..=9;

/// A whole number within a range; leading zeros only up to the digits of the highest.
pub(in crate::grammar) fn read(text: &str, at: usize, (low, high): (u32, u32)) -> Result<(u32, usize), Miss> {
    let taken: IResult<&str, &str> = digit1.parse(text.get(at..).unwrap_or_default());
    let (rest, digits) = taken.map_err(|_| Miss::absent(at))?;
    let value = digits.parse().ok().filter(|value| (low..=high).contains(value));
    let fits = digits.len() <= high.to_string().len() && ends(rest);
    value.filter(|_| fits).map(|value| (value, at + digits.len())).ok_or(Miss::absent(at))
}

/// Count of the digits of a number.
pub(in crate::grammar) fn digits_of(number: u32) -> u32 {
    u32::try_from(number.to_string().len()).unwrap_or(u32::MAX)
}

/// `{number}`
pub(in crate::grammar) struct Integer;

impl Kind for Integer {
    const FACTS: Facts = Facts {
        width: Widths::Range("write its lowest and highest value: `{number:1-31}`"),
        is_other_digits: true,
        ..Facts::of("number", "a number", "a whole number in a range, such as `{number:1-31}`")
    };

    const KEPT: bool = true;

    type Shape = (u32, u32);
    type Read = u32;

    fn fits(width: Width) -> bool {
        !width.has_word() && width.low.zip(width.high).is_some_and(|(low, high)| low <= high)
    }

    /// Lowest and highest value.
    fn shape(width: Width, _: Around) -> (u32, u32) {
        width.span(0, HIGHEST)
    }

    fn read(range: (u32, u32), at: usize, input: &mut Input<'_, '_>) -> Result<(u32, usize), Miss> {
        read(input.text.folded(), at, range)
    }

    fn texts(range: (u32, u32), at: usize, builder: &mut Builder<'_>) -> usize {
        builder.automaton.run(at, digit(), 1, digits_of(range.1))
    }

    fn print(range: (u32, u32), written: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(written.map_or_else(|| range.0.to_string(), str::to_owned))
    }

    /// Digits that no other kind takes, so that no customer's number becomes a word of the form.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let digits = sample.digits();
        let end = sample.at + digits;
        let is_alone = sample.text.get(end..).is_some_and(ends);
        let is_own = is_alone && GUESSED_DIGITS.contains(&digits) && !sample.has::<Self>();
        is_own.then(|| Guessed { width: format!(":0-{}", "9".repeat(digits)), end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_within_its_range() {
        assert_eq!(read("31", 0, (1, 31)), Ok((31, 2)));
        assert_eq!(read("07", 0, (1, 31)), Ok((7, 2)));
        assert!(read("32", 0, (1, 31)).is_err() && read("007", 0, (1, 31)).is_err());
    }
}
