//! `docs/texts.md` has every reply with its values, every value with its longest length, and every key of a file of texts.

use std::collections::BTreeSet;
use std::fmt::Write;

use mbush::text::templates::{Templates, longest_values};

use super::{has_rows, is_made, page, section};

#[test]
fn the_page_has_every_reply_with_its_values() {
    let list: toml::Table = page("src/text/replies.toml").parse().unwrap();
    let english: toml::Table = page("countries/xk/texts/en.toml").parse().unwrap();
    let mut table = "| reply | values | text |\n| --- | --- | --- |\n".to_owned();
    for (key, reply) in &list {
        let values = reply["values"].as_array().unwrap().iter().map(|value| format!("`{}`", value.as_str().unwrap()));
        let text = english["replies"][key].as_str().unwrap();
        writeln!(table, "| `{key}` | {} | {text} |", values.collect::<Vec<_>>().join(", ")).unwrap();
    }
    is_made("docs/texts.md", "the replies", &table);
}

#[test]
fn the_page_has_every_value_at_its_longest() {
    let page = page("docs/texts.md");
    let table = section(&page, "## The values");
    let longest = longest_values();
    has_rows("docs/texts.md (values)", table, &longest.keys().map(|name| (*name).to_owned()).collect());
    for (name, value) in longest {
        assert!(table.contains(&format!("| `{name}` | {} |", value.len())), "{name} is {} long", value.len());
    }
}

#[test]
fn the_page_has_every_key_of_a_file() {
    let file = vec![("a.toml".to_owned(), "[language]\nkey = 1\n".to_owned())];
    let errors = Templates::load(file, &[], &longest_values()).unwrap_err();
    let told = errors[0].to_string();
    let (_, known) = told.split_once("expected one of ").unwrap_or_else(|| panic!("{told}"));
    let keys: BTreeSet<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    has_rows("docs/texts.md (keys)", section(&page("docs/texts.md"), "## The language"), &keys);
}
