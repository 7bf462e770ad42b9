//! Forms of action `forward`: their replies are proven when they are loaded, and their texts become requests that are
//! handed on.

use super::allowed::{Violation, check};
use super::assemble::{named_operator, named_target};
use super::captured;
use super::fields::own::OwnField;
use super::fields::{Captures, Field};
use super::form::{Bank, Form, Forwarding, Limits};
use super::form_file::FormFile;
use super::message::{ForwardRequest, Reading};
use super::path::Step;
use super::walk::Source;
use crate::domain::{FieldValue, Fields, Language, NumberingPlan, Target};
use crate::text::gsm7;
use crate::text::own_reply::{OwnReply, Place};
use crate::text::transliterate::transliterate;

/// The place of the bank's name.
const NAME: &str = "name";

/// The request that a form hands on; what is wrong with its reply is reported.
pub(super) fn forwarding(
    source: &mut Source<'_>,
    bank: &Bank,
    file: &FormFile,
    rows: &[Vec<Step>],
    limits: &Limits,
) -> Option<Forwarding> {
    let forward = file.forward.as_ref()?;
    let Some(reply) = &forward.reply else {
        return Some(Forwarding { name: forward.name.clone(), replies: Vec::new() });
    };
    // Without a list, the reply needs a text in each language that there are texts in: see `GrammarSet::unspoken`.
    let languages = &bank.languages;
    for language in languages.iter().filter(|&language| reply.value.iter().all(|(other, _)| other != language)) {
        let message = format!("`reply` of `{}` has no text in the language `{}`", file.name, language.code());
        source.report(reply.span.clone(), message, "write one for each of the bank's `languages`");
    }
    let places = places(bank, rows, limits);
    let mut replies = Vec::new();
    for (language, text) in &reply.value {
        match OwnReply::read(&text.value, &places) {
            Ok(reply) => replies.push((*language, reply)),
            Err(problem) => {
                let message = format!("`reply.{}` of `{}`: {problem}", language.code(), file.name);
                source.report(
                    text.span.clone(),
                    message,
                    "a reply is one SMS in the alphabet of GSM, or else in UCS-2",
                );
            }
        }
    }
    let order = |language: &Language| languages.iter().position(|known| known == language).unwrap_or(usize::MAX);
    replies.sort_by_key(|(language, _)| order(language));
    Some(Forwarding { name: forward.name.clone(), replies })
}

/// A key that such a form has and that means nothing there, and its correction.
pub(super) fn without_meaning(form: &FormFile, has_amount: bool) -> Option<(String, &'static str)> {
    let amount = &form.amount;
    let limits = amount.min.is_some() || amount.max.is_some() || amount.only.is_some() || amount.whole.is_some();
    let keys = [
        ("service", form.service.is_some()),
        ("target", form.target.is_some()),
        ("price", form.price.is_some()),
        ("operators", form.operators.is_some()),
        ("amount.operators", !amount.operators.is_empty()),
        ("amount", limits && !has_amount),
    ];
    let (key, _) = keys.into_iter().find(|(_, is_there)| *is_there)?;
    let help = if key == "amount" { "take it out, or write {amount} in the text" } else { "take it out" };
    Some((format!("a form of action `forward` moves no money, and has no use for `{key}`"), help))
}

/// A key of a table of words that means nothing in such a form, and its correction. An operator is compared with the
/// number of the text, if there is one.
pub(super) fn words_without_meaning(field: &OwnField, has_target: bool) -> Option<(String, &'static str)> {
    let keys = [
        ("price", field.has_price()),
        ("service", field.has_service()),
        ("operator", field.has_operator() && !has_target),
    ];
    let (key, _) = keys.into_iter().find(|(_, is_there)| *is_there)?;
    let message = format!(
        "a form of action `forward` moves no money, and has no use for the `{key}` of the words of `{{{}}}`",
        field.name
    );
    Some((message, "write a field of its own for this form, with words without it"))
}

/// The name of the bank, and the values that every text of the form has: a reply may show them.
fn places(bank: &Bank, rows: &[Vec<Step>], limits: &Limits) -> Vec<Place> {
    let has = |row: &Vec<Step>, field: Field| row.iter().any(|step| step.field() == Some(field));
    let always = Field::ALL.iter().filter(|&&field| rows.iter().all(|row| has(row, field)));
    let shown = always.filter_map(|&field| {
        let septets_max = captured::longest(field, limits.max)?;
        Some(Place { name: field.name().to_owned(), septets_max })
    });
    let name = gsm7::septet_count(&transliterate(&bank.name).text).unwrap_or_else(|_| bank.name.chars().count());
    let own = rows.first().into_iter().flatten().filter_map(Step::own);
    let own = own.filter(|field| rows.iter().all(|row| row.iter().filter_map(Step::own).any(|known| known == *field)));
    let own = own.filter_map(|field| Some(Place { name: field.name.clone(), septets_max: field.longest()? }));
    shown.chain(own).chain([Place { name: NAME.to_owned(), septets_max: name }]).collect()
}

/// The request of a text, or the first reason why it is none.
pub(super) fn assemble(
    bank: &Bank,
    form: &Form,
    captures: &Captures,
    text: &crate::text::normalise::Normalised<'_>,
    plan: &NumberingPlan,
) -> Result<Reading, Violation> {
    if let Some(target) = named_target(form, captures, text) {
        named_operator(captures, &target)?;
    }
    let minor = captures.amount.as_ref().map(|(minor, _)| *minor);
    let at = captures.amount.as_ref().map_or(0, |(_, range)| range.start);
    // Limits of an operator's numbers are those of top-ups.
    check(&form.limits, &Target::Username(String::new()), minor, (at, at))?;
    let fields = captured::fields(form, captures, text);
    let (name, replies) = match &form.forwarding {
        Some(forwarding) => (forwarding.name.clone(), worded(forwarding, bank, &fields, plan)),
        None => (form.name.clone(), Vec::new()),
    };
    Ok(Reading::Forward(ForwardRequest {
        bank: bank.id.clone(),
        form: form.name.clone(),
        name,
        fields,
        replies,
        repeat: captures.repeat,
        language: form.language,
    }))
}

fn worded(forwarding: &Forwarding, bank: &Bank, fields: &Fields, plan: &NumberingPlan) -> Vec<(Language, String)> {
    let value = |name: &str| match fields.iter().find(|field| field.name == name) {
        Some(field) => Some(shown(&field.value, plan)),
        None => (name == NAME).then(|| bank.name.clone()),
    };
    forwarding.replies.iter().map(|(language, reply)| (*language, reply.worded(value))).collect()
}

/// As the customer writes it.
fn shown(value: &FieldValue, plan: &NumberingPlan) -> String {
    match value {
        FieldValue::Number(number) => plan.national(*number),
        FieldValue::Date(day) => day.format("%d.%m.%Y").to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
