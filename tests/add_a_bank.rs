//! README's section "Add a bank", followed to the letter by a shell, in a copy of the checkout's data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MBUSH: &str = env!("CARGO_BIN_EXE_mbush");

/// The shell commands of a section of README.
fn commands(section: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let start = readme.find(&format!("\n## {section}\n")).expect("the section is there");
    let text = &readme[start + 4..];
    let text = text.find("\n## ").map_or(text, |end| &text[..end]);
    text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).map(str::to_owned).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path);
        }
    }
}

/// Runs a block with `mbush` on the path, as a reader does at the top of the checkout.
fn run(folder: &Path, block: &str) -> String {
    let path = format!("{}:{}", Path::new(MBUSH).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash").args(["-euc", block]).current_dir(folder).env("PATH", path).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{block}\n{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}

fn parse(folder: &Path, text: &str) -> Value {
    let arguments = ["parse", "50777", text, "--from", "+38349111222", "--json"];
    let output = Command::new(MBUSH).args(arguments).current_dir(folder).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_seventh_bank_is_added_by_following_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for part in ["grammars", "fixtures"] {
        copy(&Path::new(ROOT).join(part), &folder.join(part));
    }
    std::fs::write(folder.join("mbush.toml"), "[grammars]\ndir = \"grammars\"\n").unwrap();
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    files(folder, &mut before);
    assert_eq!(parse(folder, "mbush 5")["reason"], "unknown_short_code");

    let blocks = commands("Add a bank");
    assert!(blocks.len() >= 4, "the section has its commands");
    let printed: String = blocks.iter().map(|block| run(folder, block)).collect();
    for part in ["no text is read two ways", "0 failed", "0 ways without a fixture", "column 16"] {
        assert!(printed.contains(part), "`{part}` is not in:\n{printed}");
    }

    let read = parse(folder, "mbush 049123456 5");
    assert_eq!((read["outcome"].as_str(), read["bank"].as_str()), (Some("command"), Some("seventh")));
    assert_eq!((read["target"].as_str(), read["amount_cents"].as_i64()), (Some("+38349123456"), Some(500)));
    assert_eq!(parse(folder, "kredi 5.50")["reason"], "amount_not_whole");
    assert_eq!(parse(folder, "si je")["outcome"], "unreadable");

    files(folder, &mut after);
    let added: Vec<&Path> = after.difference(&before).map(|path| path.strip_prefix(folder).unwrap()).collect();
    assert_eq!(added, [Path::new("fixtures/seventh/samples.toml"), Path::new("grammars/seventh.toml")]);
}
