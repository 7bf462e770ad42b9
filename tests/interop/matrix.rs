//! `docs/interop.md`, made of the tests of this folder: which peer did what with which side of ours.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A module of this folder, its peer, the peer's side, and ours.
const MODULES: [(&str, &str, &str, &str); 5] = [
    ("kannel", "Kannel 1.4 (bearerbox, smsbox)", "ESME", "`mbush simulate smsc`"),
    ("bank_server", "Kannel 1.4, smpplib 2.2", "ESME", "`mbush serve`, `[smpp_server]`"),
    ("drive_smpp", "Kannel's drive_smpp", "SMSC", "`mbush serve`, a link"),
    ("smpplib", "smpplib 2.2 (Python)", "ESME", "`mbush simulate smsc`"),
    ("tshark", "Wireshark's dissector", "reads along", "`mbush serve`, a link"),
];

const HEAD: &str = "# SMPP peers

What `mbush` does with SMPP software that nobody of this project wrote. `tests/interop/` runs each line; the table is
made of the names of its tests, and a test fails when it is stale. `MBUSH_WRITE_DOCS=1 cargo test --test interop matrix`
writes it anew.

| peer | its side | our side | scenario |
| --- | --- | --- | --- |
";

fn table() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
    let mut text = HEAD.to_owned();
    for (module, peer, theirs, ours) in MODULES {
        let source = fs::read_to_string(folder.join(format!("{module}.rs"))).expect("each module is a file");
        for scenario in scenarios(&source) {
            writeln!(text, "| {peer} | {theirs} | {ours} | {scenario} |").expect("a text takes all");
        }
    }
    text
}

/// Names of tests, as sentences.
fn scenarios(source: &str) -> Vec<String> {
    let tests = source.split("#[test]\nfn ").skip(1);
    tests.filter_map(|test| test.split_once('(')).map(|(name, _)| name.replace('_', " ")).collect()
}

#[test]
fn the_table_of_peers_is_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/interop.md");
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&file, table()).expect("the file can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, table(), "docs/interop.md is stale; write it with MBUSH_WRITE_DOCS=1");
}
