//! The values of a text as named, typed fields.

use std::ops::Range;

use zeroize::Zeroizing;

use super::fields::{Captures, Field, date};
use crate::domain::{Amount, FieldValue, Fields, Secret};
use crate::text::normalise::Normalised;

/// All values that were captured, in the order of the text, under the names of their kinds.
pub(super) fn fields(captures: &Captures, text: &Normalised<'_>) -> Fields {
    let mut found: Vec<(usize, Field, FieldValue)> = Vec::new();
    let mut add = |field: Field, range: Option<&Range<usize>>, value: &dyn Fn(&Range<usize>) -> Option<FieldValue>| {
        if let Some(range) = range
            && let Some(value) = value(range)
        {
            found.push((range.start, field, value));
        }
    };
    let folded = |range: &Range<usize>| text.folded().get(range.clone()).unwrap_or_default();
    let typed = |range: &Range<usize>| Some(FieldValue::Text(text.as_typed(range.clone()).into_owned()));
    let digits = |range: &Range<usize>| folded(range).chars().filter(char::is_ascii_digit).collect::<String>();
    let secret = |range: &Range<usize>| Some(FieldValue::Secret(Secret::new(Zeroizing::new(digits(range)))));
    let whole = |range: &Range<usize>| folded(range).parse().ok().map(FieldValue::Integer);
    let day = |range: &Range<usize>| date::calendar_day(folded(range)).map(FieldValue::Date);
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
    add(Field::Text, captures.text.as_ref().map(|((), range)| range), &typed);
    add(Field::Voucher, captures.voucher.as_ref().map(|((), range)| range), &secret);
    add(Field::Pin, captures.pin.as_ref().map(|((), range)| range), &secret);
    add(Field::NewPin, captures.new_pin.as_ref().map(|((), range)| range), &secret);
    add(Field::Number, captures.number.as_ref().map(|((), range)| range), &whole);
    add(Field::Date, captures.date.as_ref().map(|((), range)| range), &day);
    found.sort_by_key(|(at, ..)| *at);
    let mut fields = Fields::default();
    for (_, field, value) in found {
        fields.push(field.name(), value);
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
        Field::Number | Field::Date => Some(10),
        Field::Pin | Field::NewPin | Field::Voucher | Field::Currency => None,
    }
}
