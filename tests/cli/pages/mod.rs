//! Pages that say what the code has: each test fails when a page and the code part. Tables that are made of the code are
//! written anew with `MBUSH_WRITE_DOCS=1 cargo test --test cli pages`.
//!
//! - `channels`: every channel
//! - `commands`: every command with its options, the exit codes, the reason words of staff
//! - `metrics`, `routes`, `tables`: every metric, route of the HTTP server and table of the database
//! - `reasons`: every reason of a refusal with its number, meaning and response code of ISO 8583
//! - `texts`: every reply with its values, keys of a file of texts
//! - `grammar`: keys and actions of grammars, fixtures and the numbering plan

mod channels;
mod commands;
mod grammar;
mod metrics;
mod reasons;
mod routes;
mod tables;
mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The part of a page that is made of the code is this text.
#[track_caller]
fn is_made(name: &str, what: &str, made: &str) {
    // Tests run beside each other, and some write the same page.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let begin = format!("<!-- {what}; MBUSH_WRITE_DOCS=1 cargo test --test cli pages writes it -->\n");
    let end = format!("<!-- the end of {what} -->");
    let whole = page(name);
    let (before, rest) = whole.split_once(&begin).unwrap_or_else(|| panic!("{name} has no {begin}"));
    let (written, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{name} has no {end}"));
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        write(&root().join(name), &whole, &format!("{before}{begin}{made}{end}{after}"));
        return;
    }
    let stale = written.lines().zip(made.lines()).find(|(old, new)| old != new);
    let (old, new) = stale.unwrap_or(("", ""));
    assert!(
        written == made,
        "{name} is stale; `MBUSH_WRITE_DOCS=1 cargo test --test cli pages` writes it. {} lines are {} now; the first that \
         differs is\n{old}\nand has to be\n{new}",
        written.lines().count(),
        made.lines().count()
    );
}

/// Other tests read the page meanwhile: they find the old page or the new one.
fn write(page: &Path, old: &str, new: &str) {
    if old != new {
        let beside = page.with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&beside, new).unwrap();
        std::fs::rename(&beside, page).unwrap();
    }
}

/// The rows of a table of a page are these, named in the first column.
#[track_caller]
fn has_rows(name: &str, table: &str, wanted: &BTreeSet<String>) {
    let rows = first_column(table);
    let missing: Vec<_> = wanted.difference(&rows).collect();
    let unknown: Vec<_> = rows.difference(wanted).collect();
    assert!(missing.is_empty(), "{name} has no row for {missing:?}: add one");
    assert!(unknown.is_empty(), "{name} has rows for {unknown:?}, which do not exist: remove them");
}

/// What stands in backticks in the first column of the tables of a text.
fn first_column(text: &str) -> BTreeSet<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(first, _)| first.to_owned()).collect()
}

/// The section of a page below this heading, up to the next one of its level.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let begin = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no `{heading}`")) + 1;
    let level = heading.split(' ').next().unwrap_or_default();
    let body = &page[begin + heading.len()..];
    body.find(&format!("\n{level} ")).map_or(body, |end| &body[..end])
}

/// All files below a folder with this ending, with their text.
fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn set<T: Into<String>>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(Into::into).collect()
}
