//! `docs/grammar.md` and `docs/numbering.md` have every key that their files may have. What keys there are, the readers say
//! themselves where they meet one that they do not know.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mbush::domain::NumberingPlan;
use mbush::grammar::{Field, Fixture, GrammarSet, fixture_actions};
use regex::Regex;
use std::sync::Arc;

use crate::pages::{first_column, is_made, page, section, set};

/// What a reader expected in place of `zzz`.
fn expected(problem: &str) -> BTreeSet<String> {
    let (_, words) = problem.split_once("expected ").unwrap_or_else(|| panic!("nothing is expected: {problem}"));
    let word = Regex::new("`([^`]+)`").unwrap();
    word.captures_iter(words.lines().next().unwrap_or_default()).map(|word| word[1].to_owned()).collect()
}

fn in_backticks(text: &str) -> BTreeSet<String> {
    Regex::new(r"`\[?([a-z_]+)\]?`").unwrap().captures_iter(text).map(|word| word[1].to_owned()).collect()
}

/// The keys of a constant of the reader's source.
fn keys(file: &str, constant: &str) -> BTreeSet<String> {
    let source = page(file);
    let list = source.split(&format!("const {constant}:")).nth(1).and_then(|text| text.split("];").next());
    let list = list.unwrap_or_else(|| panic!("{file} has no {constant}"));
    let word = Regex::new("\"([a-z_]+)\"").unwrap();
    word.captures_iter(list).map(|word| word[1].to_owned()).collect()
}

#[test]
fn the_page_of_grammars_has_every_key() {
    let page = page("docs/grammar.md");
    let told = in_backticks(section(&page, "## Keys"));
    for (file, constant) in [
        ("src/grammar/file.rs", "BANK_KEYS"),
        ("src/grammar/amount_file.rs", "AMOUNT_KEYS"),
        ("src/grammar/amount_file.rs", "OPERATOR_KEYS"),
        ("src/grammar/form_file.rs", "FORM_KEYS"),
    ] {
        let missing: Vec<_> =
            keys(file, constant).into_iter().filter(|key| key != "form" && !told.contains(key)).collect();
        assert!(missing.is_empty(), "docs/grammar.md does not tell of {missing:?} of {constant}");
    }
}

#[test]
fn the_page_of_grammars_has_every_field() {
    let mut table = "| field | matches |\n| --- | --- |\n".to_owned();
    for field in Field::ALL {
        writeln!(table, "| `{{{}}}` | {} |", field.name(), field.reads()).unwrap();
    }
    is_made("docs/grammar.md", "the fields", &table);
}

#[test]
fn the_page_of_grammars_has_every_action() {
    let file = "bank = \"b\"\nname = \"B\"\nshort_codes = [\"1\"]\nevidence = \"assumed\"\n\
        [[form]]\nname = \"f\"\ntext = \"x\"\naction = \"zzzzzzzz\"\n";
    let plan = Arc::new(NumberingPlan::kosovo().unwrap());
    let problems = GrammarSet::load(vec![("b.toml".to_owned(), file.to_owned())], plan).unwrap_err();
    let problem = problems.iter().map(ToString::to_string).collect::<String>();
    let (_, words) = problem.split_once("write one of ").unwrap_or_else(|| panic!("{problem}"));
    let words = words.lines().next().unwrap_or_default().split(", ").map(str::trim);
    let page = page("docs/grammar.md");
    assert_eq!(first_column(section(&page, "### Actions")), set(words));
}

#[test]
fn the_page_of_grammars_has_every_key_of_fixtures() {
    let page = page("docs/grammar.md");
    let head = "short_code = \"1\"\nfrom = \"1\"\n";
    for (heading, text) in [
        ("### Of the file", "zzz = 1\n".to_owned()),
        ("### Of a `[[read]]`", format!("{head}[[read]]\nzzz = 1\n")),
        ("### Of a `[[refuse]]`", format!("{head}[[refuse]]\nzzz = 1\n")),
    ] {
        let problem = Fixture::from_toml("samples.toml", &text).unwrap_err().to_string();
        let (_, words) = problem.split_once("write one of ").unwrap_or_else(|| panic!("{problem}"));
        assert_eq!(first_column(section(&page, heading)), set(words.split(", ").map(str::trim)), "{heading}");
    }
}

#[test]
fn the_page_of_grammars_has_every_action_and_service_of_fixtures() {
    let actions: Vec<String> = fixture_actions().iter().map(|action| format!("`{action}`")).collect();
    is_made("docs/grammar.md", "the actions of fixtures", &format!("{}.\n", actions.join(", ")));
    let text = "short_code = \"1\"\nfrom = \"1\"\n[[read]]\ntext = \"x\"\nservice = \"zzzzzzz\"\n";
    let problem = Fixture::from_toml("samples.toml", text).unwrap_err().to_string();
    let (_, words) = problem.split_once("write one of ").unwrap_or_else(|| panic!("{problem}"));
    let page = page("docs/grammar.md");
    let row = section(&page, "### Of a `[[read]]`").lines().find(|row| row.starts_with("| `service` |")).unwrap();
    assert!(words.split(", ").all(|service| row.contains(&format!("`{}`", service.trim()))), "{row}: {words}");
}

#[test]
fn the_page_of_the_numbering_plan_has_every_key() {
    let plan = page("countries/xk/numbering/kosovo.toml");
    let told = first_column(&page("docs/numbering.md"));
    let mut keys = BTreeSet::new();
    for text in [
        format!("zzz = 1\n{plan}"),
        plan.replace("name = \"IPKO\"", "zzz = 1"),
        format!("{plan}\n[[ranges]]\nzzz = 1\n"),
        format!("{plan}\n[[legacy]]\nzzz = 1\n"),
    ] {
        let problem = NumberingPlan::from_toml(&text).unwrap_err().to_string();
        keys.extend(expected(&problem));
    }
    assert_eq!(told, keys);
}
