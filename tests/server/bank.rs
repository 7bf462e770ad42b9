//! The whole program with a bank that binds to it: `mbush serve`, `mbush simulate esme` and `mbush load esme` over real sockets, and an
//! SMSC that says what became of replies.

use std::path::Path;
use std::process::Output;

use mbush::simulator::esme::message;
use mbush::simulator::{Esme, EsmeSettings, Faults, ReceiptMark, ReceiptStyle, Smsc, SmscSettings, Text};
use mbush::smpp::address::Address;
use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::{BindMode, Body, QuerySm, ShortMessage, Sm};
use mbush::smpp::session::Completion;
use mbush::smpp::tlv::tag;
use mbush::store::{Store, Totals};
use serde_json::{Value, json};
use testkit::mbush;
use testkit::process::Process;
use testkit::wait::{until, within};
use tokio::sync::broadcast;

use crate::said::deliver_octets;

const SECTIONS: &str = "[http]\nlisten = \"127.0.0.1:0\"\nadmin_secret = \"staff\"\n[subscribers]\nunknown = \"create\"\n\
    [dispatch]\nretry_first_ms = 50\nunanswered_wait_seconds = 1\n[log]\nfilter = \"error\"\n\
    [smpp_server]\nlisten = \"127.0.0.1:0\"\n";
const BANK: &str = "[links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\nbanks = [\"ekonomike\"]\n\
    throttle_segments_per_second = 100000\n";

struct Server {
    process: Process,
    http: String,
    smpp: String,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(links: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), links)
    }

    /// On the database that is there.
    fn start_in(folder: tempfile::TempDir, links: &str) -> Self {
        let file = folder.path().join("mbush.toml");
        let store = format!("[store]\nurl = \"{}\"\n", url(folder.path()));
        std::fs::write(&file, format!("{store}{SECTIONS}{links}")).unwrap();
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
        let address = |what: &str, line: &str| process.line(what, |l| l.starts_with(line)).split_off(line.len());
        let http = address("its address", "listening on ");
        let smpp = if links.contains("\"esme\"") {
            address("its SMPP address", "listening for SMPP on ")
        } else {
            String::new()
        };
        Self { process, http, smpp, folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let config = self.folder.path().join("mbush.toml");
        testkit::run(mbush().args(arguments).arg("--config").arg(config))
    }

    /// Runs a bank to its end and returns its report.
    fn bank(&self, texts: &[Text], more: &[&str]) -> Value {
        let file = self.folder.path().join("texts.jsonl");
        let lines: Vec<String> = texts.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let mut arguments = vec!["simulate", "esme", "--server", &self.smpp, "--submit", file.to_str().unwrap()];
        arguments.extend(more);
        let output = self.run(&arguments);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        // 1 is the answer "no": the server took none of them.
        let is_none_taken = report["refused"] == report["texts"];
        assert_eq!(output.status.code(), Some(i32::from(is_none_taken)), "{report}");
        report
    }

    /// kill -9.
    fn kill(self) -> tempfile::TempDir {
        drop(self.process);
        self.folder
    }

    async fn stop(self) -> (Store, Totals, tempfile::TempDir) {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
        let store = Store::open(&url(self.folder.path())).await.unwrap();
        let totals = store.totals().await.unwrap();
        assert_eq!(totals.transferred_minor, totals.balances_minor, "the books do not agree: {totals:?}");
        (store, totals, self.folder)
    }
}

fn url(folder: &Path) -> String {
    format!("sqlite://{}/mbush.db", folder.display())
}

fn texts(count: usize) -> Vec<Text> {
    let text = |index: usize| Text {
        from: format!("383491{index:05}"),
        to: "50005".to_owned(),
        text: format!("04400000{} 2", index % 5),
    };
    (0..count).map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bank_submits_again_is_carried_out_once() {
    let server = Server::start(BANK);
    let more =
        ["--window", "32", "--redeliver-percent", "20", "--cut-after", "60", "--cuts", "3", "--strict", "--json"];
    let load = ["load", "esme", "--server", &server.smpp, "--count", "200", "--amounts", "2", "--linger-seconds", "2"];
    let output = server.run(&[&load[..], &more].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    let counts = ["sent", "replied", "redelivered", "cuts"].map(|field| report[field].as_u64().unwrap());
    assert_eq!(counts, [200, 200, 40, 3], "{report}");
    assert!(report["binds"].as_u64() > Some(3) && report["resent"].as_u64() > Some(0), "{report}");
    let (_, totals, _folder) = server.stop().await;
    assert_eq!((totals.applied, totals.transferred_minor), (200, 40_000));
    assert!(totals.messages >= 240);
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_reach_the_bank_and_those_it_could_not_take_wait_for_it() {
    let server = Server::start(BANK);
    let report = server.bank(&texts(20), &["--status", "0x64", "--status", "0x64", "--linger-seconds", "3"]);
    assert_eq!((&report["answers"], &report["replies"]), (&json!({ "ESME_ROK": 20 }), &json!(20)));
    let (_, totals, _folder) = server.stop().await;
    assert_eq!((totals.applied, totals.outbox_open), (20, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_speaks_for_itself_only() {
    let server = Server::start(BANK);
    let foreign = [Text { to: "50333".to_owned(), ..texts(1).remove(0) }];
    let report = server.bank(&foreign, &["--linger-seconds", "0"]);
    assert_eq!(report["answers"], json!({ "ESME_RINVDSTADR": 1 }));
    let (_, totals, _folder) = server.stop().await;
    assert_eq!(totals.messages, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_who_is_bound() {
    let server = Server::start(BANK);
    let bank = bound(&server, BindMode::Transceiver).await;
    let text = Text { to: "50333".to_owned(), ..texts(1).remove(0) };
    bank.submit(&text).await.unwrap();
    let output = server.run(&["smpp", "sessions", "--json", "--http", &server.http]);
    let session: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&session["link"], &session["mode"]), (&json!("bank"), &json!("transceiver")));
    assert_eq!((&session["requests_received"], &session["answered_otherwise"]), (&json!(1), &json!(1)));
    assert!(session["last_error"].as_str().unwrap().contains("ESME_RINVDSTADR"), "{session}");
    let output = server.run(&["smpp", "sessions", "--http", &server.http]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("bank  transceiver, esme 127.0.0.1:"));
    let metrics = testkit::http::get(&server.http, "/metrics").body;
    for counted in ["requests_received_total", "answered_otherwise_total"] {
        let line = format!("mbush_smpp_{counted}{{link=\"bank\"}} 1");
        assert!(metrics.lines().any(|shown| shown == line), "`{line}` is not in {metrics}");
    }
    let answer = testkit::http::get(&server.http, "/v1/smpp/sessions");
    assert_eq!(answer.status, 401, "without the secret nobody sees anything");
    within("the end of the session", bank.unbind()).await;
    server.stop().await;
}

/// What the bank's own machine submits: no phone is its sender.
fn of_machine(text: &str, registered_delivery: u8) -> Sm {
    let source = Address::new(5, 0, "EKONOMIKE").unwrap();
    let sm = message(&texts(1)[0], text.as_bytes().to_vec(), 0, 0).unwrap();
    Sm { source, registered_delivery, ..sm }
}

async fn bound(server: &Server, mode: BindMode) -> Esme {
    Esme::bind(&EsmeSettings { mode, ..EsmeSettings::new(server.smpp.clone()) }).await.unwrap()
}

async fn receipt(requests: &mut broadcast::Receiver<Body>) -> Sm {
    loop {
        let request = within("a receipt", requests.recv()).await.unwrap();
        if let Body::DeliverSm(sm) = request
            && sm.esm_class == 0x04
        {
            return sm;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banks_machine_hears_how_each_of_its_messages_ended_whatever_happens() {
    let server = Server::start(BANK);
    let bank = bound(&server, BindMode::Transmitter).await;
    let expected = [
        ("049123456 5", 1, Some((2, "DELIVRD", 0))),
        ("049123456 5", 1, Some((8, "REJECTD", 1))),
        ("049123456 999", 1, Some((8, "REJECTD", 23))),
        ("qwertyuiop", 1, Some((5, "UNDELIV", 32))),
        ("ndihme", 1, Some((6, "ACCEPTD", 0))),
        ("049123457 5", 2, None),
        ("049123457 999", 2, Some((8, "REJECTD", 23))),
        ("049123458 5", 3, Some((2, "DELIVRD", 0))),
        ("049123458 999", 3, None),
        ("049123459 5", 0, None),
    ];
    let mut wanted = std::collections::BTreeMap::new();
    for (text, registered, ending) in expected {
        let (status, id) = bank.submit_sm(of_machine(text, registered)).await.unwrap();
        let id = id.unwrap();
        assert!(status.is_ok(), "{text}");
        let message_id = Octets::from_text(&id).unwrap();
        let query = QuerySm { message_id, source: Address::default() };
        let Completion::Answered(answer) = bank.request(Body::QuerySm(query)).await else { panic!() };
        let Body::QuerySmResp(resp) = answer.body else { panic!() };
        assert!(answer.status.is_ok() && resp.final_date.as_bytes().len() == 16, "{text}");
        if let Some((state, word, code)) = ending {
            assert_eq!((resp.message_state, resp.error_code), (state, code), "{text}");
            wanted.insert(id, (text, state, word, code));
        }
    }
    bank.cut();
    // Nobody could take a receipt so far, and the server dies without a word.
    let server = Server::start_in(server.kill(), BANK);
    let bank = bound(&server, BindMode::Receiver).await;
    let mut requests = bank.requests();
    while !wanted.is_empty() {
        let sm = receipt(&mut requests).await;
        let text = String::from_utf8(sm.short_message.octets().to_vec()).unwrap();
        let id = text.strip_prefix("id:").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
        let (written, state, word, code) = wanted.remove(&id).unwrap_or_else(|| panic!("nobody asked for {text}"));
        assert!(text.contains(&format!(" stat:{word} err:{code:03} text:{written}")), "{text}");
        assert_eq!(sm.tlvs.octet(tag::MESSAGE_STATE), Some(state));
        assert_eq!(sm.tlvs.get(tag::RECEIPTED_MESSAGE_ID), Some([id.as_bytes(), &[0]].concat().as_slice()));
        let network = [3, 0, code];
        assert_eq!(sm.tlvs.get(tag::NETWORK_ERROR_CODE), (code != 0).then_some(network.as_slice()));
        assert_eq!(
            (sm.source.value.to_string().as_str(), sm.destination.value.to_string().as_str()),
            ("50005", "EKONOMIKE")
        );
        assert_eq!((sm.destination.ton, sm.destination.npi), (5, 0));
    }
    bank.unbind().await;
    let (_, totals, _folder) = server.stop().await;
    assert_eq!(totals.outbox_open, 0, "each was told once, and is done with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_parts_of_a_message_loses_none_of_them() {
    let server = Server::start(BANK);
    let bank = bound(&server, BindMode::Transceiver).await;
    let part = |number: u8, text: &str| {
        let octets = [&[6, 8, 4, 1, 77, 3, number], text.as_bytes()].concat();
        let short_message = ShortMessage::new(octets.into()).unwrap();
        Sm { esm_class: 0x40, short_message, ..of_machine("", 1) }
    };
    let (status, id) = bank.submit_sm(part(3, " 5")).await.unwrap();
    assert!(status.is_ok(), "it waits for nobody");
    assert_eq!(bank.submit_sm(part(3, " 5")).await.unwrap(), (status, id.clone()));
    let query = QuerySm { message_id: Octets::from_text(id.as_deref().unwrap()).unwrap(), source: Address::default() };
    let Completion::Answered(answer) = bank.request(Body::QuerySm(query)).await else { panic!() };
    assert!(matches!(answer.body, Body::QuerySmResp(resp) if resp.message_state == 1), "en route");
    let server = Server::start_in(server.kill(), BANK);
    let bank = bound(&server, BindMode::Transceiver).await;
    let mut requests = bank.requests();
    for again in [part(1, "049"), part(3, " 5"), part(2, "123456")] {
        assert_eq!(bank.submit_sm(again).await.unwrap(), (status, id.clone()));
    }
    let receipt = receipt(&mut requests).await;
    let text = String::from_utf8(receipt.short_message.octets().to_vec()).unwrap();
    assert!(text.contains(&id.unwrap()) && text.ends_with("stat:DELIVRD err:000 text:049123456 5"), "{text}");
    bank.unbind().await;
    let (_, totals, _folder) = server.stop().await;
    assert_eq!((totals.messages, totals.applied), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_addressed_as_the_message_that_it_is_about() {
    let server = Server::start(BANK);
    let bank = bound(&server, BindMode::Transceiver).await;
    let mut requests = bank.requests();
    for (from, to) in [((3, 0), (0, 1)), ((0, 1), (6, 9)), ((6, 9), (3, 0)), ((5, 0), (0, 0))] {
        let sm = of_machine("qwertyuiop", 1);
        let source = Address { ton: from.0, npi: from.1, ..sm.source };
        let destination = Address { ton: to.0, npi: to.1, ..sm.destination };
        // In two parts as well: a part is kept on disk until the others come.
        let part = |number: u8, text: &str| {
            let octets = [&[5, 0, 3, from.0, 2, number], text.as_bytes()].concat();
            let short_message = ShortMessage::new(octets.into()).unwrap();
            Sm { source, destination, esm_class: 0x40, short_message, ..sm.clone() }
        };
        for sm in [Sm { source, destination, ..sm.clone() }, part(1, "qwerty"), part(2, "uiop")] {
            assert!(bank.submit_sm(sm).await.unwrap().0.is_ok());
        }
        for _ in 0..2 {
            let receipt = receipt(&mut requests).await;
            assert_eq!((receipt.source, receipt.destination), (destination, source));
        }
    }
    bank.unbind().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_a_bank_does_not_answer_is_told_again() {
    let server = Server::start(BANK);
    let bank = bound(&server, BindMode::Transceiver).await;
    let mut requests = bank.requests();
    bank.set_faults(Faults { silent: true, ..Faults::default() });
    bank.submit_sm(of_machine("qwertyuiop", 1)).await.unwrap();
    let first = receipt(&mut requests).await;
    bank.cut();
    let bank = bound(&server, BindMode::Transceiver).await;
    assert_eq!(receipt(&mut bank.requests()).await, first);
    bank.unbind().await;
    server.stop().await;
}

/// A link to this SMSC that asks for receipts; its messages have identifiers.
fn smsc_link(smsc: &Smsc) -> String {
    format!(
        "[links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n\
         receipts = true\nmessage_id_tlv = 516\n",
        smsc.address()
    )
}

/// Waits until the reply to the message with the identifier 0007 is in this state.
async fn wait_for_state(server: &Server, state: &str) {
    let store = Store::open(&url(server.folder.path())).await.unwrap();
    let end = std::time::Instant::now() + testkit::DEADLINE;
    loop {
        let reply = store.outbox_of("ipko:0007").await.unwrap();
        if reply.first().is_some_and(|reply| reply.state == state) {
            break;
        }
        assert!(std::time::Instant::now() < end, "{reply:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replys_state_follows_its_receipt() {
    for (style, first) in [(ReceiptStyle::Same, true), (ReceiptStyle::Decimal, false)] {
        let smsc = Smsc::start(SmscSettings { receipts: style, ..SmscSettings::default() }).await.unwrap();
        smsc.set_faults(Faults { receipt_first: first, ..Faults::default() });
        let server = Server::start(&smsc_link(&smsc));
        within("a bind", smsc.receiver_bound()).await;
        let text = texts(1).remove(0);
        let mut sm = message(&text, text.text.clone().into_bytes(), 0, 0).unwrap();
        sm.tlvs = sm.tlvs.with(516, &[0, 7]).unwrap();
        assert!(smsc.deliver_sm(sm).await.unwrap().is_ok());
        wait_for_state(&server, "delivered").await;
        server.stop().await;
    }
}

/// Answered as a customer's text it would bring another receipt, and so on without end.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_nothing_marks_settles_its_reply_and_is_never_answered() {
    for (more, state) in [("receipts = true\n", "delivered"), ("receipts = false\n", "sent")] {
        let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
        smsc.set_faults(Faults { receipt_mark: ReceiptMark::None, ..Faults::default() });
        let links = smsc_link(&smsc).replace("receipts = true\n", more);
        let server = Server::start(&links);
        within("a bind", smsc.receiver_bound()).await;
        let text = texts(1).remove(0);
        let mut sm = message(&text, text.text.clone().into_bytes(), 0, 0).unwrap();
        sm.tlvs = sm.tlvs.with(516, &[0, 7]).unwrap();
        assert!(smsc.deliver_sm(sm).await.unwrap().is_ok());
        wait_for_state(&server, state).await;
        // One for the reply of another link's, or of before a restart: nobody knows it, and nobody answers it.
        let stray = b"id:4711 sub:001 dlvrd:000 submit date:2611221725 done date:2611221726 stat:UNDELIV err:001 text:";
        assert!(deliver_octets(&smsc, &texts(1)[0], stray.to_vec(), 0, 0).await.unwrap().is_ok());
        // A text behind it is answered, so that whatever the receipts had brought would have come before.
        assert!(smsc.deliver(&texts(2)[1]).await.unwrap().is_ok());
        until("the second reply", || smsc.counters().submitted >= 2).await;
        let (store, totals, _folder) = server.stop().await;
        assert_eq!((totals.messages, totals.applied, smsc.counters().submitted), (2, 2, 2), "{more}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_an_smsc_that_does_not_answer() {
    let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
    smsc.set_faults(Faults { silent: true, ..Faults::default() });
    let server = Server::start(&format!("{}response_timeout_seconds = 600\n", smsc_link(&smsc)));
    within("a bind", smsc.receiver_bound()).await;
    assert!(smsc.deliver(&texts(1)[0]).await.unwrap().is_ok());
    until("the reply is submitted", || smsc.counters().submitted == 1).await;
    let (store, totals, _folder) = server.stop().await;
    assert_eq!((totals.applied, totals.outbox_open), (1, 1), "nobody knows whether the reply was taken");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_was_answered_survives_a_crash() {
    let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
    let server = Server::start(&smsc_link(&smsc));
    within("a bind", smsc.receiver_bound()).await;
    let receipt = |id: &str| format!("id:{id} stat:DELIVRD").into_bytes();
    let phone = Text { text: String::new(), ..texts(1).remove(0) };
    for id in ["007F", "007f", "80"] {
        let answer = deliver_octets(&smsc, &phone, receipt(id), 0, 0x04).await;
        assert!(answer.unwrap().is_ok(), "it is kept though no reply has that name");
    }
    let folder = server.kill();
    let store = Store::open(&url(folder.path())).await.unwrap();
    let at = chrono::Utc::now() + chrono::TimeDelta::minutes(20);
    let kept = store.early_receipts(at, at, 10).await.unwrap();
    let ids: std::collections::BTreeSet<_> = kept.iter().map(|early| early.receipt.remote_ids[0].as_str()).collect();
    assert_eq!((kept.len(), ids), (2, ["7f", "80"].into()), "{kept:?}");
}
