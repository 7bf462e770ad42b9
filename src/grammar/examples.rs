//! The example of each form: that it is of its form and within the form's limits, and one made up where the file has
//! none.

use std::ops::Range;

use super::allowed::check;
use super::failure::alternatives;
use super::fields::Captures;
use super::file::GrammarFile;
use super::form::{Bank, Form};
use super::form_file::inside;
use super::list;
use super::message::Incoming;
use super::path::Step;
use super::print::{for_show, print};
use super::reader::Reader;
use super::walk::{Placed, Source};
use crate::domain::{NumberingPlan, Target};
use crate::text::normalise::{Normalised, normalise};

/// A fault of an example: its bytes in the example, the words for its place, and the message.
struct Fault {
    span: Range<usize>,
    label: String,
    message: String,
}

/// Checks the examples of a file, and writes one where it has none.
pub(super) fn examples(source: &mut Source<'_>, bank: &mut Bank, file: &GrammarFile, plan: &NumberingPlan) {
    for (index, form_file) in file.forms.iter().enumerate() {
        let Some(form) = bank.forms.get(index) else { continue };
        if let Some(example) = &form_file.example {
            if let Err(fault) = of_form(bank, form, &example.value, plan) {
                report(source, example, fault, &form.text);
            }
            continue;
        }
        let values = for_show(bank, form, plan);
        let shown = bank.paths_of(form).iter().find_map(|path| print(bank, path, &values, plan));
        if shown.is_none() {
            let message = format!("no example of `{}` can be made up", form.name);
            source.report(form.span.clone(), message, "write one: example = \"…\"");
        }
        if let Some(form) = bank.forms.get_mut(index) {
            form.example = shown.unwrap_or_default();
        }
    }
    if source.diagnostics.is_empty() && bank.example().is_none() {
        let message = "the reply to a call for help would show no example: every form is the empty message";
        source.report(file.bank.span.clone(), message, "add a form with a text, as text = \"{amount}\"");
    }
}

fn report(source: &mut Source<'_>, example: &Placed<String>, fault: Fault, text: &str) {
    let placed = Placed::new(example.value.as_str(), example.span.clone());
    let span = inside(source.text, &placed, fault.span);
    let diagnostic = source.diagnostic(span, fault.message).label(fault.label).help(format!("its text is {text}"));
    source.diagnostics.push(diagnostic);
}

fn of_form(bank: &Bank, form: &Form, example: &str, plan: &NumberingPlan) -> Result<(), Fault> {
    let not_of_form = |span, label| {
        Err(Fault { span, label, message: format!("the example of `{}` is not of this form", form.name) })
    };
    let text = match normalise(example) {
        Ok(text) => text,
        Err(error) => return not_of_form(error.at()..example.len(), error.to_string()),
    };
    let mut reader = Reader::new(&text, bank, plan);
    let mut stops = Vec::new();
    for path in bank.paths_of(form) {
        match reader.walk(path) {
            Ok(captures) => {
                allowed(form, &captures, &text)?;
                return listed(bank, form, &captures, &text, plan);
            }
            Err(stop) => stops.push((path, stop)),
        }
    }
    let furthest = stops.iter().map(|(_, stop)| stop.miss.at).max().unwrap_or(0);
    let mut expected: Vec<String> = Vec::new();
    for (path, stop) in stops.iter().filter(|(_, stop)| stop.miss.at == furthest) {
        let wanted = path.steps.get(stop.step).map_or_else(|| "the end".to_owned(), Step::described);
        if !expected.contains(&wanted) {
            expected.push(wanted);
        }
    }
    let span = typed(&text, furthest, word_end(&text, furthest));
    let found = if span.is_empty() { "the end".to_owned() } else { format!("`{}`", &example[span.clone()]) };
    not_of_form(span, format!("expected {}, found {found}", alternatives(&expected)))
}

/// An example that the bank itself would refuse teaches its customers a wrong message.
fn allowed(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Result<(), Fault> {
    let range = |range: Option<&Range<usize>>| range.cloned().unwrap_or(0..0);
    let number = range(captures.line().map(|(_, range)| range));
    let amount = range(captures.amount.as_ref().map(|(_, range)| range));
    let target = captures.line().map_or(Target::Username(String::new()), |(line, _)| Target::Line(line.clone()));
    let minor = captures.amount.as_ref().map(|(minor, _)| *minor).filter(|_| form.price.is_none());
    let Err(violation) = check(&form.limits, &target, minor, (number.start, amount.start)) else { return Ok(()) };
    let at = if violation.at == amount.start { amount } else { number };
    let message = format!("the example of `{}` would be refused: {}", form.name, violation.reason.words());
    Err(Fault { span: typed(text, at.start, at.end), label: String::new(), message })
}

/// Each item of a list is allowed, and none is there twice.
fn listed(
    bank: &Bank,
    form: &Form,
    captures: &Captures,
    text: &Normalised<'_>,
    plan: &NumberingPlan,
) -> Result<(), Fault> {
    let Some(list) = &captures.list else { return Ok(()) };
    let message = Incoming { from: "", to: "", text: "", link: None };
    let Err(violation) = list::assemble(bank, form, (captures, list), &message, text, plan) else { return Ok(()) };
    let message = format!("the example of `{}` would be refused: {}", form.name, violation.reason.words());
    Err(Fault { span: typed(text, violation.at, word_end(text, violation.at)), label: String::new(), message })
}

/// The end of the word at a place of the folded text; white space before it belongs to it.
fn word_end(text: &Normalised<'_>, at: usize) -> usize {
    let rest = text.folded().get(at..).unwrap_or_default();
    let start = rest.len() - rest.trim_start().len();
    at + rest[start..].find(char::is_whitespace).map_or(rest.len(), |end| start + end)
}

/// A range of the folded text in the bytes of what was typed.
fn typed(text: &Normalised<'_>, start: usize, end: usize) -> Range<usize> {
    text.origin(start)..text.origin(end)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bank_of, load};

    #[test]
    fn an_example_that_is_not_of_its_form_is_told_with_the_cause_at_its_place() {
        for (rest, place, label) in [
            ("text = \"{msisdn} {amount}\"\nexample = \"049123456 five\"", "9:22", "expected an amount, found `five`"),
            (
                "text = \"{msisdn} {amount}\"\nexample = \"Pay 049123456 5\"",
                "9:12",
                "expected a mobile number, found `Pay`",
            ),
            ("text = \"pay {amount} [(tv|net)]\"\nexample = \"pay\"", "9:15", "expected a space, found the end"),
            ("text = \"{amount}\"\nexample = \"5 euro, pls\"", "9:18", "expected the end, found `,`"),
            ("text = \"{amount}\"\nexample = \"5 \u{202e}euro\"", "9:14", "a right-to-left override"),
        ] {
            let error = load(&bank_of(&[("f", rest)])).unwrap_err();
            assert!(error.contains("the example of `f` is not of this form") && error.contains(label), "{error}");
            assert!(error.contains(&format!("test.toml:{place}")) && error.contains('^'), "{place}: {error}");
        }
    }

    #[test]
    fn an_example_that_the_bank_would_refuse_is_refused() {
        for (rest, told) in [
            ("text = \"{amount}\"\nexample = \"60\"", "would be refused: amount out of limits"),
            ("text = \"{amount}\"\namount.whole = true\nexample = \"5.50\"", "would be refused: amount not whole"),
            (
                "text = \"{msisdn} {amount}\"\noperators = [\"vala\"]\nexample = \"049123456 5\"",
                "refused: operator not offered",
            ),
        ] {
            let error = load(&bank_of(&[("f", rest)])).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_bank_whose_help_would_show_nothing_is_refused() {
        let error = load(&bank_of(&[("f", "text = \"\"\nservice = \"mobile\"\nprice = 5")])).unwrap_err();
        assert!(error.contains("a call for help would show no example"), "{error}");
        let set = load(&bank_of(&[("f", "text = \"\"\nprice = 5"), ("g", "text = \"stanje\"\naction = \"balance\"")]));
        assert_eq!(set.unwrap().banks().next().unwrap().example, "stanje");
    }
}
