//! Wireshark's dissector reads every PDU that we send, as an ESME and as an SMSC, without a complaint.

use std::path::Path;
use std::process::Command;

use testkit::run;

use crate::interop::peers;
use crate::interop::recorder::{Capture, Recorder, SMSC_PORT};
use crate::interop::server::Server;
use crate::interop::simulator::{Simulator, assert_all_accepted};

pub(crate) const BIND_RECEIVER: u32 = 0x01;
pub(crate) const BIND_TRANSMITTER: u32 = 0x02;
pub(crate) const SUBMIT_SM: u32 = 0x04;
pub(crate) const DELIVER_SM: u32 = 0x05;
pub(crate) const UNBIND: u32 = 0x06;
pub(crate) const BIND_TRANSCEIVER: u32 = 0x09;
pub(crate) const ENQUIRE_LINK: u32 = 0x15;
pub(crate) const RESPONSE: u32 = 0x8000_0000;

#[test]
fn a_transceiver_session_is_dissected_without_a_complaint() {
    let expected = [BIND_TRANSCEIVER, DELIVER_SM, SUBMIT_SM, UNBIND];
    session_is_dissected("transceiver", &expected);
}

#[test]
fn a_pair_of_sessions_is_dissected_without_a_complaint() {
    let expected = [BIND_RECEIVER, BIND_TRANSMITTER, DELIVER_SM, SUBMIT_SM, UNBIND];
    session_is_dissected("pair", &expected);
}

/// Runs the product against the simulated SMSC and has every recorded octet dissected.
fn session_is_dissected(bind: &str, expected: &[u32]) {
    let delivered = [
        ("38349123456", "50005", "10"),
        ("38349123457", "50005", "049123456 5"),
        ("38349123458", "50005", "pesë euro për nënën"),
        ("38349123459", "50005", "fix 038712345 20"),
    ];
    let simulator = Simulator::start(0, "mbush", &delivered);
    let recorder = Recorder::start(&simulator.address);
    let server = Server::start(&recorder.address, bind, "");
    assert_all_accepted(&simulator, delivered.len());
    simulator.events("submit_sm", delivered.len());
    server.stop();
    simulator.stop();

    assert_dissected(&recorder, expected);
}

/// Every PDU that was relayed is dissected without a complaint, and each of these requests and its response are there.
pub(crate) fn assert_dissected(recorder: &Recorder, expected: &[u32]) {
    let commands: Vec<u32> = expected.iter().flat_map(|request| [*request, *request | RESPONSE]).collect();
    assert_commands_dissected(recorder, &commands);
}

/// Every PDU that was relayed is dissected without a complaint, and each of these commands is there.
pub(crate) fn assert_commands_dissected(recorder: &Recorder, expected: &[u32]) {
    let (Some(tshark), Some(text2pcap)) = (peers::program("tshark"), peers::program("text2pcap")) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let captures = recorder.captures(&text2pcap, folder.path());
    let (mut sent, mut dissected): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for capture in &captures {
        let dissection = dissect(&tshark, capture);
        assert!(dissection.complaints.is_empty(), "{:#?}", dissection.complaints);
        dissected.extend(dissection.commands);
        sent.extend(&capture.commands);
    }
    dissected.sort_unstable();
    sent.sort_unstable();
    assert_eq!(dissected, sent, "every PDU is dissected");
    for command in expected {
        assert!(dissected.contains(command), "{command:#010x} was not seen among {dissected:x?}");
    }
}

/// What tshark found in a capture.
struct Dissection {
    /// `command_id`s.
    commands: Vec<u32>,
    /// Malformed marks and expert information, of any severity.
    complaints: Vec<String>,
}

fn dissect(tshark: &Path, capture: &Capture) -> Dissection {
    let mut command = Command::new(tshark);
    command.arg("-r").arg(&capture.file).args(["-d", &format!("tcp.port=={SMSC_PORT},smpp"), "-Y", "smpp"]);
    command.args(["-T", "fields", "-E", "separator=|"]);
    command.args(["-e", "smpp.command_id", "-e", "_ws.malformed", "-e", "_ws.expert.message"]);
    let output = run(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut dissection = Dissection { commands: Vec::new(), complaints: Vec::new() };
    for frame in String::from_utf8_lossy(&output.stdout).lines() {
        let (ids, complaints) = frame.split_once('|').unwrap_or((frame, ""));
        if !complaints.trim_matches('|').is_empty() {
            dissection.complaints.push(frame.to_owned());
        }
        let hexadecimal = ids.split(',').map(|id| id.trim_start_matches("0x"));
        dissection.commands.extend(hexadecimal.filter_map(|id| u32::from_str_radix(id, 16).ok()));
    }
    dissection
}

#[test]
fn a_malformed_pdu_is_noticed() {
    let (Some(tshark), Some(text2pcap)) = (peers::program("tshark"), peers::program("text2pcap")) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    // A submit_sm whose sm_length announces 200 octets where one follows.
    let mut pdu = b"\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\x01".to_vec();
    pdu.extend(b"\0\x01\x0150005\0\x01\x0138349123456\0\0\0\0\0\0\0\0\0\0\xC8x");
    pdu[3] = u8::try_from(pdu.len()).expect("a short PDU");
    let dissection = dissect(&tshark, &Capture::of_esme(&text2pcap, folder.path(), &pdu));
    assert_eq!(dissection.commands, [SUBMIT_SM]);
    assert!(!dissection.complaints.is_empty());
}
