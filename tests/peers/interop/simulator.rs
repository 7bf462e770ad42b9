//! `mbush simulate smsc`, started for one peer, and what it tells of the messages it exchanged.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::mbush;
use testkit::process::Process;

/// A text that the simulated SMSC delivers: sender, destination, content.
pub(crate) type Sms<'a> = (&'a str, &'a str, &'a str);

/// The password that it accepts, whatever the system id.
pub(crate) const PASSWORD: &str = "secret";

pub(crate) struct Simulator {
    process: Process,
    /// `127.0.0.1:port`
    pub(crate) address: String,
    _folder: TempDir,
}

impl Simulator {
    /// Listens on `port` (0 chooses one) for `system_id` and delivers `texts` to whoever binds to receive.
    pub(crate) fn start(port: u16, system_id: &str, texts: &[Sms<'_>]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let deliver = folder.path().join("deliver.jsonl");
        let lines = texts.iter().map(|(from, to, text)| format!("{}\n", json!({"from": from, "to": to, "text": text})));
        fs::write(&deliver, lines.collect::<String>()).expect("a file in a temporary folder");
        let mut command = mbush();
        command.args(["simulate", "smsc", "--listen", &format!("127.0.0.1:{port}")]);
        command.args(["--system-id", system_id, "--password", PASSWORD, "--deliver"]).arg(deliver);
        let process = Process::start("the simulated SMSC", &mut command);
        let listening = process.line("address", |line| line.starts_with("listening on "));
        let address = listening.trim_start_matches("listening on ").to_owned();
        Self { process, address, _folder: folder }
    }

    /// At least `count` events of this name, waiting for them.
    pub(crate) fn events(&self, name: &str, count: usize) -> Vec<Value> {
        let is_wanted = |line: &str| event(line).is_some_and(|event| event["event"] == name);
        self.process.lines(count, name, is_wanted).iter().filter_map(|line| event(line)).collect()
    }

    /// Ends it; it has to end well.
    pub(crate) fn stop(self) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }
}

fn event(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// Asserts that every text delivered was accepted by the peer.
pub(crate) fn assert_all_accepted(simulator: &Simulator, count: usize) {
    let answers = simulator.events("deliver_sm_resp", count);
    assert!(answers.len() == count && answers.iter().all(|answer| answer["status"] == 0), "{answers:#?}");
}

/// `(from, to, text)` of messages that the peer submitted, sorted.
pub(crate) fn texts(events: &[Value]) -> Vec<(String, String, String)> {
    let field = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let mut texts: Vec<_> =
        events.iter().map(|event| (field(event, "from"), field(event, "to"), field(event, "text"))).collect();
    texts.sort();
    texts
}
