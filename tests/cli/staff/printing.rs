//! Whatever is in the database, and whoever wrote it: nothing that is printed moves a terminal's cursor, reorders a line or hides
//! a part of it, and no spreadsheet takes a cell for a formula.

use sqlx::{Connection, SqliteConnection};
use testkit::mbush;

use super::{Office, all, typed};

/// What is written in every place that takes a text.
const HOSTILE: &str =
    "Përshëndetje👍🏽\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}2J\r\nsettled   forged\u{202e}\u{2066}\u{200b}\u{feff}\u{7f}\t.";
/// What has to be seen of it.
const SEEN: [&str; 3] = ["Përshëndetje👍🏽", "\\u001b[2J", "\\u202e"];

/// Puts it into every column that a command prints.
const POISON: &[&str] = &[
    "UPDATE transfers SET message_key = message_key || $1 WHERE message_key IS NOT NULL",
    "UPDATE inbox SET key = key || $1, sender = sender || $1, short_code = short_code || $1, link = link || $1,
        body = json_set(body, '$.text', $1), trace = $1, reply = $1
        WHERE ending = 'quarantined'",
    "UPDATE inbox SET key = key || $1, sender = sender || $1 WHERE ending = 'applied'",
    "UPDATE operator_actions SET note = $1, made_by = made_by || $1",
    "UPDATE account_events SET why = why || $1, by = by || $1",
    "UPDATE enrolments SET username = username || $1, by = by || $1",
    "UPDATE voucher_batches SET generated_by = generated_by || $1, proposed_by = $1, key = key || $1",
    "UPDATE voucher_events SET by = by || $1, note = note || $1",
    "UPDATE vouchers SET sender = sender || $1 WHERE sender IS NOT NULL",
    "UPDATE pins SET given_by = $1 WHERE given_by IS NOT NULL",
    "UPDATE transfers SET credit = credit || $1 WHERE credit = 'product:tv:drita.h'",
    "UPDATE accounts SET name = name || $1 WHERE name = 'product:tv:drita.h'",
];

/// A database that everything was done in, and everything was poisoned.
async fn poisoned() -> Office {
    let office = Office::after(None);
    let why = ["--reason", "wrong_number", "--by", "Arta"];
    office.told(&[&["adjust", "propose", "049123456", "1"], &why[..]].concat());
    office.told(&[&["hold", "place", "049123456", "1"], &why[..]].concat());
    office.told(&["account", "suspend", "044123456", "--reason", "x", "--yes"]);
    office.told(&["enrol", "049123456", "tv", "drita.h"]);
    office.told(&["pin", "reset", "049123456", "--yes"]);
    office.told(&["voucher", "block", "1", "--note", "stolen", "--yes"]);
    let mut database = SqliteConnection::connect(&office.database()).await.unwrap();
    for statement in POISON {
        let changed = sqlx::query(*statement).bind(HOSTILE).execute(&mut database).await;
        let changed = changed.unwrap_or_else(|error| panic!("{statement}: {error}")).rows_affected();
        assert!(changed > 0, "{statement} changes nothing");
    }
    database.close().await.unwrap();
    office
}

#[track_caller]
fn harmless(arguments: &[&str], shown: &str) {
    let unseen = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(c));
    assert!(!shown.contains(unseen), "{arguments:?}: {shown:?}");
    assert!(!shown.lines().any(|line| line.starts_with("settled   forged")), "{arguments:?}: {shown}");
}

#[tokio::test]
async fn nothing_that_is_printed_is_obeyed_by_a_terminal() {
    let office = poisoned().await;
    let key = {
        let mut database = SqliteConnection::connect(&office.database()).await.unwrap();
        let key = "SELECT key FROM inbox WHERE ending = 'quarantined' LIMIT 1";
        sqlx::query_scalar::<_, String>(key).fetch_one(&mut database).await.unwrap()
    };
    let username = format!("drita.h{HOSTILE}");
    let telling: &[&[&str]] = &[
        &["quarantine", "list"],
        &["quarantine", "show", &key],
        &["quarantine", "discard", &key, "--note", HOSTILE, "--dry-run"],
        &["quarantine", "discard", &key, "--note", HOSTILE, "--yes"],
        &["quarantine", "show", &key],
        &["account", "049123456"],
        &["account", "049123456", "--json"],
        &["account", "044123456"],
        &["account", &username],
        &["statement", "049123456"],
        &["statement", "049123456", "--csv"],
        &["statement", "049123456", "--json"],
        &["statement", "bank_clearing:ekonomike", "--csv"],
        &["statement", &format!("product:tv:{username}")],
        &["enrol", "049123456"],
        &["adjust", "list"],
        &["adjust", "list", "--state", "done"],
        &["voucher", "show", "1"],
        &["pin", "show", "049123456"],
    ];
    for arguments in telling {
        let shown = all(&office.run(arguments));
        harmless(arguments, &shown);
        assert!(SEEN.iter().all(|part| shown.contains(part)), "{arguments:?} hides what is there: {shown}");
    }
    let further: &[&[&str]] = &[
        &["parse", "50005", HOSTILE],
        &["grammar", "try", HOSTILE, "--bank", "ekonomike"],
        &["parse", "50005", HOSTILE, "--json"],
        &["audit"],
        &["check"],
        &["dealer", "list"],
        &["hold", "list"],
        &["voucher", "report"],
        &["voucher", "report", "--csv"],
        &["voucher", "report", "--json"],
        &["voucher", "keys"],
        &[
            "voucher",
            "generate",
            "--amount",
            "5",
            "--count",
            "1",
            "--expires",
            "2099-01-01",
            "--file",
            "cards.age",
            "--by",
            HOSTILE,
        ],
        &["account", HOSTILE],
        &["statement", HOSTILE],
        &["dealer", "summary", HOSTILE],
        &["quarantine", "show", HOSTILE],
        &["reverse", HOSTILE, "--reason", "fraud", "--by", "Arta"],
        &["simulate", HOSTILE],
        &["send", "--link", HOSTILE, "--from", HOSTILE, "50005", HOSTILE],
    ];
    for arguments in further {
        harmless(arguments, &all(&office.run(arguments)));
    }
    let batch = serde_json::json!({ "shortcode": HOSTILE, "from": HOSTILE, "text": HOSTILE }).to_string();
    let batch = typed(mbush().args(["parse", "--batch", "-"]), &format!("{batch}\n{{{HOSTILE}\n"));
    harmless(&["parse", "--batch"], &all(&batch));
}

#[test]
fn an_object_in_json_says_what_it_said() {
    let office = Office::after(Some("5"));
    let shown = String::from_utf8(office.run(&["parse", "50005", "tv arta\u{202e}.k", "--json"]).stdout).unwrap();
    harmless(&["parse"], &shown);
    let object: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!(object["outcome"].is_string(), "{object}");
}

#[test]
fn no_cell_of_a_statement_is_a_formula() {
    let office = Office::after(Some("5"));
    let names = ["=HYPERLINK(\"http://x\",\"y\")", "@SUM(1)", "+1+1", "-1-1", "x;=1", "+38349111222"];
    for name in names {
        let propose = ["adjust", "propose", "049123456", "1", "--reason", "goodwill", &format!("--by={name}")];
        let proposed = office.told(&propose);
        let id = proposed.split_whitespace().next().unwrap();
        office.told(&["adjust", "approve", id, "--by", "Besa", "--yes"]);
    }
    let table = office.told(&["statement", "049123456", "--csv"]);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let column = reader.headers().unwrap().iter().position(|name| name == "by").unwrap();
    let mut by = Vec::new();
    for record in reader.records().map(Result::unwrap) {
        let is_number = |cell: &str| cell.trim_start_matches(['+', '-']).parse::<f64>().is_ok();
        let formula = record.iter().find(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell));
        assert_eq!(formula, None, "{table}");
        by.push(record[column].to_owned());
    }
    let written = &by[by.len() - names.len()..];
    assert_eq!(written[0], "'=HYPERLINK(\"http://x\",\"y\")");
    assert_eq!(written[4], "x;'=1");
    assert_eq!(written[5], "+38349111222", "a telephone number stays as it is");
    assert!(table.contains(",1.00,"), "an amount stays a number: {table}");
}
