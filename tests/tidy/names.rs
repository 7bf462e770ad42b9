//! Files that pages name are there.

use std::path::Path;

use regex::Regex;

use crate::source::{Violation, root};
use crate::{assert_reports, assert_tidy};

/// Folders of the project, as pages write them before a file.
const FOLDERS: &str = "src|tests|docs|scripts|grammars|fixtures|numbering|migrations|benches|fuzz";
/// Stands in the names of files that a reader is told to make.
const TO_BE_MADE: &[&str] = &["seventh", "BANK"];

/// `is_there` is told a path from the root; a link's path is one from the page.
fn check(page: &str, text: &str, is_there: impl Fn(&Path) -> bool) -> Vec<Violation> {
    let file = Regex::new(&format!(r"(?:^|[`(\s])((?:{FOLDERS})/[A-Za-z0-9_./*{{}}-]*)")).expect("a valid expression");
    let link = Regex::new(r"\]\(([^):#]+)(?:#[^)]*)?\)").expect("a valid expression");
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    let mut violations = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let named = file.captures_iter(line).map(|found| Path::new("").join(found[1].trim_end_matches(['.', '/'])));
        let linked = link.captures_iter(line).map(|found| folder.join(&found[1]));
        for path in named.chain(linked) {
            let shown = path.display().to_string();
            let is_general = shown.contains('*') || TO_BE_MADE.iter().any(|name| shown.contains(name));
            if !is_general && !is_there(&path) {
                violations.push(Violation::new(page, at + 1, format!("names {shown}, which is not there")));
            }
        }
    }
    violations
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut pages: Vec<String> = ["ARCHITECTURE.md", "README.md"].map(str::to_owned).to_vec();
    for entry in std::fs::read_dir(root().join("docs")).expect("there are pages").flatten() {
        pages.push(format!("docs/{}", entry.file_name().display()));
    }
    let violations = pages.iter().flat_map(|page| {
        let text = std::fs::read_to_string(root().join(page)).expect("a page that can be read");
        check(page, &text, |path| root().join(path).exists())
    });
    assert_tidy(&violations.collect::<Vec<_>>());
}

#[test]
fn a_file_that_is_not_there_is_reported() {
    let text = "`tests/store.rs` and `tests/gone.rs`\nsee [it](api.md#keys) and [that](gone.md)\n\
        `grammars/*.toml`, `grammars/seventh.toml`, src/gone/\n[out](https://example.org/src/x)";
    let is_there = |path: &Path| ["tests/store.rs", "docs/api.md"].iter().any(|known| path == Path::new(known));
    let expected = ["1: names tests/gone.rs", "2: names docs/gone.md", "3: names src/gone"];
    assert_reports(&check("docs/x.md", text, is_there), &expected);
}
