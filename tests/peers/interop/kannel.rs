//! Kannel binds to the simulated SMSC as a transceiver; messages go both ways.

use std::fs;
use std::process::Command;

use testkit::process::Process;
use testkit::{free_ports, http, until};

use crate::interop::peers;
use crate::interop::recorder::Recorder;
use crate::interop::simulator::{PASSWORD, Simulator, assert_all_accepted, texts};
use crate::interop::tshark::{BIND_TRANSCEIVER, DELIVER_SM, SUBMIT_SM, UNBIND, assert_dissected};

const SENDER: &str = "38349123456";

#[test]
fn bearerbox_and_the_simulated_smsc_exchange_messages() {
    let (Some(bearerbox), Some(smsbox)) = (peers::program("bearerbox"), peers::program("smsbox")) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [admin, boxes, sendsms, smsc] = free_ports();
    let configuration = fs::read_to_string(peers::material("kannel.conf")).expect("the template is there");
    let values = [("admin_port", admin), ("smsbox_port", boxes), ("sendsms_port", sendsms), ("smsc_port", smsc)];
    let configuration =
        values.iter().fold(configuration, |text, (name, port)| text.replace(&format!("{{{name}}}"), &port.to_string()));
    let path = folder.path().join("kannel.conf");
    fs::write(&path, configuration.replace("{password}", PASSWORD)).expect("a file in a temporary folder");

    let start = |name: &str, program| {
        Process::start(name, Command::new(program).args(["-v", "0"]).arg(&path).current_dir(folder.path()))
    };
    let bearerbox = start("bearerbox", bearerbox);
    bearerbox.line("connection module", |line| line.contains("starting smsbox connection module"));
    let smsbox = start("smsbox", smsbox);
    // Kannel is complete before its SMSC is there: what is delivered earlier would wait in bearerbox for long.
    smsbox.line("connection to bearerbox", |line| line.contains("Connected to bearerbox"));
    until("bearerbox lists the smsbox", || {
        http::get(&format!("127.0.0.1:{admin}"), "/status.txt?password=interop").body.contains("smsbox:")
    });

    let delivered = [(SENDER, "50005", "10"), (SENDER, "50005", "049123456 5"), (SENDER, "50005", "Për 5")];
    let simulator = Simulator::start(0, "kannel", &delivered);
    let recorder = Recorder::on(smsc, &simulator.address);
    assert_all_accepted(&simulator, delivered.len());
    let answers = texts(&simulator.events("submit_sm", delivered.len()));
    let answer = |text: &str| ("50005".to_owned(), SENDER.to_owned(), format!("read {text} to 50005"));
    assert_eq!(answers, [answer("%00P%00%EB%00r%00+%005"), answer("049123456+5"), answer("10")]);

    let queries =
        ["text=Hello+%40+%7B5+%E2%82%AC%7D&charset=UTF-8", "text=P%C3%ABrsh%C3%ABndetje&charset=UTF-8&coding=2"];
    for query in queries {
        let path = format!("/cgi-bin/sendsms?username=interop&password=interop&from=50005&to={SENDER}&{query}");
        let accepted = http::get(&format!("127.0.0.1:{sendsms}"), &path);
        assert_eq!(accepted.status, 202, "{accepted:?}");
    }
    let mut expected = answers;
    expected
        .extend(["Hello @ {5 €}", "Përshëndetje"].map(|text| ("50005".to_owned(), SENDER.to_owned(), text.to_owned())));
    expected.sort();
    assert_eq!(texts(&simulator.events("submit_sm", expected.len())), expected);

    let (_, log) = bearerbox.terminate();
    let complaints: Vec<_> = log.iter().filter(|line| complains(line)).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    simulator.stop();
    assert_dissected(&recorder, &[BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, UNBIND]);
}

/// Whether Kannel found something wrong with what we sent. It also logs that it retried while we were not there.
fn complains(line: &str) -> bool {
    let about_us = line.contains("SMPP[mbush]") || line.contains("PDU");
    about_us && (line.contains("ERROR") || line.contains("WARNING")) && !line.contains("Couldn't connect")
}
