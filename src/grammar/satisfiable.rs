//! Limits on amounts that contradict each other, so that no amount satisfies them.

use std::ops::Range;

use super::allowed::written;
use super::amount_file::AmountFile;
use super::fields::Field;
use super::file::GrammarFile;
use super::form::{Bank, Form, Limits};
use super::path::Path;
use super::walk::Source;
use crate::domain::Amount;
use crate::domain::locale::Currency;

/// The limits that apply to numbers of one operator, or to all others.
struct Allowed<'l> {
    whole: bool,
    min: Amount,
    max: Amount,
    only: Option<&'l [Amount]>,
}

impl Limits {
    /// Tells whether some amount of this range may be written, for a number of some operator.
    pub(super) fn take_some_of(&self, (low, high): (Amount, Amount)) -> bool {
        let operators = self.operators.iter().filter(|(id, _)| self.offers(id)).map(|(id, _)| Some(id.as_str()));
        std::iter::once(None).chain(operators).any(|operator| {
            let allowed = self.of(operator);
            Allowed { min: allowed.min.max(low), max: allowed.max.min(high), ..allowed }.fault().is_none()
        })
    }

    fn offers(&self, operator: &str) -> bool {
        self.offered.as_ref().is_none_or(|offered| offered.iter().any(|known| known == operator))
    }

    fn of(&self, operator: Option<&str>) -> Allowed<'_> {
        let own = operator.and_then(|operator| self.operators.iter().find(|(id, _)| id == operator));
        let own = own.map(|(_, limits)| limits);
        Allowed {
            whole: self.whole,
            min: own.and_then(|own| own.min).unwrap_or(self.min),
            max: own.and_then(|own| own.max).unwrap_or(self.max),
            only: own.and_then(|own| own.only.as_deref()).or(self.only.as_deref()),
        }
    }
}

impl Allowed<'_> {
    fn takes(&self, amount: Amount) -> bool {
        (self.min..=self.max).contains(&amount) && (!self.whole || amount.is_whole())
    }

    /// The reason why no amount is allowed, and its correction.
    fn fault(&self) -> Option<(String, &'static str)> {
        let (min, max) = (self.min, self.max);
        match self.only {
            Some([]) => return Some(("`only` is an empty list".to_owned(), "list an amount, or take `only` out")),
            Some(only) if !only.iter().any(|&amount| self.takes(amount)) => {
                let list: Vec<String> = only.iter().map(|&amount| written(amount)).collect();
                let whole = if self.whole { ", without decimals" } else { "" };
                let what = format!("`only` has {}, and the limits are {min} to {max}{whole}", list.join(", "));
                return Some((what, "change `only`, or `min` and `max`"));
            }
            Some(_) => return None,
            None => {}
        }
        if min > max {
            return Some((format!("`min` {min} is above `max` {max}"), "lower `min`, or raise `max`"));
        }
        let unit = Currency::ledger().unit();
        let first_whole = (min.minor() + unit - 1) / unit * unit;
        (self.whole && first_whole > max.minor()).then(|| {
            (format!("no amount without decimals is from {min} to {max}"), "change `min` or `max`, or take `whole` out")
        })
    }
}

/// Reports the limits of forms with an amount that no amount satisfies, each at the section that declares them.
pub(super) fn check(source: &mut Source<'_>, bank: &Bank, file: &GrammarFile) {
    for (form, form_file) in bank.forms.iter().zip(&file.forms) {
        let has_amount = bank.paths_of(form).iter().any(|path: &Path| path.has(Field::Amount));
        if !has_amount || form.price.is_some() {
            continue;
        }
        if form.limits.offered.as_ref().is_some_and(Vec::is_empty) {
            let help = "name an operator, or take `operators` out";
            report(source, form.span.clone(), format!("no number can be topped up by `{}`", form.name), help);
        }
        let operators = form.limits.operators.iter().map(|(id, _)| Some(id.as_str()));
        for operator in std::iter::once(None).chain(operators) {
            let Some((why, help)) = form.limits.of(operator).fault() else { continue };
            let whose = operator.map(|operator| format!(" for numbers of {operator}")).unwrap_or_default();
            let span = place(form, &form_file.amount, &file.amount, operator);
            report(source, span, format!("no amount is allowed{whose}: {why}"), help);
            break;
        }
    }
}

/// The place that declares the limits: those of the form, else those of the bank.
fn place(form: &Form, own: &AmountFile, bank: &AmountFile, operator: Option<&str>) -> Range<usize> {
    let of_operator = |file: &AmountFile| {
        let declared = file.operators.iter().find(|(id, _)| Some(id.value.as_str()) == operator);
        declared.map(|(id, _)| id.span.clone())
    };
    let of_all = |file: &AmountFile| {
        file.only_span.clone().or(file.min.as_ref().or(file.max.as_ref()).map(|limit| limit.span.clone()))
    };
    let found = of_operator(own).or_else(|| of_all(own)).or_else(|| of_operator(bank)).or_else(|| of_all(bank));
    found.unwrap_or_else(|| form.span.clone())
}

/// Limits of the bank are reported once, not with each of its forms.
fn report(source: &mut Source<'_>, span: Range<usize>, message: String, help: &str) {
    let diagnostic = source.diagnostic(span.clone(), message.clone()).help(help);
    if !source.diagnostics.contains(&diagnostic) {
        source.report(span, message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bank_of, load};

    #[test]
    fn limits_that_no_amount_satisfies_are_refused_at_their_place() {
        for (bank, form, told, place) in [
            ("min = \"100\"", "", "`min` 100.00 is above `max` 50.00", "6:7"),
            ("max = \"0.50\"", "", "`min` 1.00 is above `max` 0.50", "6:7"),
            ("", "amount.min = 60", "`min` 60.00 is above `max` 50.00", ":14"),
            (
                "min = \"1.20\"\nmax = \"1.80\"\nwhole = true",
                "",
                "no amount without decimals is from 1.20 to 1.80",
                "6:7",
            ),
            ("only = [100, 200]", "", "`only` has 100, 200, and the limits are 1.00 to 50.00", "6:8"),
            ("only = [\"1.50\", \"2.50\"]\nwhole = true", "", "1.00 to 50.00, without decimals", "6:8"),
            ("only = []", "", "`only` is an empty list", "6:8"),
            ("operators.vala.only = [100]", "", "no amount is allowed for numbers of vala: `only` has 100", "6:11"),
            ("operators.vala.min = 100", "", "no amount is allowed for numbers of vala: `min` 100.00", "6:11"),
            ("", "operators = []", "no number can be topped up by `other`", ""),
        ] {
            let file = bank_of(&[
                ("other", &format!("text = \"pay {{msisdn}} {{amount}}\"\n{form}")),
                ("own", "text = \"{amount}\""),
            ]);
            let file = file.replacen("\n\n[[form]]", &format!("\n[amount]\n{bank}\n\n[[form]]"), 1);
            let error = load(&file).unwrap_err();
            assert!(error.contains(told) && error.contains(place), "{bank} {form}: {told} is not in\n{error}");
            assert_eq!(error.matches("error:").count(), 1, "told once:\n{error}");
        }
    }

    #[test]
    fn limits_that_some_amount_satisfies_are_taken() {
        for limits in
            ["min = 5\nmax = 5", "only = [5, 100]", "operators.vala.max = 100", "min = 10\noperators.vala.only = [20]"]
        {
            let file = bank_of(&[("own", "text = \"{amount}\"")]);
            let file = file.replacen("\n\n[[form]]", &format!("\n[amount]\n{limits}\n\n[[form]]"), 1);
            load(&file).unwrap_or_else(|error| panic!("{limits}: {error}"));
        }
    }
}
