//! Lengths, panics, prints, silenced lints, and the map that opens each file.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::source::{Source, Violation, project};
use crate::{assert_reports, assert_tidy};

/// A file that needs more has a seam somewhere.
const FILE_LINES_MAX: usize = 310;
/// From the line of `fn` to the closing brace.
const FUNCTION_LINES_MAX: usize = 44;
/// The one file that writes to a terminal, where each line is made visible; and the log's, which does the same.
const PRINTER: &str = "src/cli/style.rs";
const LOG: &str = "src/cli/log.rs";
/// Opens the comment that proves why a panic cannot be reached.
const PROOF: &str = "// cannot fail:";

fn check(source: &Source) -> Vec<Violation> {
    let mut violations = lengths(source);
    if !source.text.starts_with("//!") {
        violations.push(Violation::new(&source.path, 1, "opens without `//!`: what is in here?"));
    }
    silenced_lints(source, source.whole.to_token_stream(), &mut violations);
    for unit in &source.product {
        let mut scan = PanicScan { source, violations: &mut violations };
        scan.block(unit.tokens.clone());
    }
    violations
}

fn lengths(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().count();
    let mut functions = Functions { path: &source.path, violations: Vec::new() };
    functions.visit_file(&source.whole);
    if lines > FILE_LINES_MAX {
        let message = format!("{lines} lines, {FILE_LINES_MAX} are the most");
        functions.violations.push(Violation::new(&source.path, lines, message));
    }
    functions.violations
}

struct Functions<'a> {
    path: &'a str,
    violations: Vec<Violation>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.fn_token.span().start().line;
        let lines = body.span().end().line + 1 - first;
        if lines > FUNCTION_LINES_MAX {
            let message = format!("`{}` has {lines} lines, {FUNCTION_LINES_MAX} are the most", signature.ident);
            self.violations.push(Violation::new(self.path, first, message));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.measure(&function.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

/// `#[allow(…)]`, `#![allow(…)]` and `#[cfg_attr(…, allow(…))]`, anywhere.
fn silenced_lints(source: &Source, tokens: TokenStream, violations: &mut Vec<Violation>) {
    let mut after_hash = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let attribute = after_hash && group.delimiter() == Delimiter::Bracket;
            let text = group.stream().to_string().replace(' ', "");
            if attribute && (text.starts_with("allow(") || text.starts_with("cfg_attr(") && text.contains(",allow(")) {
                let line = group.span_open().start().line;
                violations.push(Violation::new(&source.path, line, "silences a lint: answer it instead"));
            }
            silenced_lints(source, group.stream(), violations);
        }
        after_hash = match &token {
            TokenTree::Punct(punct) => punct.as_char() == '#' || (after_hash && punct.as_char() == '!'),
            _ => false,
        };
    }
}

/// Looks for calls that panic or print, inside macros too.
struct PanicScan<'a> {
    source: &'a Source,
    violations: &'a mut Vec<Violation>,
}

impl PanicScan<'_> {
    /// Statements, items, match arms or fields: each begins where the one before it ended.
    fn block(&mut self, tokens: TokenStream) {
        let mut statement_line = 0;
        let mut previous: Option<TokenTree> = None;
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if statement_line == 0 {
                statement_line = token.span().start().line;
            }
            self.token(&token, previous.as_ref(), tokens.peek(), statement_line);
            let ends = match &token {
                TokenTree::Punct(punct) => [';', ','].contains(&punct.as_char()),
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !goes_on(tokens.peek()),
                _ => false,
            };
            if ends {
                statement_line = 0;
            }
            previous = Some(token);
        }
    }

    /// What stands in parentheses or brackets belongs to the statement around it.
    fn expression(&mut self, tokens: TokenStream, statement_line: usize) {
        let mut previous: Option<TokenTree> = None;
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            self.token(&token, previous.as_ref(), tokens.peek(), statement_line);
            previous = Some(token);
        }
    }

    fn token(&mut self, token: &TokenTree, before: Option<&TokenTree>, after: Option<&TokenTree>, statement: usize) {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => self.block(group.stream()),
            TokenTree::Group(group) => self.expression(group.stream(), statement),
            TokenTree::Ident(ident) => {
                let (name, line) = (ident.to_string(), ident.span().start().line);
                let called = matches!(after, Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Parenthesis);
                if is_punct(before, '.') && called && ["unwrap", "expect"].contains(&name.as_str()) {
                    self.needs_proof(&format!(".{name}()"), line, statement);
                } else if called && ["stdout", "stderr"].contains(&name.as_str()) && !self.may_print() {
                    self.report(line, format!("`{name}()` outside of {PRINTER}: print by it"));
                } else if is_punct(after, '!') {
                    self.macro_call(&name, line, statement);
                }
            }
            _ => {}
        }
    }

    fn may_print(&self) -> bool {
        [PRINTER, LOG].contains(&self.source.path.as_str())
    }

    fn macro_call(&mut self, name: &str, line: usize, statement: usize) {
        match name {
            "todo" | "unimplemented" | "dbg" => self.report(line, format!("`{name}!` in product code")),
            "panic" | "unreachable" => self.needs_proof(&format!("{name}!"), line, statement),
            "println" | "print" | "eprintln" | "eprint" => {
                self.report(
                    line,
                    format!("`{name}!` prints as it is what others wrote: print by {PRINTER}, or log it"),
                );
            }
            _ => {}
        }
    }

    /// The proof stands on the line itself or in the comment right above the call or its statement.
    fn needs_proof(&mut self, call: &str, line: usize, statement: usize) {
        let lines: Vec<&str> = self.source.text.lines().collect();
        let on_line = lines[line - 1].contains(PROOF);
        if !on_line && !proof_above(&lines, line) && !proof_above(&lines, statement) {
            self.report(line, format!("`{call}` without a `{PROOF} …` comment"));
        }
    }

    fn report(&mut self, line: usize, message: String) {
        self.violations.push(Violation::new(&self.source.path, line, message));
    }
}

fn proof_above(lines: &[&str], line: usize) -> bool {
    let above = lines[..line - 1].iter().rev().map(|line| line.trim_start());
    above.take_while(|line| line.starts_with("//") || line.starts_with("#[")).any(|line| line.starts_with(PROOF))
}

/// A closing brace does not end a statement when a method, an operator or `else` follows.
fn goes_on(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Punct(punct)) => ['.', '?', ',', ';'].contains(&punct.as_char()),
        Some(TokenTree::Ident(ident)) => ident == "else",
        _ => false,
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

#[test]
fn product_code_keeps_the_rules() {
    assert_tidy(&project().iter().flat_map(check).collect::<Vec<_>>());
}

#[test]
fn a_panic_without_a_proof_is_reported() {
    let code = "//! x\n\
        fn f() {\n    let a = x.unwrap();\n    let b = y\n        .z()\n        .expect(\"set\");\n    \
        select! { v = w => v.unwrap() }\n    unreachable!(\"no\");\n}\n\
        #[cfg(test)]\nmod tests { fn f() { x.unwrap(); panic!(); } }";
    assert_reports(
        &check(&Source::parse("src/domain/a.rs", code)),
        &["3: `.unwrap()`", "6: `.expect()`", "7: `.unwrap()`", "8: `unreachable!`"],
    );
}

#[test]
fn a_panic_with_a_proof_is_accepted() {
    let code = "//! x\n\
        // cannot fail: the literal is a valid pattern\n#[rustfmt::skip]\nstatic A: R = R::new(|| p(\"x\").expect(\"x\"));\n\
        fn f() {\n    // cannot fail: just set\n    let b = y\n        .z(|| { 1 })\n        .expect(\"set\");\n    \
        let c = x.unwrap(); // cannot fail: the loop above filled it\n    \
        match a {\n        // cannot fail: two bits\n        _ => unreachable!(),\n    }\n    x.unwrap_or(1);\n}";
    assert_reports(&check(&Source::parse("src/domain/a.rs", code)), &[]);
}

#[test]
fn unfinished_code_and_prints_are_reported() {
    let code = "//! x\nfn f() {\n    todo!();\n    unimplemented!();\n    dbg!(1);\n    println!(\"x\");\n    eprint!(\"x\");\n    \
        io::stdout();\n}";
    let expected = ["3: `todo!`", "4: `unimplemented!`", "5: `dbg!`", "6: `println!`", "7: `eprint!`", "8: `stdout()`"];
    assert_reports(&check(&Source::parse("src/links/a.rs", code)), &expected);
    assert_reports(&check(&Source::parse("src/cli/a.rs", code)), &expected);
    assert_reports(&check(&Source::parse(PRINTER, code)), &expected[..5]);
}

#[test]
fn a_silenced_lint_is_reported_in_tests_too() {
    let code = "//! x\n#![allow(missing_docs)]\n#[cfg(test)]\nmod tests {\n    #[allow(dead_code)]\n    fn f() {}\n}\n\
                #[cfg_attr(x, allow(unused))]\nfn g() {}\n#[derive(Debug)]\nstruct S;";
    let expected = ["2: silences", "5: silences", "8: silences"];
    assert_reports(&check(&Source::parse("src/cli/a.rs", code)), &expected);
}

#[test]
fn what_is_too_long_or_has_no_map_is_reported() {
    let body = "    let _ = 1;\n".repeat(FUNCTION_LINES_MAX);
    let long_function = format!("//! x\nimpl A {{\nfn f() {{\n{body}}}\n}}");
    assert_reports(&check(&Source::parse("src/cli/a.rs", &long_function)), &["3: `f` has 46 lines"]);

    let long_file = format!("//! x\n{}", "const A: u8 = 1;\n".repeat(FILE_LINES_MAX));
    assert_reports(&check(&Source::parse("src/cli/a.rs", &long_file)), &["311: 311 lines"]);

    assert_reports(&check(&Source::parse("src/cli/a.rs", "fn f() {}\n")), &["1: opens without `//!`"]);
}
