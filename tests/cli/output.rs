//! What is printed for programs, to a reader that has gone away, and how commands end.

use std::process::{Command, Stdio};

use serde_json::Value;
use testkit::{finished, mbush, run};

use crate::{complaint, printed};

/// A database with something in it: that of the demo.
struct Demo(tempfile::TempDir);

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
        Self(folder)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = mbush();
        command.args(arguments);
        if arguments[0] != "demo" {
            command.arg("--config").arg(self.0.path().join("mbush.toml"));
        }
        command
    }
}

/// Commands that only look, each with its exit code.
const LOOKS: [(&[&str], i32); 23] = [
    (&["check"], 0),
    (&["audit"], 0),
    (&["account", "049123456"], 0),
    (&["account", "049999999"], 1),
    (&["statement", "049123456"], 0),
    (&["enrol", "049123456"], 0),
    (&["adjust", "list", "--state", "done"], 0),
    (&["hold", "list"], 0),
    (&["pin", "show", "049123456"], 0),
    (&["dealer", "list"], 0),
    (&["dealer", "summary", "shpija"], 0),
    (&["quarantine", "list"], 0),
    (&["voucher", "show", "1"], 0),
    (&["voucher", "report"], 0),
    (&["voucher", "keys"], 0),
    (&["grammar", "check"], 0),
    (&["grammar", "explain", "teb"], 0),
    (&["grammar", "try", "049123456 5"], 0),
    (&["grammar", "test"], 0),
    (&["grammar", "coverage"], 0),
    (&["parse", "50005", "049123456 5"], 0),
    (&["parse", "50005", "049123456 five"], 1),
    (&["parse", "50005", "si je"], 1),
];

#[test]
fn every_command_prints_objects_for_programs() {
    let demo = Demo::new();
    for (arguments, code) in LOOKS {
        let output = run(demo.command(arguments).arg("--json"));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let lists_what_may_be_nothing = ["enrol", "hold", "quarantine"].contains(&arguments[0]);
        assert!(lists_what_may_be_nothing || !text.is_empty(), "{arguments:?} prints nothing");
        for line in text.lines() {
            let object: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {line}"));
            assert!(object.is_object(), "{arguments:?}: {line}");
        }
    }
    let of = |arguments: &[&str]| -> Vec<Value> {
        let output = run(demo.command(arguments).arg("--json"));
        printed(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!((&of(&["audit"])[0]["sound"], of(&["check"])[0]["ok"].as_bool()), (&Value::Bool(true), Some(true)));
    let dealers = of(&["dealer", "list"]);
    assert!(dealers.iter().any(|dealer| dealer["dealer"] == "shpija" && dealer["below"] == "agron"), "{dealers:?}");
    let done = of(&["hold", "place", "049123456", "1", "--reason", "disputed", "--by", "Arta"]);
    let held = of(&["hold", "list"]);
    assert_eq!((done[0]["done"].as_str(), &done[0]["action"]), (Some("held"), &held[0]["hold"]), "{done:?} {held:?}");
    let suspended = of(&["account", "suspend", "049123456", "--by", "Arta", "--reason", "lost", "--yes"]);
    assert_eq!((&suspended[0]["to"], &suspended[0]["by"]), (&"suspended".into(), &"Arta".into()));
    let registered = of(&["enrol", "049123456", "tv", "arta.k", "--by", "Arta"]);
    assert_eq!(registered[0]["username"], of(&["enrol", "049123456"])[0]["username"]);
}

#[test]
fn a_reader_that_has_gone_away_is_no_error_of_any_command() {
    let demo = Demo::new();
    let others: [(&[&str], i32); 5] = [
        (&["demo", "--list"], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["statement", "049123456", "--csv"], 0),
        (&["voucher", "report", "--csv"], 0),
    ];
    for (arguments, code) in LOOKS.into_iter().chain(others) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = demo.command(arguments);
        let child = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        drop(command);
        let output = finished(&format!("{arguments:?}"), child);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.as_str()), (Some(code), ""), "{arguments:?}");
    }
}

#[test]
fn commands_end_with_the_codes_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| run(mbush().args(arguments).current_dir(folder.path())).status.code();
    assert_eq!(code(&["--version"]), Some(0));
    assert_eq!(code(&["parse", "50005", "049123456"]), Some(1), "the amount is missing");
    assert_eq!(code(&["parse"]), Some(2));
    assert_eq!(code(&["demo", "--list", "--json"]), Some(2), "it has no objects");
    assert_eq!(code(&["account", "049123456"]), Some(3), "there is no database");
    assert_eq!(code(&["check", "--config", "gone.toml"]), Some(3));
    std::fs::write(folder.path().join("there.toml"), "").unwrap();
    for file in ["gone.toml", "there.toml"] {
        let output = run(mbush().arg("-c").arg(file).args(["demo", "--list"]).current_dir(folder.path()));
        assert_eq!(output.status.code(), Some(2));
        assert!(complaint(&output).contains("reads no other: leave --config out"));
    }
    assert_eq!(code(&["man", "-c", "there.toml"]), Some(0));
    for command in [
        &["parse", "50005", "5"][..],
        &["grammar", "check"],
        &["account", "049123456"],
        &["serve"],
        &["man"],
        &["simulate", "smsc"],
    ] {
        let output = run(mbush().args(command).args(["-c", "gone.toml"]).current_dir(folder.path()));
        assert_eq!(output.status.code(), Some(3), "{command:?}");
        assert!(complaint(&output).contains("gone.toml"), "{command:?}");
    }
}

#[test]
fn the_version_names_the_commit_that_was_built() {
    let shown = printed(&run(mbush().arg("--version")));
    let git = Command::new("git").args(["show", "--no-patch", "--abbrev=12", "--format=%h of %cs", "HEAD"]).output();
    let version = env!("CARGO_PKG_VERSION");
    match git {
        Ok(commit) if commit.status.success() => {
            let commit = String::from_utf8(commit.stdout).unwrap();
            assert_eq!(shown, format!("mbush {version} ({})\n", commit.trim()));
        }
        _ => assert_eq!(shown, format!("mbush {version}\n")),
    }
}

#[test]
fn shells_and_the_manual_get_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&run(mbush().args(["completions", shell])));
        assert!(script.contains("quarantine") && script.contains("redeliver-percent"), "{shell}: {script}");
    }
    assert!(complaint(&run(mbush().args(["completions", "tcl"]))).contains("zsh"));
    let page = printed(&run(mbush().args(["man", "voucher", "generate"])));
    assert!(page.starts_with(".ie") && page.contains("mbush-voucher-generate") && page.contains("expires"), "{page}");
    assert!(complaint(&run(mbush().args(["man", "voucher", "fly"]))).contains("generate"));
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["man", "--dir"]).arg(folder.path())));
    for file in ["mbush.1", "mbush-check.1", "mbush-voucher-activate-approve.1"] {
        assert!(folder.path().join(file).is_file(), "{file} was not written");
    }
}
