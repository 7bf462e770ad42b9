//! Tests of menus: screens, sent texts, and errors in files.

use std::sync::Arc;

use super::*;
use crate::domain::NumberingPlan;

const OPERATOR: &str = include_str!("../../countries/xk/menus/operator.toml");

fn grammars() -> GrammarSet {
    let plan = Arc::new(NumberingPlan::kosovo().unwrap());
    GrammarSet::load([("operator.toml", include_str!("../../grammars/operator.toml"))], plan).unwrap()
}

fn menus(text: &str) -> Result<Menus, Vec<MenuProblem>> {
    Menus::load([("operator.toml", text)], &grammars(), &Templates::builtin().unwrap())
}

fn language(code: &str) -> Language {
    code.parse().unwrap()
}

fn after(answers: &[&str], language: Language) -> Step {
    menus(OPERATOR).unwrap().of("123").unwrap().after(answers, language)
}

/// The screens of a dialogue and its result.
fn played(answers: &[&str], language: Language) -> String {
    let line = |count| match after(&answers[..count], language) {
        Step::Ask(text) => format!("{text}\n> {}\n", answers.get(count).unwrap_or(&"")),
        Step::Send(text) => format!("sends: {text}\n"),
        Step::End(text) => format!("ends: {text}\n"),
    };
    (0..=answers.len()).map(line).collect()
}

#[test]
fn a_card_for_another_number() {
    insta::assert_snapshot!(played(&["2", "2", "7401 5820 0031 9520", "049123456"], Language::EN));
}

#[test]
fn answers_that_a_screen_has_not() {
    insta::assert_snapshot!(played(&["7", "4", "4", "0", "2", "1", "code", "+", "x"], language("sq")));
}

#[test]
fn credit_is_sent_after_a_confirmation() {
    insta::assert_snapshot!(played(&["3", "049123456", "5", "4711", "2", "1"], language("sr")));
    assert!(
        matches!(after(&["3", "049123456", "5", "4711", "0"], language("sr")), Step::Ask(text) if text.contains("1 Stanje"))
    );
}

#[test]
fn a_choice_in_every_language() {
    for (code, title) in [("sq", "Zgjidhni"), ("sr", "Izaberite"), ("en", "Please choose"), ("bn", "Zgjidhni")] {
        let Step::Ask(text) = after(&[], language(code)) else { panic!("{code}") };
        assert!(text.starts_with(title), "{text}");
        assert_eq!(after(&["4", "2"], language(code)), Step::Send("srpski".into()));
    }
}

#[test]
fn a_dialogue_that_is_over_stays_over() {
    let over = |answers: &[&str]| matches!(after(answers, Language::EN), Step::End(text) if text.contains("*123#"));
    assert!(over(&["1", "1"]), "what follows a text that was sent");
    assert!(over(&["x", "x", "x"]) && over(&["x", "x", "x", "1"]));
    assert!(!over(&["x", "x", "4", "x", "x"]), "only wrong answers in a row count");
    assert!(over(&["4", "0"].repeat(17)), "endless walks");
}

#[test]
fn no_word_is_slipped_into_a_text() {
    for value in ["english", "1 OR 1=1", "", "-", "7401582000319520\n049", "{number}"] {
        assert!(matches!(after(&["2", "1", value], Language::EN), Step::Ask(_)), "{value:?}");
    }
    assert_eq!(after(&["2", "1", "٧٤٠١"], Language::EN), Step::Send("7401".into()));
}

#[test]
fn every_mistake_of_a_file_is_told() {
    for (from, to, told) in [
        ("open  = \"card\"", "open = \"cards\"", "there is no screen `cards`"),
        ("send  = \"gjendja\"", "send = \"gjendjaa\"", "matches no form of it"),
        ("send  = \"gjendja\"", "", "write either `open`, or `send`"),
        ("send  = \"{card}\"", "send = \"{kard}\"", "`card` is asked for and not sent"),
        ("send  = \"{card}\"", "send = \"{card} {number}\"", "uses a value that is not known at this point"),
        ("ask   = [\"card\"]", "ask = [\"kard\"]", "there is no [ask.kard]"),
        ("Enter the telephone number", "Enter {number}", "uses a value that is not known at this point"),
        ("short_code = \"123\"", "short_code = \"x1\"", "short_code"),
        ("short_code = \"123\"", "short_code = \"124\"", "matches no form of it"),
        ("name  = \"language\"", "name = \"card\"", "two screens are named `card`"),
        ("chars_max = 24", "chars_max = 41", "ask.card.chars_max: write 1 to 40"),
        ("example   = \"049 123 456\"", "example = \"nobody\"", "ask.number.example"),
        ("Back\"", "Back\", de = \"Zurück\"", "back: there are no texts of replies in `de`: write one of sq, sr, en"),
        ("Back\"", "Back\", DE = \"Zurück\"", "`DE` is no code of a language"),
        (", sr = \"Stanje\"", "", "screen `main`, choice 1, label: the text in `sr` is missing"),
        ("We did not understand that.", "你好", "`wrong`"),
    ] {
        assert!(OPERATOR.contains(from), "{from}");
        let problems = menus(&OPERATOR.replace(from, to)).unwrap_err();
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told == "`wrong`" || all.iter().any(|problem| problem.contains(told)), "{to}: {all:#?}");
    }
}

#[test]
fn what_does_not_fit_at_its_longest_is_refused() {
    let menus = |text: &str| Menus::load([("a.toml", text)], &grammars(), &Templates::builtin().unwrap());
    // The screen alone would fit; with the line about a wrong answer above it, it does not.
    let longer = |characters: usize| OPERATOR.replace("Enter the telephone number", &"x".repeat(characters));
    let room = USSD_SEPTETS_MAX - "We did not understand that.\n (0 back):".len();
    assert!(menus(&longer(room)).is_ok());
    let problems = menus(&longer(room + 1)).unwrap_err();
    assert!(
        problems[0].problem.starts_with("ask.number (en): 183 characters at its longest, and 182 fit"),
        "{problems:?}"
    );
    let twice = Menus::load([("a.toml", OPERATOR), ("b.toml", OPERATOR)], &grammars(), &Templates::builtin().unwrap())
        .unwrap_err();
    assert!(twice[0].to_string().starts_with("b.toml: another file has a menu for 123"), "{twice:?}");
}

#[test]
fn no_debug_shows_what_was_typed() {
    assert!(!format!("{:?}", after(&["2", "1", "7401582000319520"], Language::EN)).contains("7401"));
}

#[test]
fn what_was_entered_in_another_script_is_shown_in_digits_that_fit_every_screen() {
    let asked = after(&["3", "٠٤٩١٢٣٤٥٦", "۵", "4711"], Language::EN);
    assert_eq!(asked, Step::Ask("Send 5 EUR to 049123456?\n1 Yes\n0 Back".to_owned()));
    let no_value = after(&["3", "½²Ⅷ"], Language::EN);
    assert!(matches!(&no_value, Step::Ask(text) if text.starts_with("We did not understand that.")), "{no_value:?}");
}
