//! The proof that is made when grammars load, and that it is about the texts that the reader really reads.

use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::super::testing::{all_banks, bank_of, incoming, load, plan};
use super::super::{Incoming, Reading};
use super::*;

fn overlap_of(forms: &[(&str, &str)]) -> Option<String> {
    load(&bank_of(forms)).err()
}

#[test]
fn two_forms_that_share_a_text_are_refused_with_it_and_with_both_places() {
    let error = overlap_of(&[("words", "text = \"(a|b) {amount}\""), ("late", "text = \"[b ]{amount} eur\"")]).unwrap();
    assert!(error.contains("a text can be of two forms, `words` and `late`: \"b 5 eur\""), "{error}");
    assert!(error.contains("form `late` reads it") && error.contains("form `words` reads it too"), "{error}");
    assert!(error.contains("--> test.toml:12:8"), "{error}");
}

#[test]
fn overlaps_that_a_reader_would_meet_are_found() {
    for (first, second) in [
        // 44 as an amount and 441234 56 as a number, or 44441234 as a number and 56 as an amount.
        ("{amount} {msisdn}", "{msisdn} {amount}"),
        ("pay {amount} {text}", "pay {amount} {pin:4}"),
        ("pay {amount}[ {reference}]", "pay {amount} {pin:4}"),
        ("{reference:1-4}", "{pin:4}"),
        ("help {amount}", "(help|x) {amount}"),
        ("x_{amount}", "x {amount}"),
        // An optional separator that is left out.
        ("x_{amount}", "x{amount}"),
        ("{amount}_x", "{amount}x"),
        ("{amount}{reference:4}", "{amount:2}{pin:4}"),
    ] {
        let forms =
            [("first", first), ("second", second)].map(|(name, text)| (name, format!("text = \"{text}\"\nprice = 5")));
        let forms = forms.map(|(name, rest)| {
            let rest = if rest.contains("{amount") { rest.replace("\nprice = 5", "") } else { rest };
            let rest = if rest.contains("{pin") { format!("{rest}\npin = \"bank\"") } else { rest };
            (name, rest)
        });
        let forms: Vec<(&str, &str)> = forms.iter().map(|(name, rest)| (*name, rest.as_str())).collect();
        let Some(error) = overlap_of(&forms) else { panic!("{first} and {second} are taken for disjoint") };
        assert!(error.contains("two forms") || error.contains("nobody can tell where it ends"), "{error}");
    }
}

#[test]
fn a_form_that_takes_the_word_for_help_is_refused() {
    let error = overlap_of(&[("odd", "text = \"help\"\nservice = \"tv\"")]).unwrap();
    assert!(error.contains("`odd` and `help`: \"help\""), "{error}");
}

#[test]
fn a_priority_settles_an_overlap_and_is_listed() {
    let file = bank_of(&[
        ("any", "text = \"pay {username}\"\nservice = \"tv\""),
        ("gold", "text = \"pay gold_{username}\"\nservice = \"duotv\"\npriority = 1"),
        ("reference", "text = \"ref {reference}\"\nprice = 5"),
        ("pin", "text = \"ref {pin:4}\"\nprice = 10\npin = \"bank\"\npriority = 2"),
    ]);
    let set = load(&file).unwrap();
    let listed: Vec<(&str, &str)> =
        set.overlaps().iter().map(|overlap| (overlap.first.as_str(), overlap.second.as_str())).collect();
    assert!(listed.contains(&("pin", "reference")), "{listed:?}");
    let read = |text| match set.read(&incoming("50001", text)) {
        Ok(Reading::Recharge(request)) => request.form,
        other => panic!("{other:?}"),
    };
    assert_eq!(read("ref 1234"), "pin");
    assert_eq!(read("ref 12345"), "reference");
}

#[test]
fn forms_of_different_senders_never_meet() {
    let forms = |second: &str| {
        bank_of(&[
            ("one", "text = \"{msisdn} {amount}\"\nsenders = [\"A\"]"),
            ("two", &format!("text = \"{{msisdn}} {{amount}} [x]\"\nsenders = [\"{second}\"]")),
        ])
    };
    assert!(load(&forms("B")).is_ok());
    assert!(load(&forms("A")).is_err());
}

/// A text of one form's automaton is read by that form or, because the automaton takes more than the reader, by none.
#[test]
fn random_texts_of_a_form_are_never_read_by_another() {
    let set = all_banks();
    let plan = plan();
    let of_plan = Numbers::new(&plan);
    let mut random = TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha);
    let (mut tried, mut read) = (0, 0);
    for bank in &set.banks {
        for path in &bank.paths {
            let form = &bank.forms[path.form];
            let automaton = texts(bank, path, &of_plan, &plan);
            for _ in 0..60 {
                let Some(text) = automaton.sample(|below| random.random_range(0..below)) else { continue };
                let from = form.senders.first().map_or("38349111222", String::as_str);
                let message = Incoming { from, to: bank.short_codes[0].as_str(), text: &text, link: None };
                tried += 1;
                match set.read(&message) {
                    Ok(Reading::Recharge(request)) => assert_eq!(request.form, form.name, "{text:?}"),
                    Ok(_) => assert_ne!(form.action, super::super::Action::Recharge, "{text:?}"),
                    Err(_) => continue,
                }
                read += 1;
            }
        }
    }
    assert!(tried > 1_000 && read > 200, "only {read} of {tried} random texts were read: the automata say nothing");
}

/// Every text that the reader reads is accepted by the automaton of the form: otherwise the proof would prove nothing.
#[test]
fn an_automaton_accepts_what_its_form_reads() {
    let set = all_banks();
    let plan = plan();
    let of_plan = Numbers::new(&plan);
    let spellings = ["5", "5€", "€ 5", "5,50 eur", "05"];
    let numbers = ["049123456", "+383 (0)49 123-456", "49 123 456", "(049) 123/456", "00386 49 123456"];
    for bank in &set.banks {
        for form in bank.forms.iter().filter(|form| form.senders.is_empty()) {
            for (spelling, number) in spellings.iter().flat_map(|s| numbers.iter().map(move |n| (s, n))) {
                for end in ["", " prap", "!", " :)", "\n\nArben"] {
                    let text = form.example.replace("049123456", number).replace(" 5", &format!(" {spelling}")) + end;
                    let Ok(normalised) = crate::text::normalise::normalise(&text) else { continue };
                    let message = incoming(bank.short_codes[0].as_str(), &text);
                    let addressed = super::super::set::Addressed { bank, exact: true };
                    let super::super::set::Match::One(path, _) = set.find(addressed, &message, &normalised) else {
                        continue;
                    };
                    let automaton = texts(bank, &bank.paths[path], &of_plan, &plan);
                    let mut exactly = Automaton::new();
                    let last = exactly.text(Automaton::START, normalised.folded());
                    exactly.accept(last);
                    assert!(automaton.common(&exactly).is_some(), "{text:?} of `{}`", form.name);
                }
            }
        }
    }
}
