//! What the program counts is told, each metric by its name: in the program's own description, and on the page.

use std::collections::BTreeSet;

use crate::source::{project, root};

const PAGE: &str = "docs/operations.md";
const DESCRIPTIONS: &str = "src/api/metrics.rs";

/// All names of metrics in a text, between these two signs.
fn metrics(text: &str, sign: char) -> BTreeSet<String> {
    let parts = text.split(sign).filter(|part| part.starts_with("mbush_"));
    let is_name = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    parts.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_metric_is_described_and_on_the_page_and_no_other_is() {
    let sources = project();
    let (descriptions, counting): (Vec<_>, Vec<_>) = sources.iter().partition(|source| source.path == DESCRIPTIONS);
    let counted: BTreeSet<String> = counting.iter().flat_map(|source| metrics(&source.text, '"')).collect();
    let described = metrics(&descriptions[0].text, '"');
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page is there");
    assert!(counted.len() > 20, "{counted:?}");
    assert_eq!(counted, described, "what is counted, and what {DESCRIPTIONS} describes");
    assert_eq!(counted, metrics(&page, '`'), "what is counted, and what {PAGE} tells");
}

#[test]
fn names_are_found_between_signs() {
    let names = metrics("a `mbush_b_total`, `mbush_c`, \"mbush_d\" and `mbush_e {x}`", '`');
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["mbush_b_total", "mbush_c"]);
}
