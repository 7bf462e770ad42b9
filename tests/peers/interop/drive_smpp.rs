//! Our link binds a transmitter and a receiver to Kannel's `drive_smpp`, whose texts become credit and confirmations.
//!
//! What it does, as seen by trying it: it takes `bind_transmitter` and `bind_receiver`; as soon as a receiver is bound
//! it delivers the texts `1`, `2`, … from 456 to 123, each followed by an `enquire_link`. To a peer of version 3.4 they
//! carry a `receipted_message_id`, though they are no receipts. It logs each PDU that it gets, and ends when either
//! session does. A second after the first session it connects to port 13001 of this machine, where it expects a
//! bearerbox, and panics if nobody listens.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use testkit::free_ports;
use testkit::process::Process;

use crate::interop::peers;
use crate::interop::recorder::Recorder;
use crate::interop::server::Server;
use crate::interop::tshark::{BIND_RECEIVER, BIND_TRANSMITTER, DELIVER_SM, ENQUIRE_LINK, SUBMIT_SM, assert_dissected};

/// Ten more than the highest top-up in euros, so that some are refused. Below 500, where it waits for `submit_sm`.
const DELIVERED: usize = 60;
/// 1 + 2 + … + 50 euros.
const CREDITED_MINOR: i64 = 127_500;

/// Makes of 123 a bank's short code.
const GRAMMAR: &str = r#"
bank = "kannel"
name = "Banka Kannel"
short_codes = ["123"]
evidence = "assumed"
source = "the texts of drive_smpp"
languages = ["en"]

[amount]
whole = true

[[form]]
name = "own number"
text = "{amount}"
"#;

/// Makes of 456 a subscriber's number.
const LEGACY: &str = "\n[[legacy]]\nprefix = \"456\"\nbecomes = \"38349000456\"\n";
const SUBSCRIBER: &str = "38349000456";

#[test]
fn a_pair_tops_up_from_kannels_texts_and_confirms_through_kannel() {
    let Some(drive_smpp) = peers::program("drive_smpp") else { return };
    stand_in_for_bearerbox();
    let [port] = free_ports();
    let mut command = Command::new(drive_smpp);
    command.args(["-v", "0", "-p", &port.to_string(), "-m", &DELIVERED.to_string()]);
    let mut smsc = Process::start("drive_smpp", &mut command);
    smsc.line("start", |line| line.contains("Starting drive_smpp"));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let recorder = Recorder::start(&format!("127.0.0.1:{port}"));
    let server = Server::start(&recorder.address, "pair", &bank_and_plan(folder.path()));
    smsc.line("transmitter", |line| line.ends_with("of type bind_transmitter"));
    smsc.line("receiver", |line| line.ends_with("of type bind_receiver"));
    smsc.lines(DELIVERED, "acknowledgements", |line| line.ends_with("of type deliver_sm_resp"));
    smsc.lines(DELIVERED, "signs of life", |line| line.ends_with("of type enquire_link_resp"));

    let replies = smsc.lines(DELIVERED, "replies", |line| line.contains("submit_sm: short_message = <"));
    let balances = |reply: &&String| reply.contains("1275.00");
    assert_eq!(replies.iter().filter(balances).count(), 1, "one reply names the last balance: {replies:#?}");
    assert_eq!(server.balance_minor(SUBSCRIBER), Some(CREDITED_MINOR));

    server.stop();
    let (status, log) = smsc.wait();
    assert!(status.success(), "{status}");
    let logged = |text: &str| log.iter().any(|line| line.ends_with(text));
    assert!(logged("of type unbind"), "it was not taken leave of");
    assert!(logged(&format!("Number of messages sent to ESME: {DELIVERED}")));
    assert!(logged(&format!("Number of messages sent to SMSC: {DELIVERED}")));
    let complaints: Vec<_> = log.iter().filter(|line| line.contains("PDU") && line.contains("ERROR")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_dissected(&recorder, &[BIND_RECEIVER, BIND_TRANSMITTER, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK]);
}

/// Sections of the configuration that make a bank and a number of what `drive_smpp` has wired in.
fn bank_and_plan(folder: &Path) -> String {
    let grammars = folder.join("grammars");
    fs::create_dir(&grammars).expect("a folder in a temporary folder");
    fs::write(grammars.join("kannel.toml"), GRAMMAR).expect("a file in a temporary folder");
    let plan = folder.join("numbering.toml");
    let kosovo = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("countries/xk/numbering/kosovo.toml"));
    fs::write(&plan, kosovo.expect("the plan is there") + LEGACY).expect("a file in a temporary folder");
    format!("[grammars]\ndir = '{}'\n[numbering]\nfile = '{}'\n", grammars.display(), plan.display())
}

/// Takes connections and says nothing, which is all that an idle bearerbox would do.
fn stand_in_for_bearerbox() {
    let listener = TcpListener::bind(("127.0.0.1", 13001)).expect("drive_smpp needs port 13001 of this machine");
    thread::spawn(move || {
        let connections: Vec<_> = listener.incoming().collect();
        drop(connections);
    });
}
