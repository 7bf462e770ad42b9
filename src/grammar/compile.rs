//! From what a file says to what texts are read with: forms become paths, defaults are filled in, and what a form
//! leaves open or contradicts is reported.

use std::sync::Arc;

use super::action::{Action, FormTarget};
use super::amount_file::AmountFile;
use super::dispatch::Dispatch;
use super::faults;
use super::fields::own::file::OwnFields;
use super::fields::{Field, Value};
use super::file::GrammarFile;
use super::form::{Bank, Form, Limits, OperatorLimits};
use super::form_file::FormFile;
use super::list;
use super::list_file::ListShape;
use super::lower::{self, Fault};
use super::multiplied;
use super::path::{Path, Step};
use super::pin_rules;
use super::replies;
use super::separators::{self, Separators};
use super::verifier::Verifier;
use super::vocabulary;
use super::walk::{Placed, Source};
use crate::domain::locale::Locale;
use crate::domain::{Amount, NumberingPlan, Service};
use crate::text::near::nearest;

/// Words that ask how to write to a short code, unless the bank declares its own.
pub(super) const HELP: [&str; 4] = ["ndihme", "pomoc", "help", "info"];

/// Compiles a file; what is wrong with it is in `source` afterwards.
pub(super) fn compile(source: &mut Source<'_>, file: &GrammarFile, number: usize, plan: &NumberingPlan) -> Bank {
    let limits = limits(source, file, plan);
    let separators = separators::read(source, file.separators.as_deref()).unwrap_or_default();
    let highest = file.forms.iter().filter_map(|form| form.amount.max.as_ref()).map(|max| max.value);
    let highest = highest.chain([limits.max]).max().unwrap_or(limits.max);
    let words = vocabulary::words(source, file, highest);
    let mut bank = Bank {
        id: file.bank.value.clone(),
        name: file.name.clone(),
        short_codes: file.short_codes.iter().map(|code| code.value.clone()).collect(),
        evidence: file.evidence,
        source: file.source.clone(),
        languages: file.languages.clone(),
        forms: Vec::new(),
        paths: Vec::new(),
        words,
        dispatch: Dispatch::default(),
        file: number,
    };
    for operator in file.fields.operators() {
        known_operator(source, operator, plan);
    }
    let defaults =
        Defaults { fields: &file.fields, limits: &limits, separators, pin: file.pin.as_ref().map(|pin| pin.value) };
    for form in &file.forms {
        add_form(source, &mut bank, form, &defaults, plan);
    }
    multiplied::check(source, file, &bank);
    if source.diagnostics.is_empty() {
        pin_rules::unused(source, file.pin.as_ref(), &file.forms, &bank.forms);
    }
    if !file.forms.iter().any(|form| form.action == Action::Help) {
        add_help(source, &mut bank, file.help.as_deref(), limits);
    }
    vocabulary::reserve(&mut bank);
    bank.dispatch = Dispatch::of(&bank.paths);
    bank
}

/// The rules of a file that its forms follow where they have none of their own.
struct Defaults<'d> {
    fields: &'d OwnFields,
    limits: &'d Limits,
    separators: Separators,
    pin: Option<Verifier>,
}

fn add_form(source: &mut Source<'_>, bank: &mut Bank, file: &FormFile, defaults: &Defaults<'_>, plan: &NumberingPlan) {
    let Some(rows) = rows(source, file, defaults, !bank.words.services.is_empty()) else { return };
    let limits = form_limits(source, file, defaults.limits, plan);
    let pin = pin_rules::of_form(source, &rows, file, defaults.pin);
    let replies = replies::replies(source, bank, file, &rows, &limits);
    let start = bank.paths.len();
    let form = bank.forms.len();
    bank.paths.extend(rows.into_iter().map(|steps| Path { form, steps: without_misplaced_numbers(steps, file) }));
    let (service, target) = subject(file, bank.paths.get(start));
    bank.forms.push(Form {
        name: file.name.clone(),
        text: file.text.value.clone(),
        span: file.text.span.clone(),
        action: file.action,
        service,
        target,
        price: file.price.as_ref().map(|price| price.value),
        pin,
        limits,
        language: file.language,
        forward: file.forward.clone(),
        replies,
        priority: file.priority,
        senders: file.senders.clone(),
        links: file.links.clone(),
        discard: file.discard.iter().map(|name| name.value.clone()).collect(),
        example: file.example.as_ref().map(|example| example.value.clone()).unwrap_or_default(),
        paths: start..bank.paths.len(),
    });
}

/// Every way through a form, without a fault; `None` for a form with one, which is in `source` afterwards.
fn rows(
    source: &mut Source<'_>,
    file: &FormFile,
    defaults: &Defaults<'_>,
    has_services: bool,
) -> Option<Vec<Vec<Step>>> {
    let separators = separators::read(source, file.separators.as_deref()).unwrap_or(defaults.separators);
    let list = ListShape::of(source, file.list.as_ref().map(|list| &list.value), separators);
    let rows = lower::rows(&file.nodes, lower::Rules { separators, declared: defaults.fields, list });
    let checked = rows.and_then(|rows| {
        let fault = rows.iter().find_map(|row| {
            let single = list::single(row);
            let fault = list::fault(row, file, list.between).or_else(|| faults::fault(&single, file, has_services));
            fault.or_else(|| pin_rules::touching(&single))
        });
        fault.map_or(Ok(rows), Err)
    });
    match checked {
        Ok(rows) => match faults::discard_fault(&rows, file) {
            None => return Some(rows),
            Some((name, message)) => source.report(name.span.clone(), message, "take it out of `discard`"),
        },
        Err(Fault { message, help }) => source.report(file.text.span.clone(), message, help),
    }
    None
}

/// The service and the target of a form, with the defaults for what its file does not say.
fn subject(file: &FormFile, first: Option<&Path>) -> (Service, FormTarget) {
    let landline = first.is_some_and(|path| path.has(Field::Landline));
    let usual = if landline { Service::Fixed } else { Service::Mobile };
    let service = file.service.as_ref().map_or(usual, |service| service.value);
    let target = match &file.target {
        Some(target) => target.value,
        None if matches!(service, Service::Mobile | Service::Fixed) => FormTarget::Own,
        None => FormTarget::Registered,
    };
    (service, target)
}

/// If a customer's form names nobody, a number behind `ref` is the one that is to be topped up: taken for a reference,
/// it would top up the sender's own phone. (A bank's machine counts its references, and comes past every number.)
fn without_misplaced_numbers(mut steps: Vec<Step>, file: &FormFile) -> Vec<Step> {
    let names_somebody = steps.iter().any(Step::names_target);
    if names_somebody || !file.senders.is_empty() || !file.links.is_empty() {
        return steps;
    }
    for step in &mut steps {
        if let Step::Value(Value::Reference(shape)) = step {
            shape.may_be_number = false;
        }
    }
    steps
}

/// Every short code answers a call for help.
fn add_help(source: &mut Source<'_>, bank: &mut Bank, declared: Option<&[Placed<String>]>, limits: Limits) {
    let written: Vec<String> = match declared {
        Some(words) => words.iter().map(|word| word.value.clone()).collect(),
        None => HELP.map(str::to_owned).to_vec(),
    };
    let (form, start) = (bank.forms.len(), bank.paths.len());
    for word in &written {
        match lower::word(word, false) {
            Ok(word) => bank.paths.push(Path { form, steps: vec![Step::Word(word)] }),
            Err(Fault { message, help }) => {
                let span = declared.and_then(|words| words.first()).map_or(0..0, |word| word.span.clone());
                source.report(span, message, help);
            }
        }
    }
    bank.forms.push(Form {
        name: "help".to_owned(),
        text: format!("({})", written.join("|")),
        span: 0..0,
        action: Action::Help,
        service: Service::Mobile,
        target: FormTarget::Own,
        price: None,
        pin: None,
        limits,
        language: None,
        forward: None,
        replies: Arc::default(),
        priority: 0,
        senders: Vec::new(),
        links: Vec::new(),
        discard: Vec::new(),
        example: written.first().cloned().unwrap_or_default(),
        paths: start..bank.paths.len(),
    });
}

fn limits(source: &mut Source<'_>, file: &GrammarFile, plan: &NumberingPlan) -> Limits {
    let (min, max) = Locale::get().top_up;
    let standard = Limits {
        whole: false,
        min: Amount::from_minor(min).unwrap_or(Amount::MAX),
        max: Amount::from_minor(max).unwrap_or(Amount::MAX),
        only: None,
        operators: Vec::new(),
        offered: operators(source, file.operators.as_deref(), plan),
    };
    merged(source, &file.amount, standard, plan)
}

fn form_limits(source: &mut Source<'_>, file: &FormFile, bank: &Limits, plan: &NumberingPlan) -> Limits {
    let mut limits = merged(source, &file.amount, bank.clone(), plan);
    if let Some(offered) = operators(source, file.operators.as_deref(), plan) {
        limits.offered = Some(offered);
    }
    limits
}

fn merged(source: &mut Source<'_>, file: &AmountFile, under: Limits, plan: &NumberingPlan) -> Limits {
    let mut limits = under;
    limits.whole = file.whole.unwrap_or(limits.whole);
    limits.min = file.min.as_ref().map_or(limits.min, |min| min.value);
    limits.max = file.max.as_ref().map_or(limits.max, |max| max.value);
    limits.only = file.only.clone().or(limits.only);
    for (id, operator) in &file.operators {
        known_operator(source, id, plan);
        limits.operators.retain(|(known, _)| *known != id.value);
        let entry = OperatorLimits { only: operator.only.clone(), min: operator.min, max: operator.max };
        limits.operators.push((id.value.clone(), entry));
    }
    limits
}

fn operators(source: &mut Source<'_>, list: Option<&[Placed<String>]>, plan: &NumberingPlan) -> Option<Vec<String>> {
    let list = list?;
    for id in list {
        known_operator(source, id, plan);
    }
    Some(list.iter().map(|id| id.value.clone()).collect())
}

fn known_operator(source: &mut Source<'_>, id: &Placed<String>, plan: &NumberingPlan) {
    if plan.operator_name(&id.value).is_some() {
        return;
    }
    let known: Vec<&str> = plan.operators().collect();
    let help = nearest(&id.value, known.iter().copied()).map_or_else(
        || format!("the operators of the numbering plan are {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    source.report(id.span.clone(), format!("there is no operator `{}`", id.value), help);
}
