//! Forms of action `forward`: their texts become requests that are handed on.

use super::allowed::{Violation, check};
use super::assemble::{named_operator, named_target};
use super::captured;
use super::fields::Captures;
use super::fields::own::OwnField;
use super::form::{Bank, Form};
use super::form_file::FormFile;
use super::message::{ForwardRequest, Reading};
use crate::domain::Target;
use crate::text::normalise::Normalised;

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

/// The request of a text, or the first reason why it is none.
pub(super) fn assemble(
    bank: &Bank,
    form: &Form,
    captures: &Captures,
    text: &Normalised<'_>,
) -> Result<Reading, Violation> {
    if let Some(target) = named_target(form, captures, text) {
        named_operator(captures, &target)?;
    }
    let minor = captures.amount.as_ref().map(|(minor, _)| *minor);
    let at = captures.amount.as_ref().map_or(0, |(_, range)| range.start);
    // Limits of an operator's numbers are those of top-ups.
    check(&form.limits, &Target::Username(String::new()), minor, (at, at))?;
    Ok(Reading::Forward(ForwardRequest {
        bank: bank.id.clone(),
        form: form.name.clone(),
        name: form.forward.as_ref().unwrap_or(&form.name).clone(),
        fields: captured::fields(form, captures, text),
        repeat: captures.repeat,
        language: form.language,
    }))
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
