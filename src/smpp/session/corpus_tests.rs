//! The fuzzer's scripts, played on every run; what each comes to is in a snapshot, so that none goes stale unnoticed.

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
        play(&std::fs::read(&path).unwrap(), |witness| {
            let bound = witness.bound().map_or("not bound".to_owned(), |mode| format!("bound as {mode:?}"));
            let end = if witness.is_closed() { "ended" } else { "open" };
            let (handed, answers, outcomes) = (witness.tickets(), witness.answers(), witness.outcomes());
            let waiting = witness.in_flight().len();
            write!(seen, "{name}: {bound}, {end}; of the peer's {handed} handed on, {answers} answered; ").unwrap();
            writeln!(seen, "of ours {outcomes} done, {waiting} waiting").unwrap();
        });
    }
    insta::assert_snapshot!(seen);
}
