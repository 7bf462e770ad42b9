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
fn read(text: &str, at: usize, (low, high): (u32, u32)) -> Result<usize, Miss> {
    let taken: IResult<&str, &str> = digit1.parse(text.get(at..).unwrap_or_default());
    let (rest, digits) = taken.map_err(|_| Miss::absent(at))?;
    let fits =
        digits.len() <= high.to_string().len() && digits.parse().is_ok_and(|value| (low..=high).contains(&value));
    if fits && ends(rest) { Ok(at + digits.len()) } else { Err(Miss::absent(at)) }
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
    type Read = ();

    fn fits(width: Width) -> bool {
        !width.has_word() && width.low.zip(width.high).is_some_and(|(low, high)| low <= high)
    }

    /// Lowest and highest value.
    fn shape(width: Width, _: Around) -> (u32, u32) {
        width.span(0, HIGHEST)
    }

    fn read(range: (u32, u32), at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        read(input.text.folded(), at, range).map(|end| ((), end))
    }

    fn texts(range: (u32, u32), at: usize, builder: &mut Builder<'_>) -> usize {
        let most = u32::try_from(range.1.to_string().len()).unwrap_or(u32::MAX);
        builder.automaton.run(at, digit(), 1, most)
    }

    fn print(range: (u32, u32), _: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(range.0.to_string())
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
        assert_eq!(read("31", 0, (1, 31)), Ok(2));
        assert_eq!(read("07", 0, (1, 31)), Ok(2));
        assert!(read("32", 0, (1, 31)).is_err() && read("007", 0, (1, 31)).is_err());
    }
}
