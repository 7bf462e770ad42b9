//! Peers that are libraries: a script of this folder plays one scenario with each, and prints what it sees, a JSON
//! object a line. Every octet goes through a recorder, and Wireshark's dissector reads all of it afterwards.

use std::process::Command;

use serde_json::Value;
use testkit::process::Process;

use crate::interop::bank::{Bank, port};
use crate::interop::peers;
use crate::interop::recorder::Recorder;
use crate::interop::simulator::PASSWORD;
use crate::interop::tshark::{
    BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER, DELIVER_SM, ENQUIRE_LINK, RESPONSE, SUBMIT_SM, UNBIND,
    assert_dissected,
};

/// A library, and what it is known not to do.
#[derive(Clone, Copy)]
pub(crate) struct Peer {
    /// What runs its script, where that is on this machine.
    pub(crate) script: fn() -> Option<Command>,
    /// Its programs can ask whether the other side lives.
    pub(crate) asks_for_life: bool,
    /// As an SMSC, it writes the answer to an unbind before it closes.
    pub(crate) answers_unbind: bool,
    /// As an SMSC, it takes answers from a session that is bound as a receiver.
    pub(crate) hears_receivers: bool,
}

const WHOLE: Peer = Peer { script: || None, asks_for_life: true, answers_unbind: true, hears_receivers: true };

pub(crate) const AIOSMPPLIB: Peer = Peer { script: || python_script("aiosmpplib_esme.py"), ..WHOLE };

pub(crate) const SMPPLIB: Peer = Peer { script: || python_script("smpplib_bank.py"), ..WHOLE };

pub(crate) const SMPP34: Peer = Peer {
    script: || python_script("smpp34_peer.py"),
    asks_for_life: false,
    answers_unbind: false,
    hears_receivers: false,
};

pub(crate) const NPM_SMPP: Peer = Peer { script: npm_smpp, ..WHOLE };

fn npm_smpp() -> Option<Command> {
    let (node, modules) = peers::node()?;
    let mut command = Command::new(node);
    command.arg(peers::material("npm_smpp.js")).env("NODE_PATH", modules);
    Some(command)
}

fn python_script(name: &str) -> Option<Command> {
    let mut command = Command::new(peers::python()?);
    command.arg(peers::material(name));
    Some(command)
}

/// What a peer printed when it visited `mbush serve` as a bank.
struct Visit {
    peer: Peer,
    events: Vec<Value>,
    bank: Bank,
    recorder: Recorder,
}

impl Visit {
    /// Plays the scenario to its end, which has to be a good one.
    fn of(peer: Peer, scenario: &str, password: &str) -> Option<Self> {
        let mut command = (peer.script)()?;
        let bank = Bank::start("peer");
        let recorder = Recorder::start(&bank.address);
        command.args(["esme", port(&recorder.address), "peer", password, scenario]);
        let (status, lines) = Process::start(scenario, &mut command).wait();
        assert!(status.success(), "{status}\n{}", lines.join("\n"));
        let events = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Some(Self { peer, events, bank, recorder })
    }

    fn named(&self, name: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["event"] == name).collect()
    }

    /// The account has so much; the customer was told so once; the peer asked for life and took its leave.
    fn assert_credited(&self, minor: i64) {
        let seen = &self.events;
        assert_eq!(self.bank.balance_minor(), minor, "{seen:?}");
        let confirms = |sms: &&Value| sms["from"] == "50005" && sms["text"].as_str().is_some_and(|t| t.contains("EUR"));
        assert_eq!(self.named("deliver_sm").into_iter().filter(confirms).count(), 1, "{seen:?}");
        assert!(!self.peer.asks_for_life || !self.named("enquire_link_resp").is_empty(), "{seen:?}");
        assert!(!self.named("unbound").is_empty(), "{seen:?}");
    }

    /// Ends the server; everything that was exchanged has to be dissected.
    fn end(self, requests: &[u32]) {
        self.bank.stop();
        let alive: &[u32] = if self.peer.asks_for_life { &[ENQUIRE_LINK] } else { &[] };
        assert_dissected(&self.recorder, &[requests, alive, &[SUBMIT_SM, DELIVER_SM, UNBIND]].concat());
    }
}

/// A bank's text becomes `minor` of credit, and the bank gets the confirmation.
pub(crate) fn bank_tops_up(peer: Peer, scenario: &str, minor: i64) {
    let Some(visit) = Visit::of(peer, scenario, PASSWORD) else { return };
    let answers = visit.named("submit_sm_resp");
    assert!(!answers.is_empty() && answers.iter().all(|answer| answer["status"] == 0), "{:?}", visit.events);
    visit.assert_credited(minor);
    visit.end(if scenario == "pair" { &[BIND_TRANSMITTER, BIND_RECEIVER] } else { &[BIND_TRANSCEIVER] });
}

/// A bank that asks for a receipt gets one that names its message, beside the confirmation for its customer.
pub(crate) fn bank_gets_receipt(peer: Peer) {
    const RECEIPT: i64 = 0x04;
    let Some(visit) = Visit::of(peer, "receipt", PASSWORD) else { return };
    visit.assert_credited(1_000);
    let (answers, all) = (visit.named("submit_sm_resp"), visit.named("deliver_sm"));
    let receipts: Vec<_> = all.iter().filter(|sms| sms["esm_class"] == RECEIPT).collect();
    assert!(answers.len() == 1 && receipts.len() == 1, "{:?}", visit.events);
    let (id, text) = (answers[0]["message_id"].as_str(), receipts[0]["text"].as_str().unwrap_or_default());
    assert!(id.is_some_and(|id| text.starts_with(&format!("id:{id} "))) && text.contains("stat:DELIVRD"), "{text}");
    visit.end(&[BIND_TRANSCEIVER]);
}

/// A bank with a wrong password is refused.
pub(crate) fn stranger_is_refused(peer: Peer) {
    /// What a stranger hears, whatever was wrong.
    const BIND_FAILED: u32 = 0x0D;
    let Some(visit) = Visit::of(peer, "stranger", "guess") else { return };
    assert_eq!(visit.named("bind_refused").len(), 1, "{:?}", visit.events);
    assert!(visit.named("bound").is_empty(), "{:?}", visit.events);
    visit.bank.stop();
    assert_eq!(visit.recorder.statuses(BIND_TRANSCEIVER | RESPONSE), [BIND_FAILED]);
    assert_dissected(&visit.recorder, &[BIND_TRANSCEIVER]);
}

/// A text from an address of a type that there is not is refused with its error, and the next one is served.
pub(crate) fn odd_field_costs_one_message(peer: Peer) {
    const INVALID_SOURCE_TON: u32 = 0x48;
    let Some(visit) = Visit::of(peer, "odd", PASSWORD) else { return };
    let mut statuses = visit.recorder.statuses(SUBMIT_SM | RESPONSE);
    statuses.sort_unstable();
    assert_eq!(statuses, [0, INVALID_SOURCE_TON], "{:?}", visit.events);
    visit.assert_credited(1_000);
    visit.end(&[BIND_TRANSCEIVER]);
}
