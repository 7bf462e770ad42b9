//! Values that are one token: user names, PINs, references, codes, dates, small numbers.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::{digit1, one_of};
use nom::{IResult, Parser};

use super::{Miss, Problem, ends};
use crate::grammar::pattern::GROUP_DIGITS;
use crate::text::fold::is_mixed_script;
use crate::text::normalise::Normalised;

/// How many characters a user name has.
const USERNAME_LENGTH: RangeInclusive<usize> = 2..=32;

/// Whether a character may stand in a user name.
pub(in crate::grammar) fn in_username(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@')
}

/// A user name: 2 to 32 letters, digits and `.` `_` `-` `@`, a letter among them, of one script; a full stop that ends it
/// is punctuation. The end of it; what was typed there is taken from the original text.
pub(in crate::grammar) fn username(text: &Normalised<'_>, at: usize) -> Result<usize, Miss> {
    let input = text.folded().get(at..).unwrap_or_default();
    let length = input.find(|c| !in_username(c)).unwrap_or(input.len());
    let name = input[..length].trim_end_matches('.');
    if name.is_empty() {
        return Err(Miss::absent(at));
    }
    let end = at + name.len();
    let typed = text.as_typed(at..end);
    let valid = name.contains(char::is_alphabetic)
        && USERNAME_LENGTH.contains(&typed.chars().count())
        && !is_mixed_script(&typed);
    if valid { Ok(end) } else { Err(Miss { at, end, problem: Problem::Username }) }
}

/// Digits, as many as `width` says, and no more behind them unless `glued`.
pub(in crate::grammar) fn digits(text: &str, at: usize, width: (u32, u32), glued: bool) -> Result<usize, Miss> {
    run(text, at, width, glued, |c| c.is_ascii_digit())
}

/// So many digits in groups of four, with white space or one dash between two of them.
pub(in crate::grammar) fn grouped_digits(text: &str, at: usize, width: u32) -> Result<usize, Miss> {
    let mut end = digits(text, at, (GROUP_DIGITS, GROUP_DIGITS), false)?;
    for _ in 1..width / GROUP_DIGITS {
        let rest = text.get(end..).unwrap_or_default();
        let group = rest.strip_prefix('-').unwrap_or_else(|| rest.trim_start_matches([' ', '\n']));
        if group.len() == rest.len() {
            return Err(Miss::absent(at));
        }
        let start = text.len() - group.len();
        end = digits(text, start, (GROUP_DIGITS, GROUP_DIGITS), false).map_err(|_| Miss::absent(at))?;
    }
    Ok(end)
}

/// Words behind a form that say "once more", unless the bank declares its own.
pub(in crate::grammar) const REPETITIONS: [&str; 3] = ["prap", "opet", "again"];

/// A bank's reference: letters, digits, `-` and `_`. A word that marks a repetition is none: taken for one, it would
/// make every later request under it a duplicate for ever.
pub(in crate::grammar) fn reference(text: &str, at: usize, width: (u32, u32), glued: bool) -> Result<usize, Miss> {
    let end = run(text, at, width, glued, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))?;
    let marks_repetition = text.get(at..end).is_some_and(|word| REPETITIONS.contains(&word));
    if marks_repetition { Err(Miss::absent(at)) } else { Ok(end) }
}

fn run(text: &str, at: usize, (low, high): (u32, u32), glued: bool, of: impl Fn(char) -> bool) -> Result<usize, Miss> {
    let input = text.get(at..).unwrap_or_default();
    let taken: IResult<&str, &str> = take_while_m_n(low as usize, high as usize, of).parse(input);
    match taken {
        Ok((rest, taken)) if glued || ends(rest) => Ok(at + taken.len()),
        _ => Err(Miss::absent(at)),
    }
}

/// A whole number within a range; leading zeros only up to the digits of the highest.
pub(in crate::grammar) fn integer(text: &str, at: usize, (low, high): (u32, u32)) -> Result<usize, Miss> {
    let taken: IResult<&str, &str> = digit1.parse(text.get(at..).unwrap_or_default());
    let (rest, digits) = taken.map_err(|_| Miss::absent(at))?;
    let fits =
        digits.len() <= high.to_string().len() && digits.parse().is_ok_and(|value| (low..=high).contains(&value));
    if fits && ends(rest) { Ok(at + digits.len()) } else { Err(Miss::absent(at)) }
}

/// A day that exists: `31.12.2026`, `31/12/2026`, `31-12-2026`, `2026-12-31`, `31122026`, `20261231` is not one.
pub(in crate::grammar) fn date(text: &str, at: usize) -> Result<usize, Miss> {
    let input = text.get(at..).unwrap_or_default();
    let length = input.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '/' | '-')).unwrap_or(input.len());
    let written = input[..length].trim_end_matches('.');
    if calendar_day(written).is_some() && ends(&input[length..]) {
        Ok(at + written.len())
    } else {
        Err(Miss::absent(at))
    }
}

fn calendar_day(written: &str) -> Option<NaiveDate> {
    fn number(digits: usize) -> impl FnMut(&str) -> IResult<&str, u32> {
        move |input| {
            let all = take_while_m_n(digits, digits, |c: char| c.is_ascii_digit());
            nom::combinator::map_res(all, str::parse).parse(input)
        }
    }
    fn sign(input: &str) -> IResult<&str, char> {
        one_of("./-").parse(input)
    }
    let day_first: IResult<&str, _> = (number(2), sign, number(2), sign, number(4)).parse(written);
    if let Ok(("", (day, first, month, second, year))) = day_first {
        return day_of(year, month, day).filter(|_| first == second);
    }
    let year_first: IResult<&str, _> = (number(4), sign, number(2), sign, number(2)).parse(written);
    if let Ok(("", (year, first, month, second, day))) = year_first {
        return day_of(year, month, day).filter(|_| first == second);
    }
    let glued: IResult<&str, _> = (number(2), number(2), number(4)).parse(written);
    match glued {
        Ok(("", (day, month, year))) => day_of(year, month, day),
        _ => None,
    }
}

/// Years of this century only, so that `20261231` is not the year 1231.
fn day_of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| (2000..2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise::normalise;

    fn name(text: &str) -> Result<String, Problem> {
        let text = normalise(text).unwrap();
        let end = username(&text, 0).map_err(|miss| miss.problem)?;
        Ok(text.as_typed(0..end).into_owned())
    }

    #[test]
    fn user_names_are_as_they_were_typed() {
        for typed in ["Arben1", "shfrytëzuesi1", "a.b_c-d@ipko.com", "ab", "Шифра1", "1a"] {
            assert_eq!(name(typed), Ok(typed.into()));
        }
        assert_eq!(name("arben."), Ok("arben".into()));
        assert_eq!(name("arben!"), Ok("arben".into()));
        for refused in ["a", "12345", "aрben", "--"] {
            assert_eq!(name(refused), Err(Problem::Username), "{refused}");
        }
        assert_eq!(name(&"a".repeat(33)), Err(Problem::Username));
        assert_eq!(name("!arben"), Err(Problem::Absent));
    }

    #[test]
    fn days_exist() {
        for day in ["31.12.2026", "31/12/2026", "2026-12-31", "31122026", "29.02.2028"] {
            assert_eq!(date(day, 0), Ok(day.len()), "{day}");
        }
        for none in ["31.02.2026", "29.02.2026", "31.12/2026", "20261231", "1.1.2026", "31.12.26x", "5"] {
            assert!(date(none, 0).is_err(), "{none}");
        }
    }

    #[test]
    fn widths_and_ranges() {
        assert_eq!(digits("1234 5", 0, (4, 4), false), Ok(4));
        assert!(digits("12345", 0, (4, 4), false).is_err());
        assert_eq!(digits("12345", 0, (4, 4), true), Ok(4));
        assert_eq!(reference("a81-7;", 0, (1, 32), false), Ok(5));
        assert_eq!(integer("31", 0, (1, 31)), Ok(2));
        assert_eq!(integer("07", 0, (1, 31)), Ok(2));
        assert!(integer("32", 0, (1, 31)).is_err() && integer("007", 0, (1, 31)).is_err());
    }
}
