//! The part behind the colon of a field of one's own.
//!
//! ```text
//! spec   = "digits" [width] | "word" [width] | "number" width | "date"
//! width  = number [("-" | "..") number]
//! ```

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{alpha1, digit1, space0};
use nom::combinator::{all_consuming, map_res, opt};
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

use crate::grammar::fields::token::CHARACTERS_MAX;

/// Highest number of a field.
pub(in crate::grammar) const NUMBER_MAX: u32 = 999_999_999;

/// The kind of a value with its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) enum Spec {
    /// Fewest and most digits.
    Digits(u32, u32),
    /// Fewest and most letters and digits.
    Word(u32, u32),
    /// Lowest and highest number.
    Number(u32, u32),
    Date,
}

impl Spec {
    pub(super) const fn is_fixed_width(self) -> bool {
        match self {
            Self::Digits(low, high) | Self::Word(low, high) => low == high,
            Self::Number(..) | Self::Date => false,
        }
    }
}

/// Reads a spec.
///
/// # Errors
/// The fault, and how it is written.
pub(in crate::grammar) fn parse(text: &str) -> Result<Spec, (String, String)> {
    let Ok((width, kind)) = alpha1::<_, nom::error::Error<&str>>.parse(text) else {
        return Err(unknown(text));
    };
    match kind {
        "digits" => width_of(width, kind, CHARACTERS_MAX).map(|(low, high)| Spec::Digits(low, high)),
        "word" => width_of(width, kind, CHARACTERS_MAX).map(|(low, high)| Spec::Word(low, high)),
        "number" => range(width).map(|(low, high)| Spec::Number(low, high)),
        "date" if width.trim().is_empty() => Ok(Spec::Date),
        _ => Err(unknown(text)),
    }
}

fn unknown(text: &str) -> (String, String) {
    let help = "write {name:digits 11-12}, {name:word}, {name:number 1-12} or {name:date}; a pattern or a table of words \
                is declared under [fields]";
    (format!("`{text}` is no kind of field"), help.to_owned())
}

/// Two numbers, or one that stands for both.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let number = |input| -> IResult<&str, u64> { map_res(digit1, str::parse).parse(input) };
    let to = alt((tag(".."), tag("-")));
    let mut width = all_consuming(preceded(space0, pair(number, opt(preceded(to, number)))));
    let (_, (low, high)) = width.parse(text.trim_end()).ok()?;
    Some((low, high.unwrap_or(low)))
}

fn width_of(text: &str, kind: &str, most: u32) -> Result<(u32, u32), (String, String)> {
    if text.trim().is_empty() {
        return Ok((1, most));
    }
    let fits = |&(low, high): &(u64, u64)| low >= 1 && low <= high && high <= u64::from(most);
    let found = numbers(text).filter(fits);
    let narrow = |(low, high)| Some((u32::try_from(low).ok()?, u32::try_from(high).ok()?));
    found.and_then(narrow).ok_or_else(|| {
        let help = format!("write how many characters it has, from 1 to {most}: {kind} 4, or {kind} 4-8");
        (format!("`{}` is no width", text.trim()), help)
    })
}

fn range(text: &str) -> Result<(u32, u32), (String, String)> {
    let fits = |&(low, high): &(u64, u64)| low <= high && high <= u64::from(NUMBER_MAX);
    let narrow = |(low, high)| Some((u32::try_from(low).ok()?, u32::try_from(high).ok()?));
    numbers(text).filter(fits).and_then(narrow).ok_or_else(|| {
        let help = format!("write its lowest and highest number, at most {NUMBER_MAX}: number 1-12");
        (format!("`{}` is no range", text.trim()), help)
    })
}
