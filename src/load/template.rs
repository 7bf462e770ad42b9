//! Templates: the numbers and texts of the messages that are sent, and the texts that are expected as replies.
//!
//! | in a template | |
//! | --- | --- |
//! | `{n:6}` | the number of the subscriber, with zeros up to six digits |
//! | `{amount}` | the amount of the message; in a reply always with two decimals |
//! | `*` | any characters; only in expected replies |

use std::io::Write;

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
    #[error("`{0}` is not an amount in euros, such as 5 or 2.50")]
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

fn money(minor: u32, is_short: bool) -> Field {
    let (euros, cents) = (minor / 100, minor % 100);
    if is_short && cents == 0 {
        Field::of(format_args!("{euros}"))
    } else {
        Field::of(format_args!("{euros}.{cents:02}"))
    }
}

/// An amount with two decimals.
pub(super) fn euros(minor: u32) -> String {
    money(minor, false).as_str().to_owned()
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
                Part::Amount => out.push_str(money(values.minor, true).as_str()),
                Part::Any => {}
            }
        }
    }
}

/// The text of a reply that confirms a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected(Vec<Part>);

impl Expected {
    /// # Errors
    /// A field is unknown or not closed.
    pub(super) fn parse(template: &str) -> Result<Self, BadTemplate> {
        parts(template, true).map(Self)
    }

    /// Returns true if `text` is what this message is to be answered with.
    pub(super) fn is(&self, text: &str, values: Values) -> bool {
        matches(&self.0, text, values)
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
        Part::Amount => money(values.minor, false),
    };
    text.strip_prefix(field.as_str()).is_some_and(|text| matches(rest, text, values))
}

/// Returns true if the text has this amount, with two decimals.
pub(super) fn has_amount(text: &str, minor: u32) -> bool {
    let amount = money(minor, false);
    let is_digit = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_digit);
    text.match_indices(amount.as_str()).any(|(at, found)| {
        let octets = text.as_bytes();
        !is_digit(octets.get(at.wrapping_sub(1))) && !is_digit(octets.get(at + found.len()))
    })
}

/// Reads an amount in euros.
///
/// # Errors
/// It is not a number above zero with at most two decimals.
pub(super) fn minor(text: &str) -> Result<u32, BadTemplate> {
    let wrong = || BadTemplate::Amount(text.to_owned());
    let (euros, decimals) = text.split_once('.').unwrap_or((text, "00"));
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    if !are_digits(euros) || !are_digits(decimals) || decimals.len() != 2 {
        return Err(wrong());
    }
    let value = |digits: &str| digits.parse::<u32>().map_err(|_| wrong());
    let minor = value(euros)?.checked_mul(100).and_then(|euros| euros.checked_add(value(decimals).ok()?));
    minor.filter(|&minor| minor > 0).ok_or_else(wrong)
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
