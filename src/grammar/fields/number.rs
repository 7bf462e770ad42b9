//! A telephone number as people write it: in one piece, or grouped by spaces, dashes, slashes or brackets.
//!
//! ```text
//! number = ["("] ["+"] group (joint group)*
//! joint  = " "                                  loose: the number may end here, and the amount follow
//!        | [" "] ("-" | "/") [" "] | brackets   tight: the number goes on
//! ```
//!
//! Behind a loose joint the number goes on only while its digits so far are no number of the plan, the groups on both
//! sides have two digits or more, and the group before is not itself as long as a number: `04912345 65` is a number of
//! the wrong length, never `0491234565` or `049123456` and something.
//!
//! Where numbers have several lengths, a number in groups may end at two places: `038 712 345 6` is `038712345` and 6, or
//! `0387123456`. Such a number is in doubt ([`Found::in_doubt`]) and is not read. It is in no doubt if it is written in
//! one piece behind its country code or bracketed area code, or if a currency or cents mark the amount.

use super::miss::{Miss, Problem, ends};
use super::money::Money;
use crate::domain::{Line, LineKind, NumberProblem, NumberingPlan};
use crate::grammar::trees::Digits;

/// More digits than any number has, international prefix and trunk prefix included.
const DIGITS_MAX: usize = 20;

/// Most national digits of one group that another may follow behind a space.
const GROUP_MAX: usize = 6;

/// Digits of an international prefix or country code that the first group may hold beside them.
const COUNTRY_MAX: usize = 5;

/// The signs beside the space that hold the groups of a number together; those that separate the fields of a form do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::grammar) struct Grouping {
    pub(in crate::grammar) dash: bool,
    pub(in crate::grammar) slash: bool,
    /// Nothing follows the number behind a space, so that all groups belong to it.
    pub(in crate::grammar) tight: bool,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { dash: true, slash: true, tight: false }
    }
}

/// The numbers that a form takes, and their spelling in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::grammar) struct NumberShape {
    pub(in crate::grammar) kind: LineKind,
    pub(in crate::grammar) grouping: Grouping,
    /// Exactly so many digits, ungrouped.
    pub(in crate::grammar) width: Option<u32>,
}

/// A number that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct Found {
    pub(in crate::grammar) line: Line,
    pub(in crate::grammar) end: usize,
    /// The end of a longer number, of which this one is the beginning.
    longer: Option<usize>,
}

impl Found {
    /// Tells whether a longer number begins with this one.
    pub(in crate::grammar) const fn is_beginning(&self) -> bool {
        self.longer.is_some()
    }

    /// The end of the longer number that may be meant; `None` if a currency tells that an amount begins behind this one.
    pub(in crate::grammar) fn in_doubt(&self, text: &str, money: &Money) -> Option<usize> {
        let end = self.longer?;
        let behind = text.get(end..).unwrap_or_default().trim_start_matches([' ', '\n']);
        let words = [money.own_at(behind), money.other_at(behind)];
        let is_amount = words.into_iter().flatten().any(|length| ends(&behind[length..]));
        (!is_amount).then_some(end)
    }
}

/// The number at the beginning of a text, of any kind, and by which grouping it was read.
pub(in crate::grammar) type First = (Grouping, Result<Found, Miss>);

/// The digits of all numbers of the plan, from which automata are built.
#[derive(Debug, Clone)]
pub(in crate::grammar) struct Numbers {
    mobile: [Digits; 2],
    fixed: [Digits; 2],
}

impl Numbers {
    pub(in crate::grammar) fn new(plan: &NumberingPlan) -> Self {
        let both = |kind| {
            let written = plan.written_numbers(kind);
            [false, true].map(|plus| Digits::of(written.iter().filter(|numbers| numbers.plus == plus), None))
        };
        Self { mobile: both(LineKind::Mobile), fixed: both(LineKind::Fixed) }
    }

    /// Those of one kind: without the international prefix `+`, and behind it.
    pub(in crate::grammar) const fn of(&self, kind: LineKind) -> &[Digits; 2] {
        match kind {
            LineKind::Mobile => &self.mobile,
            LineKind::Fixed => &self.fixed,
        }
    }
}

/// Reads a number of the shape's kind that begins at byte `at`.
pub(in crate::grammar) fn read(text: &str, at: usize, shape: NumberShape, plan: &NumberingPlan) -> Result<Found, Miss> {
    let found = match shape.width {
        Some(width) => fixed_width(text, at, width as usize, plan)?,
        None => any(text, at, shape.grouping, plan)?,
    };
    if found.line.kind == shape.kind {
        return Ok(found);
    }
    Err(Miss { at, end: found.end, problem: Problem::WrongKind })
}

fn fixed_width(text: &str, at: usize, width: usize, plan: &NumberingPlan) -> Result<Found, Miss> {
    let digits = text.get(at..at + width).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let digits = digits.ok_or(Miss::absent(at))?;
    match plan.read(digits, false) {
        Ok(line) => Ok(Found { line, end: at + width, longer: None }),
        Err(problem) => Err(Miss { at, end: at + width, problem: Problem::Number(problem) }),
    }
}

/// Reads a number of any kind.
pub(in crate::grammar) fn any(text: &str, at: usize, grouping: Grouping, plan: &NumberingPlan) -> Result<Found, Miss> {
    let mut scan = Scan::begin(text, at).ok_or(Miss::absent(at))?;
    loop {
        let group = scan.group().ok_or(Miss::absent(at))?;
        let joint = scan.joint(grouping);
        let miss = |problem, end| Miss { at, end, problem: Problem::Number(problem) };
        if scan.length > DIGITS_MAX {
            return Err(miss(NumberProblem::WrongLength, scan.at));
        }
        let next = match joint {
            Joint::Tight(next) => next,
            Joint::Loose(next) if scan.open => next,
            Joint::None if scan.open => return Err(miss(NumberProblem::NotInPlan, scan.at)),
            Joint::Loose(_) | Joint::None => match plan.read(scan.digits(), scan.plus) {
                Ok(line) => {
                    let end = scan.at;
                    let longer =
                        if scan.spaces > 0 && !scan.closed { scan.longer(joint, grouping, plan) } else { None };
                    return Ok(Found { line, end, longer });
                }
                Err(problem) => match joint {
                    Joint::Loose(next) if scan.may_go_on(group, next) => {
                        scan.spaces += usize::from(!scan.closed && !scan.is_country_code());
                        next
                    }
                    _ => return Err(miss(problem, scan.at)),
                },
            },
        };
        scan.go_on(next);
    }
}

/// Tells whether all of a text is a number, or would be with a digit more or less.
pub(in crate::grammar) fn is_meant(text: &str, plan: &NumberingPlan) -> bool {
    match any(text, 0, Grouping::default(), plan) {
        Ok(found) => found.end == text.len(),
        Err(Miss { end, problem: Problem::Number(NumberProblem::WrongLength), .. }) => {
            end == text.len() && text.starts_with(plan.trunk_prefix())
        }
        Err(_) => false,
    }
}

struct Scan<'t> {
    text: &'t str,
    /// Behind what was taken so far.
    at: usize,
    digits: [u8; DIGITS_MAX],
    length: usize,
    plus: bool,
    /// A bracket is open.
    open: bool,
    /// A bracket was closed behind the last group.
    closed: bool,
    groups: usize,
    /// Spaces between two groups that are neither country code nor in brackets.
    spaces: usize,
}

#[derive(Clone, Copy)]
enum Joint {
    /// The next group begins at this byte, and belongs to the number whatever it is.
    Tight(usize),
    /// The next group begins at this byte, behind a space.
    Loose(usize),
    None,
}

impl<'t> Scan<'t> {
    fn begin(text: &'t str, at: usize) -> Option<Self> {
        let digits = [0; DIGITS_MAX];
        let mut scan =
            Self { text, at, digits, length: 0, plus: false, open: false, closed: false, groups: 0, spaces: 0 };
        scan.open = scan.skip(b'(');
        scan.plus = scan.skip(b'+');
        if scan.plus && !scan.skip(b' ') && !scan.open {
            scan.open = scan.skip(b'(');
        }
        scan.byte(0).filter(u8::is_ascii_digit).map(|_| scan)
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.byte(0) == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Takes the digits that stand here; how many.
    fn group(&mut self) -> Option<usize> {
        let mut count = 0;
        while let Some(digit) = self.byte(0).filter(u8::is_ascii_digit) {
            if let Some(place) = self.digits.get_mut(self.length) {
                *place = digit;
            }
            self.length += 1;
            self.at += 1;
            count += 1;
        }
        self.groups += 1;
        (count > 0).then_some(count)
    }

    /// The joint between this group and the next. A closing bracket is taken.
    fn joint(&mut self, grouping: Grouping) -> Joint {
        let closed = self.open && self.skip(b')');
        self.open &= !closed;
        self.closed = closed;
        let space = usize::from(self.byte(0) == Some(b' '));
        let is_digit = |ahead: usize| self.byte(ahead).is_some_and(|b| b.is_ascii_digit());
        match self.byte(space) {
            Some(b'-') if grouping.dash => self.behind_sign(space + 1),
            Some(b'/') if grouping.slash => self.behind_sign(space + 1),
            Some(b'(') if !self.open && is_digit(space + 1) => Joint::Tight(self.at + space),
            Some(b'0'..=b'9') if closed && space == 0 => Joint::Tight(self.at),
            Some(b'0'..=b'9') if space == 1 && grouping.tight => Joint::Tight(self.at + space),
            Some(b'0'..=b'9') if space == 1 => Joint::Loose(self.at + space),
            _ => Joint::None,
        }
    }

    fn behind_sign(&self, ahead: usize) -> Joint {
        let ahead = ahead + usize::from(self.byte(ahead) == Some(b' '));
        match self.byte(ahead) {
            Some(b'0'..=b'9') => Joint::Tight(self.at + ahead),
            _ => Joint::None,
        }
    }

    fn go_on(&mut self, next: usize) {
        self.at = next;
        if !self.open {
            self.open = self.skip(b'(');
        }
    }

    /// The end of a longer number, where the groups behind this one belong to it.
    fn longer(mut self, joint: Joint, grouping: Grouping, plan: &NumberingPlan) -> Option<usize> {
        let mut joint = joint;
        while let Joint::Tight(next) | Joint::Loose(next) = joint {
            self.go_on(next);
            self.group()?;
            joint = self.joint(grouping);
            if self.length > DIGITS_MAX || !self.may_end() {
                return None;
            }
            let is_whole = !matches!(joint, Joint::Tight(_)) && !self.open;
            if is_whole && plan.read(self.digits(), self.plus).is_ok() {
                return Some(self.at);
            }
        }
        None
    }

    /// Tells whether no letter, cents or sign of a currency follows the digits.
    fn may_end(&self) -> bool {
        match self.byte(0) {
            Some(b'.' | b',') => !self.byte(1).is_some_and(|b| b.is_ascii_digit()),
            Some(b'$' | 0x80..) => false,
            Some(byte) => !byte.is_ascii_alphanumeric(),
            None => true,
        }
    }

    /// Tells whether all groups so far are an international prefix and a country code.
    fn is_country_code(&self) -> bool {
        self.groups == 1 && (self.plus || self.digits.starts_with(b"00"))
    }

    /// Tells whether the group at `next` may belong to a number that is none so far.
    fn may_go_on(&self, group: usize, next: usize) -> bool {
        let rest = self.text.as_bytes().get(next..).unwrap_or_default();
        let following = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let international = self.plus || self.digits.starts_with(b"00");
        let most = if international && self.groups == 1 { GROUP_MAX + COUNTRY_MAX } else { GROUP_MAX };
        // A trunk prefix behind the country code may stand alone.
        let trunk_next = international && self.groups == 1 && rest.starts_with(b"0");
        let trunk_here = international && self.groups == 2 && self.digits().ends_with('0');
        let following = if trunk_next { following.max(2) } else { following };
        let country_code = self.groups == 1 && self.plus;
        let least = if self.closed || country_code || trunk_here { 1 } else { 2 };
        (least..=most).contains(&group) && following >= 2
    }

    fn digits(&self) -> &str {
        self.digits.get(..self.length).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
