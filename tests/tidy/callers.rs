//! A public item of `src/` that only tests name is no part of the product. The check is one of words: an item whose name
//! something else has as well passes it.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;

use crate::source::{Source, Violation, project, root, walk};
use crate::{assert_reports, assert_tidy};

/// Items without a caller that stay, by name, and the reason. One that has a caller, or is gone, has to leave this list.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("clearing_minor", "tests of conservation compare the debt of a bank in the ledger with the requests"),
    ("outbox_of", "tests of both databases read the replies to a message"),
];

/// Words before the name of what they declare.
const DECLARING: &[&str] = &["fn", "struct", "enum", "trait", "const", "static", "type"];

/// Public items of one file: name and line.
#[derive(Default)]
struct Declared(Vec<(String, usize)>);

impl Declared {
    fn add(&mut self, visibility: &syn::Visibility, name: &syn::Ident) {
        if !matches!(visibility, syn::Visibility::Inherited) {
            self.0.push((name.to_string(), name.span().start().line));
        }
    }
}

impl<'ast> Visit<'ast> for Declared {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Fn(item) => self.add(&item.vis, &item.sig.ident),
            syn::Item::Struct(item) => self.add(&item.vis, &item.ident),
            syn::Item::Enum(item) => self.add(&item.vis, &item.ident),
            syn::Item::Trait(item) => self.add(&item.vis, &item.ident),
            syn::Item::Const(item) => self.add(&item.vis, &item.ident),
            syn::Item::Static(item) => self.add(&item.vis, &item.ident),
            syn::Item::Type(item) => self.add(&item.vis, &item.ident),
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        match item {
            syn::ImplItem::Fn(item) => self.add(&item.vis, &item.sig.ident),
            syn::ImplItem::Const(item) => self.add(&item.vis, &item.ident),
            _ => {}
        }
    }
}

/// Names that code says, other than where it declares, imports or implements them.
#[derive(Default)]
struct Said(BTreeSet<String>);

impl Said {
    fn file(&mut self, file: &syn::File) {
        for item in &file.items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &syn::Item) {
        match item {
            syn::Item::Use(import) => self.renamed(&import.tree),
            syn::Item::Mod(module) => {
                for item in module.content.iter().flat_map(|(_, items)| items) {
                    self.item(item);
                }
            }
            syn::Item::Impl(block) => {
                for attribute in &block.attrs {
                    self.tokens(attribute.to_token_stream());
                }
                self.tokens(block.generics.to_token_stream());
                if let Some((path, _)) = &block.trait_ {
                    self.tokens(path.to_token_stream());
                }
                for item in &block.items {
                    self.tokens(item.to_token_stream());
                }
            }
            other => self.tokens(other.to_token_stream()),
        }
    }

    /// What an import gives another name is called by that one.
    fn renamed(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.renamed(&path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.renamed(tree)),
            syn::UseTree::Rename(renamed) => drop(self.0.insert(renamed.ident.to_string())),
            syn::UseTree::Name(_) | syn::UseTree::Glob(_) => {}
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut before = None;
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match &token {
                // A comment for documentation is an attribute: # [doc = "…"]
                TokenTree::Punct(hash) if hash.as_char() == '#' && tokens.peek().is_some_and(is_doc) => {
                    tokens.next();
                }
                TokenTree::Ident(name) if !declares(before.as_ref()) => drop(self.0.insert(name.to_string())),
                TokenTree::Group(group) => self.tokens(group.stream()),
                // #[serde(default = "name", with = "crate::room::module")], and "{NAME}: …"
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let names = text.trim_matches('"').split("::").filter(|name| is_name(name));
                    let shown = text.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next());
                    self.0.extend(names.chain(shown.filter(|name| is_name(name))).map(str::to_owned));
                }
                _ => {}
            }
            before = Some(token);
        }
    }
}

fn is_doc(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

fn declares(before: Option<&TokenTree>) -> bool {
    matches!(before, Some(TokenTree::Ident(word)) if DECLARING.iter().any(|declaring| word == declaring))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|char| char.is_alphanumeric() || char == '_')
}

/// `further` is code that calls the product and is no test of it.
fn check(sources: &[Source], further: &[syn::File], exceptions: &[(&str, &str)]) -> Vec<Violation> {
    let mut said = Said::default();
    for file in further {
        said.file(file);
    }
    let mut uncalled = Vec::new();
    for source in sources {
        let mut declared = Declared::default();
        for unit in &source.product {
            let file: syn::File = syn::parse2(unit.tokens.clone()).expect("it was parsed before");
            declared.visit_file(&file);
            said.file(&file);
        }
        uncalled.extend(declared.0.into_iter().map(|(name, line)| (source.path.clone(), name, line)));
    }
    uncalled.retain(|(_, name, _)| !said.0.contains(name));
    let mut violations = Vec::new();
    for (path, name, line) in &uncalled {
        if !exceptions.iter().any(|(exception, _)| exception == name) {
            violations.push(Violation::new(path, *line, format!("`{name}` is public and nothing but tests names it")));
        }
    }
    for (name, _) in exceptions {
        if !uncalled.iter().any(|(_, found, _)| found == name) {
            let message = format!("`{name}` is an exception and needs to be none");
            violations.push(Violation::new("tests/tidy/callers.rs", 0, message));
        }
    }
    violations
}

#[test]
fn every_public_item_has_a_caller_that_is_no_test() {
    let mut paths = Vec::new();
    walk(&root().join("benches"), &mut paths);
    // What mbush is measured beside is another program, and calls nothing of it.
    let rust = |path: &&std::path::PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let own = paths.iter().filter(rust).filter(|path| !path.starts_with(root().join("benches/incumbent")));
    let benches = own.map(|path| {
        let text = std::fs::read_to_string(path).expect("a file that can be read");
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    });
    assert_tidy(&check(&project(), &benches.collect::<Vec<_>>(), EXCEPTIONS));
}

#[test]
fn a_public_item_that_only_tests_name_is_reported() {
    let one = Source::parse(
        "src/a/b.rs",
        "//! x\n/// Like `lonely`.\npub fn called() {}\npub(crate) fn lonely() {}\npub struct Built;\nimpl Built {\n    \
         pub fn measured(&self) {}\n    pub const MOST: u8 = 1;\n    fn private() {}\n}\npub fn given() {}\n\
         pub use self::shown as other;\npub fn shown() {}\n#[cfg(test)]\nmod tests { fn f() { lonely(); Built; } }",
    );
    let other = Source::parse(
        "src/c.rs",
        "//! x\nuse crate::a::b::{Built, lonely};\n#[serde(with = \"given\")] struct S(u8);\nfn f() { called(); format!(\"{MOST}\"); }",
    );
    let bench = syn::parse_file("fn main() { x.measured(); }").unwrap();
    let sources = [one, other];
    let expected = ["4: `lonely` is public", "5: `Built` is public"];
    assert_reports(&check(&sources, std::slice::from_ref(&bench), &[]), &expected);
    let exceptions = [("lonely", "a reason"), ("Built", "a reason"), ("called", "a reason")];
    assert_reports(&check(&sources, &[bench], &exceptions), &["0: `called` is an exception"]);
}
