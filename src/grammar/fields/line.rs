//! A telephone number, of a mobile or of a fixed line, read as `number` says.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width, Widths};
use super::miss::{Miss, Problem};
use super::number::{self, Grouping, NumberShape};
use crate::domain::{Line, LineKind, NumberingPlan};
use crate::grammar::action::Action;
use crate::grammar::automaton::{Symbols, any_of, symbol};
use crate::grammar::trees::Digits;

/// `{msisdn}`
pub(in crate::grammar) type Msisdn = NumberOf<true>;

/// `{landline}`
pub(in crate::grammar) type Landline = NumberOf<false>;

/// A number of a mobile, or of a fixed line.
pub(in crate::grammar) struct NumberOf<const MOBILE: bool>;

const MSISDN: Facts = Facts {
    width: Widths::Size("write how many digits it has, 4 to 15: `{msisdn:9}`"),
    names_target: true,
    sort: Some(Sort::Number),
    serves: |action| action.is_request(),
    ..Facts::of(
        "msisdn",
        "a mobile number",
        "a mobile number of the numbering plan, with or without grouping; `{msisdn:9}` is nine digits in one piece",
    )
};

const LANDLINE: Facts = Facts {
    name: "landline",
    described: "a fixed-line number",
    reads: "a fixed line of the numbering plan, in the same ways",
    width: Widths::Size("write how many digits it has, 4 to 15: `{landline:9}`"),
    serves: |action| matches!(action, Action::Recharge | Action::Forward),
    ..MSISDN
};

impl<const MOBILE: bool> NumberOf<MOBILE> {
    const KIND: LineKind = if MOBILE { LineKind::Mobile } else { LineKind::Fixed };
}

impl<const MOBILE: bool> Kind for NumberOf<MOBILE> {
    const FACTS: Facts = if MOBILE { MSISDN } else { LANDLINE };

    const KEPT: bool = true;

    type Shape = NumberShape;
    type Read = Line;

    fn fits(width: Width) -> bool {
        width.one().is_some_and(|digits| (4..=15).contains(&digits))
    }

    fn shape(width: Width, around: Around) -> NumberShape {
        let tight = !around.set.space || around.sign.is_some();
        let grouping = Grouping { dash: !around.separates('-'), slash: !around.separates('/'), tight };
        NumberShape { kind: Self::KIND, grouping, width: width.low }
    }

    fn read(shape: NumberShape, at: usize, input: &mut Input<'_, '_>) -> Result<(Line, usize), Miss> {
        let text = input.text.folded();
        let money = &input.words.money;
        let of_width;
        let read = match (shape.width, &mut input.last_number) {
            (Some(width), _) => {
                of_width = number::fixed_width(text, at, width as usize, input.plan);
                &of_width
            }
            (None, Some((place, grouping, read))) if *place == at && *grouping == shape.grouping => read,
            (None, last) => &last.insert((at, shape.grouping, number::any(text, at, shape.grouping, input.plan))).2,
        };
        let found = read.as_ref().map_err(|miss| *miss)?;
        if found.line.kind != shape.kind {
            return Err(Miss { at, end: found.end, problem: Problem::WrongKind });
        }
        match found.in_doubt(text, money) {
            Some(end) => Err(Miss { at, end, problem: Problem::Ambiguous }),
            None => Ok((found.line.clone(), found.end)),
        }
    }

    /// Any grouping of the digits of any number of the plan.
    fn texts(shape: NumberShape, at: usize, builder: &mut Builder<'_>) -> usize {
        let end = builder.automaton.state();
        if let Some(width) = shape.width {
            let written = builder.plan.written_numbers(shape.kind);
            let digits = Digits::of(written.iter().filter(|numbers| !numbers.plus), Some(width as usize));
            builder.automaton.digits(at, end, &digits, 0);
            return end;
        }
        let gap = gap_symbols(shape.grouping);
        let numbers = builder.numbers;
        for (digits, plus) in numbers.of(shape.kind).iter().zip([false, true]) {
            let open = builder.automaton.run(at, symbol('('), 0, 1);
            let start = if plus {
                let plus = builder.automaton.one(open, symbol('+'));
                builder.automaton.many(plus, any_of(" ("))
            } else {
                open
            };
            builder.automaton.digits(start, end, digits, gap);
        }
        builder.automaton.run(end, symbol(')'), 0, 1)
    }

    fn print(shape: NumberShape, written: Option<&str>, printing: Printing<'_>) -> Option<String> {
        of_width(written?, shape.width, printing.plan)
    }

    /// The first number of a sample; another would be a second target.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        if sample.has_number {
            return None;
        }
        let found = number::any(sample.text, sample.at, Grouping::default(), sample.plan).ok()?;
        (found.line.kind == Self::KIND).then(|| Guessed::to(found.end))
    }
}

fn gap_symbols(grouping: Grouping) -> Symbols {
    let mut symbols = any_of("() ");
    for (allowed, sign) in [(grouping.dash, '-'), (grouping.slash, '/')] {
        if allowed {
            symbols |= symbol(sign);
        }
    }
    symbols
}

/// A number in so many digits: nationally, or internationally with or without the prefix.
fn of_width(national: &str, width: Option<u32>, plan: &NumberingPlan) -> Option<String> {
    let Some(width) = width.map(|width| width as usize) else { return Some(national.to_owned()) };
    if national.len() == width {
        return Some(national.to_owned());
    }
    let international = plan.read(national, false).ok()?.msisdn.digits();
    let without_trunk = national.strip_prefix(plan.trunk_prefix()).unwrap_or(national);
    [international.as_str(), without_trunk].into_iter().find(|digits| digits.len() == width).map(str::to_owned)
}
