//! The language in which a form is written down: `(duotv|duo_tv) {username}`.
//!
//! ```text
//! form    = item*
//! item    = " "+                        at least one separator
//!         | "_"                         an optional separator
//!         | "{" field [":" width] "}"   a value
//!         | "{" name [":" spec] "}"     a value of one's own, see `own`
//!         | "(" form ("|" form)* ")"    one of these
//!         | "[" form "]"                this or nothing
//!         | "<" form ">"                several of these: a list, once in a form and in no brackets
//!         | "\" any                     this character itself
//!         | word                        these characters, in any letter case and with or without accents
//! ```

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{anychar, char, digit1};
use nom::combinator::{map, opt};
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

use super::fields::Field;
use super::fields::kind::Width;
use super::fields::own::file::OwnFields;
use super::fields::own::is_name;
use super::fields::own::spec::{self, Spec};
use super::width;
use crate::text::near::nearest;

/// Most brackets within brackets; a form that needs more is better written as two.
const DEPTH_MAX: usize = 8;

/// One item of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// These characters.
    Word(String),
    /// A value.
    Field(Field, Width),
    /// A value of the bank's own, with its kind if the form gives it.
    Own(String, Option<Spec>),
    /// A separator.
    Separator {
        /// At least one has to be there.
        required: bool,
    },
    /// One of these.
    Either(Vec<Vec<Self>>),
    /// This or nothing.
    Optional(Vec<Self>),
    /// Several of these.
    List(Vec<Self>),
}

/// A mistake in the text of a form; the span is in bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatternError {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Reads the text of a form. `declared` are the fields of the bank's own.
pub(super) fn parse(text: &str, declared: &OwnFields) -> Result<Vec<Node>, PatternError> {
    let mut reading = Reading { text, declared, error: None, has_list: false };
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
    declared: &'t OwnFields,
    /// The first thing that is wrong; what comes behind it is mostly its consequence.
    error: Option<PatternError>,
    /// A list was begun.
    has_list: bool,
}

impl Reading<'_> {
    fn items<'i>(&mut self, mut input: &'i str, depth: usize) -> (&'i str, Vec<Node>) {
        let mut nodes = Vec::new();
        while self.error.is_none() && !input.is_empty() && !input.starts_with([')', ']', '|', '}', '>']) {
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
        if let Some(inside) = input.strip_prefix('<') {
            return self.list(input, inside, depth);
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

    fn list<'i>(&mut self, input: &'i str, inside: &'i str, depth: usize) -> (&'i str, Option<Node>) {
        if depth > 0 || std::mem::replace(&mut self.has_list, true) {
            let help = "write one pair of < and > in a form, in no brackets; for the sign itself write \\< or \\>";
            return self.fail(input, 1, "a list within brackets, or a second one".to_owned(), Some(help.to_owned()));
        }
        let (rest, nodes) = self.items(inside, depth + 1);
        match rest.strip_prefix('>') {
            Some(rest) => (rest, Some(Node::List(nodes))),
            None => self.fail(
                input,
                1,
                "this `<` is not closed".to_owned(),
                Some("write `>` behind what is repeated; for the sign itself write `\\<`".to_owned()),
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
        let Some(field) = Field::ALL.iter().copied().find(|field| field.name() == name) else {
            return self.own(inside, name, width, rest);
        };
        if let Some(width) = width.map_or(Some(Width::default()), |width| parse_width(field, width)) {
            return (rest, Some(Node::Field(field, width)));
        }
        let (message, help) = width::fault(field, width.unwrap_or_default());
        self.fail(&inside[name.len()..], content.len() - name.len(), message, Some(help))
    }

    /// A field of the bank's own: declared under `[fields]`, or with its kind behind the colon.
    fn own<'i>(&mut self, at: &'i str, name: &str, spec: Option<&str>, rest: &'i str) -> (&'i str, Option<Node>) {
        let is_declared = self.declared.get(name).is_some();
        let node = |spec| Some(Node::Own(name.to_owned(), spec));
        match spec {
            None if is_declared => (rest, node(None)),
            None => self.fail(at, name.len(), format!("there is no field `{name}`"), Some(self.field_help(name))),
            Some(_) if is_declared => {
                let message = format!("`{name}` is declared under [fields], with its kind");
                self.fail(at, name.len(), message, Some(format!("write {{{name}}}")))
            }
            Some(_) if !is_name(name) => {
                let help = "write 1 to 32 of a-z, 0-9 and _, a letter first";
                self.fail(at, name.len(), format!("`{name}` is no name of a field"), Some(help.to_owned()))
            }
            Some(written) => match spec::parse(written) {
                Ok(spec) => (rest, node(Some(spec))),
                Err((message, help)) => {
                    self.fail(at.get(name.len() + 1..).unwrap_or(at), written.len(), message, Some(help))
                }
            },
        }
    }

    fn field_help(&self, name: &str) -> String {
        let all = || Field::ALL.iter().map(|field| field.name()).chain(self.declared.names());
        if let Some(near) = nearest(name, all()) {
            return format!("did you mean `{near}`?");
        }
        let all = all().collect::<Vec<_>>().join(", ");
        format!("the fields are {all}; one of your own says its kind: {{{name}:digits 11}}, {{{name}:word}}")
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
        map(take_while1(|c: char| !c.is_whitespace() && !"_{}()[]<>|\\".contains(c)), |word: &str| {
            Node::Word(word.to_owned())
        }),
    ))
    .parse(input)
}

/// `width = [number ["-" number]] [" "* ("minor" | "grouped")]`, not empty.
fn parse_width(field: Field, text: &str) -> Option<Width> {
    let number = |input| -> IResult<&str, u32> { nom::combinator::map_res(digit1, str::parse).parse(input) };
    let (rest, numbers) = opt(pair(number, opt(preceded(char('-'), number)))).parse(text).ok()?;
    let (low, high) = numbers.map_or((None, None), |(low, high)| (Some(low), high));
    let word = rest.trim_matches(' ');
    let width = Width { low, high, minor: word == "minor", grouped: word == "grouped" };
    let is_read = rest.is_empty() || width.has_word();
    (is_read && !text.is_empty() && field.fits(width)).then_some(width)
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
