//! Plays the fuzzer's scripts on every run and compares the results with a snapshot, so that no script becomes useless
//! unnoticed.

use std::fmt::Write as _;
use std::path::Path;

use super::script_tests::play;

#[test]
fn each_script_of_the_corpus_comes_to_what_it_is_named_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sessions");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "{paths:?}");
    let mut seen = String::new();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        writeln!(seen, "{name}: {}", play(&std::fs::read(&path).unwrap())).unwrap();
    }
    insta::assert_snapshot!(seen);
}
