//! The proof that is made when grammars load, and that it is about the texts that the reader really reads.

use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::super::testing::{all_banks, bank_of, drawn, incoming, load, plan};
use super::super::{GrammarSet, Incoming, Reading};
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
        ("{amount}{reference:4}", "{amount:2}{last:digits 4}"),
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
    assert!(load(&forms("+A")).is_err(), "a plus sign is no part of an address");
}

/// Every kind of field of a bank's own, and amounts that are multiplied.
fn own_fields() -> GrammarSet {
    let fields = "[amount]\nmax = 90000\nmultipliers = { k = 1000, ribu = 1000 }\noverlap = true\n\
        [fields.code]\npattern = \"(?:[a-f]{2}|x)[0-9]{3,5}-?[^0-9k]\"\nexample = \"ab123x\"\n\
        [fields.wide]\npattern = \"\\\\p{Bengali}{2,4}\"\nexample = \"\u{995}\u{996}\"\n\
        [fields.meter]\ndigits = \"6-7\"\nprefix = \"1\"\ncheck = \"luhn\"\n\
        [fields.package]\nwords.weekly = { also = [\"w\", \"next week\"], price = 3 }\nwords.night = { price = 4 }\n";
    let forms = [
        ("number", "text = \"{msisdn} {amount}\""),
        ("meter", "text = \"{meter} {amount}\""),
        ("code", "text = \"{code} {amount}\""),
        ("wide", "text = \"{wide} {amount}[ {text}]\""),
        ("package", "text = \"{package}[ {month:number 1-12}]\""),
        ("twice", "text = \"twice {pair:word 3-5} {amount} {pair:word 3-5}\""),
        ("day", "text = \"day {amount} {since:date}\""),
        ("glued", "text = \"g{left:digits 3}{right:digits 3} {amount}\""),
    ];
    let file = bank_of(&forms).replacen("\n[[form]]", &format!("\n{fields}\n[[form]]"), 1);
    load(&file).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Lists, and forms whose texts are nearly those of a list.
fn lists() -> GrammarSet {
    let forms = [
        ("one", "text = \"{msisdn} {amount}\""),
        ("several", "text = \"<{msisdn} {amount}>\"\nexample = \"049123456 5, 044222333 5\"\nlist = { most = 4 }"),
        ("same", "text = \"pay {amount} <{msisdn}>\"\nexample = \"pay 5 049123456; 044222333\""),
        (
            "paid",
            "text = \"rb <{msisdn} {amount}[ {currency}]> {pin:4}\"\npin = \"bank\"\nlist = { least = 1, most = 3 }",
        ),
        (
            "users",
            "text = \"tv <{username}>\"\nservice = \"tv\"\nexample = \"tv arben, besa\"\nlist = { separators = [\"comma\"] }",
        ),
    ];
    load(&bank_of(&forms)).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A text of one form's automaton is read by that form or, because the automaton takes more than the reader, by none.
#[test]
fn random_texts_of_a_form_are_never_read_by_another() {
    for (set, least) in [(all_banks(), 200), (own_fields(), 40), (lists(), 20)] {
        random_texts(&set, least);
    }
}

fn random_texts(set: &GrammarSet, least: u32) {
    let plan = plan();
    let of_plan = Numbers::new(&plan);
    let mut random = TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha);
    let (mut tried, mut read) = (0, 0);
    for bank in &set.banks {
        for path in &bank.paths {
            let form = &bank.forms[path.form];
            let automaton = texts(bank, path, &of_plan, &plan);
            for _ in 0..if least < 100 { 200 } else { 60 } {
                let Some(text) = automaton.sample(|below| random.random_range(0..below)) else { continue };
                let from = form.senders.first().map_or("38349111222", String::as_str);
                let message = Incoming { from, to: bank.short_codes[0].as_str(), text: &text, link: None };
                tried += 1;
                match set.read(&message) {
                    Ok(Reading::Recharge(request)) => assert_eq!(request.form, form.name, "{text:?}"),
                    Ok(Reading::List(list)) => assert_eq!(list.form, form.name, "{text:?}"),
                    Ok(_) => assert_ne!(form.action, super::super::Action::Recharge, "{text:?}"),
                    Err(_) => continue,
                }
                read += 1;
            }
        }
    }
    assert!(tried > 500 && read > least, "only {read} of {tried} random texts were read: the automata say nothing");
}

/// Every text that the reader reads is accepted by the automaton of the form: otherwise the proof would prove nothing.
#[test]
fn an_automaton_accepts_what_its_form_reads() {
    for set in [all_banks(), own_fields(), lists()] {
        accepts_what_is_read(&set);
    }
}

fn accepts_what_is_read(set: &GrammarSet) {
    let plan = plan();
    let of_plan = Numbers::new(&plan);
    let spellings = ["5", "5€", "€ 5", "5,50 eur", "05", "5k", "5 ribu eur"];
    let numbers = ["049123456", "+383 (0)49 123-456", "49 123 456", "(049) 123/456", "00386 49 123456"];
    for bank in &set.banks {
        for form in bank.forms.iter().filter(|form| form.senders.is_empty()) {
            for (spelling, number) in spellings.iter().flat_map(|s| numbers.iter().map(move |n| (s, n))) {
                for (front, end) in [("", ""), ("", " prap"), ("opet ", "!"), ("Again,\n", " :)"), ("", "\n\nArben")] {
                    let body = form.example.replace("049123456", number).replace(" 5", &format!(" {spelling}"));
                    let text = format!("{front}{body}{end}");
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

fn bank(id: &str, short_codes: &str, forms: &[(&str, &str)]) -> String {
    bank_of(forms).replacen("bank = \"test\"", &format!("bank = \"{id}\""), 1).replacen("[\"50001\"]", short_codes, 1)
}

fn load_both(one: &str, other: &str) -> Result<GrammarSet, String> {
    GrammarSet::load([("one.toml", one), ("two.toml", other)], plan()).map_err(|errors| drawn(&errors))
}

#[test]
fn banks_share_a_short_code_if_no_text_is_of_two_of_them() {
    let one = bank("one", "[\"50001\", \"50002\"]", &[("one", "text = \"one {msisdn} {amount}\"")]);
    let two = bank(
        "two",
        "[\"50001\"]",
        &[("two", "text = \"two {msisdn} {amount}\""), ("stop", "text = \"stop\"\naction = \"stop\"")],
    );
    let set = load_both(&one, &two).unwrap();
    for (to, text, bank) in [
        ("50001", "one 049123456 5", Some("one")),
        ("50001", "again two 049123456 5", Some("two")),
        ("50001", "stop", Some("two")),
        ("50001", "help", Some("one")),
        ("50002", "one 049123456 5", Some("one")),
        ("50002", "two 049123456 5", None),
    ] {
        let read = set.read(&incoming(to, text));
        let of = read.as_ref().ok().map(|reading| match reading {
            Reading::Recharge(request) => request.bank.as_str(),
            Reading::Stop { bank, .. } | Reading::Help { bank, .. } => bank.as_str(),
            other => panic!("{other:?}"),
        });
        assert_eq!(of, bank, "{to} {text}");
    }
    let failure = set.read(&incoming("50001", "two 049123456 5.005")).unwrap_err();
    assert_eq!((failure.bank.as_deref(), failure.rejection.reason.as_str()), (Some("two"), "amount_ambiguous"));
}

#[test]
fn banks_of_one_short_code_that_share_a_text_are_refused_whatever_their_priorities() {
    let one = bank("one", "[\"50001\"]", &[("number", "text = \"{msisdn} {amount}\"\npriority = 1")]);
    let two = bank("two", "[\"50001\"]", &[("too", "text = \"[pay ]{msisdn} {amount}\"")]);
    let error = load_both(&one, &two).unwrap_err();
    assert!(error.contains("`number` of the bank `one`") && error.contains("`too` of the bank `two`"), "{error}");
    assert!(error.contains("two banks share a short code"), "{error}");
    load_both(&one, &two.replace("50001", "50003")).unwrap();
}

#[test]
fn a_word_before_the_form_marks_a_repetition() {
    let set = load(&bank_of(&[
        ("own", "text = \"{amount}\""),
        ("pay", "text = \"pay {msisdn} {amount}\""),
        ("ask", "text = \"credit\"\naction = \"balance\""),
    ]))
    .unwrap();
    for (text, repeat) in [
        ("5", Some(false)),
        ("again 5", Some(true)),
        ("opet, pay 049123456 5", Some(true)),
        ("Prap\npay 049123456 5", Some(true)),
        ("again pay 049123456 5 again", Some(true)),
        ("again5", None),
        ("again credit", None),
        ("again", None),
        ("again again 5", None),
    ] {
        let read = set.read(&incoming("50001", text)).ok().map(|reading| match reading {
            Reading::Recharge(request) => request.repeat,
            other => panic!("{text}: {other:?}"),
        });
        assert_eq!(read, repeat, "{text}");
    }
    let file = bank_of(&[
        ("own", "text = \"{amount}\""),
        ("word", "text = \"again {amount}\"\naction = \"help\"\ndiscard = []"),
    ]);
    let error =
        load(&file.replace("action = \"help\"\ndiscard = []", "operators = [\"ipko\"]")).map(|_| ()).unwrap_err();
    assert!(error.contains("a text can be of two forms") && error.contains("again "), "{error}");
}

/// The proof counts each character as what the reader takes it for: letters in boxes are no pictures.
#[test]
fn a_letter_that_is_a_picture_is_a_letter_for_the_reader_too() {
    let forms = ["pay {msisdn}", "pay {msisdn}.{mark:word 1}"].map(|text| format!("text = \"{text}\"\nprice = 5"));
    let file = bank_of(&[("one", &forms[0]), ("two", &forms[1])]);
    let set = load(&file).unwrap_or_else(|error| panic!("{error}"));
    let form = |text| match set.read(&incoming("50001", text)) {
        Ok(Reading::Recharge(request)) => request.form,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(["pay 049123456.👍", "pay 049123456.🅰", "pay 049123456.b"].map(form), ["one", "two", "two"]);
}
