//! An amount, read as `money` says.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width, Widths};
use super::miss::Miss;
use super::money::{AmountShape, read};
use super::sums::Decimals;
use crate::domain::locale::Currency;
use crate::grammar::automaton::{Symbols, any_of, digit, symbol};

/// `{amount}`
pub(in crate::grammar) struct Amount;

impl Kind for Amount {
    const FACTS: Facts = Facts {
        width: Widths::Size("write how many digits it has, `{amount:6}`, with ` minor` where it has no decimal sign"),
        sort: Some(Sort::Amount),
        serves: |action| action.is_request(),
        ..Facts::of(
            "amount",
            "an amount",
            "`5`, `5€`, `€5`, `5 eur`, `5,00`, `05` and similar. `{amount:6}` is exactly six digits, `{amount:minor}` is \
             in minor units, `{amount:8 minor}` is both",
        )
    };

    const KEPT: bool = true;

    type Shape = AmountShape;
    /// Minor units.
    type Read = i64;

    fn fits(width: Width) -> bool {
        let digits = width.low.is_none_or(|digits| (1..=12).contains(&digits));
        digits && width.high.is_none() && !width.grouped && (width.low.is_some() || width.minor)
    }

    fn shape(width: Width, around: Around) -> AmountShape {
        AmountShape {
            decimals: Decimals { comma: !around.separates(','), stop: !around.separates('.') },
            width: width.low,
            minor: width.minor,
            currency: !around.with_currency && !around.glued,
        }
    }

    fn read(shape: AmountShape, at: usize, input: &mut Input<'_, '_>) -> Result<(i64, usize), Miss> {
        let read = match input.last_amount {
            Some((place, known, read)) if place == at && known == shape => read,
            _ => {
                let read = read(input.text.folded(), at, shape, &input.words.money);
                input.last_amount = Some((at, shape, read));
                read
            }
        };
        read.map(|written| (written.minor, written.end))
    }

    fn texts(shape: AmountShape, at: usize, builder: &mut Builder<'_>) -> usize {
        if let Some(width) = shape.width {
            return builder.automaton.run(at, digit(), width, width);
        }
        let words = builder.words;
        let money = &words.money;
        let currency = || money.own.iter().map(String::as_str);
        let start = builder.automaton.state();
        builder.automaton.free(at, start);
        if shape.currency {
            let word = builder.any_word(at, currency());
            let stop = if shape.decimals.stop { symbol('.') } else { 0 };
            let prefix = builder.automaton.run(word, stop, 0, 1);
            builder.automaton.free(prefix, start);
            let gap = builder.automaton.one(prefix, any_of(" \n"));
            builder.automaton.free(gap, start);
        }
        let most = u32::try_from(money.digits_max()).unwrap_or(u32::MAX);
        let whole = builder.automaton.run(start, digit(), 1, most);
        let end = builder.automaton.state();
        builder.automaton.free(whole, end);
        if shape.minor {
            return end;
        }
        let signs =
            if shape.decimals.comma { symbol(',') } else { 0 } | if shape.decimals.stop { symbol('.') } else { 0 };
        let sign = builder.automaton.one(whole, signs);
        behind_sign(sign, signs, (whole, end), builder);
        let end = multiplied(end, builder);
        if !shape.currency {
            return end;
        }
        let gap = builder.automaton.many(end, any_of(" \n"));
        let suffix = builder.any_word(gap, currency());
        let behind = builder.automaton.state();
        builder.automaton.free(end, behind);
        builder.automaton.free(suffix, behind);
        behind
    }

    fn print(shape: AmountShape, written: Option<&str>, printing: Printing<'_>) -> Option<String> {
        match printing.words.money.times {
            times if times > 1 && shape.width.is_none() && !shape.minor => divided(written?, times),
            _ => print(written?, shape.width, shape.minor),
        }
    }

    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        if sample.has::<Self>() {
            return None;
        }
        let written = read(sample.text, sample.at, AmountShape::default(), sample.money).ok()?;
        Some(Guessed::to(written.end))
    }
}

/// The digits behind a sign: decimals, and then the end, or groups of three digits; in a currency without decimals, what
/// may stand behind the first digits may stand behind a group too. The proof does not keep that all groups have the same sign before them, nor how
/// many there may be.
fn behind_sign(sign: usize, signs: Symbols, (whole, end): (usize, usize), builder: &mut Builder<'_>) {
    let group = builder.automaton.run(sign, digit(), 3, 3);
    let decimals = u32::from(builder.words.money.decimals());
    if decimals == 0 {
        builder.automaton.free(group, whole);
        return;
    }
    let again = builder.automaton.one(group, signs);
    builder.automaton.free(again, sign);
    let fraction = builder.automaton.run(sign, digit(), 1, decimals);
    builder.automaton.free(fraction, end);
}

/// A word that multiplies the amount, or nothing.
fn multiplied(at: usize, builder: &mut Builder<'_>) -> usize {
    let multipliers = &builder.words.money.multipliers;
    if multipliers.is_empty() {
        return at;
    }
    let gap = builder.automaton.many(at, any_of(" \n"));
    let behind = builder.any_word(gap, multipliers.iter().map(|(word, _)| word.as_str()));
    builder.automaton.free(at, behind);
    behind
}

/// An amount as it is written where each unit counts so many times; `None` if that has too many decimals.
fn divided(written: &str, times: i64) -> Option<String> {
    let currency = Currency::ledger();
    let minor = currency.read(written).ok()?;
    let each = Some(minor / times).filter(|each| each * times == minor)?;
    let is_whole = each % currency.unit() == 0;
    Some(if is_whole { (each / currency.unit()).to_string() } else { currency.written(each) })
}

fn print(written: &str, width: Option<u32>, in_minor: bool) -> Option<String> {
    let currency = Currency::ledger();
    let minor = currency.read(written).ok()?;
    let units = minor / currency.unit();
    let digits = if in_minor { minor } else { units };
    match width {
        None if in_minor => Some(minor.to_string()),
        None => Some(written.to_owned()),
        Some(width) if in_minor || units * currency.unit() == minor => {
            let (digits, width) = (digits.to_string(), width as usize);
            (digits.len() <= width).then(|| format!("{digits:0>width$}"))
        }
        Some(_) => None,
    }
}
