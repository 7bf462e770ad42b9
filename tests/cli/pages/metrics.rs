//! `docs/metrics.md` has every metric, made of its description in `src/api/recorder.rs` and of the places that count it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use regex::Regex;

use crate::pages::{is_made, page, texts};

const DESCRIPTIONS: &str = "src/api/recorder.rs";

/// Kind and meaning by name.
fn described() -> BTreeMap<String, (String, String)> {
    let description = Regex::new(r#"describe_(counter|gauge|histogram)!\(\s*"(\w+)",\s*"([^"]+)",?\s*\)"#).unwrap();
    let text = page(DESCRIPTIONS);
    // As the compiler does: a line that ends in `\` goes on where the next one begins.
    let text = Regex::new(r"\\\n\s*").unwrap().replace_all(&text, "");
    let found = description.captures_iter(&text);
    found.map(|found| (found[2].to_owned(), (found[1].to_owned(), found[3].to_owned()))).collect()
}

/// The labels of each metric that is counted somewhere.
fn counted() -> BTreeMap<String, BTreeSet<String>> {
    let metric = Regex::new(r#""(mbush_[a-z0-9_]+)""#).unwrap();
    let call =
        Regex::new(r#"(?:counter|gauge|histogram)!\(\s*("mbush_[a-z0-9_]+"|[\w.]+)((?:\s*,\s*"\w+" => [^,;]+)*)"#)
            .unwrap();
    let label = Regex::new(r#""(\w+)" =>"#).unwrap();
    let mut counted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let sources: Vec<String> = texts("src", "rs")
        .into_iter()
        .filter(|(path, _)| !path.ends_with(DESCRIPTIONS))
        .map(|(_, text)| text)
        .collect();
    for text in &sources {
        for name in metric.captures_iter(text) {
            counted.entry(name[1].to_owned()).or_default();
        }
        for found in call.captures_iter(text) {
            let labels = || label.captures_iter(&found[2]).map(|label| label[1].to_owned());
            for name in named(&found[1], text, &sources) {
                counted.entry(name).or_default().extend(labels());
            }
        }
    }
    counted
}

/// The names that a call may mean: the one that stands there; those that the field of a structure is given somewhere; or, of
/// a function that is told the name, all of its file.
fn named(said: &str, file: &str, sources: &[String]) -> Vec<String> {
    let all = |pattern: &str, text: &str| -> Vec<String> {
        Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    match said.rsplit_once('.') {
        _ if said.starts_with('"') => vec![said.trim_matches('"').to_owned()],
        Some((_, field)) => {
            let pattern = format!(r#"\b{field}: "(mbush_[a-z0-9_]+)""#);
            sources.iter().flat_map(|text| all(&pattern, text)).collect()
        }
        None => all(r#""(mbush_[a-z0-9_]+)""#, file),
    }
}

#[test]
fn every_metric_that_is_counted_is_described_and_the_other_way_round() {
    let (described, counted) = (described(), counted());
    assert!(described.len() > 20, "{described:?}");
    let names = |map: Vec<&String>| map.into_iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(described.keys().collect()), names(counted.keys().collect()), "describe each in {DESCRIPTIONS}");
}

#[test]
fn the_page_has_every_metric_with_its_labels() {
    let counted = counted();
    let mut table = "| metric | kind | labels | what it counts |\n| --- | --- | --- | --- |\n".to_owned();
    for (name, (kind, meaning)) in described() {
        let labels = counted.get(&name).into_iter().flatten().map(|label| format!("`{label}`")).collect::<Vec<_>>();
        assert!(!meaning.contains(['\n', '|', '\\']), "{name}: a cell of one line: {meaning}");
        writeln!(table, "| `{name}` | {kind} | {} | {meaning} |", labels.join(", ")).unwrap();
    }
    is_made("docs/metrics.md", "the metrics", &table);
}
