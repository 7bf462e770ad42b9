//! A form in words, a text tried against every bank, and the ways through forms that no fixture goes.

use std::fmt::Write;

use super::action::{Action, FormTarget};
use super::allowed::written;
use super::failure::ParseFailure;
use super::fields::Field;
use super::form::{Bank, Form, Limits};
use super::message::{Incoming, Reading};
use super::path::{Mark, Path, Step};
use super::set::{Found, GrammarSet};
use super::verifier::Verifier;
use crate::domain::{Service, ShortCode};
use crate::text::normalise::normalise;

/// The result of trying a text against one bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried<'s> {
    /// The bank.
    pub bank: &'s str,
    /// The reading, or the failure; the failure has the furthest place of each form.
    pub outcome: Result<Reading, Box<ParseFailure>>,
}

/// A way through a form that no text of the fixtures goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untried<'s> {
    /// The bank.
    pub bank: &'s str,
    /// The form.
    pub form: &'s str,
    /// The way, in words.
    pub way: String,
}

impl GrammarSet {
    /// Tries a text against one bank, or against all, each by its first short code.
    pub fn try_text(&self, bank: Option<&str>, from: &str, text: &str) -> Vec<Tried<'_>> {
        let banks = self.banks.iter().filter(|known| bank.is_none_or(|bank| bank == known.id));
        banks
            .map(|bank| {
                let to = bank.short_codes.first().map_or("", ShortCode::as_str);
                let read = self.read_among(&Incoming { from, to, text, link: None }, |known| known.id == bank.id);
                Tried { bank: &bank.id, outcome: read.map(|guarded| guarded.reading) }
            })
            .collect()
    }

    /// Every form of a bank in words; `None` where there is no such bank.
    pub fn explain(&self, bank: &str) -> Option<String> {
        let bank = self.banks.iter().find(|known| known.id == bank)?;
        let codes: Vec<&str> = bank.short_codes.iter().map(ShortCode::as_str).collect();
        let mut text = format!("{} ({}), {}\n", bank.name, codes.join(", "), bank.evidence.as_str());
        for form in &bank.forms {
            explain_form(&mut text, bank, form);
        }
        Some(text)
    }

    /// The ways through the files' forms of which none of these messages is.
    pub fn untried<'s, 'm>(&'s self, messages: impl IntoIterator<Item = Incoming<'m>>) -> Vec<Untried<'s>> {
        let mut tried: Vec<Vec<bool>> = self.banks.iter().map(|bank| vec![false; bank.paths.len()]).collect();
        for message in messages {
            let Ok(text) = normalise(message.text) else { continue };
            let Found::One(addressed, path, _) = self.find_any(&message, &text) else { continue };
            let place = self.banks.iter().position(|bank| std::ptr::eq(bank, addressed.bank));
            if let Some(way) = place.and_then(|bank| tried.get_mut(bank)).and_then(|ways| ways.get_mut(path)) {
                *way = true;
            }
        }
        let ways = self
            .banks
            .iter()
            .zip(&tried)
            .flat_map(|(bank, tried)| bank.paths.iter().zip(tried).map(move |way| (bank, way)));
        ways.filter(|(_, (_, tried))| !**tried)
            .filter_map(|(bank, (path, _))| {
                let form = bank.forms.get(path.form).filter(|form| !form.is_built_in())?;
                Some(Untried { bank: &bank.id, form: &form.name, way: way_in_words(path) })
            })
            .collect()
    }
}

fn explain_form(text: &mut String, bank: &Bank, form: &Form) {
    let _ = writeln!(text, "\n{}: {}", form.name, form.text);
    let _ = writeln!(text, "  as in     {}", form.example);
    let _ = writeln!(text, "  asks for  {}", purpose(bank, form));
    let ways = bank.paths_of(form).iter().map(way_in_words);
    for (number, way) in ways.enumerate() {
        let _ = writeln!(text, "  {}  {way}", if number == 0 { "reads   " } else { "      or" });
    }
    let has_amount = || bank.paths_of(form).iter().any(|path| path.has(Field::Amount));
    if form.action.is_request() && (form.action != Action::Forward || has_amount()) {
        let _ = writeln!(text, "  takes     {}", limits_in_words(bank, form));
    }
    match form.pin {
        Some(Verifier::Subscriber) => text.push_str("  PIN       the sender's own, verified by this program\n"),
        Some(Verifier::Dealer) => text.push_str("  PIN       that of the sender's dealer, verified by this program\n"),
        Some(Verifier::Bank) => text.push_str("  PIN       verified by the bank, which is asked\n"),
        None => {}
    }
    if !form.senders.is_empty() {
        let _ = writeln!(text, "  only from {}", form.senders.join(", "));
    }
    if !form.links.is_empty() {
        let _ = writeln!(text, "  only by   {}", form.links.join(", "));
    }
    if form.priority != 0 {
        let _ = writeln!(text, "  priority  {}", form.priority);
    }
}

fn purpose(bank: &Bank, form: &Form) -> String {
    match form.action {
        Action::Balance => return "the sender's balance".to_owned(),
        Action::Help => return "how to write to this short code".to_owned(),
        Action::Language(language) => return format!("replies in the language `{language}` from now on"),
        Action::Stop => return "no more messages".to_owned(),
        Action::Transfer => return "credit of the sender's for another number".to_owned(),
        Action::Pin => return "another PIN for the sender".to_owned(),
        Action::Confirm => return "confirmation of the pending transfer".to_owned(),
        Action::Sale => return "credit for a number, from the dealer's wallet".to_owned(),
        Action::Stock => return "stock of the dealer's for one below it".to_owned(),
        Action::Undo => return "reversal of the dealer's last sale to a number".to_owned(),
        Action::DealerPin => return "another PIN for the dealer".to_owned(),
        Action::Forward => {
            let name = form.forward.as_deref().unwrap_or_default();
            return format!("the request `{name}`, which is handed on");
        }
        Action::Recharge => {}
    }
    if let Some(kinds) = bank.paths_of(form).iter().map(Path::account_kind).collect::<Option<Vec<_>>>() {
        return format!("credit on the {} that the text names", kinds.first().copied().unwrap_or_default());
    }
    let what = match form.service {
        _ if bank.paths_of(form).iter().any(|path| path.has(Field::Service)) => "the service that is named",
        Service::Mobile => "credit on a mobile",
        Service::Fixed => "credit on a fixed line",
        Service::Internet => "a month of internet",
        Service::Tv => "a month of television",
        Service::DuoTv => "a month of television and internet",
        Service::DuoFix => "a month of fixed line and internet",
        Service::Account => "credit on an account",
    };
    let whom = match form.target {
        _ if bank.paths_of(form).iter().all(Path::names_target) => "whom the text names",
        FormTarget::Own => "the sender's own number",
        FormTarget::Registered => "the account that is registered to the sender",
        FormTarget::Destination => "the number behind the short code",
    };
    format!("{what}, for {whom}")
}

fn way_in_words(path: &Path) -> String {
    let mut words = Vec::new();
    for step in &path.steps {
        match step {
            Step::Separator { required: true, .. } | Step::List(Mark::Begin | Mark::End) => {}
            Step::List(Mark::More(more)) => words.push(format!("and up to {} more", more.times)),
            Step::Separator { required: false, .. } => words.push(format!("{} or nothing", step.described())),
            other => words.push(other.described()),
        }
    }
    if words.is_empty() { "an empty message".to_owned() } else { words.join(", ") }
}

fn limits_in_words(bank: &Bank, form: &Form) -> String {
    if let Some(price) = form.price {
        return format!("a fixed price of {price}");
    }
    let paths = bank.paths_of(form);
    if paths.iter().any(|path| path.has(Field::Voucher)) {
        return "the value of the card".to_owned();
    }
    if let Some(table) = paths.iter().flat_map(Path::own).find(|field| field.has_price()) {
        let prices = table.rows().iter().filter_map(|row| Some(format!("{} for `{}`", row.price?, row.value)));
        return prices.collect::<Vec<_>>().join(", ");
    }
    if !paths.iter().any(|path| path.has(Field::Amount)) {
        return "the price of the product".to_owned();
    }
    let Limits { whole, min, max, only, operators, offered } = &form.limits;
    let list = |amounts: &[crate::domain::Amount]| amounts.iter().map(|&a| written(a)).collect::<Vec<_>>().join(", ");
    let mut text = match only {
        Some(only) => list(only),
        None => format!("{min} to {max}"),
    };
    if *whole {
        text += ", without decimals";
    }
    for (operator, limits) in operators {
        if let Some(only) = &limits.only {
            let _ = write!(text, "; for {operator} only {}", list(only));
        }
    }
    if let Some(offered) = offered {
        let _ = write!(text, "; numbers of {}", offered.join(", "));
    }
    text
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
