//! `mbush simulate smsc` and `mbush simulate esme` as peers under test: bound to each other, and to `mbush serve`.

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
fn errors_come_as_often_as_they_are_asked_for() {
    let peers = Peers::start(&["--error-percent", "25", "--error-status", "0x45"]);
    let report = peers.bank(&texts(40, "5"), &["--linger-seconds", "0", "--rate", "500"]);
    assert_eq!(report["answers"], json!({ "ESME_ROK": 30, "ESME_RSUBMITFAIL": 10 }));
    assert_eq!((&report["texts"], &report["sent"], &report["given_up"]), (&json!(40), &json!(40), &json!(0)));
    assert!(report["answer_ms"]["median"].as_f64() <= report["answer_ms"]["p99"].as_f64(), "{report}");
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

#[test]
fn a_bank_submits_again_what_was_answered_and_what_a_cut_line_took() {
    let peers = Peers::start(&["--json", "--window", "5"]);
    let report =
        peers.bank(&texts(50, "5"), &["--redeliver-percent", "10", "--drop-after", "20", "--linger-seconds", "0"]);
    assert_eq!((&report["redelivered"], &report["given_up"]), (&json!(5), &json!(0)));
    assert!(report["binds"].as_u64().unwrap() >= 3, "{report}");
    let lines = peers.stop();
    let [summary] = lines.as_slice() else { panic!("{lines:#?}") };
    let again = report["redelivered"].as_u64().unwrap();
    assert!(summary["repeated_replies"].as_u64().unwrap() >= again, "the SMSC sees that they came twice: {summary}");
    assert_eq!(summary["smsc"]["binds"], report["binds"]);
}

#[test]
fn what_an_smsc_delivers_again_is_credited_and_confirmed_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("texts.jsonl");
    let lines: Vec<String> = texts(40, "2").iter().map(|text| serde_json::to_string(text).unwrap()).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let mut command = mbush();
    command.args(["simulate", "smsc", "--listen", "127.0.0.1:0", "--json", "--rate", "200", "--deliver"]).arg(&file);
    command.args(["--redeliver-percent", "25", "--error-percent", "10", "--linger-seconds", "3"]);
    let mut smsc = Process::start("simulate smsc", &mut command);
    let address = smsc.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [dispatch]\nretry_first_ms = 50\n[log]\nfilter = \"error\"\n[links.ipko]\nkind = \"smsc\"\n\
         hosts = [\"{address}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n",
        folder.path().display()
    );
    let configuration = folder.path().join("mbush.toml");
    std::fs::write(&configuration, text).unwrap();
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
    let (status, lines) = smsc.wait();
    assert!(status.success(), "{lines:#?}");
    let report: Value = lines.iter().find_map(|line| serde_json::from_str(line).ok()).expect("a report");
    let counts = ["texts", "redelivered", "sent", "given_up"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, [40, 10, 50, 0], "{report}");
    assert_eq!(report["answers"], json!({ "ESME_ROK": 50 }), "{report}");
    assert_eq!(report["repeated_replies"], json!(0), "no confirmation came twice: {report}");
    assert!(report["replies"].as_u64().unwrap() >= 40, "{report}");
    let (status, lines) = server.terminate();
    assert!(status.success(), "{lines:#?}");
    let output = mbush().args(["audit", "--config"]).arg(&configuration).output().unwrap();
    let audit = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && audit.contains("sound"), "{audit}");
}
