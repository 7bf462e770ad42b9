//! Kannel and smpplib bind to `mbush serve` as banks do: what they submit becomes credit, and they get the reply.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::process::Process;
use crate::common::{free_ports, http, mbush, run};
use crate::peers;
use crate::recorder::Recorder;
use crate::simulator::PASSWORD;
use crate::tshark::{BIND_TRANSCEIVER, DELIVER_SM, SUBMIT_SM, UNBIND, assert_dissected};

const CUSTOMER: &str = "38349123456";

/// `mbush serve` with one bank.
struct Bank {
    process: Process,
    address: String,
    folder: TempDir,
}

impl Bank {
    fn start(system_id: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = format!(
            r#"
            [store]
            url = "sqlite://{}/mbush.db"
            [http]
            listen = "127.0.0.1:0"
            [subscribers]
            unknown = "create"
            [smpp_server]
            listen = "127.0.0.1:0"
            [links.bank]
            kind = "esme"
            system_id = "{system_id}"
            password = "{PASSWORD}""#,
            folder.path().display()
        );
        let configuration = folder.path().join("mbush.toml");
        fs::write(&configuration, text).expect("a file in a temporary folder");
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
        let line = process.line("its SMPP address", |line| line.starts_with("listening for SMPP on "));
        let address = line.trim_start_matches("listening for SMPP on ").to_owned();
        Self { process, address, folder }
    }

    fn balance_cents(&self) -> Value {
        let configuration = self.folder.path().join("mbush.toml");
        let output = run(mbush().args(["account", CUSTOMER, "--json", "--config"]).arg(configuration));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        answer["account"]["balance_cents"].clone()
    }

    fn stop(self) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

#[test]
fn what_kannel_submits_is_credited_and_kannel_gets_the_reply() {
    let (Some(bearerbox), Some(smsbox)) = (peers::program("bearerbox"), peers::program("smsbox")) else { return };
    let (Some(tshark), Some(text2pcap)) = (peers::program("tshark"), peers::program("text2pcap")) else { return };
    let bank = Bank::start("kannel");
    let recorder = Recorder::start(&bank.address);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [admin, boxes, sendsms] = free_ports().map(|port| port.to_string());
    let template = fs::read_to_string(peers::material("kannel.conf")).expect("the template is there");
    let values = [
        ("{admin_port}", admin.as_str()),
        ("{smsbox_port}", &boxes),
        ("{sendsms_port}", &sendsms),
        ("{smsc_port}", port(&recorder.address)),
        ("{password}", PASSWORD),
        // Kannel's customers answer nothing: a reply to a reply would be a text to the bank again.
        ("max-messages = 1", "max-messages = 0"),
    ];
    let configuration = values.iter().fold(template, |text, (name, value)| text.replace(name, value));
    let path = folder.path().join("kannel.conf");
    fs::write(&path, configuration).expect("a file in a temporary folder");
    let start = |name: &str, program| {
        Process::start(name, Command::new(program).args(["-v", "0"]).arg(&path).current_dir(folder.path()))
    };
    let bearerbox = start("bearerbox", bearerbox);
    bearerbox.line("connection module", |line| line.contains("starting smsbox connection module"));
    let smsbox = start("smsbox", smsbox);
    smsbox.line("connection to bearerbox", |line| line.contains("Connected to bearerbox"));

    let text = format!("/cgi-bin/sendsms?username=interop&password=interop&from={CUSTOMER}&to=50005&text=10");
    let accepted = http::get(&format!("127.0.0.1:{sendsms}"), &text);
    assert_eq!(accepted.status, 202, "{accepted:?}");
    bearerbox.line("the reply", |line| line.contains("type_name: deliver_sm") && !line.contains("resp"));
    bearerbox.line("its answer to the reply", |line| line.contains("type_name: deliver_sm_resp"));
    assert_eq!(bank.balance_cents(), 1_000);

    bank.stop();
    let (_, log) = bearerbox.terminate();
    let complaints: Vec<_> = log.iter().filter(|line| line.contains("PDU") && line.contains("ERROR")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_dissected(&recorder, (&tshark, &text2pcap), &[BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, UNBIND]);
}

#[test]
fn smpplib_submits_and_takes_its_leave() {
    let Some(python) = peers::python() else { return };
    let bank = Bank::start("smpplib");
    let mut command = Command::new(python);
    command.arg(peers::material("smpplib_esme.py"));
    command.args([port(&bank.address), "transceiver", "smpplib", PASSWORD, "0"]);
    let (status, lines) = Process::start("smpplib", &mut command).wait();
    assert!(status.success(), "{status}\n{}", lines.join("\n"));
    let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let answered = |event: &&Value| event["event"] == "submit_sm_resp" && event["status"] == 0;
    assert_eq!(events.iter().filter(answered).count(), 2, "{events:?}");
    assert!(events.iter().any(|event| event["event"] == "unbound"), "{events:?}");
    bank.stop();
}

#[test]
fn smpplib_with_a_wrong_password_is_refused() {
    let Some(python) = peers::python() else { return };
    let bank = Bank::start("smpplib");
    let mut command = Command::new(python);
    command.arg(peers::material("smpplib_esme.py"));
    command.args([port(&bank.address), "transmitter", "smpplib", "guess", "0"]);
    let (_, lines) = Process::start("smpplib", &mut command).wait();
    let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // ESME_RBINDFAIL: a stranger is not told which of the two was wrong.
    assert!(events.iter().any(|event| event["event"] == "bind_refused" && event["status"] == 0x0D), "{events:?}");
    bank.stop();
}
