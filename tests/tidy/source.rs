//! Reads Rust files and separates what ships from what only tests.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ImplItem, Item};

/// One broken rule, at a place that an editor can open.
#[derive(Debug)]
pub(crate) struct Violation {
    /// Relative to the project's top level.
    pub(crate) path: String,
    /// From 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Violation {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// One file under `src/`.
pub(crate) struct Source {
    /// Relative, with `/`: `src/domain/amount.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Everything, tests too.
    pub(crate) whole: syn::File,
    /// What ships: empty for a file that some `#[cfg(test)] mod …;` declares.
    pub(crate) product: Vec<Unit>,
}

/// Product code of one module: a file's own, or that of a module written inside it.
pub(crate) struct Unit {
    /// `["domain", "amount"]`; empty for the crate's root.
    pub(crate) module: Vec<String>,
    pub(crate) tokens: TokenStream,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let whole = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut product = Vec::new();
        collect_units(&whole.items, &module_of(path), &mut product);
        Self { path: path.to_owned(), text: text.to_owned(), whole, product }
    }

    /// The folder or file directly under `src/`; `lib` and `main` for the roots.
    pub(crate) fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        let first = inside.split('/').next().unwrap_or(inside);
        first.trim_end_matches(".rs")
    }

    /// Files that a `#[cfg(test)] mod name;` of this one brings in.
    fn test_files(&self) -> BTreeSet<String> {
        self.files_of(|module| only_tests(&module.attrs))
    }

    /// Places where the file of a `mod name;` of this one may be.
    pub(crate) fn declared_files(&self) -> BTreeSet<String> {
        self.files_of(|_| true)
    }

    fn files_of(&self, wanted: impl Fn(&syn::ItemMod) -> bool) -> BTreeSet<String> {
        let file = Path::new(&self.path);
        let folder = file.parent().expect("every source lies in a folder");
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("file names are UTF-8");
        let children = if ["mod", "lib", "main"].contains(&stem) { folder.to_owned() } else { folder.join(stem) };
        let modules = self.whole.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && wanted(module) => Some(module),
            _ => None,
        });
        let candidates = |module: &syn::ItemMod| {
            if let Some(path) = path_attribute(&module.attrs) {
                return vec![folder.join(path)];
            }
            let name = module.ident.to_string();
            let name = name.trim_start_matches("r#");
            vec![children.join(format!("{name}.rs")), children.join(name).join("mod.rs")]
        };
        modules.flat_map(candidates).map(|path| slashed(&path)).collect()
    }
}

/// The project's top level.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `src/`, in the order of its path.
pub(crate) fn project() -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    let rust = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut sources: Vec<Source> = rust.map(|path| read(path)).collect();
    without_test_files(&mut sources);
    assert!(!sources.is_empty(), "no source was found");
    sources
}

fn read(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Source::parse(&slashed(path.strip_prefix(root()).expect("the walk starts at the root")), &text)
}

/// Empties the product code of files that only tests bring in, and of what lies in their folders.
fn without_test_files(sources: &mut [Source]) {
    let test_files: BTreeSet<String> = sources.iter().flat_map(Source::test_files).collect();
    for source in sources {
        let under_test = test_files.iter().any(|file| {
            let folder = file.trim_end_matches("/mod.rs").trim_end_matches(".rs");
            source.path == *file || source.path.starts_with(&format!("{folder}/"))
        });
        if under_test {
            source.product.clear();
        }
    }
}

/// All files below `folder`, sorted.
pub(crate) fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

pub(crate) fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

fn collect_units(items: &[Item], module: &[String], units: &mut Vec<Unit>) {
    let mut tokens = TokenStream::new();
    for item in items.iter().filter(|item| !only_tests(attributes(item))) {
        match item {
            Item::Mod(inner) if inner.content.is_some() => {
                let mut path = module.to_vec();
                path.push(inner.ident.to_string());
                let (_, items) = inner.content.as_ref().expect("the guard saw it");
                collect_units(items, &path, units);
            }
            Item::Impl(block) => {
                let mut block = block.clone();
                block.items.retain(|item| !only_tests(impl_attributes(item)));
                block.to_tokens(&mut tokens);
            }
            other => other.to_tokens(&mut tokens),
        }
    }
    units.push(Unit { module: module.to_vec(), tokens });
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`. Not `any(test, …)`, which ships.
fn only_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        match last.as_deref() {
            Some("test") => true,
            Some("cfg") => {
                let condition = attribute.meta.to_token_stream().to_string().replace(' ', "");
                condition == "cfg(test)" || condition.starts_with("cfg(all(test,")
            }
            _ => false,
        }
    })
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let value = attribute.meta.require_name_value().ok()?.value.to_token_stream().to_string();
    Some(value.trim_matches('"').to_owned())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn impl_attributes(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn unit_tests_and_their_files_are_no_product_code() {
    let declaring = "//! x\nfn ships() {}\n#[cfg(test)]\nmod tests { use super::*; fn helper() {} }\n\
                     #[cfg(test)]\n#[path = \"b_tests.rs\"]\nmod more;\n#[cfg(test)]\nmod deep;\n\
                     impl X { #[cfg(test)] fn for_testing() {} fn real() {} }";
    let mut sources = [
        Source::parse("src/a/b.rs", declaring),
        Source::parse("src/a/b_tests.rs", "fn helper() {}"),
        Source::parse("src/a/b/deep.rs", "fn helper() {}"),
        Source::parse("src/a/c.rs", "fn helper() {}"),
    ];
    without_test_files(&mut sources);
    let product: Vec<String> =
        sources.iter().map(|source| source.product.iter().map(|unit| unit.tokens.to_string()).collect()).collect();
    assert!(product[0].contains("fn ships") && product[0].contains("fn real"), "{}", product[0]);
    assert!(!product[0].contains("helper") && !product[0].contains("for_testing"), "{}", product[0]);
    assert_eq!((product[1].as_str(), product[2].as_str()), ("", ""));
    assert!(product[3].contains("helper"));
}

#[test]
fn a_file_knows_its_room_and_module() {
    let source = Source::parse("src/grammar/form/node.rs", "//! x\nmod inner { fn f() {} }\nfn g() {}");
    assert_eq!(source.room(), "grammar");
    let modules: Vec<String> = source.product.iter().map(|unit| unit.module.join("::")).collect();
    assert_eq!(modules, ["grammar::form::node::inner", "grammar::form::node"]);
    assert_eq!(Source::parse("src/main.rs", "fn main() {}").room(), "main");
}
