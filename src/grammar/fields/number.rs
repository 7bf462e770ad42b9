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
//! If numbers have several lengths, a number in groups may end at two places: `038 712 345 6` is `038712345` and 6, or
//! `0387123456`. Such a number is in doubt ([`Found::in_doubt`]) and is not read. It is in no doubt if it is written in
//! one piece behind its country code or bracketed area code, or if a currency or minor units mark the amount.

use super::miss::{Miss, Problem, ends};
use super::money::Money;
pub(in crate::grammar) use super::scan::Grouping;
use super::scan::{DIGITS_MAX, Joint, Scan};
use crate::domain::{Line, LineKind, NumberProblem, NumberingPlan};
use crate::grammar::trees::Digits;

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

/// The number that was read last, of any kind, with its byte and its grouping.
pub(in crate::grammar) type Last = (usize, Grouping, Result<Found, Miss>);

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

/// Reads a number of any kind, in so many digits and nothing else.
pub(in crate::grammar) fn fixed_width(
    text: &str,
    at: usize,
    width: usize,
    plan: &NumberingPlan,
) -> Result<Found, Miss> {
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

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
