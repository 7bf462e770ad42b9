//! Replies that forms have of their own: they are proven when they are loaded, and get the values of a text when it is read.
//! The values that a top-up adds to these, such as the balance, are known when it is done.

use std::sync::Arc;

use super::action::{Action, FormTarget};
use super::captured;
use super::fields::own::OwnField;
use super::fields::{Captures, Field};
use super::form::{Bank, Limits};
use super::form_file::FormFile;
use super::path::Step;
use super::walk::Source;
use crate::domain::locale::Locale;
use crate::domain::{Amount, FieldValue, Language, NumberingPlan, Service};
use crate::text::gsm7;
use crate::text::normalise::Normalised;
use crate::text::own_reply::{OwnReplies, OwnReply, Place};
use crate::text::transliterate::transliterate;

/// The place of the bank's name.
const NAME: &str = "name";
/// Digits of the longest number (E.164).
const NUMBER_DIGITS_MAX: usize = 15;
/// The texts of a form's own reply, the first language of the bank first; what is wrong with them is reported.
pub(super) fn replies(
    source: &mut Source<'_>,
    bank: &Bank,
    file: &FormFile,
    rows: &[Vec<Step>],
    limits: &Limits,
) -> Arc<[(Language, OwnReply)]> {
    let Some(reply) = &file.reply else { return Arc::default() };
    // Without a list, the reply needs a text in each language that there are texts in: see `GrammarSet::unspoken`.
    let languages = &bank.languages;
    for language in languages.iter().filter(|&language| reply.value.iter().all(|(other, _)| other != language)) {
        let message = format!("`reply` of `{}` has no text in the language `{}`", file.name, language.code());
        source.report(reply.span.clone(), message, "write one for each of the bank's `languages`");
    }
    let mut places = of_text(bank, file, rows, limits);
    for later in later(file, rows, limits) {
        if places.iter().any(|place| place.name == later.name) {
            let message = format!("`{}` in the reply of `{}` may be two values", later.name, file.name);
            let help = "the top-up has a value of this name: give the field of the text another name";
            source.report(reply.span.clone(), message, help);
        }
        places.push(later);
    }
    let mut replies = Vec::new();
    for (language, text) in &reply.value {
        match OwnReply::read(&text.value, &places) {
            Ok(reply) => replies.push((*language, reply)),
            Err(problem) => {
                let message = format!("`reply.{}` of `{}`: {problem}", language.code(), file.name);
                let help = "a reply is one SMS in the alphabet of GSM, or else in UCS-2";
                source.report(text.span.clone(), message, help);
            }
        }
    }
    let order = |language: &Language| languages.iter().position(|known| known == language).unwrap_or(usize::MAX);
    replies.sort_by_key(|(language, _)| order(language));
    replies.into()
}

/// The name of the bank, the currency, and the values that every text of the form has.
fn of_text(bank: &Bank, file: &FormFile, rows: &[Vec<Step>], limits: &Limits) -> Vec<Place> {
    let is_kept = |name: &str| file.discard.iter().all(|discarded| discarded.value != name);
    let has = |row: &Vec<Step>, field: Field| row.iter().any(|step| step.field() == Some(field));
    let always = Field::ALL.iter().filter(|&&field| rows.iter().all(|row| has(row, field)));
    let shown = always.filter_map(|&field| {
        let septets_max = captured::longest(field, limits.max)?;
        match field {
            // A top-up has the amount of its own.
            Field::Amount if file.action == Action::Recharge => None,
            Field::Amount => Some(Place { is_amount: true, ..Place::new(field.name(), septets_max) }),
            _ => Some(Place::new(field.name(), septets_max)),
        }
    });
    let name = gsm7::septet_count(&transliterate(&bank.name).text).unwrap_or_else(|_| bank.name.chars().count());
    let own = rows.first().into_iter().flatten().filter_map(Step::own);
    let own = own.filter(|field| rows.iter().all(|row| row.iter().filter_map(Step::own).any(|known| known == *field)));
    let own = own.filter_map(|field| Some(Place::new(&field.name, field.longest()?)));
    let kept = shown.chain(own).filter(|place| is_kept(&place.name));
    kept.chain([Place::new(NAME, name), Place::currency()]).collect()
}

/// The values of a top-up that was done; none for another form.
fn later(file: &FormFile, rows: &[Vec<Step>], limits: &Limits) -> Vec<Place> {
    if file.action != Action::Recharge {
        return Vec::new();
    }
    let (amount, balance) = Locale::get().widest(highest(file, rows, limits).minor());
    let mut places = vec![
        Place::of_texts("amount", amount),
        Place::of_texts("balance", balance),
        Place::of_texts("bonus", amount),
        Place::of_texts("bonus_name", 0),
        Place::of_texts("valid_until", 0),
        Place::of_texts("receipt", 0),
    ];
    let account = |row: &Vec<Step>| row.iter().filter_map(Step::own).find(|own| own.account().is_some())?.longest();
    let accounts: Vec<Option<usize>> = rows.iter().map(account).collect();
    let is_unnamed = |row: &Vec<Step>| !row.iter().any(Step::names_target);
    let is_registered = rows.iter().all(is_unnamed) && is_registered(file);
    let is_number = |row: &Vec<Step>| {
        let named =
            row.iter().filter_map(Step::field).any(|field| field.facts().names_target && field != Field::Username);
        named || is_unnamed(row) && !is_registered
    };
    if accounts.iter().all(Option::is_some) {
        places.push(Place::new("account", accounts.into_iter().flatten().max().unwrap_or(0)));
    } else if is_registered {
        places.push(Place::of_texts("username", 0));
    } else if rows.iter().all(is_number) {
        places.push(Place::of_texts("number", NUMBER_DIGITS_MAX));
    }
    places
}

/// The highest top-up by the form.
fn highest(file: &FormFile, rows: &[Vec<Step>], limits: &Limits) -> Amount {
    let of_operators = limits.operators.iter().map(|(_, limits)| limits);
    let only = of_operators.clone().filter_map(|of| of.only.as_ref()).chain(&limits.only).flatten().copied();
    let other = of_operators.filter_map(|of| of.max).chain(file.price.as_ref().map(|price| price.value));
    let of_words = rows.iter().flatten().filter_map(Step::own).flat_map(OwnField::prices);
    only.chain(other).chain(of_words).max().map_or(limits.max, |highest| highest.max(limits.max))
}

/// A text of the form tops up the user name that is registered to the sender.
fn is_registered(file: &FormFile) -> bool {
    let is_line = file.service.as_ref().is_none_or(|of| matches!(of.value, Service::Mobile | Service::Fixed));
    file.target.as_ref().map_or(!is_line, |target| target.value == FormTarget::Registered)
}

/// The form's own reply, with the values of a text.
pub(super) fn of(
    bank: &Bank,
    path: usize,
    captures: &Captures,
    text: &Normalised<'_>,
    plan: &NumberingPlan,
) -> OwnReplies {
    let form = bank.paths.get(path).and_then(|path| bank.forms.get(path.form));
    let Some(form) = form.filter(|form| !form.replies.is_empty()) else { return OwnReplies::default() };
    let fields = captured::fields(form, captures, text);
    let fields = fields.iter().map(|field| (field.name.clone(), shown(&field.value, plan)));
    // The account that is topped up is not among them.
    let accounts = captures.own.iter().filter_map(|own| {
        let account = own.account(text.folded())?;
        Some((own.field.name.clone(), account.identifier().to_owned()))
    });
    let values = fields.chain(accounts).chain([(NAME.to_owned(), bank.name.clone())]).collect();
    OwnReplies::new(form.replies.clone(), values)
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
#[path = "replies_tests.rs"]
mod tests;
