//! The project's own rules, checked on every run: who may import whom, how long a file and a function may get,
//! what must not stand in product code, what every bank's grammar brings with it, and what lies at the top level.
//!
//! - `source`: reads `src/` and separates product code from its unit tests
//! - `layers`: the table of rooms, and what the pure ones must not touch
//! - `callers`: what is public is called by something that is no test
//! - `circles`: modules of a room import each other in no circle without a reason
//! - `stems`: no two files of a room are told apart by an ending alone
//! - `dependencies`: what the product is built with is used by it
//! - `openings`: how lines of documentation begin
//! - `code`: lengths, panics, prints, silenced lints, and the map that opens each file
//! - `examples`: no example in Rust stands in documentation, for want of who runs it
//! - `data`: grammars say where they come from and have fixtures
//! - `names`: files that pages name are there
//! - `planted`: each bug that `scripts/planted` plants names the tests that catch it
//! - `tree`: the top level's listing, no path of anybody's machine in any file, and no file of `src/` that no module declares
//!
//! Each rule has a test of the project and one that feeds it something bad.

mod callers;
mod circles;
mod code;
mod data;
mod dependencies;
mod examples;
mod layers;
mod names;
mod openings;
mod planted;
mod source;
mod stems;
mod tree;

use source::Violation;

/// Fails with one line for each violation.
fn assert_tidy(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} violation(s)\n{}", lines.len(), lines.join("\n"));
}

/// Fails unless exactly these lines are reported, each beginning with `line: ` (or naming no line).
#[track_caller]
fn assert_reports(violations: &[Violation], expected: &[&str]) {
    let got: Vec<String> = violations.iter().map(|v| format!("{}: {}", v.line, v.message)).collect();
    assert_eq!(got.len(), expected.len(), "reported {got:#?}\nexpected {expected:#?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!(got.starts_with(expected), "reported {got:?}, expected {expected:?}");
    }
}
