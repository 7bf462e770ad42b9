//! Who may import whom, as `ARCHITECTURE.md` has it, and what the pure rooms must not touch.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::source::{Source, Violation, project, root};
use crate::{assert_reports, assert_tidy};

/// The heading above the table of rooms.
const HEADING: &str = "## Rooms and what each may import";

/// Which rooms a room may name.
#[derive(Debug, PartialEq)]
enum Allowed {
    Rooms(Vec<String>),
    AllBut(Vec<String>),
}

impl Allowed {
    fn contains(&self, room: &str) -> bool {
        match self {
            Self::Rooms(rooms) => rooms.iter().any(|name| name == room),
            Self::AllBut(rooms) => !rooms.iter().any(|name| name == room),
        }
    }
}

/// The rows of the table, and the two roots: `lib` only lists the rooms, `main` sees them from outside.
struct Layers(BTreeMap<String, Allowed>);

impl Layers {
    fn of_project() -> Self {
        let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
        Self::read(&text)
    }

    /// Rows are `| `room`, `room` | what |`, where what is rooms, `all`, `all but` rooms, or begins with `nothing`.
    fn read(text: &str) -> Self {
        let mut layers = BTreeMap::from([
            ("lib".to_owned(), Allowed::Rooms(Vec::new())),
            ("main".to_owned(), Allowed::Rooms(vec!["cli".to_owned()])),
        ]);
        let table = text.lines().skip_while(|line| *line != HEADING).skip(1).take_while(|line| !line.starts_with('#'));
        for row in table.filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let [rooms, what] = cells[..] else { panic!("two columns, not {row}") };
            for room in names(rooms) {
                let allowed = match what.strip_prefix("all but ") {
                    Some(but) => Allowed::AllBut(names(but)),
                    None if what == "all" => Allowed::AllBut(Vec::new()),
                    None if what.starts_with("nothing") => Allowed::Rooms(Vec::new()),
                    None => Allowed::Rooms(names(what)),
                };
                assert!(layers.insert(room, allowed).is_none(), "two rows for one room: {row}");
            }
        }
        assert!(layers.len() > 2, "no table under `{HEADING}`");
        Self(layers)
    }
}

fn names(cell: &str) -> Vec<String> {
    cell.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()
}

/// Same input, same output: no clock, socket, file or database in here.
const PURE: &[&str] = &["domain", "text", "gateway", "grammar", "iso8583", "menus", "smpp"];

/// Beginnings of paths that reach outside of the process.
const IMPURE: &[&[&str]] = &[
    &["tokio"],
    &["tokio_util"],
    &["tracing"],
    &["metrics"],
    &["sqlx"],
    &["reqwest"],
    &["axum"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["Instant", "now"],
    &["SystemTime", "now"],
    &["Utc", "now"],
    &["Local", "now"],
    &["chrono", "Utc", "now"],
    &["chrono", "Local", "now"],
    &["Uuid", "now_v7"],
    &["uuid", "Uuid", "now_v7"],
];

/// A path as written in the code: its segments and the line it begins on.
pub(crate) struct PathUse {
    pub(crate) segments: Vec<String>,
    line: usize,
}

fn check(source: &Source, layers: &Layers) -> Vec<Violation> {
    let room = source.room();
    let Some(allowed) = layers.0.get(room) else {
        return vec![Violation::new(&source.path, 0, format!("`{room}` has no row in ARCHITECTURE.md"))];
    };
    let mut violations = Vec::new();
    for unit in &source.product {
        for path in paths(unit.tokens.clone()) {
            if let Some(message) = forbidden_room(&path, room, &unit.module, allowed) {
                violations.push(Violation::new(&source.path, path.line, message));
            }
            if PURE.contains(&room) && IMPURE.iter().any(|impure| starts_with(&path.segments, impure)) {
                let message = format!("`{room}` is pure and must not use `{}`", path.segments.join("::"));
                violations.push(Violation::new(&source.path, path.line, message));
            }
        }
    }
    violations
}

/// The room that a path of `room` names, which may be its own.
fn target(path: &PathUse, room: &str, module: &[String]) -> Option<String> {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["crate", target, ..] => Some((*target).to_owned()),
        ["mbush", target, ..] if room == "main" => Some((*target).to_owned()),
        ["super", ..] => {
            let supers = segments.iter().take_while(|segment| **segment == "super").count();
            // Fewer stay inside the room.
            (supers >= module.len()).then(|| segments.get(supers).map(|target| (*target).to_owned()))?
        }
        _ => None,
    }
}

/// What is wrong with naming this path from `room`, if anything.
fn forbidden_room(path: &PathUse, room: &str, module: &[String], allowed: &Allowed) -> Option<String> {
    let target = target(path, room, module)?;
    if target == "*" {
        return Some("imports every room at once: name what is used".to_owned());
    }
    (target != room && !allowed.contains(&target)).then(|| format!("`{room}` may not import `{target}`"))
}

/// Rooms that a row names and that its room does without.
fn unused(sources: &[Source], layers: &Layers) -> Vec<Violation> {
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let targets = used.entry(source.room()).or_default();
        for unit in &source.product {
            targets
                .extend(paths(unit.tokens.clone()).iter().filter_map(|path| target(path, source.room(), &unit.module)));
        }
    }
    let mut violations = Vec::new();
    for (room, allowed) in &layers.0 {
        let Allowed::Rooms(rooms) = allowed else { continue };
        for name in rooms.iter().filter(|name| !used.get(room.as_str()).is_some_and(|used| used.contains(*name))) {
            let message = format!("lets `{room}` import `{name}`, which it does not");
            violations.push(Violation::new("ARCHITECTURE.md", 0, message));
        }
    }
    violations
}

fn starts_with(segments: &[String], beginning: &[&str]) -> bool {
    segments.len() >= beginning.len() && segments.iter().zip(beginning).all(|(have, want)| have == want)
}

/// Every path in the code, inside macros and attributes' strings too; `use a::{b, c}` is two paths.
pub(crate) fn paths(tokens: TokenStream) -> Vec<PathUse> {
    let mut found = Vec::new();
    collect(&tokens.into_iter().collect::<Vec<_>>(), &mut found);
    found
}

fn collect(tokens: &[TokenTree], found: &mut Vec<PathUse>) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(_) => at = path_at(tokens, at, &[], found),
            TokenTree::Group(group) => {
                collect(&group.stream().into_iter().collect::<Vec<_>>(), found);
                at += 1;
            }
            TokenTree::Literal(literal) => {
                // #[serde(with = "crate::room::module")]
                let text = literal.to_string();
                if let Some(path) = text.strip_prefix("\"crate::") {
                    let rest = path.trim_end_matches('"').split("::").map(str::to_owned);
                    let segments = std::iter::once("crate".to_owned()).chain(rest).collect();
                    found.push(PathUse { segments, line: literal.span().start().line });
                }
                at += 1;
            }
            TokenTree::Punct(_) => at += 1,
        }
    }
}

/// Reads one path (or tree of a `use`) that begins at `at` and returns where the reading goes on.
fn path_at(tokens: &[TokenTree], start: usize, prefix: &[String], found: &mut Vec<PathUse>) -> usize {
    let line = tokens[start].span().start().line;
    let mut segments = prefix.to_vec();
    let mut at = start;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => segments.push(ident.to_string()),
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => segments.push("*".to_owned()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && at > start => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in inner.split(is_comma).filter(|branch| !branch.is_empty()) {
                    path_at(branch, 0, &segments, found);
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if !(is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))) {
            break;
        }
        at += 2;
    }
    found.push(PathUse { segments, line });
    at.max(start + 1)
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

#[test]
fn every_room_imports_only_what_its_layer_allows() {
    let layers = Layers::of_project();
    assert_tidy(&project().iter().flat_map(|source| check(source, &layers)).collect::<Vec<_>>());
}

#[test]
fn every_import_that_is_allowed_is_used() {
    assert_tidy(&unused(&project(), &Layers::of_project()));
}

#[test]
fn an_allowed_import_that_nobody_uses_is_reported() {
    let main = Source::parse("src/main.rs", "fn main() { mbush::cli::run(); }");
    let links = "//! x\nuse crate::domain::Amount;\n#[cfg(test)]\nmod tests { use crate::text::x; }";
    let found = unused(&[main, Source::parse("src/links/a.rs", links)], &layers());
    assert_reports(&found, &["0: lets `links` import `text`"]);
}

#[test]
fn every_row_is_a_room() {
    let sources = project();
    for room in Layers::of_project().0.keys() {
        assert!(sources.iter().any(|source| source.room() == room), "ARCHITECTURE.md has a row for `{room}`");
    }
}

/// A table as in `ARCHITECTURE.md`.
fn layers() -> Layers {
    Layers::read(&format!(
        "{HEADING}\n\n| room | may import |\n| --- | --- |\n| `domain`, `text` | nothing of the crate |\n\
         | `links` | domain, text |\n| `api` | all but cli |\n| `cli` | all |\n\n## Choices\n| `no` | row |\n"
    ))
}

#[test]
fn the_table_is_read() {
    let Layers(rows) = layers();
    let names: Vec<&str> = rows.keys().map(String::as_str).collect();
    assert_eq!(names, ["api", "cli", "domain", "lib", "links", "main", "text"]);
    assert!(rows["api"].contains("store") && !rows["api"].contains("cli") && rows["cli"].contains("api"));
    assert!(rows["links"].contains("text") && !rows["links"].contains("api") && !rows["text"].contains("domain"));
}

#[test]
fn an_import_against_the_layers_is_reported_however_it_is_written() {
    let code = "//! x\n\
        use crate::store::Store;\n\
        use crate::{domain::Amount, links::{esme, http}};\n\
        fn f() { crate::cli::run(); }\n\
        fn g() { assert!(crate::api::ok()); }\n\
        #[serde(with = \"crate::processor::date\")] struct S;\n\
        use super::super::dispatch;\n\
        use super::msisdn;\n\
        use crate::*;\n\
        mod inner { use super::super::amount; use super::super::super::config; }\n\
        #[cfg(test)] mod tests { use crate::store::Store; }";
    assert_reports(
        &check(&Source::parse("src/domain/amount.rs", code), &layers()),
        &[
            "10: `domain` may not import `config`",
            "2: `domain` may not import `store`",
            "3: `domain` may not import `links`",
            "3: `domain` may not import `links`",
            "4: `domain` may not import `cli`",
            "5: `domain` may not import `api`",
            "6: `domain` may not import `processor`",
            "7: `domain` may not import `dispatch`",
            "9: imports every room",
        ],
    );
}

#[test]
fn the_program_names_nothing_but_the_command_line() {
    let code = "fn main() { mbush::cli::run(); mbush::store::open(); }";
    assert_reports(&check(&Source::parse("src/main.rs", code), &layers()), &["1: `main` may not import `store`"]);
}

#[test]
fn a_room_without_a_row_is_reported() {
    let source = Source::parse("src/helpers/mod.rs", "//! x");
    assert_reports(&check(&source, &layers()), &["0: `helpers` has no row"]);
}

#[test]
fn a_pure_room_that_reaches_outside_is_reported() {
    let code = "//! x\nuse std::{collections::BTreeMap, fs::File};\nfn f() { let now = chrono::Utc::now(); }\n\
                use tokio::sync::mpsc;\nuse std::time::Duration;";
    let expected = ["2: `text` is pure and must not use `std::fs::File`", "3: `text` is pure", "4: `text` is pure"];
    assert_reports(&check(&Source::parse("src/text/gsm7.rs", code), &layers()), &expected);
    assert_reports(&check(&Source::parse("src/links/esme.rs", code), &layers()), &[]);
}
