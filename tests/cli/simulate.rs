//! `mbush simulate smsc` and `mbush simulate esme` as peers under test: bound to each other.

use std::path::PathBuf;

use mbush::simulator::Text;
use serde_json::{Value, json};
use testkit::mbush;
use testkit::process::Process;

const LONG: &str = "Kjo eshte nje porosi e gjate qe nuk hyn ne nje segment te vetem, prandaj niset ne dy pjese e mbledhur \
                    prape ne njerin ane: shuma 5, numri 049123456, dhe faleminderit shume.";

struct Peers {
    smsc: Process,
    address: String,
    folder: tempfile::TempDir,
}

impl Peers {
    /// An SMSC that ends by itself or when it is told to.
    fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = mbush();
        command.args(["simulate", "smsc", "--listen", "127.0.0.1:0", "--system-id", "bank"]).args(more);
        let smsc = Process::start("simulate smsc", &mut command);
        let address =
            smsc.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
        Self { smsc, address, folder }
    }

    /// A bank's report.
    fn bank(&self, texts: &[Text], more: &[&str]) -> Value {
        let file = self.file(texts);
        let mut command = mbush();
        command.args(["simulate", "esme", "--server", &self.address, "--submit"]).arg(file).args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn file(&self, texts: &[Text]) -> PathBuf {
        let file = self.folder.path().join("texts.jsonl");
        let lines: Vec<String> = texts.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        file
    }

    /// Ends the SMSC; the lines that it printed as JSON.
    fn stop(self) -> Vec<Value> {
        let (status, lines) = self.smsc.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

fn texts(count: usize, text: &str) -> Vec<Text> {
    let one = |number: usize| Text { from: format!("383491{number:05}"), to: "50005".into(), text: text.into() };
    (0..count).map(one).collect()
}

#[test]
fn a_long_text_arrives_whole_in_each_style() {
    for (style, parts) in [("udh8", 2), ("udh16", 2), ("sar", 2), ("payload", 1)] {
        let peers = Peers::start(&[]);
        let report = peers.bank(&texts(3, LONG), &["--long", style, "--linger-seconds", "0"]);
        assert_eq!(report["answers"], json!({ "ESME_ROK": 3 }), "{style}");
        let lines = peers.stop();
        let arrived: Vec<&Value> = lines.iter().filter(|line| line["event"] == "submit_sm").collect();
        assert_eq!(arrived.len(), 3, "{style}: {lines:#?}");
        for message in arrived {
            assert_eq!((&message["text"], &message["segments"]), (&json!(LONG), &json!(parts)), "{style}");
        }
    }
}

#[test]
fn a_text_without_a_sender_comes_from_a_phone_of_the_country() {
    for (country, prefix) in [("xk", "383"), ("vn", "84")] {
        let peers = Peers::start(&[]);
        let configuration = peers.folder.path().join("mbush.toml");
        let folder = format!("{}/countries/{country}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(&configuration, format!("[country]\nfolder = \"{folder}\"\n")).unwrap();
        let file = peers.folder.path().join("texts.jsonl");
        std::fs::write(&file, r#"{"to": "50005", "text": "5"}"#).unwrap();
        let mut command = mbush();
        command.args(["simulate", "esme", "--server", &peers.address, "--linger-seconds", "0", "--submit"]).arg(file);
        let output = command.arg("--config").arg(configuration).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = peers.stop();
        let from = lines.iter().find(|line| line["event"] == "submit_sm").map(|line| line["from"].as_str().unwrap());
        assert!(from.is_some_and(|from| from.trim_start_matches('+').starts_with(prefix)), "{country}: {lines:#?}");
    }
}

#[test]
fn errors_come_as_often_as_they_are_asked_for() {
    let peers = Peers::start(&["--error-percent", "25", "--error-status", "0x45"]);
    let report = peers.bank(&texts(40, "5"), &["--linger-seconds", "0"]);
    assert_eq!(report["answers"], json!({ "ESME_ROK": 30, "ESME_RSUBMITFAIL": 10 }));
    assert_eq!((&report["texts"], &report["sent"], &report["given_up"]), (&json!(40), &json!(40), &json!(0)));
    peers.stop();
}

#[test]
fn receipts_come_early_or_late_in_hexadecimal_or_decimal() {
    for more in [&["--receipts-first"] as &[_], &["--receipt-delay-ms", "50", "--receipt-ids", "decimal"]] {
        let peers = Peers::start(more);
        let report = peers.bank(&texts(10, "5"), &["--receipts", "--linger-seconds", "3"]);
        assert_eq!((&report["receipts"], &report["replies"]), (&json!(10), &json!(0)), "{more:?}");
        peers.stop();
    }
}
