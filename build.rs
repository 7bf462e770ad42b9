//! The grammars are built in: a new file among them makes a new program. So does a new commit, which `--version` names.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=countries");
    println!("cargo::rerun-if-changed=gateways");
    println!("cargo::rerun-if-changed=grammars");
    println!("cargo::rerun-if-changed=fixtures");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MBUSH_COMMIT");
    let named = std::env::var("MBUSH_COMMIT").ok().filter(|commit| !commit.trim().is_empty());
    let shown = named.or_else(commit).map(|commit| format!(" ({})", commit.trim())).unwrap_or_default();
    println!("cargo::rustc-env=MBUSH_COMMIT_SHOWN={shown}");
}

/// The commit that is checked out here. Nothing where there is no git, or where this folder only lies in the checkout of
/// something else.
fn commit() -> Option<String> {
    let here = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&here).canonicalize().ok()? {
        return None;
    }
    // Where the branch is noted that is checked out, and each of its commits.
    for file in ["HEAD", "logs/HEAD"] {
        let file = git(&["rev-parse", "--git-path", file])?;
        if Path::new(&file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    git(&["show", "--no-patch", "--abbrev=12", "--format=%h of %cs", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
