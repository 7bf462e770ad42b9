//! The values that a form captures and that have no place of their own in a request: kept with the message, by name.

use super::action::Action;
use super::fields::Captures;
use super::form::Form;
use crate::domain::{FieldValue, Fields};
use crate::text::normalise::Normalised;

/// The kept values, in the order of the text. What the form discards is left out.
pub(super) fn kept(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Fields {
    if captures.own.is_empty() && captures.date.is_none() && captures.number.is_none() && captures.text.is_none() {
        return Fields::default();
    }
    // The account that is topped up is the target of the request.
    let own = captures.own.iter().filter(|own| form.action != Action::Recharge || own.field.account().is_none());
    let mut values: Vec<(usize, &str, FieldValue)> =
        own.map(|capture| (capture.range.start, capture.field.name.as_str(), capture.value(text))).collect();
    values.extend(captures.date.as_ref().map(|(day, range)| (range.start, "date", FieldValue::Date(*day))));
    values.extend(
        captures.number.as_ref().map(|(number, range)| (range.start, "number", FieldValue::Integer((*number).into()))),
    );
    values.extend(
        captures
            .text
            .as_ref()
            .map(|((), range)| (range.start, "text", FieldValue::Text(text.as_typed(range.clone()).trim().to_owned()))),
    );
    values.sort_by_key(|(start, ..)| *start);
    let mut fields = Fields::default();
    for (_, name, value) in values {
        if !form.discard.iter().any(|discarded| discarded == name) {
            fields.push(name, value);
        }
    }
    fields
}
