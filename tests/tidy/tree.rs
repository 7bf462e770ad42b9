//! The top level's listing, no path of anybody's machine in any file, and no file of `src/` that no module declares.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;

use crate::source::{Source, Violation, project, root, slashed, walk};
use crate::{assert_reports, assert_tidy};

/// What may lie at the top level. A newcomer reads this listing first: it stays short.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".config",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "build.rs",
    "clippy.toml",
    "countries",
    "deny.toml",
    "docs",
    "examples",
    "fixtures",
    "fuzz",
    "gateways",
    "grammars",
    "mbush.example.toml",
    "migrations",
    "rustfmt.toml",
    "scripts",
    "src",
    "tests",
];

/// The files of the project: what git tracks or would track, or, where there is no git, what lies there.
fn project_files() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match git {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
            let names = names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned);
            names.filter(|name| root().join(name).is_file()).collect()
        }
        _ => {
            let mut paths = Vec::new();
            walk(root(), &mut paths);
            let names = paths.iter().filter_map(|path| path.strip_prefix(root()).ok()).map(slashed);
            names.filter(|name| !name.starts_with("target/") && !name.starts_with(".git/")).collect()
        }
    }
}

fn check_top_level<'a>(files: impl Iterator<Item = &'a str>) -> Vec<Violation> {
    let top: BTreeSet<&str> = files.filter_map(|file| file.split('/').next()).collect();
    let unknown = top.into_iter().filter(|name| !TOP_LEVEL.contains(name));
    unknown.map(|name| Violation::new(name, 0, "is not in the known listing of the top level")).collect()
}

/// Absolute paths of home folders and of places where the project was only built.
fn machine_path() -> Regex {
    Regex::new(concat!(r"(^|[^A-Za-z0-9_.:/])/(ho", "me|ro", "ot|wo", r"rk|Us", r"ers)/[A-Za-z0-9_.]"))
        .expect("the pattern is a valid expression")
}

fn check_paths(path: &str, text: &str, pattern: &Regex) -> Vec<Violation> {
    let lines = text.lines().enumerate().filter(|(_, line)| pattern.is_match(line));
    lines
        .map(|(at, line)| Violation::new(path, at + 1, format!("names a machine's own path: {}", line.trim())))
        .collect()
}

#[test]
fn the_top_level_is_the_known_listing() {
    assert_tidy(&check_top_level(project_files().iter().map(String::as_str)));
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let pattern = machine_path();
    let violations = project_files().into_iter().flat_map(|name| match std::fs::read_to_string(root().join(&name)) {
        Ok(text) => check_paths(&name, &text, &pattern),
        Err(_) => Vec::new(), // not text
    });
    assert_tidy(&violations.collect::<Vec<_>>());
}

#[test]
fn a_stray_file_at_the_top_level_is_reported() {
    let files = ["src/lib.rs", "notes.txt", "src/main.rs", "tmp/x/y"];
    let found = check_top_level(files.into_iter());
    assert_eq!(found.iter().map(|violation| violation.path.as_str()).collect::<Vec<_>>(), ["notes.txt", "tmp"]);
}

#[test]
fn a_path_of_a_machine_is_reported() {
    let text = concat!(
        "fine: src/ho",
        "me/x\nbad: /ho",
        "me/ann/x\n\"/ro",
        "ot/.cargo\"\n",
        "https://example.org/wo",
        "rk/x\n/v1/wo",
        "rk/x\ncd /wo",
        "rk/main",
    );
    assert_reports(&check_paths("x.md", text, &machine_path()), &["2: names", "3: names", "6: names"]);
}

/// Files that no `mod` line brings in. The compiler does not see them, nor does any test in them run.
fn undeclared(sources: &[Source]) -> Vec<Violation> {
    let declared: BTreeSet<String> = sources.iter().flat_map(Source::declared_files).collect();
    let is_root = |path: &str| ["src/lib.rs", "src/main.rs"].contains(&path) || path.starts_with("src/bin/");
    let stray = sources.iter().filter(|source| !is_root(&source.path) && !declared.contains(&source.path));
    stray
        .map(|source| Violation::new(&source.path, 0, "no `mod` line brings it in: add one, or delete the file"))
        .collect()
}

#[test]
fn every_file_of_the_sources_is_declared() {
    assert_tidy(&undeclared(&project()));
}

#[test]
fn a_file_that_no_module_declares_is_reported() {
    let sources = [
        Source::parse("src/lib.rs", "mod room;\n#[cfg(test)]\n#[path = \"odd_tests.rs\"]\nmod tests;"),
        Source::parse("src/odd_tests.rs", ""),
        Source::parse("src/room/mod.rs", "mod a;"),
        Source::parse("src/room/a.rs", ""),
        Source::parse("src/room/b.rs", ""),
    ];
    assert_reports(&undeclared(&sources), &["0: no `mod` line brings it in"]);
}
