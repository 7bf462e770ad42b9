//! Whether a session keeps the processor busy, and not the other way round: top-ups a second of `mbush serve` on SQLite
//! with one bound bank and with several, beside what one session carries where nothing is committed.

use std::fs;
use std::path::Path;

use mbush::simulator::{Smsc, SmscSettings};
use serde_json::Value;
use testkit::mbush;
use testkit::process::Process;

const TEXTS: u32 = 30_000;
/// The window that a link and a bank have unless told otherwise, and one in which the processor never lacks work.
const WINDOWS: [u32; 2] = [64, 1_000];
const SESSIONS: u32 = 4;

/// Answers a second of so many sessions at once. `replies` tells whether replies are awaited.
fn rate(address: &str, window: u32, sessions: u32, first: u32, replies: bool) -> f64 {
    let [window, sessions, first, count] = [window, sessions, first, TEXTS].map(|number| number.to_string());
    let mut command = mbush();
    command.args(["load", "esme", "--server", address, "--json", "--linger-seconds", "0", "--count", &count]);
    command.args(["--window", &window, "--binds", &sessions, "--first", &first]);
    let drain = if replies { "10" } else { "1" };
    let output = testkit::run(command.args(["--drain-seconds", drain]));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["answered"], TEXTS, "{report}");
    report["answers_per_second"].as_f64().expect("a rate")
}

fn serve(folder: &Path) -> (Process, String) {
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[log]\nfilter = \"error\"\n\
         [subscribers]\nunknown = \"create\"\n[smpp_server]\nlisten = \"127.0.0.1:0\"\n\
         [links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\nwindow = 1000\n\
         throttle_segments_per_second = 100000\n",
        folder.display()
    );
    let configuration = folder.join("mbush.toml");
    fs::write(&configuration, text).expect("a file in a temporary folder");
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(configuration));
    let line = process.line("its SMPP address", |line| line.starts_with("listening for SMPP on "));
    (process, line.trim_start_matches("listening for SMPP on ").to_owned())
}

#[tokio::main]
async fn main() {
    let smsc = Smsc::start(SmscSettings {
        system_id: "bank".to_owned(),
        password: "secret".into(),
        window: 1_000,
        ..SmscSettings::default()
    });
    let smsc = smsc.await.expect("loopback has free ports");
    for window in WINDOWS {
        let alone = rate(&smsc.address().to_string(), window, 1, 0, false);
        // A database of its own, so that each run finds it equally empty; replies go back as deliver_sm all the while.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (_server, address) = serve(folder.path());
        let one = rate(&address, window, 1, 0, true);
        let several = rate(&address, window, SESSIONS, TEXTS, true);
        println!("window {window}: a session carries {alone:.0}/s where nothing is committed;");
        println!(
            "  mbush serve commits {one:.0}/s from one session, {several:.0}/s from {SESSIONS}: {:.2}",
            one / several
        );
    }
}
