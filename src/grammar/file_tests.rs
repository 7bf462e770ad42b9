//! The diagnostics of a grammar file with mistakes.

use proptest::prelude::*;

use super::super::testing::{BANKS, bank_of, load};

const GOOD: &str = "text = \"{amount}\"";

fn errors(file: &str) -> String {
    load(file).err().unwrap_or_else(|| panic!("{file}\nwas loaded"))
}

#[test]
fn an_error_is_drawn_with_its_place_and_the_nearest_word() {
    let error = errors(&bank_of(&[("own number", "text = \"topup {amont}\"")]));
    assert_eq!(
        error,
        "error: there is no field `amont`\n \
         --> test.toml:8:16\n  \
         |\n\
         8 | text = \"topup {amont}\"\n  \
         |                ^^^^^\n  \
         |\n  \
         = help: did you mean `amount`?"
    );
}

#[test]
fn all_errors_of_a_file_are_told_in_one_run() {
    let file = "bank = \"My Bank\"\nshort_code = [\"50001\"]\nshort_codes = [\"5x\"]\nevidence = \"asumed\"\n\
                [amount]\nmin = \"2.5\"\nwhole = 1\n[[form]]\nname = \"a\"\ntext = \"{msisdn\"\n\
                [[form]]\nname = \"b\"\ntext = \"{amount}\"\nservice = \"tvv\"\n";
    let error = errors(file);
    for told in [
        "`My Bank` is not an identifier",
        "no key `short_code`",
        "did you mean `short_codes`?",
        "a bank's file has no `name`",
        "`5x` is not a short code",
        "there is no evidence `asumed`",
        "did you mean `assumed`?",
        "`2.5` is not an amount",
        "`whole` is true or false, this is of type integer",
        "this `{` is not closed",
        "there is no service `tvv`",
        "did you mean `tv`?",
    ] {
        assert!(error.contains(told), "{told} is not in\n{error}");
    }
}

#[test]
fn what_a_form_leaves_open_or_contradicts_is_refused() {
    for (rest, told) in [
        ("text = \"{msisdn}{amount}\"", "nobody can tell where it ends"),
        ("text = \"{text} {amount}\"", "takes all that is left"),
        ("text = \"{text} {amount}\"", "something follows `{text}`"),
        ("text = \"{msisdn} {landline} {amount}\"", "names two targets"),
        ("text = \"pay {username}\"", "without a service that has user names"),
        ("text = \"pay {msisdn}\"", "a top-up without an amount"),
        ("text = \"{amount}\"\nprice = 5", "both {amount} and a `price`"),
        ("text = \"{msisdn} {amount}\"\nservice = \"fixed\"", "do not agree"),
        ("text = \"{msisdn} {amount}\"\ntarget = \"own\"", "names its target"),
        ("text = \"pay {service} {username}\"", "`{service}` without words for it"),
        ("text = \"balance {amount}\"\naction = \"balance\"", "has no use for `{amount}`"),
        ("text = \"srpski\"\naction = \"language\"", "has no `language`"),
        ("text = \"{amount}\"\nseparators = [\"semi\"]", "there is no separator `semi`"),
        ("text = \"{amount}\"\noperators = [\"ipco\"]", "did you mean `ipko`?"),
        ("text = \"{msisdn} {amount}\"\nexample = \"5 049123456\"", "is not of this form"),
        ("text = \"¹ {amount}\"", "can never be read"),
        ("text = \"(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b) {amount}\"", "more than 256 ways"),
        ("txt = \"{amount}\"", "no key `txt`"),
        ("text = \"{amount}\"\nsenders = [\"BPB\", \"\"]", "no message comes from this address"),
        ("text = \"{amount}\"\nsenders = [\"B\\u001bB\"]", "no message comes from this address"),
        ("text = \"{amount}\"\nsenders = [\"ThisIsMuchTooLongName\"]", "write 1 to 20 characters"),
    ] {
        let error = errors(&bank_of(&[("own number", rest)]));
        assert!(error.contains(told), "{rest}: {told} is not in\n{error}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_pointed_at() {
    let error = errors("bank = \"x\nname = 5\n");
    assert!(error.contains("not TOML") && error.contains("test.toml:1"), "{error}");
}

#[test]
fn a_set_is_known_by_its_files() {
    let one = load(&bank_of(&[("own number", GOOD)])).unwrap();
    let same = load(&bank_of(&[("own number", GOOD)])).unwrap();
    let other = load(&bank_of(&[("own", GOOD)])).unwrap();
    assert_eq!(one.id(), same.id());
    assert_ne!(one.id(), other.id());
    assert_eq!(one.id().len(), 16);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_loading_panic(text in ".*", form in r"[a-z{}()\[\]|_ :0-9-]{0,40}") {
        let _ = load(&text);
        let _ = load(&bank_of(&[("any", &format!("text = '{form}'"))]));
    }

    #[test]
    fn no_damage_to_a_file_makes_loading_panic(bank in 0..BANKS.len(), at in any::<prop::sample::Index>(), length in 0..40_usize, put in ".{0,3}") {
        let characters: Vec<char> = BANKS[bank].1.chars().collect();
        let at = at.index(characters.len());
        let end = (at + length).min(characters.len());
        let damaged: String = characters[..at].iter().copied().chain(put.chars()).chain(characters[end..].iter().copied()).collect();
        let _ = load(&damaged);
    }
}

#[test]
fn a_form_of_a_thousand_fields_is_refused_at_once() {
    let error = errors(&bank_of(&[("long", &format!("text = \"{}\"", "{amount} ".repeat(1_000)))]));
    assert!(error.contains("more than 64 items"), "{error}");
    let error = errors(&bank_of(&[("deep", &format!("text = \"{}\"", "[".repeat(1_000)))]));
    assert!(error.contains("deep"), "{error}");
}

#[test]
fn every_key_and_separator_is_in_the_handbook() {
    let handbook = include_str!("../../docs/grammar.md");
    let keys = super::BANK_KEYS
        .iter()
        .chain(&super::super::amount_file::AMOUNT_KEYS)
        .chain(&super::super::fields::own::file::FIELD_KEYS)
        .chain(&super::super::fields::own::file::ROW_KEYS)
        .chain(&super::super::form_file::FORM_KEYS);
    for key in keys.filter(|key| !["form", "amount", "services"].contains(key)) {
        assert!(handbook.contains(&format!("`{key}`")) || handbook.contains(&format!("`{key}.")), "{key}");
    }
    for (_, separator) in super::super::separators::SIGNS {
        assert!(handbook.contains(&format!("`{separator}`")), "{separator}");
    }
}
