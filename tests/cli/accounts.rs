//! `mbush account open`: shown first and asked for, done once, told with its place where it cannot be read.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use testkit::process::Process;
use testkit::{mbush, run};

use crate::{complaint, printed, typed};

fn account(folder: &Path, arguments: &[&str]) -> Output {
    run(&mut command(folder, arguments))
}

fn command(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = mbush();
    command.arg("account").args(arguments).current_dir(folder).env_remove("USER");
    command.env("MBUSH_STORE__URL", format!("sqlite://{}/mbush.db", folder.display()));
    command
}

/// A folder with an empty database.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = mbush();
    serve.arg("serve").current_dir(folder.path()).env("MBUSH_HTTP__LISTEN", "127.0.0.1:0");
    let server = Process::start("mbush serve", &mut serve);
    server.line("its address", |line| line.starts_with("listening on "));
    assert!(server.terminate().0.success());
    folder
}

fn objects(output: &Output) -> Vec<Value> {
    printed(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn accounts_are_shown_asked_for_opened_once_and_recorded() {
    let folder = folder();
    let of = |arguments: &[&str]| account(folder.path(), arguments);
    let open = ["open", "049123456", "+383 44 123 456", "049-123-456", "--by", "Arta"];
    let dry = printed(&of(&[&open[..], &["--dry-run"]].concat()));
    for part in ["open      subscriber:38349123456", "2 accounts to open", "nothing was done: --dry-run"] {
        assert!(dry.contains(part), "`{part}` is not in {dry}");
    }
    assert_eq!(of(&open).status.code(), Some(2), "nobody can be asked");
    assert_eq!(of(&["049123456"]).status.code(), Some(1), "nothing was opened");
    let would = objects(&of(&[&open[..], &["--dry-run", "--json"]].concat()));
    assert!(would[0]["done"].is_null() && would[0]["would"].as_array().unwrap().len() == 3, "{would:?}");

    let opened = objects(&of(&[&open[..], &["--yes", "--json", "--reason", "list of May"]].concat()));
    assert_eq!(opened.len(), 2, "each number once: {opened:?}");
    for object in &opened {
        assert_eq!(
            (&object["opened"], &object["by"], &object["why"]),
            (&true.into(), &"Arta".into(), &"list of May".into())
        );
    }
    let again = printed(&of(&["open", "049123456", "038712345", "--by", "Blerim", "--yes"]));
    assert!(again.contains("1 account opened; 1 number had one already"), "{again}");
    let shown: Value = serde_json::from_str(&printed(&of(&["049123456", "--json"]))).unwrap();
    assert_eq!((&shown["account"]["balance_minor"], &shown["account"]["state"]), (&0.into(), &"new".into()));
    let events = shown["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["by"], &events[0]["why"]), (1, &"Arta".into(), &"list of May".into()));
    assert_eq!(of(&["038712345"]).status.code(), Some(0), "a fixed line has one too");
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    assert!(printed(&run(mbush().arg("audit").env("MBUSH_STORE__URL", url))).contains("sound"));
}

#[test]
fn a_list_is_read_whole_or_told_line_by_line() {
    let folder = folder();
    let of = |arguments: &[&str]| account(folder.path(), arguments);
    let file = folder.path().join("numbers.txt");
    std::fs::write(&file, "049123456\n\n# shops\n+383 44 123 456  # Agron\n12\n049 12\n").unwrap();
    let open = ["open", "--file", "numbers.txt", "--by", "Arta", "--yes"];
    let told = complaint(&of(&open));
    for part in ["nothing was opened", "numbers.txt:5: `12`", "numbers.txt:6: `049 12`"] {
        assert!(told.contains(part), "`{part}` is not in {told}");
    }
    assert_eq!(of(&["049123456"]).status.code(), Some(1), "nothing was opened");
    std::fs::write(&file, "049123456\n\n# shops\n+383 44 123 456  # Agron\n").unwrap();
    assert!(printed(&of(&open)).contains("2 accounts opened"));
    assert!(printed(&of(&open)).contains("0 accounts opened; 2 numbers had one already"));
    let mut from_input = command(folder.path(), &["open", "--file", "-", "--by", "Arta", "--yes"]);
    assert!(printed(&typed(&mut from_input, "049111222\n")).contains("1 account opened"));
    for (arguments, code, part) in [
        (&["open", "--by", "Arta"][..], 2, "NUMBER"),
        (&["open", "049123456", "--yes"], 2, "--by"),
        (&["open", "049123456", "--by", " ", "--yes"], 3, "--by"),
        (&["open", "--file", "gone.txt", "--by", "Arta"], 3, "gone.txt"),
    ] {
        let output = of(arguments);
        let told = complaint(&output);
        assert!(output.status.code() == Some(code) && told.contains(part), "{arguments:?}: {told}");
    }
}
