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

/// A value with its place in the text and its name.
struct Found<'c> {
    range: Range<usize>,
    name: &'c str,
    value: FieldValue,
    /// It is as typed, so that two requests are compared by its folded text.
    is_typed: bool,
}

impl<'c> Found<'c> {
    fn new(range: &Range<usize>, name: &'c str, value: FieldValue) -> Self {
        // A user name is never altered.
        let is_typed = matches!(value, FieldValue::Text(_)) && name != Field::Username.name();
        Self { range: range.clone(), name, value, is_typed }
    }
}

/// All values that were captured, in the order of the text, under the names of their fields.
pub(super) fn fields(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Fields {
    let mut found = kept_only(form, captures, text);
    let mut add = |field: Field, range: Option<&Range<usize>>, value: &dyn Fn(&Range<usize>) -> Option<FieldValue>| {
        if let Some(range) = range
            && let Some(value) = value(range)
        {
            found.push(Found::new(range, field.name(), value));
        }
    };
    let folded = |range: &Range<usize>| text.folded().get(range.clone()).unwrap_or_default();
    let typed = |range: &Range<usize>| Some(FieldValue::Text(text.as_typed(range.clone()).into_owned()));
    let digits = |range: &Range<usize>| folded(range).chars().filter(char::is_ascii_digit).collect::<String>();
    let secret = |range: &Range<usize>| Some(FieldValue::Secret(Secret::new(Zeroizing::new(digits(range)))));
    if let Some((minor, range)) = &captures.amount {
        add(Field::Amount, Some(range), &|_| Amount::from_minor(*minor).ok().map(FieldValue::Amount));
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
    ordered(form, found, captures, text)
}

/// The values that have no place of their own in a request, in the order of the text.
pub(super) fn kept(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Fields {
    if captures.own.is_empty() && captures.date.is_none() && captures.number.is_none() && captures.text.is_none() {
        return Fields::default();
    }
    ordered(form, kept_only(form, captures, text), captures, text)
}

fn kept_only<'c>(form: &Form, captures: &'c Captures, text: &Normalised<'_>) -> Vec<Found<'c>> {
    // The account that is topped up is the target of the request.
    let own = captures.own.iter().filter(|own| form.action != Action::Recharge || own.field.account().is_none());
    let mut found: Vec<Found<'_>> = own
        .map(|capture| {
            let found = Found::new(&capture.range, &capture.field.name, capture.value(text));
            // The word of a table is one, whichever of its spellings was written.
            Found { is_typed: found.is_typed && capture.row().is_none(), ..found }
        })
        .collect();
    let date = captures.date.as_ref();
    found.extend(date.map(|(day, range)| Found::new(range, Field::Date.name(), FieldValue::Date(*day))));
    let number = captures.number.as_ref().map(|(number, range)| (FieldValue::Integer((*number).into()), range));
    found.extend(number.map(|(number, range)| Found::new(range, Field::Number.name(), number)));
    let remark = |range: &Range<usize>| FieldValue::Text(text.as_typed(range.clone()).trim().to_owned());
    found.extend(captures.text.as_ref().map(|((), range)| Found::new(range, Field::Text.name(), remark(range))));
    found
}

/// Without those that the form discards. A secret that the sender has repeated in another value is concealed there.
fn ordered(form: &Form, mut found: Vec<Found<'_>>, captures: &Captures, text: &Normalised<'_>) -> Fields {
    found.sort_by_key(|found| found.range.start);
    let mut fields = Fields::default();
    for Found { range, name, value, is_typed } in found {
        if form.discard.iter().any(|discarded| discarded == name) {
            continue;
        }
        if is_typed {
            fields.push_typed(name, value, text.folded().get(range).unwrap_or_default().to_owned());
        } else {
            fields.push(name, value);
        }
    }
    let secrets = captures.secret_digits(text);
    if !secrets.is_empty() {
        fields.change_texts(|text| concealed(text, &secrets));
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
