//! smpplib binds to the simulated SMSC in each of the three ways; messages go both ways.

use std::process::Command;

use serde_json::{Value, json};
use testkit::process::Process;

use crate::interop::bank::port;
use crate::interop::peers;
use crate::interop::recorder::Recorder;
use crate::interop::simulator::{PASSWORD, Simulator, assert_all_accepted, texts};
use crate::interop::tshark::{
    BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER, DELIVER_SM, ENQUIRE_LINK, SUBMIT_SM, UNBIND, assert_dissected,
};

/// Runs the client to its end and returns what it printed, a JSON object a line.
fn esme(recorder: &Recorder, mode: &str, password: &str, receive: usize) -> Option<Vec<Value>> {
    let python = peers::python()?;
    let mut command = Command::new(python);
    command.arg(peers::material("smpplib_esme.py"));
    command.args([port(&recorder.address), mode, "smpplib", password, &receive.to_string()]);
    let (status, lines) = Process::start("smpplib", &mut command).wait();
    assert!(status.success(), "{status}\n{}", lines.join("\n"));
    Some(
        lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect(),
    )
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn a_transceiver_receives_and_submits() {
    let delivered = [("38349123456", "50005", "10"), ("38344123456", "50005", "Për {5 €}")];
    let simulator = Simulator::start(0, "smpplib", &delivered);
    let recorder = Recorder::start(&simulator.address);
    let Some(events) = esme(&recorder, "transceiver", PASSWORD, delivered.len()) else { return };

    let received: Vec<_> =
        named(&events, "deliver_sm").into_iter().map(|e| (&e["from"], &e["to"], &e["text"])).collect();
    let expected = delivered.map(|(from, to, text)| (json!(from), json!(to), json!(text)));
    assert_eq!(received, expected.iter().map(|(from, to, text)| (from, to, text)).collect::<Vec<_>>());
    assert_all_accepted(&simulator, delivered.len());

    assert_submitted(&simulator, &events);
    simulator.stop();
    assert_dissected(&recorder, &[BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK, UNBIND]);
}

#[test]
fn a_transmitter_submits_and_a_receiver_receives() {
    let delivered = [("38349123456", "50005", "5")];
    let simulator = Simulator::start(0, "smpplib", &delivered);
    let recorder = Recorder::start(&simulator.address);
    let Some(events) = esme(&recorder, "transmitter", PASSWORD, 0) else { return };
    assert_submitted(&simulator, &events);
    assert!(named(&events, "deliver_sm").is_empty(), "a transmitter is sent nothing: {events:?}");

    let events = esme(&recorder, "receiver", PASSWORD, 1).unwrap_or_default();
    assert_eq!(named(&events, "deliver_sm").len(), 1);
    assert_all_accepted(&simulator, 1);
    assert_dissected(&recorder, &[BIND_TRANSMITTER, BIND_RECEIVER, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK, UNBIND]);
}

#[test]
fn a_wrong_password_is_refused_and_the_next_bind_is_served() {
    let simulator = Simulator::start(0, "smpplib", &[]);
    let recorder = Recorder::start(&simulator.address);
    let Some(events) = esme(&recorder, "transceiver", "guess", 0) else { return };
    let refused = named(&events, "bind_refused");
    // ESME_RINVPASWD, or ESME_RBINDFAIL where the reason is not told
    assert!(refused.len() == 1 && [json!(0x0E), json!(0x0D)].contains(&refused[0]["status"]), "{events:?}");

    let events = esme(&recorder, "transceiver", PASSWORD, 0).unwrap_or_default();
    assert_submitted(&simulator, &events);
    assert_dissected(&recorder, &[BIND_TRANSCEIVER, SUBMIT_SM, ENQUIRE_LINK, UNBIND]);
}

/// The client submits two texts: one in the default alphabet, one in UCS-2.
fn assert_submitted(simulator: &Simulator, events: &[Value]) {
    let answers = named(events, "submit_sm_resp");
    assert!(answers.len() == 2 && answers.iter().all(|answer| answer["status"] == 0), "{events:?}");
    let ids: Vec<_> = answers.iter().filter_map(|answer| answer["message_id"].as_str()).collect();
    assert!(ids.len() == 2 && ids[0] != ids[1] && !ids[0].is_empty(), "{ids:?}");

    let sms = |text: &str| ("50005".to_owned(), "38349123456".to_owned(), text.to_owned());
    assert_eq!(texts(&simulator.events("submit_sm", 2)), [sms("Hello @ {5 €}"), sms("Përshëndetje")]);
    assert_eq!(named(events, "enquire_link_resp").len(), 1, "{events:?}");
    assert_eq!(named(events, "unbound").len(), 1, "{events:?}");
}
