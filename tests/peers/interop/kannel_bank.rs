//! Kannel binds to `mbush serve` as banks do.

use std::fs;
use std::process::Command;

use testkit::process::Process;
use testkit::{free_ports, http, until};

use crate::interop::bank::{Bank, CUSTOMER, port};
use crate::interop::peers;
use crate::interop::recorder::Recorder;
use crate::interop::simulator::PASSWORD;
use crate::interop::tshark::{BIND_TRANSCEIVER, DELIVER_SM, SUBMIT_SM, UNBIND, assert_dissected};

#[test]
fn a_text_over_a_transceiver_is_credited_and_confirmed() {
    let (Some(bearerbox), Some(smsbox)) = (peers::program("bearerbox"), peers::program("smsbox")) else { return };
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
    // The one that says so is not ready itself: it hangs up on who asks too early.
    until("bearerbox lists the smsbox", || {
        http::get(&format!("127.0.0.1:{admin}"), "/status.txt?password=interop").body.contains("smsbox:")
    });

    let text = format!("/cgi-bin/sendsms?username=interop&password=interop&from={CUSTOMER}&to=50005&text=10");
    let accepted = http::get(&format!("127.0.0.1:{sendsms}"), &text);
    assert_eq!(accepted.status, 202, "{accepted:?}");
    bearerbox.line("the reply", |line| line.contains("type_name: deliver_sm") && !line.contains("resp"));
    bearerbox.line("its answer to the reply", |line| line.contains("type_name: deliver_sm_resp"));
    assert_eq!(bank.balance_minor(), 1_000);

    bank.stop();
    let (_, log) = bearerbox.terminate();
    let complaints: Vec<_> = log.iter().filter(|line| line.contains("PDU") && line.contains("ERROR")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_dissected(&recorder, &[BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, UNBIND]);
}
