//! Fixture files with mistakes, and cases that do not end as they must.

use super::super::testing::{bank_of, load};
use super::*;

const HEAD: &str = "short_code = \"50001\"\nfrom = \"38349111222\"\n";

fn set() -> GrammarSet {
    let forms = [
        ("another number", "text = \"{msisdn} {amount}\""),
        ("credit", "text = \"gift {msisdn} {amount} {pin}\"\naction = \"transfer\""),
        ("balance", "text = \"balance\"\naction = \"balance\""),
        ("card", "text = \"card {voucher}\""),
    ];
    load(&bank_of(&forms)).unwrap()
}

fn checked(cases: &str) -> Vec<String> {
    Fixture::from_toml("samples.toml", &format!("{HEAD}{cases}"))
        .unwrap_or_else(|error| panic!("{error}"))
        .check(&set())
}

#[test]
fn a_mistake_in_a_file_is_told_with_its_place_and_the_nearest_word() {
    for (cases, place, message, help) in [
        ("[[read]]\ntext = \"x\"\namuont = \"5.00\"\n", "5:1", "no key `amuont`", "did you mean `amount`?"),
        (
            "[[refuse]]\ntext = \"x\"\nreason = \"amount_misssing\"\n",
            "5:10",
            "no reason `amount_misssing`",
            "`amount_missing`?",
        ),
        (
            "[[refuse]]\ntext = \"x\"\nreasons = \"amount_missing\"\n",
            "5:1",
            "no key `reasons`",
            "did you mean `reason`?",
        ),
        ("[[read]]\ntext = \"x\"\naction = \"balanse\"\n", "5:10", "no action `balanse`", "did you mean `balance`?"),
        ("[[read]]\ntext = \"x\"\naction = \"language DE\"\n", "5:10", "no action `language DE`", "`language "),
        ("[[read]]\ntext = \"x\"\nservice = \"mobil\"\n", "5:11", "no service `mobil`", "did you mean `mobile`?"),
        ("[[refused]]\ntext = \"x\"\n", "3:3", "no key `refused`", "did you mean `refuse`?"),
        (
            "[[refuse]]\ntext = \"x\"\nreason = \"zzzzzzzzzzzz\"\n",
            "5:10",
            "no reason `zzzzzzzzzzzz`",
            "write one of undecodable,",
        ),
        ("[[refuse]]\ntext = \"x\"\n", "3:1", "missing field `reason`", ""),
        ("[[read]]\ntext = 5\n", "4:8", "expected a string", ""),
        ("[[read]\n", "3:8", "", ""),
    ] {
        let error = Fixture::from_toml("samples.toml", &format!("{HEAD}{cases}")).unwrap_err().to_string();
        for part in [format!("samples.toml:{place}\n"), message.to_owned(), help.to_owned()] {
            assert!(error.contains(&part), "`{part}` is not in\n{error}");
        }
    }
}

#[test]
fn every_key_of_a_case_is_compared_whatever_the_text_asks_for() {
    for (case, told) in [
        ("text = \"049123456 5\"\nnumber = \"38349123456\"", "has as amount `5.00`, not none"),
        ("text = \"balance\"\naction = \"balance\"\namount = \"5.00\"", "has as amount none, not `5.00`"),
        ("text = \"balance\"\naction = \"balance\"\nform = \"other\"", "has as form `balance`, not `other`"),
        ("text = \"balance\"", "has as action `balance`, not none"),
        ("text = \"049123456 5\"\naction = \"recharge\"", "has as number `38349123456`, not none"),
        (
            "text = \"gift 049123456 5 4711\"\naction = \"transfer\"\nnumber = \"38349123456\"\namount = \"5.00\"\noperator = \"vala\"",
            "has as operator `ipko`, not `vala`",
        ),
        ("text = \"card 1234567890123456\"\naction = \"voucher\"", "has as number `38349111222`, not none"),
        ("text = \"049123456 x\"", "must be read, but is refused: amount_missing\n049123456 x\n          ^ column 11"),
    ] {
        let wrong = checked(&format!("\n[[read]]\n{case}\n"));
        assert!(wrong.len() == 1 && wrong[0].starts_with("line 5: `") && wrong[0].contains(told), "{case}: {wrong:?}");
    }
}

#[test]
fn a_text_that_should_be_refused_is_told_as_a_case_writes_it_without_its_pin() {
    let wrong = checked("[[refuse]]\ntext = \"gift 049123456 5 4711 prap\"\nreason = \"unreadable\"\n");
    let read = "must be refused, but was read as\nform = \"credit\"\naction = \"transfer\"\nnumber = \"38349123456\"\n\
        operator = \"ipko\"\namount = \"5.00\"\nrepeat = true\n";
    assert!(wrong.len() == 1 && wrong[0].ends_with(read), "{wrong:?}");
}
