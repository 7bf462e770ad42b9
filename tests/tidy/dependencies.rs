//! What the product is built with is used by the product: anything else is a dependency of tests.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::source::{Violation, project, root};
use crate::{assert_reports, assert_tidy};

/// Words that begin a path in the code, or call a macro; words of attributes count, and those of documentation do not.
fn begun(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is =
        |at: Option<&TokenTree>, wanted: char| matches!(at, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => begun(group.stream(), found),
            TokenTree::Ident(name) => {
                let begins = at < 2 || !(is(tokens.get(at - 1), ':') && is(tokens.get(at - 2), ':'));
                let goes_on = is(tokens.get(at + 1), ':') && is(tokens.get(at + 2), ':');
                if begins && (goes_on || is(tokens.get(at + 1), '!') || is(tokens.get(at + 1), ';')) {
                    found.insert(name.to_string());
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn check(manifest: &str, code: impl IntoIterator<Item = TokenStream>) -> Vec<Violation> {
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    let mut found = BTreeSet::new();
    for tokens in code {
        begun(tokens, &mut found);
    }
    let dependencies = manifest["dependencies"].as_table().expect("a table");
    let unused = dependencies.keys().filter(|name| !found.contains(&name.replace('-', "_")));
    let message = |name: &String| format!("`{name}` is in no file of the product: a dependency of tests, or of nobody");
    unused.map(|name| Violation::new("Cargo.toml", 0, message(name))).collect()
}

#[test]
fn every_dependency_is_used_by_the_product() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml is there");
    let sources = project();
    let code = sources.iter().flat_map(|source| source.product.iter().map(|unit| unit.tokens.clone()));
    assert_tidy(&check(&manifest, code));
}

#[test]
fn a_dependency_that_the_product_does_without_is_reported() {
    let manifest = "[dependencies]\none = \"1\"\ntwo-words = \"1\"\nthree = \"1\"\nfour = \"1\"\nfive = \"1\"\n[dev-dependencies]\nsix = \"1\"";
    let code = "use two_words::x;\nfn f() { one!(); crate::four::g(); let three: u8 = 1; }\n/// five::x\nfn g() {}";
    assert_reports(&check(manifest, [code.parse().unwrap()]), &["0: `five`", "0: `four`", "0: `three`"]);
}
