//! A day of the calendar.

use chrono::NaiveDate;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::one_of;
use nom::{IResult, Parser};

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Width};
use super::miss::{Miss, ends};
use crate::grammar::automaton::{Automaton, any_of, digit, symbol};

/// A day to show a form with.
pub(in crate::grammar) const SHOWN: &str = "31.12.2026";

/// A day that exists: `31.12.2026`, `31/12/2026`, `31-12-2026`, `2026-12-31`, `31122026`, `20261231` is not one.
pub(in crate::grammar) fn read(text: &str, at: usize) -> Result<usize, Miss> {
    let input = text.get(at..).unwrap_or_default();
    let length = input.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '/' | '-')).unwrap_or(input.len());
    let written = input[..length].trim_end_matches('.');
    if day(written).is_some() && ends(&input[length..]) { Ok(at + written.len()) } else { Err(Miss::absent(at)) }
}

/// The day that is written so.
pub(in crate::grammar) fn day(written: &str) -> Option<NaiveDate> {
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

/// Days to 39 and months to 19 of this century.
pub(in crate::grammar) fn texts(at: usize, automaton: &mut Automaton) -> usize {
    let end = automaton.state();
    let (day, month, year) =
        ([any_of("0123"), digit()], [any_of("01"), digit()], [symbol('2'), symbol('0'), digit(), digit()]);
    for (parts, sign) in [
        ([&day[..], &month, &year], any_of("./-")),
        ([&year[..], &month, &day], any_of("./-")),
        ([&day[..], &month, &year], 0),
    ] {
        let mut place = at;
        for (number, part) in parts.into_iter().enumerate() {
            if number > 0 && sign != 0 {
                place = automaton.one(place, sign);
            }
            place = part.iter().fold(place, |place, symbols| automaton.one(place, *symbols));
        }
        automaton.free(place, end);
    }
    end
}

/// `{date}`
pub(in crate::grammar) struct Date;

impl Kind for Date {
    const FACTS: Facts = Facts::of("date", "a date", "a date that exists, as `31.12.2026`, `2026-12-31` or `31122026`");

    const KEPT: bool = true;

    type Shape = ();
    type Read = NaiveDate;

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<(NaiveDate, usize), Miss> {
        let text = input.text.folded();
        let end = read(text, at)?;
        let day = text.get(at..end).and_then(day).ok_or(Miss::absent(at))?;
        Ok((day, end))
    }

    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        texts(at, &mut builder.automaton)
    }

    fn print((): (), written: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(written.unwrap_or(SHOWN).to_owned())
    }

    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let end = read(sample.text, sample.at).ok().filter(|_| !sample.has::<Self>());
        end.map(Guessed::to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_exist() {
        for day in ["31.12.2026", "31/12/2026", "2026-12-31", "31122026", "29.02.2028"] {
            assert_eq!(read(day, 0), Ok(day.len()), "{day}");
        }
        for none in ["31.02.2026", "29.02.2026", "31.12/2026", "20261231", "1.1.2026", "31.12.26x", "5"] {
            assert!(read(none, 0).is_err(), "{none}");
        }
    }
}
