//! Writing a form out: with a request's values, or with values for show where none are given.

use super::assemble::{check, written};
use super::fields::number::{Grouping, any};
use super::form::{Bank, Form, Path, Step};
use crate::domain::{Amount, Line, LineKind, NumberingPlan, Request, Service, Target};

/// Values to write a form with, each as a customer writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) mobile: Option<String>,
    pub(super) fixed: Option<String>,
    pub(super) amount: Option<String>,
    pub(super) username: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) service: Option<Service>,
    pub(super) repeat: bool,
}

impl Values {
    /// The values of a request.
    pub(super) fn of(request: &Request, plan: &NumberingPlan) -> Self {
        let mut values = Self {
            amount: request.amount.map(written),
            reference: request.reference.clone(),
            service: Some(request.service),
            repeat: request.repeat,
            ..Self::default()
        };
        match &request.target {
            Target::Line(line) => values.set_number(line, plan),
            Target::Username(name) => values.username = Some(name.clone()),
            Target::Registered(_) => {}
        }
        values
    }

    pub(super) fn set_number(&mut self, line: &Line, plan: &NumberingPlan) {
        let written = Some(plan.national(line.msisdn));
        match line.kind {
            LineKind::Mobile => self.mobile = written,
            LineKind::Fixed => self.fixed = written,
        }
    }

    /// These, and the others where these have none.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            mobile: self.mobile.or_else(|| other.mobile.clone()),
            fixed: self.fixed.or_else(|| other.fixed.clone()),
            amount: self.amount.or_else(|| other.amount.clone()),
            username: self.username.or_else(|| other.username.clone()),
            reference: self.reference.or_else(|| other.reference.clone()),
            service: self.service.or(other.service),
            repeat: self.repeat,
        }
    }
}

/// The text of `path` with these values; `None` where one that it needs is not there.
pub(super) fn print(bank: &Bank, path: &Path, values: &Values, plan: &NumberingPlan) -> Option<String> {
    let mut text = String::new();
    for step in &path.steps {
        match step {
            Step::Word(word) => text.push_str(&word.written),
            Step::Separator { required: true, set } => text.push_str(set.printed()),
            Step::Separator { required: false, .. } => {}
            Step::Amount(shape) => text.push_str(&amount(values.amount.as_deref()?, shape.width, shape.cents)?),
            Step::Number(shape) => {
                let number = match shape.kind {
                    LineKind::Mobile => values.mobile.as_deref()?,
                    LineKind::Fixed => values.fixed.as_deref()?,
                };
                text.push_str(&number_of_width(number, shape.width, plan)?);
            }
            Step::Username => text.push_str(values.username.as_deref()?),
            Step::Service => {
                let service = values.service?;
                text.push_str(&bank.services.iter().find(|(_, known)| *known == service)?.0);
            }
            Step::Reference { .. } => text.push_str(values.reference.as_deref()?),
            Step::Digits { width, .. } => text.extend("1234567890".chars().cycle().take(width.0 as usize)),
            Step::Currency => text.push_str(bank.currency.own.first()?),
            Step::Operator => text.push_str(&operator(values, plan)?),
            Step::Date => text.push_str("31.12.2026"),
            Step::Integer { range } => text.push_str(&range.0.to_string()),
            Step::Text => text.push_str("..."),
        }
    }
    if values.repeat {
        text.push(' ');
        text.push_str(bank.repeat.first()?);
    }
    Some(text)
}

fn amount(written: &str, width: Option<u32>, in_cents: bool) -> Option<String> {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, "00"));
    let digits = if in_cents { format!("{whole}{fraction}") } else { written.to_owned() };
    match width {
        None => Some(digits.trim_start_matches('0').to_owned()).filter(|_| in_cents).or(Some(written.to_owned())),
        Some(width) if in_cents || fraction == "00" => {
            let digits = if in_cents { digits.as_str() } else { whole };
            let width = width as usize;
            (digits.len() <= width).then(|| format!("{digits:0>width$}"))
        }
        Some(_) => None,
    }
}

/// A number in so many digits: nationally, or internationally with or without the prefix.
fn number_of_width(national: &str, width: Option<u32>, plan: &NumberingPlan) -> Option<String> {
    let Some(width) = width.map(|width| width as usize) else { return Some(national.to_owned()) };
    if national.len() == width {
        return Some(national.to_owned());
    }
    let international = plan.read(national, false).ok()?.msisdn.digits();
    let without_trunk = national.strip_prefix(plan.trunk_prefix()).unwrap_or(national);
    [international.as_str(), without_trunk].into_iter().find(|digits| digits.len() == width).map(str::to_owned)
}

fn operator(values: &Values, plan: &NumberingPlan) -> Option<String> {
    let number = values.mobile.as_deref()?;
    let of_number = plan.read(number, false).ok().and_then(|line| line.operator).map(|id| id.to_string());
    of_number.or_else(|| plan.operators().next().map(str::to_owned))
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
        mobile: number(LineKind::Mobile),
        fixed: number(LineKind::Fixed),
        amount: amount_for_show(form, None).map(written),
        username: Some("USERNAME".to_owned()),
        reference: Some("A81723".to_owned()),
        service: bank.services.first().map(|(_, service)| *service),
        repeat: false,
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
    let tries = [500, 1000, 100, 200, 2000].into_iter().chain([limits.min.cents(), limits.max.cents()]);
    let listed = limits.only.iter().flatten().map(|amount| amount.cents());
    tries.chain(listed).find_map(|cents| check(limits, target, Some(cents), (0, 0)).ok().flatten())
}
