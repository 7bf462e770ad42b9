//! No documentation has an example that would have to run: nothing runs such examples (`[lib] doctest = false`), because to
//! look for them the whole crate is built once more.

use crate::source::{Source, Violation, project};
use crate::{assert_reports, assert_tidy};

/// What a block may be of: none of it is Rust.
const LANGUAGES: &[&str] = &["text", "toml", "json", "sh", "sql"];

fn check(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (mut is_open, mut behind_blank) = (false, true);
    for (number, line) in source.text.lines().enumerate() {
        let line = line.trim_start();
        let Some(doc) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            (is_open, behind_blank) = (false, true);
            continue;
        };
        let fence = doc.trim_start().strip_prefix("```").or_else(|| doc.trim_start().strip_prefix("~~~"));
        let is_rust = match fence {
            Some(language) if !is_open => !LANGUAGES.contains(&language.trim()),
            _ => !is_open && behind_blank && doc.starts_with("     "),
        };
        if is_rust {
            let message = "an example in Rust, which nothing runs: write a unit test, or name the block's language";
            violations.push(Violation::new(&source.path, number + 1, message));
        }
        is_open ^= fence.is_some();
        behind_blank = doc.trim().is_empty();
    }
    violations
}

#[test]
fn no_example_goes_unrun() {
    assert_tidy(&project().iter().flat_map(check).collect::<Vec<_>>());
    let manifest = std::fs::read_to_string(crate::source::root().join("Cargo.toml")).expect("the manifest is there");
    let manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    assert_eq!(manifest["lib"].get("doctest").and_then(toml::Value::as_bool), Some(false));
}

#[test]
fn an_example_in_rust_is_reported() {
    let code = "//! x\n//! ```text\n//! a\n//! ```\n/// y\n/// ```\n/// f();\n/// ```\nfn f() {}\n\
        /// z\n///\n///     f();\nfn g() {}\n/// ```rust,no_run\n/// ```\nfn h() {}\n/// a list:\n///\n/// - b\n///   c\nfn i() {}";
    let source = Source::parse("src/domain/a.rs", code);
    assert_reports(&check(&source), &["6: an example", "12: an example", "14: an example"]);
}
