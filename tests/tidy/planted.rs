//! Each bug that `scripts/planted` plants says what it is and which tests have to fail.

use crate::source::{Violation, root, slashed, walk};
use crate::{assert_reports, assert_tidy};

/// The value of a line `NAME: value` above the patch itself.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut header = text.lines().take_while(|line| !line.starts_with("diff "));
    let value = header.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?.trim();
    Some(value).filter(|value| !value.is_empty())
}

/// The test binary that `arguments` of `cargo test` name, as a file below `tests/`; `None` for the library's own tests.
fn binary(arguments: &str) -> Option<&str> {
    let mut words = arguments.split_whitespace();
    words.find(|word| *word == "--test")?;
    words.next()
}

fn check(path: &str, text: &str, is_test: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut missing: Vec<&str> = ["What", "Test"].into_iter().filter(|name| field(text, name).is_none()).collect();
    if !text.lines().any(|line| line.starts_with("diff --git a/src/")) {
        missing.push("diff --git a/src/…");
    }
    let unknown = field(text, "Test").and_then(binary).filter(|name| !is_test(name));
    let missing = missing.into_iter().map(|name| format!("has no line `{name}`"));
    let unknown = unknown.into_iter().map(|name| format!("names the test binary `{name}`, which does not exist"));
    missing.chain(unknown).map(|message| Violation::new(path, 0, message)).collect()
}

fn is_test(name: &str) -> bool {
    let tests = root().join("tests");
    tests.join(format!("{name}.rs")).is_file() || tests.join(name).join("main.rs").is_file()
}

#[test]
fn every_planted_bug_names_itself_and_its_tests() {
    let mut paths = Vec::new();
    walk(&root().join("tests/planted"), &mut paths);
    assert!(!paths.is_empty(), "there are no planted bugs");
    let violations = paths.iter().flat_map(|path| {
        let text = std::fs::read_to_string(path).expect("a patch is text");
        check(&slashed(path.strip_prefix(root()).expect("it is below the root")), &text, is_test)
    });
    assert_tidy(&violations.collect::<Vec<_>>());
}

#[test]
fn a_planted_bug_without_its_header_is_reported() {
    let good = "What: a bug\nTest: --test store audit\n\ndiff --git a/src/x.rs b/src/x.rs\n";
    assert_tidy(&check("x.patch", good, |name| name == "store"));
    assert_reports(&check("x.patch", good, |_| false), &["0: names the test binary `store`"]);
    let bare = "diff --git a/tests/x.rs b/tests/x.rs\nWhat: too late\n";
    assert_reports(
        &check("x.patch", bare, |_| true),
        &["0: has no line `What`", "0: has no line `Test`", "0: has no line `diff --git"],
    );
}
