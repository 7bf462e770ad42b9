//! A peer that plays an SMSC, and `mbush serve` with a link to it.

use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, http, until};

use crate::interop::recorder::Recorder;
use crate::interop::scripted::Peer;
use crate::interop::server::Server;
use crate::interop::simulator::PASSWORD;
use crate::interop::tshark::{
    BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER, DELIVER_SM, RESPONSE, SUBMIT_SM, UNBIND,
    assert_commands_dissected, assert_dissected,
};

pub(crate) struct Center {
    peer: Peer,
    smsc: Process,
    server: Server,
    recorder: Recorder,
}

impl Center {
    pub(crate) fn start(peer: Peer, scenario: &str, bind: &str, further: &str) -> Option<Self> {
        let mut command = (peer.script)()?;
        let [port] = free_ports();
        command.args(["smsc", &port.to_string(), "mbush", PASSWORD, scenario]);
        let smsc = Process::start(scenario, &mut command);
        smsc.line("its start", |line| line.contains("\"listening\""));
        let recorder = Recorder::start(&format!("127.0.0.1:{port}"));
        let server = Server::start(&recorder.address, bind, further);
        Some(Self { peer, smsc, server, recorder })
    }

    /// At least so many events of this name, waiting for them.
    pub(crate) fn events(&self, name: &str, count: usize) -> Vec<Value> {
        let event = |line: &str| serde_json::from_str::<Value>(line).ok().filter(|event| event["event"] == name);
        self.smsc.lines(count, name, |line| event(line).is_some()).iter().filter_map(|line| event(line)).collect()
    }

    /// The link submits one confirmation, of so much credit, and answers its deliveries so.
    pub(crate) fn assert_topped_up(&self, minor: i64, answers: &[u32]) {
        let replies = self.events("submit_sm", 1);
        assert!(replies[0]["text"].as_str().is_some_and(|text| text.contains("EUR")), "{replies:?}");
        assert_eq!(self.server.balance_minor("38349123456"), Some(minor));
        until("the deliveries are answered", || self.recorder.statuses(DELIVER_SM | RESPONSE).len() >= answers.len());
        let mut statuses = self.recorder.statuses(DELIVER_SM | RESPONSE);
        statuses.sort_unstable();
        assert_eq!(statuses, answers);
    }

    /// The peer's program got the answers to so many deliveries, and one to its question for life.
    fn assert_heard(&self, deliveries: usize) {
        self.events("deliver_sm_resp", deliveries);
        if self.peer.asks_for_life {
            assert_eq!(self.events("enquire_link_resp", 1)[0]["status"], 0);
        }
    }

    /// Waits until the receipt has been put to its reply.
    fn assert_receipt_is_kept(&self) {
        let address = self.server.http_address();
        until("the receipt is stored", || {
            let metrics = http::get(&address, "/metrics").body;
            metrics.lines().any(|line| line.starts_with("mbush_receipts_total") && line.contains("\"delivered\""))
        });
    }

    /// Ends the server, which takes its leave; everything that was exchanged has to be dissected.
    pub(crate) fn end(self, binds: &[u32]) {
        self.server.stop();
        self.smsc.line("the leave", |line| line.contains("\"unb"));
        drop(self.smsc);
        assert_dissected(&self.recorder, &[binds, &[SUBMIT_SM, DELIVER_SM]].concat());
        let leave: &[u32] = if self.peer.answers_unbind { &[UNBIND, UNBIND | RESPONSE] } else { &[UNBIND] };
        assert_commands_dissected(&self.recorder, leave);
    }
}

/// A text from the SMSC becomes `minor` of credit, and the SMSC gets the confirmation.
pub(crate) fn smsc_is_served(peer: Peer, (scenario, bind): (&str, &str), parts: usize, minor: i64) {
    let Some(center) = Center::start(peer, scenario, bind, "") else { return };
    center.assert_topped_up(minor, &vec![0; parts]);
    if bind != "pair" || peer.hears_receivers {
        center.assert_heard(parts);
    }
    center.end(if bind == "pair" { &[BIND_TRANSMITTER, BIND_RECEIVER] } else { &[BIND_TRANSCEIVER] });
}

/// The SMSC is asked for receipts, and the one that it sends finds its reply.
pub(crate) fn receipt_finds_its_reply(peer: Peer) {
    let Some(center) = Center::start(peer, "receipt", "transceiver", "receipts = true") else { return };
    assert_eq!(center.events("submit_sm", 1)[0]["registered_delivery"], 1);
    center.assert_receipt_is_kept();
    center.assert_topped_up(1_000, &[0, 0]);
    center.end(&[BIND_TRANSCEIVER]);
}

/// What the SMSC throttles comes again, once.
pub(crate) fn throttled_reply_comes_again(peer: Peer) {
    let Some(center) = Center::start(peer, "throttle", "transceiver", "") else { return };
    let throttled = center.events("throttled", 1);
    center.assert_topped_up(1_000, &[0]);
    assert_eq!(center.events("submit_sm", 1)[0]["text"], throttled[0]["text"]);
    center.end(&[BIND_TRANSCEIVER]);
}

/// The SMSC takes its leave; the link answers, and binds again.
pub(crate) fn link_comes_back(peer: Peer) {
    let Some(center) = Center::start(peer, "leave", "transceiver", "") else { return };
    center.assert_topped_up(1_000, &[0]);
    center.events("bound", 2);
    center.end(&[BIND_TRANSCEIVER]);
}

/// What only an ESME may ask for is refused with its error, and what comes after it is served.
pub(crate) fn wrong_way_is_refused(peer: Peer) {
    /// Not in this state of the session.
    const INVALID_BIND_STATUS: i64 = 0x04;
    let Some(center) = Center::start(peer, "wrong way", "transceiver", "") else { return };
    assert_eq!(center.events("wrong_way_resp", 1)[0]["status"], INVALID_BIND_STATUS);
    center.assert_topped_up(1_000, &[0]);
    center.assert_heard(1);
    center.end(&[BIND_TRANSCEIVER]);
}

/// The SMSC refuses the first bind; the link tries again.
pub(crate) fn refused_link_binds_later(peer: Peer) {
    let Some(center) = Center::start(peer, "stranger", "transceiver", "") else { return };
    center.events("bind_refused", 1);
    center.assert_topped_up(1_000, &[0]);
    center.end(&[BIND_TRANSCEIVER]);
}
