//! Modules of a room that import each other in a circle are one module in several files. Each circle is counted, and has
//! to be gone or to be justified by a line in the documentation of the module around it:
//! `Circle: a ↔ b, because …`, or `Circle: all, because …` where the modules of a folder are one vocabulary.
//!
//! What counts is modules of one folder, each with all that lies below it: what a module and its own parent say of each
//! other makes no circle. A name that the parent imports or exports is followed to the module that has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::layers::paths;
use crate::source::{Source, Violation, project};
use crate::{assert_reports, assert_tidy};

/// Begins the line that justifies a circle.
const JUSTIFIED: &str = "//! Circle: ";
/// Stands for all modules of a folder in the line that justifies their circle.
const ALL: &str = "all";

type Module = Vec<String>;
/// The modules of a circle, by their names in the folder.
type Circle = BTreeSet<String>;

/// The modules of the project, and what each makes known under another path than its own.
struct Tree {
    modules: BTreeSet<Module>,
    /// Of each module: a name that it imports or exports, and the path of it.
    imports: BTreeMap<(Module, String), Module>,
}

impl Tree {
    fn of(sources: &[Source]) -> Self {
        let units = || sources.iter().flat_map(|source| &source.product);
        let modules: BTreeSet<Module> = units().map(|unit| unit.module.clone()).collect();
        let mut imports = BTreeMap::new();
        for unit in units() {
            let file: syn::File = syn::parse2(unit.tokens.clone()).expect("it was parsed before");
            for item in &file.items {
                let syn::Item::Use(import) = item else { continue };
                let mut found = Vec::new();
                imported(&import.tree, &[], &mut found);
                for (name, segments) in found {
                    let path = absolute(&segments, &unit.module, &modules);
                    imports.extend(path.map(|path| ((unit.module.clone(), name), path)));
                }
            }
        }
        Self { modules, imports }
    }

    /// The module that has what this path names.
    fn owner(&self, path: &[String]) -> Module {
        let mut path = path.to_vec();
        // Each step follows one import; a path that needs more than this leads nowhere.
        for _ in 0..8 {
            let depth = (0..=path.len()).rev().find(|depth| *depth == 0 || self.modules.contains(&path[..*depth]));
            let depth = depth.unwrap_or(0);
            let Some(name) = path.get(depth) else { return path };
            let Some(further) = self.imports.get(&(path[..depth].to_vec(), name.clone())) else {
                return path[..depth].to_vec();
            };
            path = [further.as_slice(), &path[depth + 1..]].concat();
        }
        Module::new()
    }
}

/// Each name that a `use` makes known, with its path.
fn imported(tree: &syn::UseTree, before: &[String], found: &mut Vec<(String, Vec<String>)>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        syn::UseTree::Path(path) => imported(&path.tree, &with(&path.ident), found),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, before, found)),
        syn::UseTree::Name(name) if name.ident == "self" => {
            found.extend(before.last().map(|last| (last.clone(), before.to_vec())));
        }
        syn::UseTree::Name(name) => found.push((name.ident.to_string(), with(&name.ident))),
        syn::UseTree::Rename(renamed) => found.push((renamed.rename.to_string(), with(&renamed.ident))),
        syn::UseTree::Glob(_) => {}
    }
}

/// A path of the crate from its root; `None` for a path of another crate, or of a local name.
fn absolute(segments: &[String], module: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    match segments.first()?.as_str() {
        "crate" => Some(segments[1..].to_vec()),
        "self" => Some([module, &segments[1..]].concat()),
        "super" => Some([&module[..module.len().checked_sub(supers)?], &segments[supers..]].concat()),
        first => {
            let child = [module, &[first.to_owned()]].concat();
            modules.contains(&child).then(|| [module, segments].concat())
        }
    }
}

/// Who imports whom among the modules of each folder.
fn edges(sources: &[Source], tree: &Tree) -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
    let mut edges: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for unit in sources.iter().flat_map(|source| &source.product) {
        for path in paths(unit.tokens.clone()) {
            let Some(path) = absolute(&path.segments, &unit.module, &tree.modules) else { continue };
            let owner = tree.owner(&path);
            let common = unit.module.iter().zip(&owner).take_while(|(one, other)| one == other).count();
            if let (Some(from), Some(to), 1..) = (unit.module.get(common), owner.get(common), common) {
                let folder = edges.entry(owner[..common].to_vec()).or_default();
                folder.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    edges
}

fn reachable<'a>(from: &'a str, edges: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for to in edges.get(module).into_iter().flatten() {
            if seen.insert(to.as_str()) {
                next.push(to);
            }
        }
    }
    seen
}

/// Modules of one folder that reach each other.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Circle> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        edges.keys().map(|from| (from.as_str(), reachable(from, edges))).collect();
    let back = |from: &str, to: &str| reach.get(to).is_some_and(|reached| reached.contains(from));
    let circle = |(from, reached): (&&str, &BTreeSet<&str>)| {
        reached.iter().filter(|to| back(from, to)).map(|to| (*to).to_owned()).collect::<Circle>()
    };
    reach.iter().map(circle).filter(|circle| circle.len() > 1).collect()
}

/// The circle that `a ↔ b` names.
fn named(names: &str) -> Circle {
    names.split(" ↔ ").map(|name| name.trim_matches('`').to_owned()).collect()
}

/// The circles that a module's documentation justifies, with the lines.
fn justified(source: &Source) -> Vec<(Circle, usize)> {
    let lines = source.text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.strip_prefix(JUSTIFIED)?)));
    lines.filter_map(|(at, line)| Some((named(line.split_once(", because ")?.0), at))).collect()
}

/// A circle that is excused, where, and what is wrong if there is none.
struct Excuse {
    folder: String,
    circle: Circle,
    unneeded: Violation,
}

impl Excuse {
    fn is_for(&self, folder: &str, circle: &Circle) -> bool {
        self.folder == folder && (circle.is_subset(&self.circle) || self.circle.contains(ALL))
    }
}

fn excuses(sources: &[Source]) -> Vec<Excuse> {
    let mut excuses = Vec::new();
    for source in sources {
        let Some(unit) = source.product.last() else { continue };
        for (circle, line) in justified(source) {
            let unneeded = Violation::new(&source.path, line, "justifies a circle that is not there");
            excuses.push(Excuse { folder: unit.module.join("::"), circle, unneeded });
        }
    }
    excuses
}

fn check(sources: &[Source]) -> Vec<Violation> {
    let mut found: Vec<(String, Circle)> = Vec::new();
    for (folder, edges) in &edges(sources, &Tree::of(sources)) {
        found.extend(circles(edges).into_iter().map(|circle| (folder.join("::"), circle)));
    }
    let (needed, unneeded): (Vec<Excuse>, Vec<Excuse>) = excuses(sources)
        .into_iter()
        .partition(|excuse| found.iter().any(|(folder, circle)| excuse.is_for(folder, circle)));
    let mut violations: Vec<Violation> = unneeded.into_iter().map(|excuse| excuse.unneeded).collect();
    for (folder, circle) in &found {
        if !needed.iter().any(|excuse| excuse.is_for(folder, circle)) {
            let members = circle.iter().map(String::as_str).collect::<Vec<_>>().join(" ↔ ");
            let path = format!("src/{}", folder.replace("::", "/"));
            violations.push(Violation::new(&path, 0, format!("modules import each other in a circle: {members}")));
        }
    }
    violations
}

#[test]
fn modules_of_a_room_import_each_other_in_no_circle_without_a_reason() {
    assert_tidy(&check(&project()));
}

#[test]
fn a_circle_is_reported_however_it_is_written() {
    let sources = |parent: &str| {
        [
            Source::parse("src/lib.rs", "//! x\nmod room;"),
            Source::parse(
                "src/room/mod.rs",
                &format!("//! x\n{parent}pub use a::A;\nmod a;\nmod b;\nmod c;\nuse b::B;"),
            ),
            Source::parse("src/room/a.rs", "//! x\nuse super::c::C;\npub struct A;"),
            Source::parse("src/room/b.rs", "//! x\nuse super::A;\npub struct B;\nfn f() { crate::room::c::g(); }"),
            Source::parse(
                "src/room/c/mod.rs",
                "//! x\nmod deep;\npub struct C;\n#[cfg(test)]\nmod tests { use super::super::b::B; }",
            ),
            Source::parse("src/room/c/deep.rs", "//! x\nuse super::C;\nuse crate::room::A;\nuse other::b::B;"),
        ]
    };
    assert_reports(&check(&sources("")), &["0: modules import each other in a circle: a ↔ c"]);
    for reason in ["c ↔ `a`, because of a reason", "a ↔ b ↔ c, because it was larger", "all, because it is one"] {
        assert_reports(&check(&sources(&format!("//! Circle: {reason}\n"))), &[]);
    }
    let wrong = "//! Circle: a ↔ b, because of nothing\n//! Circle: a ↔ c without a reason\n";
    let expected = ["2: justifies a circle that is not there", "0: modules import each other in a circle: a ↔ c"];
    assert_reports(&check(&sources(wrong)), &expected);
}
