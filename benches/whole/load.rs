//! `mbush load`, which plays the peer and measures.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A run that takes longer hangs.
const RUN_MAX: Duration = Duration::from_mins(10);

/// Times in milliseconds.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
}

/// The figures that it prints.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Report {
    pub(crate) sent: u64,
    pub(crate) answered: u64,
    pub(crate) refused: u64,
    pub(crate) redelivered: u64,
    pub(crate) cuts: u64,
    pub(crate) replied: u64,
    pub(crate) missing: u64,
    pub(crate) duplicates: u64,
    pub(crate) wrong: u64,
    pub(crate) unexpected: u64,
    pub(crate) seconds: f64,
    pub(crate) replies_per_second: f64,
    pub(crate) replies_per_second_middle: f64,
    pub(crate) answer_ms: Times,
    pub(crate) reply_ms: Times,
    pub(crate) own_cpu_seconds: Option<f64>,
}

impl Report {
    /// Everything that may not happen in a run without faults, in words; empty if all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        let counts = [
            ("refused", self.refused),
            ("missing", self.missing),
            ("duplicates", self.duplicates),
            ("wrong", self.wrong),
            ("unexpected", self.unexpected),
            ("cuts", self.cuts),
            ("redelivered", self.redelivered),
        ];
        let faults = counts.into_iter().filter(|(_, count)| *count > 0);
        faults.map(|(name, count)| format!("{count} {name}")).collect()
    }
}

/// Runs it to its end.
pub(crate) fn run(program: &Path, arguments: &[String]) -> Report {
    let mut command = Command::new(program);
    command.args(["--json", "load"]).args(arguments).stdin(Stdio::null());
    let shown = format!("mbush load {}", arguments.join(" "));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let (output, errors) = finished(&shown, child.unwrap_or_else(|error| panic!("{shown} does not start: {error}")));
    let object = output.lines().rev().find(|line| line.starts_with('{'));
    let report = object.and_then(|object| serde_json::from_str(object).ok());
    report.unwrap_or_else(|| panic!("{shown} printed no report:\n{output}{errors}"))
}

fn finished(shown: &str, mut child: Child) -> (String, String) {
    let read = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            stream.map(|mut stream| stream.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let output = read(child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let errors = read(child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let end = Instant::now() + RUN_MAX;
    while child.try_wait().expect("a child can be asked").is_none() {
        if Instant::now() > end {
            drop(child.kill());
            panic!("{shown} does not end");
        }
        thread::sleep(Duration::from_millis(20));
    }
    let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
    (text(output), text(errors))
}
