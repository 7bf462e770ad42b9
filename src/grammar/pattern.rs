//! The language in which a form is written down: `(duotv|duo_tv) {username}`.
//!
//! ```text
//! form    = item*
//! item    = " "+                        at least one separator
//!         | "_"                         an optional separator
//!         | "{" field [":" width] "}"   a value
//!         | "(" form ("|" form)* ")"    one of these
//!         | "[" form "]"                this or nothing
//!         | "\" any                     this character itself
//!         | word                        these characters, in any letter case and with or without accents
//! ```

use std::ops::Range;

use crate::text::near::nearest;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{anychar, char, digit1};
use nom::combinator::{map, opt, recognize};
use nom::multi::many0;
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

/// How deep brackets may stand in brackets; a form that needs more is better written as two.
const DEPTH_MAX: usize = 8;

/// Digits of a group, where a code may stand in groups.
pub(super) const GROUP_DIGITS: u32 = 4;

/// The values that a form can hold: a closed set, checked when a grammar is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// How much.
    Amount,
    /// A mobile number.
    Msisdn,
    /// A fixed line.
    Landline,
    /// A user name, never altered.
    Username,
    /// One of the words of `[services]`.
    Service,
    /// A personal identification number: digits.
    Pin,
    /// The one that takes its place.
    NewPin,
    /// The bank's reference: letters, digits, `-`, `_`.
    Reference,
    /// The code of a voucher: digits.
    Voucher,
    /// A word or sign for the bank's currency.
    Currency,
    /// An operator of the numbering plan.
    Operator,
    /// A day of the calendar.
    Date,
    /// A whole number within a range.
    Number,
    /// Anything; only at the end.
    Text,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Amount,
        Self::Msisdn,
        Self::Landline,
        Self::Username,
        Self::Service,
        Self::Pin,
        Self::NewPin,
        Self::Reference,
        Self::Voucher,
        Self::Currency,
        Self::Operator,
        Self::Date,
        Self::Number,
        Self::Text,
    ];

    /// As a form names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Msisdn => "msisdn",
            Self::Landline => "landline",
            Self::Username => "username",
            Self::Service => "service",
            Self::Pin => "pin",
            Self::NewPin => "new_pin",
            Self::Reference => "reference",
            Self::Voucher => "voucher",
            Self::Currency => "currency",
            Self::Operator => "operator",
            Self::Date => "date",
            Self::Number => "number",
            Self::Text => "text",
        }
    }

    /// As it is named to people who expect it.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Amount => "an amount",
            Self::Msisdn => "a mobile number",
            Self::Landline => "a fixed-line number",
            Self::Username => "a user name",
            Self::Service => "a service",
            Self::Pin => "a PIN",
            Self::NewPin => "a new PIN",
            Self::Reference => "a reference",
            Self::Voucher => "a voucher code",
            Self::Currency => "a currency",
            Self::Operator => "an operator",
            Self::Date => "a date",
            Self::Number => "a number",
            Self::Text => "a text",
        }
    }
}

/// The part behind the colon of a field: a width of digits (`{msisdn:9}`), a range (`{number:1-31}`), or cents
/// (`{amount:8 cents}`), or groups (`{voucher:16 grouped}`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Width {
    /// The one number, or the first.
    pub low: Option<u32>,
    /// The second number.
    pub high: Option<u32>,
    /// The amount is written in cents, without a decimal sign.
    pub cents: bool,
    /// The digits may stand in groups of four, as cards print them.
    pub grouped: bool,
}

/// One item of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// These characters.
    Word(String),
    /// A value.
    Field(Field, Width),
    /// A separator.
    Separator {
        /// At least one has to be there.
        required: bool,
    },
    /// One of these.
    Either(Vec<Vec<Self>>),
    /// This or nothing.
    Optional(Vec<Self>),
}

/// What is wrong in the text of a form; the span is in bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// Where.
    pub span: Range<usize>,
    /// What.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Reads the text of a form.
pub fn parse(text: &str) -> Result<Vec<Node>, PatternError> {
    let mut reading = Reading { text, error: None };
    let (rest, nodes) = reading.items(text, 0);
    if let Some(error) = reading.error {
        return Err(error);
    }
    match rest.chars().next() {
        None => Ok(nodes),
        Some(stray) => {
            Err(reading.wrong(rest, stray.len_utf8(), format!("`{stray}` closes nothing that is open"), None))
        }
    }
}

struct Reading<'t> {
    text: &'t str,
    /// The first thing that is wrong; what comes behind it is mostly its consequence.
    error: Option<PatternError>,
}

impl Reading<'_> {
    fn items<'i>(&mut self, mut input: &'i str, depth: usize) -> (&'i str, Vec<Node>) {
        let mut nodes = Vec::new();
        while self.error.is_none() && !input.is_empty() && !input.starts_with([')', ']', '|', '}']) {
            let (rest, node) = self.item(input, depth);
            nodes.extend(node);
            input = rest;
        }
        (input, nodes)
    }

    fn item<'i>(&mut self, input: &'i str, depth: usize) -> (&'i str, Option<Node>) {
        if depth >= DEPTH_MAX {
            let message = format!("brackets more than {DEPTH_MAX} deep");
            return self.fail(input, 1, message, Some("write two forms".to_owned()));
        }
        if let Some(inside) = input.strip_prefix('{') {
            return self.field(input, inside);
        }
        if let Some(inside) = input.strip_prefix('(') {
            return self.either(input, inside, depth);
        }
        if let Some(inside) = input.strip_prefix('[') {
            let (rest, nodes) = self.items(inside, depth + 1);
            return match rest.strip_prefix(']') {
                Some(rest) => (rest, Some(Node::Optional(nodes))),
                None => self.fail(
                    input,
                    1,
                    "this `[` is not closed".to_owned(),
                    Some("write `]` behind what is optional".to_owned()),
                ),
            };
        }
        match plain(input) {
            Ok((rest, node)) => (rest, Some(node)),
            Err(_) => self.fail(
                input,
                1,
                "a lone `\\` at the end".to_owned(),
                Some("write `\\\\` for the sign itself".to_owned()),
            ),
        }
    }

    fn either<'i>(&mut self, input: &'i str, inside: &'i str, depth: usize) -> (&'i str, Option<Node>) {
        let mut branches = Vec::new();
        let mut rest = inside;
        loop {
            let (after, nodes) = self.items(rest, depth + 1);
            branches.push(nodes);
            match after.strip_prefix('|') {
                Some(next) if self.error.is_none() => rest = next,
                _ => {
                    rest = after;
                    break;
                }
            }
        }
        match rest.strip_prefix(')') {
            Some(rest) => (rest, Some(Node::Either(branches))),
            None => self.fail(
                input,
                1,
                "this `(` is not closed".to_owned(),
                Some("write `)` behind the last alternative".to_owned()),
            ),
        }
    }

    fn field<'i>(&mut self, input: &'i str, inside: &'i str) -> (&'i str, Option<Node>) {
        let Some((content, rest)) = inside.split_once('}') else {
            return self.fail(
                input,
                1,
                "this `{` is not closed".to_owned(),
                Some("write `}` behind the field's name".to_owned()),
            );
        };
        let (name, width) = content.split_once(':').map_or((content, None), |(name, width)| (name, Some(width)));
        let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) else {
            return self.fail(inside, name.len(), format!("there is no field `{name}`"), Some(field_help(name)));
        };
        match width.map_or(Some(Width::default()), |width| parse_width(field, width)) {
            Some(width) => (rest, Some(Node::Field(field, width))),
            None => self.fail(
                &inside[name.len()..],
                content.len() - name.len(),
                format!("`{name}` cannot have this width"),
                Some(width_help(field)),
            ),
        }
    }

    fn wrong(&self, at: &str, length: usize, message: String, help: Option<String>) -> PatternError {
        let start = self.text.len() - at.len();
        PatternError { span: start..(start + length).min(self.text.len()), message, help }
    }

    fn fail<'i>(
        &mut self,
        at: &'i str,
        length: usize,
        message: String,
        help: Option<String>,
    ) -> (&'i str, Option<Node>) {
        let error = self.wrong(at, length, message, help);
        self.error.get_or_insert(error);
        ("", None)
    }
}

/// Separators and words, which hold nothing else.
fn plain(input: &str) -> IResult<&str, Node> {
    let escaped = map(preceded(char('\\'), anychar), |c| Node::Word(c.to_string()));
    alt((
        map(take_while1(|c: char| c.is_whitespace()), |_| Node::Separator { required: true }),
        map(tag("_"), |_| Node::Separator { required: false }),
        escaped,
        map(take_while1(|c: char| !c.is_whitespace() && !"_{}()[]|\\".contains(c)), |word: &str| {
            Node::Word(word.to_owned())
        }),
    ))
    .parse(input)
}

/// `width = number ["-" number] [" cents" | " grouped"]`
fn parse_width(field: Field, text: &str) -> Option<Width> {
    let number = |input| -> IResult<&str, u32> { nom::combinator::map_res(digit1, str::parse).parse(input) };
    let cents: IResult<&str, &str> = recognize(pair(many0(char(' ')), tag("cents"))).parse(text);
    if field == Field::Amount && cents.is_ok_and(|(rest, _)| rest.is_empty()) {
        return Some(Width { cents: true, ..Width::default() });
    }
    let (rest, (low, high)) = pair(number, opt(preceded(char('-'), number))).parse(text).ok()?;
    let grouped = rest.trim() == "grouped";
    let width = Width { low: Some(low), high, cents: rest.trim() == "cents", grouped };
    let one = high.is_none();
    let fits = match field {
        Field::Amount => one && (1..=12).contains(&low) && (width.cents || rest.is_empty()),
        Field::Msisdn | Field::Landline => one && (4..=15).contains(&low) && rest.is_empty(),
        Field::Voucher if grouped => one && (8..=32).contains(&low) && low % GROUP_DIGITS == 0,
        Field::Pin | Field::NewPin | Field::Voucher | Field::Reference => {
            low >= 1 && high.unwrap_or(low) >= low && high.unwrap_or(low) <= 32 && rest.is_empty()
        }
        Field::Number => high.is_some_and(|high| high >= low) && rest.is_empty(),
        Field::Username | Field::Service | Field::Currency | Field::Operator | Field::Date | Field::Text => false,
    };
    fits.then_some(width)
}

fn field_help(name: &str) -> String {
    let all = Field::ALL.map(Field::name);
    match nearest(name, all) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the fields are {}", all.join(", ")),
    }
}

fn width_help(field: Field) -> String {
    match field {
        Field::Amount => {
            "write how many digits it has, `{amount:6}`, with ` cents` where it has no decimal sign".to_owned()
        }
        Field::Msisdn | Field::Landline => format!("write how many digits it has, 4 to 15: `{{{}:9}}`", field.name()),
        Field::Voucher => "write how many digits it has, at most 32: `{voucher:14}`, `{voucher:13-15}`, or \
                           `{voucher:16 grouped}` where it may stand in groups of four"
            .to_owned(),
        Field::Pin | Field::NewPin | Field::Reference => {
            format!("write how many characters it has, at most 32: `{{{0}:4}}` or `{{{0}:4-8}}`", field.name())
        }
        Field::Number => "write its lowest and highest value: `{number:1-31}`".to_owned(),
        _ => format!("write `{{{}}}`", field.name()),
    }
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
