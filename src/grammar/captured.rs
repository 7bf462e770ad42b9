//! The values of a text as named, typed fields: all of them for a request that is handed on, and for any other request those
//! that have no place of their own in it.

use std::ops::Range;

use zeroize::Zeroizing;

use super::action::Action;
use super::fields::secret::concealed;
use super::fields::{Captures, Field, date};
use super::form::Form;
use crate::domain::{Amount, FieldValue, Fields, Secret};
use crate::text::normalise::Normalised;

/// Values with their places in the text and their names.
type Found<'c> = Vec<(usize, &'c str, FieldValue)>;

/// All values that were captured, in the order of the text, under the names of their fields.
pub(super) fn fields(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Fields {
    let mut found = kept_only(form, captures, text);
    let mut add = |field: Field, range: Option<&Range<usize>>, value: &dyn Fn(&Range<usize>) -> Option<FieldValue>| {
        if let Some(range) = range
            && let Some(value) = value(range)
        {
            found.push((range.start, field.name(), value));
        }
    };
    let folded = |range: &Range<usize>| text.folded().get(range.clone()).unwrap_or_default();
    let typed = |range: &Range<usize>| Some(FieldValue::Text(text.as_typed(range.clone()).into_owned()));
    let digits = |range: &Range<usize>| folded(range).chars().filter(char::is_ascii_digit).collect::<String>();
    let secret = |range: &Range<usize>| Some(FieldValue::Secret(Secret::new(Zeroizing::new(digits(range)))));
    if let Some((cents, range)) = &captures.amount {
        add(Field::Amount, Some(range), &|_| Amount::from_cents(*cents).ok().map(FieldValue::Amount));
    }
    for (field, line) in [(Field::Msisdn, &captures.msisdn), (Field::Landline, &captures.landline)] {
        if let Some((line, range)) = line {
            add(field, Some(range), &|_| Some(FieldValue::Number(line.msisdn)));
        }
    }
    add(Field::Username, captures.username.as_ref().map(|((), range)| range), &typed);
    add(Field::Service, captures.service.as_ref().map(|(_, range)| range), &typed);
    add(Field::Operator, captures.operator.as_ref().map(|(_, range)| range), &typed);
    add(Field::Reference, captures.reference.as_ref().map(|((), range)| range), &typed);
    add(Field::Voucher, captures.voucher.as_ref().map(|((), range)| range), &secret);
    add(Field::Pin, captures.pin.as_ref().map(|((), range)| range), &secret);
    add(Field::NewPin, captures.new_pin.as_ref().map(|((), range)| range), &secret);
    ordered(form, found, &captures.secret_digits(text))
}

/// The values that have no place of their own in a request, in the order of the text.
pub(super) fn kept(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Fields {
    if captures.own.is_empty() && captures.date.is_none() && captures.number.is_none() && captures.text.is_none() {
        return Fields::default();
    }
    ordered(form, kept_only(form, captures, text), &captures.secret_digits(text))
}

fn kept_only<'c>(form: &Form, captures: &'c Captures, text: &Normalised<'_>) -> Found<'c> {
    // The account that is topped up is the target of the request.
    let own = captures.own.iter().filter(|own| form.action != Action::Recharge || own.field.account().is_none());
    let mut found: Found<'_> =
        own.map(|capture| (capture.range.start, capture.field.name.as_str(), capture.value(text))).collect();
    let date = captures.date.as_ref();
    found.extend(date.map(|(day, range)| (range.start, Field::Date.name(), FieldValue::Date(*day))));
    let number = captures.number.as_ref();
    found.extend(
        number.map(|(number, range)| (range.start, Field::Number.name(), FieldValue::Integer((*number).into()))),
    );
    let remark = |range: &Range<usize>| FieldValue::Text(text.as_typed(range.clone()).trim().to_owned());
    found.extend(captures.text.as_ref().map(|((), range)| (range.start, Field::Text.name(), remark(range))));
    found
}

/// Without those that the form discards. A secret that the sender has repeated in another value is concealed there.
fn ordered(form: &Form, mut found: Found<'_>, secrets: &[Zeroizing<String>]) -> Fields {
    found.sort_by_key(|(start, ..)| *start);
    let mut fields = Fields::default();
    for (_, name, value) in found {
        if !form.discard.iter().any(|discarded| discarded == name) {
            fields.push(name, value);
        }
    }
    if !secrets.is_empty() {
        fields.change_texts(|text| concealed(text, secrets));
    }
    fields
}

/// Septets of the longest value of a field in a reply; `None` for one that no reply shows.
pub(super) fn longest(field: Field, highest: Amount) -> Option<usize> {
    match field {
        Field::Amount => Some(highest.to_string().len()),
        Field::Msisdn | Field::Landline => Some(15),
        Field::Username | Field::Reference => Some(32),
        Field::Service | Field::Operator => Some(12),
        Field::Text => Some(30),
        Field::Number | Field::Date => Some(date::SHOWN.len()),
        Field::Pin | Field::NewPin | Field::Voucher | Field::Currency => None,
    }
}
