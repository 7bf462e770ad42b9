//! The ways to top up, as README lists them: each command of the table plays its way and ends as it must; and what each of
//! them moves, as docs/ledger.md shows it.

use mbush::domain::format_minor;
use rstest::rstest;
use sqlx::{Connection, SqliteConnection};
use testkit::{mbush, run};

const BEGIN: &str = "<!-- the ways to top up; `mbush demo --list` prints this table -->\n";
const END: &str = "<!-- the end of the ways -->";
/// How README starts the program that is under test here.
const PROGRAM: &str = "cargo run --release -- ";

const LEDGER: &str = "docs/ledger.md";
const LEDGER_BEGIN: &str = "<!-- what each way moves; MBUSH_WRITE_DOCS=1 cargo test --test cli ways writes it -->\n";
const LEDGER_END: &str = "<!-- the end of what each way moves -->";
/// Staff's sales of stock to the demo's dealers come before every way.
const MOVED: &str = "SELECT kind, debit, credit, amount_minor, debit_balance_minor, credit_balance_minor FROM transfers
    WHERE kind <> 'adjustment' ORDER BY id";

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

type Row = (String, String, String, i64, Option<i64>, Option<i64>);

/// A table of what one way, played from the beginning, moved: amounts and balances after it, in euros.
async fn moved(number: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["demo", "--once", "--way", &number.to_string(), "--dir", folder.path().to_str().unwrap()];
    shown(&arguments);
    let url = format!("sqlite://{}", folder.path().join("mbush.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let rows: Vec<Row> = sqlx::query_as(MOVED).fetch_all(&mut database).await.unwrap();
    let balance = |minor: Option<i64>| minor.map(format_minor).unwrap_or_default();
    let line = |(kind, debit, credit, amount, before, after): Row| {
        let (amount, before, after) = (format_minor(amount), balance(before), balance(after));
        format!("| {number} | `{kind}` | `{debit}` | `{credit}` | {amount} | {before} | {after} |\n")
    };
    assert!(!rows.is_empty(), "way {number} moves nothing");
    rows.into_iter().map(line).collect()
}

#[tokio::test]
async fn the_ledgers_page_shows_what_each_way_moves() {
    let mut table = "| way | kind | debit | credit | EUR | debited has | credited has |\n\
        | --- | --- | --- | --- | ---: | ---: | ---: |\n"
        .to_owned();
    let ways = shown(&["demo", "--list"]).lines().skip(2).count();
    for number in 1..=ways {
        table.push_str(&moved(number).await);
    }
    let page = std::fs::read_to_string(LEDGER).unwrap();
    let (before, rest) = page.split_once(LEDGER_BEGIN).expect("the page has the table");
    let (written, after) = rest.split_once(LEDGER_END).expect("the table has an end");
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(LEDGER, format!("{before}{LEDGER_BEGIN}{table}{LEDGER_END}{after}")).unwrap();
        return;
    }
    assert_eq!(written, table, "{LEDGER} is stale; write it with MBUSH_WRITE_DOCS=1");
}

#[rstest]
fn each_way_ends_in_a_top_up_and_in_a_refusal(#[values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)] number: u8) {
    let readme = readme();
    let row = table(&readme).lines().find(|line| line.starts_with(&format!("| {number} |"))).expect("a row of its own");
    let command = row.split('`').rev().nth(1).expect("the row ends in a command");
    let arguments: Vec<&str> = command.strip_prefix(PROGRAM).expect("cargo runs it").split(' ').collect();
    let played = shown(&arguments);
    for part in ["valid until", "refused, as expected", "the ledger is sound"] {
        assert!(played.contains(part), "`{part}` is not in:\n{played}");
    }
}
