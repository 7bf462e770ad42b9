//! A line of documentation or of a comment does not open with a question word: it says what the item is, in a sentence.

use crate::source::{Source, Violation, project};
use crate::{assert_reports, assert_tidy};

/// Words that open a phrase in place of a sentence.
const WORDS: &[&str] = &["What", "Who", "Whose", "Which", "Why", "How", "When", "Where", "Whether"];
/// Lines that may open so.
const LINES_MAX: usize = 0;

/// Lines that open so.
fn check(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
        let comment = comment.trim_start_matches(['/', '!']).trim_start();
        let first = comment.split(|char: char| !char.is_alphabetic()).next().unwrap_or_default();
        if WORDS.contains(&first) {
            violations.push(Violation::new(
                &source.path,
                at + 1,
                format!("opens with `{first}`: say it as a sentence"),
            ));
        }
    }
    violations
}

#[test]
fn no_comment_opens_with_a_question_word() {
    let violations: Vec<Violation> = project().iter().flat_map(check).collect();
    if violations.len() > LINES_MAX {
        let message = format!("{} lines open with a question word, {LINES_MAX} are the most", violations.len());
        let own = Violation::new("tests/tidy/openings.rs", 0, message);
        assert_tidy(&violations.into_iter().chain([own]).collect::<Vec<_>>());
    }
}

#[test]
fn a_comment_that_opens_with_a_question_word_is_reported() {
    let code = "//! What is in here.\n\n/// Whose it is.\nstruct A;\n    // Where, though?\nfn f() {} // Why not\n\
                /// Whatever comes.\n/// The time when it ends.\nfn g() { let s = \"// What\"; }";
    let expected = ["1: opens with `What`", "3: opens with `Whose`", "5: opens with `Where`"];
    assert_reports(&check(&Source::parse("src/a/b.rs", code)), &expected);
}
