//! An order is carried out whole or not at all; what is listed is counted whole; and what is refused is refused in words.

use serde_json::Value;
use testkit::{mbush, run};

use super::{Office, all, typed};

const WHY: [&str; 4] = ["--reason", "goodwill", "--by", "Arta"];

#[test]
fn a_dealer_whose_phone_is_anothers_is_not_added() {
    let office = Office::after(Some("5"));
    let before = office.content();
    let phones = ["--phone", "049700009", "--phone", "049700002"];
    let refused = office.refused(&[&["dealer", "add", "besa"], &phones[..]].concat());
    assert!(refused.contains("+38349700002 acts for "), "{refused}");
    assert!(before == office.content(), "nothing is kept: {}", office.told(&["dealer", "list"]));
    let twice = ["--phone", "049700009", "--phone", "+383 49 700 009"];
    assert!(office.told(&[&["dealer", "add", "besa"], &twice[..]].concat()).contains("dealer:besa"));
    assert!(office.refused(&["dealer", "add", "besa", "--phone", "049700010"]).contains("a dealer `besa` already"));
    assert!(!office.told(&["dealer", "list"]).contains("38349700010"));
}

#[test]
fn a_new_grammar_is_two_files_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let new = |arguments: &[&str]| {
        run(mbush().args(["grammar", "new", "foo", "--name", "Foo"]).args(arguments).current_dir(folder.path()))
    };
    let is_empty = || !folder.path().join("grammars/foo.toml").exists() && !folder.path().join("fixtures/foo").exists();
    let taken = new(&["--short-code", "50005", "kredi 5"]);
    assert!(all(&taken).contains("--short-code 50005: it is that of Banka Ekonomike") && is_empty(), "{}", all(&taken));
    let nonsense = all(&new(&["--short-code", "50777", "blah blu bli"]));
    assert!(
        nonsense.contains("a top-up without an amount") && !nonsense.contains("contradict") && is_empty(),
        "{nonsense}"
    );
    std::fs::create_dir_all(folder.path().join("fixtures/foo")).unwrap();
    std::fs::write(folder.path().join("fixtures/foo/samples.toml"), "").unwrap();
    let there = all(&new(&["--short-code", "50777", "kredi 5"]));
    assert!(there.contains("is not overwritten") && !folder.path().join("grammars").exists(), "{there}");
}

/// The last line of a list, and the objects.
fn listed(office: &Office, arguments: &[&str]) -> (String, Vec<Value>) {
    let last = office.told(arguments).lines().last().unwrap().to_owned();
    let objects = office.told(&[arguments, &["--json"]].concat());
    (last, objects.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn what_a_list_leaves_out_is_counted_too() {
    let folder = tempfile::tempdir().unwrap();
    let texts = "from 049111301\nsi je\nfrom 049111302\nsi je\nfrom 049111303\nsi je\n";
    typed(mbush().args(["demo", "--way", "11", "--dir"]).arg(folder.path()), texts);
    let office = Office { folder, config: None };
    for _ in 0..3 {
        office.told(&[&["adjust", "propose", "049111001", "1"], &WHY[..]].concat());
        office.told(&[&["hold", "place", "049111001", "1"], &WHY[..]].concat());
    }
    for (list, what) in
        [(&["quarantine", "list"][..], "waiting"), (&["adjust", "list"], "proposed"), (&["hold", "list"], "pending")]
    {
        for (limit, said) in [("0", "0 of 3"), ("1", "1 of 3"), ("3", "3"), ("9", "3")] {
            let (last, objects) = listed(&office, &[list, &["--limit", limit]].concat());
            assert_eq!(last, format!("{said} {what}"), "{list:?} --limit {limit}");
            assert_eq!(objects.len(), limit.parse::<usize>().unwrap().min(3));
            assert!(objects.iter().all(|object| object["total"] == 3), "{objects:?}");
        }
    }
    assert_eq!(listed(&office, &["hold", "list", "049111001", "--limit", "1"]).0, "1 of 3 pending");
    assert_eq!(listed(&office, &["adjust", "list", "--state", "rejected"]), ("0 rejected".to_owned(), Vec::new()));
}

#[test]
fn a_refusal_is_told_in_words() {
    let office = Office::after(Some("5"));
    let cases: [(&[&str], &str); 13] = [
        (
            &["adjust", "propose", "049123456", "0", "--reason", "goodwill", "--by", "a"],
            "the amount is out of limits: give 0.01 to 10000000000000.00 EUR",
        ),
        (&["adjust", "propose", "049123456", "1", "--reason", "stock_sold", "--by", "a"], "is not a dealer's account"),
        (&["hold", "place", "049123456", "1", "--reason", "stock_sold", "--by", "a"], "is not a dealer's account"),
        (
            &["reverse", "xxx", "--reason", "fraud", "--by", "a"],
            "`xxx` is not a receipt: it has ten letters and digits, as in DC1JZXY9DK",
        ),
        (&["hold", "void", "nonsense", "--reason", "fraud", "--by", "a"], "this is no identifier"),
        (&["hold", "post", "nonsense", "--reason", "fraud", "--by", "a"], "this is no identifier"),
        (&["adjust", "approve", "nonsense", "--by", "a"], "this is no identifier"),
        (&["adjust", "reject", "nonsense", "--by", "a"], "this is no identifier"),
        (&["voucher", "damaged", "approve", "nonsense", "--by", "a"], "this is no identifier"),
        (&["account", "arben1"], "no account or user name is `arben1`; `mbush account NUMBER` shows"),
        (&["parse", "50005", "5", "--from", "x"], "--from x: the text is for its sender's number"),
        (&["statement", "dealer:nobody"], "there is no account dealer:nobody; `mbush dealer list` lists the dealers"),
        (&["dealer", "add", "besa", "--below", "nobody"], "there is no dealer `nobody`; `mbush dealer list` lists"),
    ];
    for (arguments, said) in cases {
        let refused = office.run(arguments);
        let shown = all(&refused);
        assert!(!refused.status.success() && shown.contains(said), "{arguments:?}: {shown}");
        assert!(!["amount_out", "invalid character", "^"].iter().any(|part| shown.contains(part)), "{shown}");
    }
}

#[test]
fn what_is_not_there_is_no_by_whoever_looks_and_an_error_of_whoever_orders() {
    let office = Office::after(Some("5"));
    let code = |arguments: &[&str]| office.run(arguments).status.code();
    for looks in [
        &["account", "049999999"][..],
        &["account", "arben1"],
        &["statement", "049999999"],
        &["statement", "dealer:nobody"],
        &["pin", "show", "049999999"],
        &["enrol", "049999999"],
        &["hold", "list", "049999999"],
        &["dealer", "summary", "nobody"],
        &["voucher", "show", "9"],
        &["quarantine", "show", "nothing"],
    ] {
        assert_eq!(code(looks), Some(1), "{looks:?}");
    }
    for orders in [
        &["account", "suspend", "049999999", "--reason", "x", "--yes"][..],
        &["pin", "reset", "049999999", "--yes"],
        &["dealer", "pin-reset", "nobody", "--yes"],
        &["adjust", "propose", "049999999", "1", "--reason", "goodwill", "--by", "a"],
        &["voucher", "block", "9", "--note", "x", "--yes"],
        &["quarantine", "discard", "nothing", "--note", "x", "--yes"],
    ] {
        assert_eq!(code(orders), Some(3), "{orders:?}");
    }
    assert_eq!(code(&["enrol", "049123456"]), Some(0), "it is there, and nothing is registered to it");
}

/// `Scratch cards: generate, print, …` names every verb.
#[test]
fn a_line_that_lists_verbs_lists_all_of_them() {
    let command = mbush::cli::command();
    let mut lists = 0;
    for command in command.get_subcommands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let verbs: Vec<&str> =
            command.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect();
        let Some((_, listed)) = about.split_once(": ") else { continue };
        let listed: Vec<&str> = listed.split(", ").collect();
        if listed.iter().any(|word| verbs.contains(word)) {
            assert_eq!(listed.iter().collect::<std::collections::BTreeSet<_>>(), verbs.iter().collect(), "{about}");
            lists += 1;
        }
    }
    assert!(lists >= 5, "{lists}");
}
