//! Templates: the numbers and texts of the messages that are sent, and the texts that are expected as replies.
//!
//! | in a template | |
//! | --- | --- |
//! | `{n:6}` | the number of the subscriber, with zeros up to six digits |
//! | `{amount}` | the amount of the message; in a reply always with the decimals of the currency |
//! | `*` | any characters; only in expected replies |

use std::io::Write;
use std::sync::Arc;

use crate::text::gloss::Confirmations;

/// Most digits of `{n:WIDTH}`.
const WIDTH_MAX: usize = 9;
/// Octets of a number or an amount in digits.
const FIELD_MAX: usize = 24;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("`{0}` has no closing brace")]
    Open(String),
    #[error("there is no field `{{{0}}}`: use {{n:WIDTH}}, with a width from 1 to {WIDTH_MAX}, and {{amount}}")]
    Field(String),
    #[error("a number has at most 20 digits and exactly one {{n:WIDTH}}, as in 38349{{n:6}}")]
    Number,
    #[error("`{0}` is not an amount: write a whole one, or one with all decimals of the currency, as 2.50")]
    Amount(String),
    #[error("the text `{0}` does not fit one SMS")]
    TooLong(String),
    #[error("there must be at least one")]
    Nothing,
    #[error("there are only {0} numbers from the first one on")]
    TooFew(u32),
}

/// Values of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Values {
    /// Number of the subscriber within its template.
    pub(super) n: u32,
    pub(super) minor: u32,
    /// Decimals of the currency.
    pub(super) decimals: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Number(usize),
    Amount,
    Any,
}

/// Digits of one value, without an allocation.
#[derive(Clone, Copy)]
pub(super) struct Field {
    octets: [u8; FIELD_MAX],
    length: usize,
}

impl Field {
    fn of(arguments: std::fmt::Arguments<'_>) -> Self {
        let mut octets = [0; FIELD_MAX];
        let mut rest = octets.as_mut_slice();
        // Numbers of 32 bits always fit.
        drop(rest.write_fmt(arguments));
        let length = FIELD_MAX - rest.len();
        Self { octets, length }
    }

    pub(super) fn as_str(&self) -> &str {
        let octets = self.octets.get(..self.length).unwrap_or_default();
        std::str::from_utf8(octets).unwrap_or_default()
    }
}

pub(super) fn number(n: u32, width: usize) -> Field {
    Field::of(format_args!("{n:0width$}"))
}

fn money(minor: u32, decimals: u32, is_short: bool) -> Field {
    let width = usize::try_from(decimals).unwrap_or_default();
    let unit = 10_u32.saturating_pow(decimals);
    let (whole, rest) = (minor / unit, minor % unit);
    if decimals == 0 || is_short && rest == 0 {
        Field::of(format_args!("{whole}"))
    } else {
        Field::of(format_args!("{whole}.{rest:0width$}"))
    }
}

/// An amount with all decimals.
pub(super) fn plain(minor: u32, decimals: u32) -> String {
    money(minor, decimals, false).as_str().to_owned()
}

/// Splits a template into its parts. `*` is a part only if `has_any`.
pub(super) fn parts(template: &str, has_any: bool) -> Result<Vec<Part>, BadTemplate> {
    let mut parts = Vec::new();
    let mut rest = template;
    let ends: &[char] = if has_any { &['{', '*'] } else { &['{'] };
    while let Some(at) = rest.find(ends) {
        let (literal, field) = rest.split_at(at);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        if let Some(after) = field.strip_prefix('*') {
            parts.push(Part::Any);
            rest = after;
            continue;
        }
        let inner = field.strip_prefix('{').unwrap_or_default();
        let (name, after) = inner.split_once('}').ok_or_else(|| BadTemplate::Open(field.to_owned()))?;
        parts.push(part(name)?);
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
}

fn part(name: &str) -> Result<Part, BadTemplate> {
    let unknown = || BadTemplate::Field(name.to_owned());
    match name.split_once(':') {
        None if name == "amount" => Ok(Part::Amount),
        None if name == "n" => Ok(Part::Number(1)),
        Some(("n", width)) => {
            let width: usize = width.parse().map_err(|_| unknown())?;
            if (1..=WIDTH_MAX).contains(&width) { Ok(Part::Number(width)) } else { Err(unknown()) }
        }
        _ => Err(unknown()),
    }
}

/// The text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

impl Template {
    /// # Errors
    /// A field is unknown or not closed.
    pub(super) fn parse(template: &str) -> Result<Self, BadTemplate> {
        parts(template, false).map(Self)
    }

    /// Appends the text of a message. Amounts have decimals only if they are not whole.
    pub(super) fn render(&self, values: Values, out: &mut String) {
        for part in &self.0 {
            match part {
                Part::Literal(literal) => out.push_str(literal),
                Part::Number(width) => out.push_str(number(values.n, *width).as_str()),
                Part::Amount => out.push_str(money(values.minor, values.decimals, true).as_str()),
                Part::Any => {}
            }
        }
    }
}

/// The text of a reply that confirms a message.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    Template(Vec<Part>),
    /// Any confirmation of a top-up that the texts of the country have.
    Confirmed(Arc<Confirmations>),
}

impl Expected {
    /// # Errors
    /// A field is unknown or not closed.
    pub(super) fn parse(template: &str) -> Result<Self, BadTemplate> {
        parts(template, true).map(Self::Template)
    }

    /// Returns true if `text` is what this message is to be answered with.
    pub(super) fn is(&self, text: &str, values: Values) -> bool {
        match self {
            Self::Template(parts) => matches(parts, text, values),
            Self::Confirmed(texts) => texts.confirm(text, money(values.minor, values.decimals, false).as_str()),
        }
    }
}

fn matches(parts: &[Part], text: &str, values: Values) -> bool {
    let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
    let field = match first {
        Part::Literal(literal) => return text.strip_prefix(literal).is_some_and(|text| matches(rest, text, values)),
        Part::Any => {
            let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            return rest.is_empty() || starts.any(|at| text.get(at..).is_some_and(|text| matches(rest, text, values)));
        }
        Part::Number(width) => number(values.n, *width),
        Part::Amount => money(values.minor, values.decimals, false),
    };
    text.strip_prefix(field.as_str()).is_some_and(|text| matches(rest, text, values))
}

/// Returns true if the text has the amount of the message, with all decimals, whatever the signs of its language are.
pub(super) fn has_amount(text: &str, values: Values) -> bool {
    let amount = money(values.minor, values.decimals, false);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = digits(amount.as_str());
    let decimals = usize::try_from(values.decimals).unwrap_or_default();
    let mut runs = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    runs.any(|run| {
        let run = run.trim_matches(['.', ',']);
        let behind = run.rsplit(['.', ',']).next().unwrap_or_default();
        digits(run) == wanted && (decimals == 0 || behind.len() == decimals && behind != run)
    })
}

/// Reads an amount with so many decimals, or without any.
///
/// # Errors
/// It is not a number above zero with all decimals or with none.
pub(super) fn minor(text: &str, decimals: u32) -> Result<u32, BadTemplate> {
    let wrong = || BadTemplate::Amount(text.to_owned());
    let (whole, behind) = text.split_once('.').map_or((text, None), |(whole, behind)| (whole, Some(behind)));
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    let fits = behind.is_none_or(|behind| are_digits(behind) && u32::try_from(behind.len()) == Ok(decimals));
    if !are_digits(whole) || !fits {
        return Err(wrong());
    }
    let value = |digits: &str| digits.parse::<u32>().map_err(|_| wrong());
    let behind = behind.map_or(Ok(0), value)?;
    let minor = value(whole)?.checked_mul(10_u32.saturating_pow(decimals)).and_then(|minor| minor.checked_add(behind));
    minor.filter(|&minor| minor > 0).ok_or_else(wrong)
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
