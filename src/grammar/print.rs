//! Writing a form out: with a request's values, or with values for show where none are given.

use super::allowed::{check, written};
use super::fields::Values;
use super::fields::kind::Printing;
use super::fields::number::{Grouping, any};
use super::form::{Bank, Form};
use super::path::{Own, Path, Step};
use crate::domain::{Amount, FieldValue, Line, LineKind, NumberingPlan, OtherAccount, Request, Target};

impl Values {
    /// The values of a request.
    pub(super) fn of(request: &Request, plan: &NumberingPlan) -> Self {
        let mut values = Self {
            amount: request.amount.map(written),
            reference: request.reference.clone(),
            service: Some(request.service.as_str().to_owned()),
            repeat: request.repeat,
            ..Self::default()
        };
        match &request.target {
            Target::Line(line) => values.set_number(line, plan),
            Target::Username(name) => values.username = Some(name.clone()),
            Target::Registered(_) => {}
            Target::Account(account) => values.account = Some(account.clone()),
        }
        for field in request.fields.iter() {
            let written = match &field.value {
                FieldValue::Secret(_) => continue,
                FieldValue::Date(day) => day.format("%d.%m.%Y").to_string(),
                value => value.to_string(),
            };
            match field.name.as_str() {
                "date" => values.date = Some(written),
                "number" => values.number = Some(written),
                "text" => values.text = Some(written),
                _ => values.own.push((field.name.clone(), written)),
            }
        }
        values
    }

    pub(super) fn set_number(&mut self, line: &Line, plan: &NumberingPlan) {
        let written = Some(plan.national(line.msisdn));
        match line.kind {
            LineKind::Mobile => self.msisdn = written,
            LineKind::Fixed => self.landline = written,
        }
    }
}

/// The text of `path` with these values; `None` where one that it needs is not there.
pub(super) fn print(bank: &Bank, path: &Path, values: &Values, plan: &NumberingPlan) -> Option<String> {
    // There are values for one item only, and no list names anybody twice.
    if path.items() > 1 {
        return None;
    }
    let printing = Printing { words: &bank.words, plan, mobile: values.msisdn.as_deref() };
    let mut text = String::new();
    for step in &path.steps {
        match step {
            Step::Word(word) => text.push_str(&word.written),
            Step::Separator { required: true, set } => text.push_str(set.printed()),
            Step::Separator { required: false, .. } | Step::List(_) => {}
            Step::Value(value) => text.push_str(&value.print(values, printing)?),
            Step::Own(own) => text.push_str(&own_value(own, values)),
        }
    }
    if values.repeat {
        text.push(' ');
        text.push_str(bank.words.repeat.first()?);
    }
    Some(text)
}

/// The value of a field of the bank's own, or one for show.
fn own_value(own: &Own, values: &Values) -> String {
    let account = values.account.as_ref().filter(|account| own.field.account() == Some(account.kind()));
    let named = || values.own.iter().find(|(name, _)| *name == own.field.name).map(|(_, written)| written.as_str());
    account.map(OtherAccount::identifier).or_else(named).map_or_else(|| own.field.shown(), str::to_owned)
}

/// Values to show a form with where the sender gave none: those of the bank's own examples, or made up from the plan.
pub(super) fn for_show(bank: &Bank, form: &Form, plan: &NumberingPlan) -> Values {
    let examples = bank.forms.iter().map(|form| form.example.as_str());
    let number = |kind| {
        let offered = |line: &Line| {
            let limits = &form.limits.offered;
            line.kind == kind && (kind == LineKind::Fixed || limits.as_ref().is_none_or(|list| is_offered(line, list)))
        };
        let shown = examples.clone().find_map(|text| number_in(text, plan).filter(offered));
        shown.or_else(|| made_up(plan, offered)).map(|line| plan.national(line.msisdn))
    };
    Values {
        msisdn: number(LineKind::Mobile),
        landline: number(LineKind::Fixed),
        amount: amount_for_show(form, None).map(written),
        service: bank.words.services.first().map(|(_, service)| service.as_str().to_owned()),
        ..Values::shown()
    }
}

fn is_offered(line: &Line, list: &[String]) -> bool {
    line.operator.as_deref().is_some_and(|operator| list.iter().any(|id| id == operator))
}

/// The first number in a text.
fn number_in(text: &str, plan: &NumberingPlan) -> Option<Line> {
    text.char_indices()
        .filter(|&(at, c)| c.is_ascii_digit() && !text[..at].ends_with(|c: char| c.is_ascii_digit()))
        .find_map(|(at, _)| any(text, at, Grouping::default(), plan).ok())
        .map(|found| found.line)
}

/// Some number of the plan.
fn made_up(plan: &NumberingPlan, fits: impl Fn(&Line) -> bool) -> Option<Line> {
    let beginnings = (10..1000_u32).map(|beginning| beginning.to_string());
    let mut numbers =
        beginnings.flat_map(|beginning| (4..=8).map(move |digits| format!("{beginning}{}", &"12345678"[..digits])));
    let read = |digits: String| plan.read(&format!("{}{digits}", plan.trunk_prefix()), false).ok();
    numbers.find_map(|digits| read(digits).filter(&fits))
}

/// An amount that a form takes, for a number where one is given.
pub(super) fn amount_for_show(form: &Form, target: Option<&Target>) -> Option<Amount> {
    if form.price.is_some() {
        return form.price;
    }
    let nobody = Target::Username(String::new());
    let target = target.unwrap_or(&nobody);
    let limits = &form.limits;
    let tries = [500, 1000, 100, 200, 2000].into_iter().chain([limits.min.minor(), limits.max.minor()]);
    let listed = limits.only.iter().flatten().map(|amount| amount.minor());
    tries.chain(listed).find_map(|minor| check(limits, target, Some(minor), (0, 0)).ok().flatten())
}
