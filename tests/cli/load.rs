//! `mbush load` against `mbush serve` on SQLite: what is measured, what is judged, and what faults of the network do.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};
use testkit::process::Process;
use testkit::{mbush, run};

use crate::complaint;

/// The parameter in which the simulated network puts its identifier of a message.
const MESSAGE_ID_TLV: &str = "30";

/// A server with a link to the SMSC at an address, a bank and a client.
struct Server {
    process: Process,
    configuration: PathBuf,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(smsc: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \
             \"create\"\n[dispatch]\nretry_first_ms = 50\nunanswered_wait_seconds = 1\n[log]\nfilter = \"error\"\n\
             [smpp_server]\nlisten = \"127.0.0.1:0\"\n[links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\n\
             password = \"secret\"\nbanks = [\"ekonomike\"]\nthrottle_segments_per_second = 100000\n\
             [clients.atm]\nbank = \"bkt\"\nchannel = \"atm\"\nsecret = \"secret of the machine\"\n\
             [links.ipko]\nkind = \"smsc\"\nhosts = [\"{smsc}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n\
             throttle_segments_per_second = 100000\nreconnect_first_ms = 50\nreconnect_max_ms = 200\n{more}",
            folder.path().display()
        );
        Self::configured(folder, &text)
    }

    fn configured(folder: tempfile::TempDir, text: &str) -> Self {
        let configuration = folder.path().join("mbush.toml");
        std::fs::write(&configuration, text).unwrap();
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
        Self { process, configuration, _folder: folder }
    }

    /// One that nobody's SMSC serves.
    fn without_smsc() -> Self {
        let [port] = testkit::free_ports();
        Self::start(&format!("127.0.0.1:{port}"), "")
    }

    fn address(&self, what: &str) -> String {
        self.process.line(what, |line| line.starts_with(what)).split_off(what.len())
    }

    fn smpp(&self) -> String {
        self.address("listening for SMPP on ")
    }

    /// The server ends well, and its ledger is sound.
    fn stop(self) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{lines:#?}");
        let output = run(mbush().args(["audit", "--config"]).arg(&self.configuration));
        let audit = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && audit.contains("sound"), "{audit}");
    }
}

/// `mbush load smsc` and the address that it listens on.
fn smsc(arguments: &[&str]) -> (Process, String) {
    let mut command = mbush();
    command.args(["load", "smsc", "--listen", "127.0.0.1:0"]).args(arguments);
    let process = Process::start("mbush load smsc", &mut command);
    let listening = "listening on ";
    let address = process.line("its address", |line| line.starts_with(listening)).split_off(listening.len());
    (process, address)
}

/// The exit code and the report.
fn ended(mut process: Process) -> (Option<i32>, Value) {
    let (status, lines) = process.wait();
    let report = lines.iter().find_map(|line| serde_json::from_str(line).ok());
    (status.code(), report.unwrap_or_else(|| panic!("no report: {lines:#?}")))
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Asserts that so many messages were sent, answered and confirmed, each once.
#[track_caller]
fn assert_flawless(report: &Value, count: u64) {
    for (field, expected) in [
        ("sent", count),
        ("answered", count),
        ("replied", count),
        ("refused", 0),
        ("missing", 0),
        ("duplicates", 0),
        ("wrong", 0),
        ("unexpected", 0),
    ] {
        assert_eq!(report[field], json!(expected), "{field} of {report}");
    }
}

#[test]
fn a_closed_loop_has_one_right_reply_for_each_message() {
    let (smsc, address) = smsc(&["--json", "--strict", "--count", "500", "--in-flight", "32", "--warm-up", "100"]);
    let server = Server::start(&address, "");
    let (code, report) = ended(smsc);
    assert_eq!(code, Some(0), "{report}");
    assert_flawless(&report, 500);
    assert_eq!((&report["side"], &report["statuses"]), (&json!("smsc"), &json!({ "ESME_ROK": 500 })));
    assert!(report["seconds"].as_f64() > Some(0.0) && report["replies_per_second"].as_f64() > Some(0.0), "{report}");
    assert!(report["replies_per_second_middle"].as_f64() > Some(0.0), "{report}");
    for times in ["answer_ms", "reply_ms"] {
        let at = |field: &str| report[times][field].as_f64().unwrap_or_else(|| panic!("{times}.{field}: {report}"));
        let rising = [at("p50"), at("p90"), at("p99"), at("p999"), at("max")];
        assert!(rising.is_sorted() && at("mean") > 0.0 && rising[0] > 0.0, "{report}");
    }
    let measured = |name: &str| report[name].as_array().unwrap().iter().map(|b| b["count"].as_u64().unwrap()).sum();
    let counts: [u64; 2] = ["answer_histogram", "reply_histogram"].map(measured);
    assert_eq!(counts, [400, 400], "the warm-up is not measured");
    server.stop();
}

#[test]
fn a_country_of_the_configuration_has_its_own_confirmations_and_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let vietnam = concat!(env!("CARGO_MANIFEST_DIR"), "/countries/vn");
    let [port] = testkit::free_ports();
    let text = format!(
        "[country]\nfolder = \"{vietnam}\"\n[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \
         \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n[log]\nfilter = \"error\"\n[links.smsc]\nkind = \
         \"smsc\"\nhosts = [\"127.0.0.1:{port}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n\
         throttle_segments_per_second = 100000\nreconnect_first_ms = 50\nreconnect_max_ms = 200\n",
        folder.path().display()
    );
    let server = Server::configured(folder, &text);
    let mut command = mbush();
    command.args(["load", "smsc", "--listen", &format!("127.0.0.1:{port}"), "--json", "--strict", "--count", "40"]);
    command.args(["--config".as_ref(), server.configuration.as_os_str()]);
    command.args(["--from", "8498{n:7}", "--to", "9029", "--text", "nap dt {amount}", "--amounts", "20000,100000"]);
    let (code, report) = ended(Process::start("mbush load smsc", &mut command));
    assert_eq!(code, Some(0), "{report}");
    assert_flawless(&report, 40);
    server.stop();
}

#[test]
fn what_an_smsc_delivers_again_is_credited_and_confirmed_once() {
    let again = ["--redeliver-percent", "25", "--cut-after", "50", "--cuts", "2", "--error-percent", "10"];
    // An SMSC that gives its messages identifiers, and one that does not: its second delivery is told of the first.
    for (identifier, more) in [(Some(MESSAGE_ID_TLV), "message_id_tlv = 30\n"), (None, "")] {
        let mut arguments = vec!["--json", "--strict", "--count", "120", "--rate", "400", "--linger-seconds", "2"];
        arguments.extend(again);
        arguments.extend(identifier.iter().flat_map(|tag| ["--message-id-tlv", tag]));
        let (smsc, address) = smsc(&arguments);
        let server = Server::start(&address, more);
        let (code, report) = ended(smsc);
        assert_eq!(code, Some(0), "{report}");
        assert_flawless(&report, 120);
        assert_eq!((&report["redelivered"], &report["cuts"]), (&json!(30), &json!(2)), "{report}");
        assert!(report["replies_refused"].as_u64() > Some(0) && report["binds"].as_u64() >= Some(3), "{report}");
        let notices = report["notices"].as_u64().unwrap();
        assert!(if identifier.is_some() { notices == 0 } else { notices >= 30 }, "{report}");
        server.stop();
    }
}

#[test]
fn an_open_loop_counts_from_the_instant_that_a_message_was_due() {
    let arguments = ["--json", "--strict", "--rate", "200", "--seconds", "0.5", "--in-flight", "1"];
    let output = run(mbush().args(["load", "smsc"]).args(arguments));
    assert!(complaint(&output).contains("--in-flight"), "it is open or closed, not both");
    let (smsc, address) = smsc(&arguments[..6]);
    // Messages come by one session, and replies go by another.
    let server = Server::start(&address, "bind = \"pair\"\n");
    let (code, report) = ended(smsc);
    assert_eq!(code, Some(0), "{report}");
    assert_flawless(&report, 100);
    // The first message is due at 0 s, the last at 0.495 s.
    assert!(report["seconds"].as_f64() > Some(0.49) && report["late_ms"]["max"].is_f64(), "{report}");
    server.stop();
}

#[test]
fn a_bank_submits_again_what_was_answered_and_what_a_cut_line_took() {
    let server = Server::without_smsc();
    let mut command = mbush();
    command.args(["load", "esme", "--server", &server.smpp(), "--json", "--strict", "--count", "100", "--binds", "2"]);
    command.args(["--redeliver-percent", "10", "--cut-after", "40", "--cuts", "2", "--answer-delay-ms", "5"]);
    let output = run(command.args(["--linger-seconds", "2", "--window", "10"]));
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_flawless(&report, 100);
    assert_eq!((&report["side"], &report["redelivered"]), (&json!("esme"), &json!(10)));
    assert!(report["cuts"] == json!(2) && report["binds"].as_u64() >= Some(4), "{report}");
    assert!(report["resent"].as_u64() > Some(0), "{report}");
    server.stop();
}

#[test]
fn a_machine_orders_over_connections_that_are_kept() {
    let server = Server::without_smsc();
    let url = format!("http://{}", server.address("listening on "));
    let mut command = mbush();
    command.args(["load", "http", "--server", &url, "--json", "--strict", "--count", "200", "--connections", "4"]);
    let output = run(command.env("MBUSH_LOAD_TOKEN", "secret of the machine"));
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_flawless(&report, 200);
    assert_eq!((&report["side"], &report["binds"]), (&json!("http"), &json!(4)));
    assert_eq!(report["statuses"], json!({ "200": 200 }));
    let wrong = run(mbush().args(["load", "http", "--server", &url, "--token", "another", "--count", "3"]));
    assert_eq!(wrong.status.code(), Some(1), "every order is refused");
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("answers 401"), "{wrong:?}");
    server.stop();
}

#[test]
fn a_peer_that_never_replies_is_missed() {
    let (smsc, address) = smsc(&["--json", "--strict", "--count", "20", "--drain-seconds", "0.5"]);
    let silent = ["--server", &address, "--system-id", "mbush", "--submit", "-", "--linger-seconds", "60"];
    let _peer = Process::start("simulate esme", mbush().args(["simulate", "esme"]).args(silent));
    let (code, report) = ended(smsc);
    assert_eq!((code, &report["answered"], &report["missing"]), (Some(1), &json!(20), &json!(20)), "{report}");
}

#[test]
fn a_reply_with_another_text_is_wrong() {
    let server = Server::without_smsc();
    let mut command = mbush();
    command.args(["load", "esme", "--server", &server.smpp(), "--strict", "--count", "20", "--linger-seconds", "0"]);
    let output = run(command.args(["--expect", "Mbushja juaj u krye: {amount} EUR per 049{n:5}. *", "--progress"]));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("  20  wrong") && text.contains("   0  missing"), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("to ") && line.contains(" ms  #")), "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("in flight"), "progress");
    server.stop();
}

#[test]
fn other_machines_are_not_aimed_at_by_mistake() {
    for arguments in [
        &["smsc", "--listen", "0.0.0.0:0"][..],
        &["esme", "--server", "192.0.2.1:2775"],
        &["http", "--server", "http://192.0.2.1:8080", "--token", "x"],
    ] {
        let output = run(mbush().arg("load").args(arguments));
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(complaint(&output).contains("--anywhere"), "{arguments:?}");
    }
    let anywhere = ["load", "smsc", "--anywhere", "--listen", "0.0.0.0:0"];
    let smsc = Process::start("mbush load smsc", mbush().args(anywhere));
    smsc.line("its address", |line| line.starts_with("listening on 0.0.0.0:"));
}

#[test]
fn processes_are_watched_with_their_descendants() {
    let server = Server::without_smsc();
    let watch = format!("server={}", server.process.id());
    let mut command = mbush();
    command.args(["load", "esme", "--server", &server.smpp(), "--json", "--count", "200", "--watch", &watch]);
    let report = report(&run(&mut command));
    if cfg!(target_os = "linux") {
        let watched = &report["watched"][0];
        assert_eq!(watched["name"], json!("server"));
        assert!(watched["cpu_seconds"].is_f64() && watched["rss_peak_mib"].as_f64() > Some(1.0), "{report}");
        assert!(report["own_cpu_seconds"].is_f64(), "{report}");
        let gone = run(mbush().args(["load", "esme", "--server", &server.smpp(), "--watch", "gone=4194305"]));
        assert!(complaint(&gone).contains("--watch gone=4194305: there is no such process"));
    }
    assert_eq!(run(mbush().args(["load", "esme", "--watch", "4711"])).status.code(), Some(2));
    server.stop();
}
