//! README's section "Add a bank", followed to the letter by a shell, in a clean clone: the files that git tracks, and
//! nothing beside them.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MBUSH: &str = env!("CARGO_BIN_EXE_mbush");

/// Stands for the build of minutes that README's line asks of cargo: the program that is under test is what it would
/// build of these files. Anything else is refused, so that README's line has to be this one.
const CARGO: &str = "#!/bin/sh\n\
    test \"$*\" = 'install --path . --locked' || { echo \"cargo $*: not what README says\" >&2; exit 1; }\n\
    grep -q '^name = \"mbush\"' Cargo.toml && test -f Cargo.lock && test -f src/main.rs || exit 1\n\
    mkdir -p \"$CARGO_HOME/bin\" && cp \"$BUILT\" \"$CARGO_HOME/bin/mbush\"\n";

/// The shell commands of a section of README.
fn commands(section: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let start = readme.find(&format!("\n## {section}\n")).expect("the section is there");
    let text = &readme[start + 4..];
    let text = text.find("\n## ").map_or(text, |end| &text[..end]);
    text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).map(str::to_owned).collect()
}

/// A clean clone, and a newcomer's home with a toolchain.
struct Newcomer {
    folder: tempfile::TempDir,
}

impl Newcomer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tracked = Command::new("git").args(["ls-files", "-z"]).current_dir(ROOT).output();
        let tracked = tracked.ok().filter(|tracked| tracked.status.success());
        let names = tracked.map_or_else(everything, |tracked| String::from_utf8(tracked.stdout).unwrap());
        for name in names.split('\0').filter(|name| Path::new(ROOT).join(name).is_file()) {
            let target = folder.path().join("clone").join(name);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(Path::new(ROOT).join(name), target).unwrap();
        }
        let cargo = folder.path().join("toolchain/cargo");
        std::fs::create_dir_all(cargo.parent().unwrap()).unwrap();
        std::fs::write(&cargo, CARGO).unwrap();
        std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn clone(&self) -> PathBuf {
        self.folder.path().join("clone")
    }

    /// Runs a block as it is printed, at the top of the clone.
    fn run(&self, block: &str) -> String {
        let home = self.folder.path().join("home");
        let cargo = home.join(".cargo");
        let path = format!("{}:{}/bin:/usr/bin:/bin", self.folder.path().join("toolchain").display(), cargo.display());
        let mut shell = Command::new("bash");
        shell.args(["-euc", block]).current_dir(self.clone()).env_clear();
        shell.env("PATH", path).env("HOME", home).env("CARGO_HOME", cargo).env("BUILT", MBUSH);
        let output = shell.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{block}\n{printed}\n{}", String::from_utf8_lossy(&output.stderr));
        printed
    }

    fn parse(&self, text: &str) -> Value {
        let arguments = ["parse", "50777", text, "--from", "+38349111222", "--json", "--grammars", "grammars"];
        let output = Command::new(MBUSH).args(arguments).current_dir(self.clone()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        files(&self.clone(), &mut found);
        found.iter().map(|path| path.strip_prefix(self.clone()).unwrap().to_owned()).collect()
    }
}

/// Where there is no git: what lies here, but for what was built.
fn everything() -> String {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(ROOT).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("target") || path.ends_with(".git") => {}
            true => files(&path, &mut found),
            false => drop(found.insert(path)),
        }
    }
    let names = found.iter().map(|path| path.strip_prefix(ROOT).unwrap().display().to_string());
    names.collect::<Vec<_>>().join("\0")
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

#[test]
fn a_seventh_bank_is_added_by_following_the_readme() {
    let newcomer = Newcomer::new();
    let before = newcomer.files();
    assert!(!before.contains(Path::new("mbush.toml")), "a clone has no configuration");
    assert_eq!(newcomer.parse("mbush 5")["reason"], "unknown_short_code");

    let blocks = commands("Add a bank");
    assert!(blocks.len() >= 4, "the section has its commands");
    let printed: String = blocks.iter().map(|block| newcomer.run(block)).collect();
    for part in ["no text is read two ways", "0 failed", "0 ways without a fixture", "column 16", "ok: grammars, set"] {
        assert!(printed.contains(part), "`{part}` is not in:\n{printed}");
    }

    let read = newcomer.parse("mbush 049123456 5");
    assert_eq!((read["outcome"].as_str(), read["bank"].as_str()), (Some("command"), Some("seventh")));
    assert_eq!((read["target"].as_str(), read["amount_minor"].as_i64()), (Some("+38349123456"), Some(500)));
    assert_eq!(newcomer.parse("kredi 5.50")["reason"], "amount_not_whole");
    assert_eq!(newcomer.parse("si je")["outcome"], "unreadable");

    let after = newcomer.files();
    let added: Vec<&PathBuf> = after.difference(&before).collect();
    assert_eq!(added, [Path::new("fixtures/seventh/samples.toml"), Path::new("grammars/seventh.toml")]);
}

#[test]
fn without_a_folder_of_grammars_the_verbs_read_what_is_built_in_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let grammar = |arguments: &[&str]| {
        Command::new(MBUSH).arg("grammar").args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let said = |arguments: &[&str]| String::from_utf8(grammar(arguments).stdout).unwrap();
    assert!(said(&["check"]).contains("ok: built in, set"));
    // A folder of that name with something else in it is none of grammars.
    std::fs::create_dir(folder.path().join("grammars")).unwrap();
    std::fs::write(folder.path().join("grammars/notes.txt"), "").unwrap();
    assert!(said(&["check"]).contains("ok: built in, set"));
    let new = said(&["new", "own", "--name", "Own", "--short-code", "50777", "kredi 5"]);
    assert!(new.contains("[grammars] dir"), "a server does not read it by itself: {new}");
    let checked = said(&["check"]);
    assert!(checked.contains("ok: grammars, set") && checked.contains("Own on 50777"), "{checked}");
    let unknown = String::from_utf8(grammar(&["explain", "teb"]).stderr).unwrap();
    assert!(unknown.contains("among the grammars (grammars); there are own"), "{unknown}");
}
