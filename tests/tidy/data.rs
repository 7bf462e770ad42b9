//! Grammars say where they come from and have fixtures.

use std::path::Path;

use crate::source::{Violation, root, slashed, walk};
use crate::{assert_reports, assert_tidy};

/// What a grammar's `evidence` may say.
const EVIDENCE: &[&str] = &["published", "assumed"];

/// Folders below `grammars` with files that are no grammars.
const OTHERS: &[&str] = &["numbering", "menus", "fixtures"];

/// `fixtures` tells whether `fixtures/<bank>/` holds at least one file.
fn check(path: &str, text: &str, fixtures: impl Fn(&str) -> bool) -> Vec<Violation> {
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => return vec![Violation::new(path, 0, error.to_string())],
    };
    let field = |name: &str| table.get(name).and_then(toml::Value::as_str).unwrap_or_default();
    let mut messages = Vec::new();
    if !EVIDENCE.contains(&field("evidence")) {
        messages.push(format!("`evidence` is none of {}", EVIDENCE.join(", ")));
    }
    if field("evidence") != "assumed" && field("source").trim().is_empty() {
        messages.push("`source` is missing: where was this format published?".to_owned());
    }
    match field("bank") {
        "" => messages.push("`bank` is missing".to_owned()),
        bank if !fixtures(bank) => messages.push(format!("`fixtures/{bank}/` holds no .toml file")),
        _ => {}
    }
    messages.into_iter().map(|message| Violation::new(path, 0, message)).collect()
}

/// An example has its fixtures in its own folder, and a country beside its grammars.
fn has_fixtures(path: &Path, bank: &str) -> bool {
    let folder = path.parent();
    let country = folder.and_then(Path::parent).filter(|country| country.join("country.toml").exists());
    let own = folder.filter(|_| is_example(path)).or(country);
    let Ok(entries) = std::fs::read_dir(own.unwrap_or(root()).join("fixtures").join(bank)) else { return false };
    entries.flatten().any(|entry| is_toml(&entry.path()))
}

fn is_example(path: &Path) -> bool {
    path.ancestors().any(|folder| folder.ends_with("examples"))
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

#[test]
fn every_grammar_names_its_source_and_has_fixtures() {
    let mut files = Vec::new();
    for folder in ["grammars", "examples", "countries/rs/grammars", "countries/bd/grammars", "countries/vn/grammars"] {
        walk(&root().join(folder), &mut files);
    }
    // A plan of numbers is none, and neither is a menu or a fixture.
    let is_other = |path: &Path| path.ancestors().any(|folder| OTHERS.iter().any(|other| folder.ends_with(other)));
    let grammars: Vec<_> = files.iter().filter(|path| is_toml(path) && !is_other(path)).collect();
    assert!(!grammars.is_empty(), "no grammar was found");
    let violations = grammars.iter().flat_map(|path| {
        let text = std::fs::read_to_string(path).expect("a grammar that can be read");
        check(&slashed(path.strip_prefix(root()).expect("the walk starts at the root")), &text, |bank| {
            has_fixtures(path, bank)
        })
    });
    assert_tidy(&violations.collect::<Vec<_>>());
}

#[test]
fn a_grammar_without_provenance_or_fixtures_is_reported() {
    let good = "bank = 'x'\nevidence = 'assumed'\nsource = 'ours'";
    assert_reports(&check("grammars/x.toml", good, |_| true), &[]);
    assert_reports(&check("grammars/x.toml", good, |_| false), &["0: `fixtures/x/` holds no"]);
    let bad = "evidence = 'rumour'\nsource = ' '";
    let expected = ["0: `evidence` is none of", "0: `source` is missing", "0: `bank` is missing"];
    assert_reports(&check("grammars/x.toml", bad, |_| true), &expected);
    let unsourced = "bank = 'x'\nevidence = 'published'";
    assert_reports(&check("grammars/x.toml", unsourced, |_| true), &["0: `source` is missing"]);
    assert_reports(&check("grammars/x.toml", "bank = ", |_| true), &["0: "]);
}
