//! The ways to top up, as README lists them: each command of the table plays its way and ends as it must.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

use common::{mbush, run};
use rstest::rstest;

const BEGIN: &str = "<!-- the ways to top up; `mbush demo --list` prints this table -->\n";
const END: &str = "<!-- the end of the ways -->";
/// How README starts the program that is under test here.
const PROGRAM: &str = "cargo run --release -- ";

fn shown(arguments: &[&str]) -> String {
    let output = run(mbush().args(arguments));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {shown}{}", String::from_utf8_lossy(&output.stderr));
    shown
}

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

fn table(readme: &str) -> &str {
    let behind = readme.split_once(BEGIN).expect("README has the table").1;
    behind.split_once(END).expect("the table has an end").0
}

#[test]
fn readme_has_the_table_that_the_program_prints() {
    let (readme, listed) = (readme(), shown(&["demo", "--list"]));
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        let (before, after) = (format!("{BEGIN}{}{END}", table(&readme)), format!("{BEGIN}{listed}{END}"));
        std::fs::write("README.md", readme.replace(&before, &after)).unwrap();
        return;
    }
    assert_eq!(table(&readme), listed, "README's table is stale; write it with MBUSH_WRITE_DOCS=1");
}

#[rstest]
fn each_way_ends_in_a_top_up_and_in_a_refusal(#[values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)] number: u8) {
    let readme = readme();
    let row = table(&readme).lines().find(|line| line.starts_with(&format!("| {number} |"))).expect("a row of its own");
    let command = row.split('`').rev().nth(1).expect("the row ends in a command");
    let arguments: Vec<&str> = command.strip_prefix(PROGRAM).expect("cargo runs it").split(' ').collect();
    let played = shown(&arguments);
    for part in ["valid until", "was refused as it must be", "the ledger is sound"] {
        assert!(played.contains(part), "`{part}` is not in:\n{played}");
    }
}
