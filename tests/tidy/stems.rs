//! Two files of one room are not told apart by a plural or an ending alone: `order.rs` beside `orders.rs`.

use std::collections::BTreeSet;

use crate::source::{Source, Violation, project};
use crate::{assert_reports, assert_tidy};

/// Rooms and names that stand, the longer one second. One that is gone has to leave this list.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    // A command of its own, and the ways of the demo that dealers go.
    ("cli", "dealer", "dealers"),
    // One secret as it is written, and the rule that no two are the same.
    ("config", "secret", "secrets"),
    // What a section is made of, and which sections there are.
    ("config", "section", "sections"),
    // One session of the server's or of a switch, and all of them.
    ("links", "session", "sessions"),
    // A cause as the audit checks it, and the table of causes.
    ("store", "cause", "causes"),
    // Octets of one PDU, and what cuts them out of a stream.
    ("smpp", "frame", "framer"),
];

/// A file's name without `.rs`, or its folder's where it is the folder's own; `None` for tests and for a room's own file.
fn stem(source: &Source) -> Option<&str> {
    let inside = source.path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    let (_, stem) = inside.rsplit_once('/')?;
    (!source.product.is_empty()).then_some(stem)
}

/// Whether `longer` is the other with an ending that says more of the same.
fn is_form_of(longer: &str, stem: &str) -> bool {
    let ending = |ending: &str| longer.strip_suffix(ending) == Some(stem);
    let is_plural_of_y = || longer.strip_suffix("ies").is_some_and(|start| stem.strip_suffix('y') == Some(start));
    ["s", "es", "r", "er"].into_iter().any(ending) || is_plural_of_y()
}

fn check(sources: &[Source], exceptions: &[(&str, &str, &str)]) -> Vec<Violation> {
    let files: BTreeSet<(&str, &str)> =
        sources.iter().filter_map(|source| Some((source.room(), stem(source)?))).collect();
    let pairs = files.iter().flat_map(|(room, stem)| {
        let others = files.iter().filter(move |(other, longer)| other == room && is_form_of(longer, stem));
        others.map(move |(_, longer)| (*room, *stem, *longer))
    });
    let pairs: Vec<(&str, &str, &str)> = pairs.collect();
    let mut violations = Vec::new();
    for (room, stem, longer) in &pairs {
        if !exceptions.contains(&(room, stem, longer)) {
            let message = format!("has files named `{stem}` and `{longer}`: name one by what it is");
            violations.push(Violation::new(&format!("src/{room}"), 0, message));
        }
    }
    for exception in exceptions.iter().filter(|exception| !pairs.contains(exception)) {
        let message = format!("{exception:?} is gone: take it off the list");
        violations.push(Violation::new("tests/tidy/stems.rs", 0, message));
    }
    violations
}

#[test]
fn no_two_files_of_a_room_are_told_apart_by_an_ending() {
    assert_tidy(&check(&project(), EXCEPTIONS));
}

#[test]
fn two_files_of_one_stem_are_reported() {
    let paths = [
        "a/mod.rs",
        "a/order.rs",
        "a/deep/orders/mod.rs",
        "a/entry.rs",
        "a/entries.rs",
        "b/orders.rs",
        "a/order_tests.rs",
    ];
    let sources = paths.map(|path| Source::parse(&format!("src/{path}"), "//! x\n#[cfg(test)]\nmod tests {}"));
    let expected = ["0: has files named `entry` and `entries`", "0: has files named `order` and `orders`"];
    assert_reports(&check(&sources, &[]), &expected);
    let exceptions = [("a", "entry", "entries"), ("a", "order", "orders"), ("b", "order", "orders")];
    assert_reports(&check(&sources, &exceptions), &["0: (\"b\", \"order\", \"orders\") is gone"]);
}
