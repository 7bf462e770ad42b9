//! Amounts that are multiplied, by `times` or by a word, where the limits also allow them as they are written: who writes
//! an amount in full, or leaves out the word, would pay many times as much or as little. Such limits are refused.

use std::ops::Range;

use super::fields::Field;
use super::file::GrammarFile;
use super::form::{Bank, Form, Limits};
use super::walk::Source;
use crate::domain::Amount;

/// Reports the forms of a file whose limits allow an amount and its multiple.
pub(super) fn check(source: &mut Source<'_>, file: &GrammarFile, bank: &Bank) {
    let amount = &file.amount;
    if amount.overlap {
        return;
    }
    let paths = |form: &Form| bank.paths.get(form.paths.clone()).unwrap_or_default();
    let with_amount = bank.forms.iter().filter(|form| paths(form).iter().any(|path| path.has(Field::Amount)));
    let forms: Vec<&Form> = with_amount.collect();
    let both = |times| forms.iter().find_map(|form| Some((form, doubtful(&form.limits, times)?)));
    let mut report = |span: Range<usize>, form: &Form, told: String| {
        let message = format!("{told}: the limits of `{}` allow both", form.name);
        let help = "narrow `min` and `max`, or list the amounts in `only`; if both are meant, write `overlap = true`";
        source.report(span, message, help);
    };
    if let (Some(times), Some(span)) = (amount.times, &amount.times_span)
        && let Some((form, (written, multiple))) = both(times)
    {
        report(span.clone(), form, format!("`{}` in full would be read as {multiple}", plain(written)));
    }
    for (word, times) in &amount.multipliers {
        if let Some((form, (less, more))) = both(*times) {
            let count = amount.times.unwrap_or(1);
            let short = Amount::from_minor(less.minor() / count).unwrap_or(less);
            let (written, word_value) = (plain(short), &word.value);
            let told = format!("`{written}{word_value}` is {more}, and `{written}` without the word is {less}");
            report(word.span.clone(), form, told);
        }
    }
}

/// An amount without decimals of zero.
fn plain(amount: Amount) -> String {
    let text = amount.to_string();
    text.split_once('.')
        .filter(|(_, decimals)| decimals.bytes().all(|digit| digit == b'0'))
        .map_or(&*text, |(whole, _)| whole)
        .to_owned()
}

/// The lowest amount that is allowed like its multiple, for any operator, with the multiple.
fn doubtful(limits: &Limits, times: i64) -> Option<(Amount, Amount)> {
    let usual = between(limits.min, limits.max, limits.only.as_deref(), times);
    let of_operators = limits.operators.iter().filter_map(|(_, of)| {
        let only = of.only.as_deref().or(limits.only.as_deref());
        between(of.min.unwrap_or(limits.min), of.max.unwrap_or(limits.max), only, times)
    });
    usual.into_iter().chain(of_operators).min_by_key(|(amount, _)| amount.minor())
}

fn between(min: Amount, max: Amount, only: Option<&[Amount]>, times: i64) -> Option<(Amount, Amount)> {
    let is_within = |amount: Amount| (min..=max).contains(&amount);
    let multiple = |amount: Amount| {
        amount.minor().checked_mul(times).and_then(|minor| Amount::from_minor(minor).ok()).filter(|m| is_within(*m))
    };
    match only {
        None => Some((min, multiple(min)?)),
        Some(only) => {
            let allowed = only.iter().copied().filter(|amount| is_within(*amount));
            let both = allowed.filter_map(|amount| Some((amount, multiple(amount).filter(|m| only.contains(m))?)));
            both.min_by_key(|(amount, _)| amount.minor())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::grammar::testing::{bank_of, load};

    fn bank(amount: &str) -> String {
        let forms = bank_of(&[("own", "text = \"pay {amount}\"")]);
        forms.replacen("\n[[form]]", &format!("\n[amount]\n{amount}\n[[form]]"), 1)
    }

    #[test]
    fn limits_that_allow_an_amount_and_its_multiple_are_refused_with_an_example() {
        for (amount, told) in [
            (
                "min = 20\nmax = 20000\ntimes = 1000",
                "`20` in full would be read as 20000.00: the limits of `own` allow both",
            ),
            (
                "min = 5\nmax = 50000\nmultipliers = { k = 1000 }",
                "`5k` is 5000.00, and `5` without the word is 5.00: the limits of `own` allow both",
            ),
            (
                "min = 1\nmax = 50000\nonly = [7, 20, 20000]\nmultipliers = { k = 1000 }",
                "`20k` is 20000.00, and `20` without the word is 20.00",
            ),
            (
                "min = 1000\nmax = 50000\ntimes = 1000\n[amount.operators.vala]\nmax = 2000000",
                "`1000` in full would be read as 1000000.00",
            ),
        ] {
            let error = load(&bank(amount)).map(|set| set.banks().count()).unwrap_err();
            assert!(error.contains(told) && error.contains("overlap = true"), "{error}");
            let (first, operators) =
                amount.split_once("\n[").map_or((amount, String::new()), |(a, b)| (a, format!("\n[{b}")));
            assert!(load(&bank(&format!("{first}\noverlap = true{operators}"))).is_ok(), "{amount}");
        }
    }

    #[test]
    fn limits_between_which_no_multiple_lies_are_taken() {
        for amount in [
            "min = 20\nmax = 19999\ntimes = 1000",
            "min = 10000\nmax = 500000\nmultipliers = { k = 1000 }",
            "min = 1\nmax = 50000\nonly = [7, 20, 5000]\nmultipliers = { k = 1000 }",
        ] {
            assert!(load(&bank(amount)).is_ok(), "{amount}");
        }
    }
}
