//! SMSC → bearerbox → smsbox → mbush → sendsms, and the receipts back.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use testkit::process::Process;
use testkit::{free_ports, http, until};

use super::{MANY, Server, delivered, long, many, readme, wide};
use crate::interop::peers;
use crate::interop::simulator::{PASSWORD, Simulator, assert_all_accepted, texts};

/// Kannel with the groups that README.md shows.
struct Kannel {
    boxes: [Process; 2],
    _folder: TempDir,
}

/// The ports of a run: Kannel's own three, that of the SMSC, and that of mbush.
type Ports = [u16; 5];

impl Kannel {
    fn start([bearerbox, smsbox]: &[PathBuf; 2], [admin, boxes, sendsms, smsc, mbush]: Ports) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let own = fs::read_to_string(peers::material("kannel_gateway.conf")).expect("the template is there");
        let values = [("admin_port", admin), ("smsbox_port", boxes), ("smsc_port", smsc)];
        let own = values.iter().fold(own, |text, (name, port)| text.replace(&format!("{{{name}}}"), &port.to_string()));
        let own = own.replace("{password}", PASSWORD).replace("{folder}", &folder.path().display().to_string());
        let shown = readme("conf", "group = smsbox").replace("8080", &mbush.to_string());
        let shown =
            shown.replace("13013", &sendsms.to_string()).replace("http-queue-delay = 10", "http-queue-delay = 1");
        let path = folder.path().join("kannel.conf");
        fs::write(&path, format!("{own}\n{shown}\n")).expect("a file in a temporary folder");
        let start = |name: &str, program: &PathBuf| {
            Process::start(name, Command::new(program).args(["-v", "0"]).arg(&path).current_dir(folder.path()))
        };
        let bearerbox = start("bearerbox", bearerbox);
        bearerbox.line("connection module", |line| line.contains("starting smsbox connection module"));
        let smsbox = start("smsbox", smsbox);
        smsbox.line("connection to bearerbox", |line| line.contains("Connected to bearerbox"));
        until("bearerbox lists the smsbox", || {
            http::get(&format!("127.0.0.1:{admin}"), "/status.txt?password=interop").body.contains("smsbox:")
        });
        Self { boxes: [bearerbox, smsbox], _folder: folder }
    }
}

/// What smsbox said last, if the test fails.
impl Drop for Kannel {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let printed = self.boxes[1].printed();
            eprintln!("{:#?}", &printed[printed.len().saturating_sub(60)..]);
        }
    }
}

fn programs() -> Option<[PathBuf; 2]> {
    Some([peers::program("bearerbox")?, peers::program("smsbox")?])
}

fn server([_, _, sendsms, _, mbush]: Ports) -> Server {
    let link = readme("toml", "[links.kannel]").replace("8080", &mbush.to_string());
    Server::new(mbush, &link.replace("13013", &sendsms.to_string()))
}

#[test]
fn messages_in_any_alphabet_go_through_kannel_and_their_replies_come_back_with_receipts() {
    let Some(programs) = programs() else { return };
    let ports = free_ports();
    let mut server = server(ports);
    server.start();
    let _kannel = Kannel::start(&programs, ports);
    let sent = ["049123451 5".to_owned(), wide(), long(), "?".to_owned()];
    let simulator = Simulator::start(ports[3], "kannel", &delivered(&sent));
    server.await_delivered(4);
    assert_eq!(server.count("SELECT count(*) FROM transfers WHERE amount_minor = 500"), 3);
    let replies = texts(&simulator.events("submit_sm", 4));
    for text in ["049123451", "049123452", "049123999"] {
        assert!(replies.iter().any(|(from, _, reply)| from == "50005" && reply.contains(text)), "{text}: {replies:#?}");
    }
    simulator.stop();
    server.stop();
}

#[test]
fn no_message_is_lost_and_none_done_twice_when_the_program_behind_kannel_is_killed() {
    let Some(programs) = programs() else { return };
    let ports = free_ports();
    let mut server = server(ports);
    let _kannel = Kannel::start(&programs, ports);
    let sent = many();
    let simulator = Simulator::start(ports[3], "kannel", &delivered(&sent));
    assert_all_accepted(&simulator, MANY);
    server.be_killed_in_the_middle();
    simulator.stop();
    server.stop();
}
