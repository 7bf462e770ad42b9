//! `docs/interop.md`, made of the tests of this folder: which peer did what with which side of ours.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A peer: its name, the file and the line that pin its version, if one does, and what it is.
const PEERS: [(&str, &str, &str, &str); 7] = [
    ("Kannel", "", "", "bearerbox and smsbox of Debian's kannel"),
    ("drive_smpp", "", "", "the SMSC of Debian's kannel-extras"),
    ("smpplib", "requirements.txt", "smpplib==", "a client for Python"),
    ("aiosmpplib", "requirements.txt", "aiosmpplib==", "an asynchronous client for Python"),
    ("smpp34", "requirements.txt", "smpp34==", "client and server for Python, written in Rust"),
    ("npm smpp", "package.json", "    \"smpp\": ", "client and server for Node.js"),
    ("Wireshark", "", "", "its dissector reads all that is exchanged in these tests"),
];

/// What of ours a peer talks to, and the modules with its tests, each with the peer.
const SIDES: [(&str, &[(&str, &str)]); 4] = [
    (
        "Peers that bind to `mbush serve`, as banks do",
        &[
            ("kannel_bank", "Kannel"),
            ("smpplib_bank", "smpplib"),
            ("aiosmpplib", "aiosmpplib"),
            ("smpp34_esme", "smpp34"),
            ("npm_esme", "npm smpp"),
        ],
    ),
    (
        "Peers as SMSCs that a link of `mbush serve` binds to",
        &[("drive_smpp", "drive_smpp"), ("smpp34_smsc", "smpp34"), ("npm_smsc", "npm smpp")],
    ),
    ("Peers that bind to `mbush simulate smsc`", &[("kannel", "Kannel"), ("smpplib", "smpplib")]),
    ("`mbush serve` and `mbush simulate smsc`, one with the other", &[("tshark", "Wireshark")]),
];

const HEAD: &str = "# SMPP peers

`mbush` is tested with the SMPP software of other projects. Each mark stands for a test in `tests/peers/interop/`. The traffic
of each test is recorded, and Wireshark dissects it without a complaint. The tables are generated from the names of the
tests, and a test fails if they are stale; `MBUSH_WRITE_DOCS=1 cargo test --test peers interop` writes them anew.
`scripts/peers` installs the peers.
";

fn page() -> String {
    let mut text = format!("{HEAD}\n| peer | version | what it is |\n| --- | --- | --- |\n");
    for (name, file, line, what) in PEERS {
        let version = if file.is_empty() { "Debian's".to_owned() } else { pinned(file, line) };
        writeln!(text, "| {name} | {version} | {what} |").expect("a text takes all");
    }
    for (title, modules) in SIDES {
        text += &table(title, modules);
    }
    text
}

/// The version that a file of this folder pins.
fn pinned(file: &str, line: &str) -> String {
    let source = fs::read_to_string(folder().join(file)).expect("each version is in a file");
    let version = source.lines().find_map(|found| found.strip_prefix(line));
    version.unwrap_or_else(|| panic!("{file} pins no {line}")).trim_matches('"').to_owned()
}

/// One line for each scenario of any of the modules, one column for each module.
fn table(title: &str, modules: &[(&str, &str)]) -> String {
    let played: Vec<Vec<String>> = modules.iter().map(|(module, _)| scenarios(module)).collect();
    let mut all: Vec<&String> = Vec::new();
    // Longest first: scenarios that many share come in the order of those who play most.
    let mut by_length: Vec<_> = played.iter().collect();
    by_length.sort_by_key(|scenarios| std::cmp::Reverse(scenarios.len()));
    for scenario in by_length.into_iter().flatten() {
        if !all.contains(&scenario) {
            all.push(scenario);
        }
    }
    let names: Vec<&str> = modules.iter().map(|(_, peer)| *peer).collect();
    let mut text =
        format!("\n## {title}\n\n| scenario | {} |\n| --- |{}\n", names.join(" | "), " :-: |".repeat(names.len()));
    for scenario in all {
        let marks = played.iter().map(|scenarios| if scenarios.contains(scenario) { "✓" } else { "" });
        writeln!(text, "| {scenario} | {} |", marks.collect::<Vec<_>>().join(" | ")).expect("a text takes all");
    }
    text
}

/// Names of a module's tests, as sentences.
fn scenarios(module: &str) -> Vec<String> {
    let source = fs::read_to_string(folder().join(format!("{module}.rs"))).expect("each module is a file");
    let tests = source.split("#[test]\nfn ").skip(1);
    tests.filter_map(|test| test.split_once('(')).map(|(name, _)| name.replace('_', " ")).collect()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/interop"))
}

#[test]
fn the_table_of_peers_is_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/interop.md");
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&file, page()).expect("the file can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, page(), "docs/interop.md is stale; write it with MBUSH_WRITE_DOCS=1");
}

#[test]
fn every_module_with_tests_is_in_a_table() {
    let files = fs::read_dir(folder()).expect("the folder is there").map(|entry| entry.expect("its entry").path());
    let modules = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let known: Vec<&str> = SIDES.iter().flat_map(|(_, modules)| modules.iter().map(|(module, _)| *module)).collect();
    for module in modules.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())) {
        let listed = known.contains(&module.as_str()) || module == "matrix";
        assert!(listed || scenarios(&module).is_empty(), "{module} has tests and is in no table");
    }
}
