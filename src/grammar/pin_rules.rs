//! The rules of forms with and without a `{pin}`: each PIN has one verifier, and no message is done without it.

use std::ops::Range;

use super::fields::Field;
use super::form::Form;
use super::form_file::FormFile;
use super::lower::{Fault, fault_of};
use super::path::Step;
use super::verifier::Verifier;
use super::walk::{Placed, Source};

/// The verifier of a form's PIN: that of its action, of its own key, or of the file's; `None` for a form without a PIN, and
/// for one with a fault, which is in `source` afterwards.
pub(super) fn of_form(
    source: &mut Source<'_>,
    rows: &[Vec<Step>],
    form: &FormFile,
    of_file: Option<Verifier>,
) -> Option<Verifier> {
    let with = rows.iter().filter(|row| row.iter().any(|step| step.field() == Some(Field::Pin))).count();
    if let Some((span, message, help)) = misplaced(form, with, rows.len()) {
        source.report(span, message, help);
        return None;
    }
    if with == 0 {
        return None;
    }
    let (implied, own) = (Verifier::of(form.action), form.pin.as_ref());
    match (implied, own.map(|own| own.value)) {
        (Some(implied), None) => Some(implied),
        (Some(implied), Some(named)) if named == implied => Some(implied),
        (None, Some(named @ (Verifier::Subscriber | Verifier::Bank))) => Some(named),
        (None, None) if of_file.is_some() => of_file,
        (None, None) => {
            let help = "say who: pin = \"subscriber\" (the PIN that the sender has with us) or pin = \"bank\" (the bank is \
                        asked), in the form, or for all forms at the top of the file";
            source.report(form.text.span.clone(), "nobody verifies the `{pin}` of this form", help);
            None
        }
        (_, Some(named)) => {
            let message = format!(
                "the PIN of a form of action `{}` is not verified by `{}`",
                form.action.as_str(),
                named.as_str()
            );
            let help = implied.map_or_else(
                || {
                    "write pin = \"subscriber\" or \"bank\"; `dealer` is for sale, stock, undo and dealer_pin"
                        .to_owned()
                },
                |implied| format!("take `pin` out: it is `{}`", implied.as_str()),
            );
            source.report(own.map_or(form.text.span.clone(), |own| own.span.clone()), message, help);
            None
        }
    }
}

/// The fault of a form in which a PIN, or the key `pin`, is missing or superfluous; `with` of its `all` ways have a PIN.
fn misplaced(form: &FormFile, with: usize, all: usize) -> Option<(Range<usize>, String, &'static str)> {
    let text = form.text.span.clone();
    if with == 0 && Verifier::of(form.action).is_some() {
        let action = form.action.as_str();
        let message = format!("a form of action `{action}` without a `{{pin}}`: each of its messages would be refused");
        return Some((text, message, "write {pin} in its text: nothing of this action is done without the right PIN"));
    }
    if with == 0 {
        let own = form.pin.as_ref()?;
        let message = "`pin` in a form without a `{pin}`".to_owned();
        return Some((own.span.clone(), message, "write {pin} in its text, or take `pin` out"));
    }
    if with < all {
        let message = "a form whose `{pin}` may be left out: its messages would be carried out without one".to_owned();
        return Some((text, message, "let every message have it, or write two forms"));
    }
    let is_machines = !form.senders.is_empty() || !form.links.is_empty();
    is_machines.then(|| {
        let message = "a form of a bank's own system has a `{pin}`, and no phone whose PIN it could be".to_owned();
        (text, message, "take it out; digits that only have to be there are a {number} or a {reference}")
    })
}

/// The fault of a row in which a secret touches other digits: within a longer run of digits it could not be concealed.
pub(super) fn touching(row: &[Step]) -> Option<Fault> {
    let is_other = |step: Option<&Step>, is_before: bool| match step {
        Some(Step::Value(_) | Step::Own(_)) => true,
        Some(Step::Word(word)) => word.spellings.iter().chain([&word.written]).any(|spelling| {
            if is_before { spelling.ends_with(char::is_numeric) } else { spelling.starts_with(char::is_numeric) }
        }),
        Some(Step::Separator { .. } | Step::List(_)) | None => false,
    };
    let (place, name) = row.iter().enumerate().find_map(|(place, step)| {
        let known = step.field().filter(|field| step.pin() == Some(*field)).map(Field::name);
        let name = known.or_else(|| step.own().filter(|own| own.secret).map(|own| own.name.as_str()))?;
        let mut before = row.get(..place)?.iter().rev();
        let touches = match before.next() {
            // It may be left out between a word and a value.
            Some(Step::Separator { required: false, .. }) => before.next().filter(|step| !step.is_value()),
            other => other,
        };
        (is_other(touches, true) || is_other(row.get(place + 1), false)).then_some((place, name))
    })?;
    let shown = |place: Option<usize>| place.and_then(|place| row.get(place)).is_some_and(Step::is_value);
    let other = if shown(place.checked_sub(1)) || shown(Some(place + 1)) { "another value" } else { "a digit" };
    fault_of::<()>(
        format!("`{{{name}}}` touches {other}: as part of a longer number, it could not be concealed"),
        "put a space or a sign between them",
    )
    .err()
}

/// Reports the key of a file that no form follows.
pub(super) fn unused(source: &mut Source<'_>, of_file: Option<&Placed<Verifier>>, files: &[FormFile], forms: &[Form]) {
    let Some(of_file) = of_file else { return };
    if of_file.value == Verifier::Dealer {
        let help = "take it out: the PIN of sale, stock, undo and dealer_pin is a dealer's without it";
        return source.report(of_file.span.clone(), "`dealer` is no verifier for all forms of a file", help);
    }
    let follows = |(file, form): (&FormFile, &Form)| {
        file.pin.is_none() && form.pin.is_some() && Verifier::of(form.action).is_none()
    };
    if !files.iter().zip(forms).any(follows) {
        let message = "`pin` of the file, and no form that follows it";
        source.report(
            of_file.span.clone(),
            message,
            "take it out, or write {pin} in a form without a `pin` of its own",
        );
    }
}

#[cfg(test)]
#[path = "pin_rules_tests.rs"]
mod tests;
