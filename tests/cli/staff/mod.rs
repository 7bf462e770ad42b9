//! What staff and newcomers meet at a terminal: what is printed, what is asked, what is counted, and what is said of names that
//! do not exist.

mod consent;
mod counts;
mod find;
mod hints;
mod names;
mod newer;
mod objects;
mod orders;
mod printing;
mod prompt;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use testkit::{finished, mbush, run};

/// A demo's database, and staff's commands on it.
struct Office {
    folder: tempfile::TempDir,
    /// Instead of the demo's.
    config: Option<std::path::PathBuf>,
}

impl Office {
    /// With what one way to top up has left, or all of them.
    fn after(way: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = mbush();
        demo.args(["demo", "--once", "--dir"]).arg(folder.path());
        if let Some(way) = way {
            demo.args(["--way", way]);
        }
        assert!(run(&mut demo).status.success());
        Self { folder, config: None }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = mbush();
        let config = self.config.clone().unwrap_or_else(|| self.file("mbush.toml"));
        command.arg("--config").arg(config).args(arguments).env("USER", "arta");
        command
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    /// What it prints, having ended well.
    fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", all(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complains of.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} was not refused: {}", all(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    /// On a terminal, with this typed in.
    fn typed(&self, arguments: &[&str], input: &str) -> Output {
        let words = std::iter::once(env!("CARGO_BIN_EXE_mbush")).chain(arguments.iter().copied());
        let line: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        let mut terminal = Command::new("script");
        terminal.args(["--quiet", "--return", "--command", &line.join(" ")]).arg(self.file("typescript"));
        terminal.env("MBUSH_CONFIG", "").env("USER", "arta");
        typed(&mut terminal, input)
    }

    /// Everything in the database.
    fn content(&self) -> Vec<u8> {
        let copy = self.file("copy.db");
        drop(std::fs::remove_file(&copy));
        self.told(&["backup", copy.to_str().unwrap()]);
        std::fs::read(copy).unwrap()
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.file("mbush.db").display())
    }
}

/// Runs it with this typed in.
fn typed(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    finished("a program that was typed at", child)
}

/// What it printed on both streams.
fn all(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A file's path as an argument.
fn argument(path: &Path) -> &str {
    path.to_str().expect("a temporary path is text")
}
