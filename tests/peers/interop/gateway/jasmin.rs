//! SMSC → Jasmin → mbush → Jasmin, and the receipts back.

use std::process::Command;

use tempfile::TempDir;
use testkit::free_ports;
use testkit::process::Process;

use super::{MANY, Server, delivered, long, many, readme, wide};
use crate::interop::peers;
use crate::interop::simulator::{PASSWORD, Simulator, assert_all_accepted, texts};

/// The ports of a run: those of Jasmin and its services, that of the SMSC, and that of mbush.
struct Ports {
    jasmin: [u16; 6],
    smsc: u16,
    mbush: u16,
}

impl Ports {
    fn free() -> Self {
        let [http, jcli, redis, amqp, epmd, dist, smsc, mbush] = free_ports();
        Self { jasmin: [http, jcli, redis, amqp, epmd, dist], smsc, mbush }
    }
}

/// Jasmin with the commands that README.md shows; `None` if it is not installed.
fn start(ports: &Ports) -> Option<(Process, TempDir)> {
    let python = peers::jasmin()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let commands = readme("text", "group -a").replace("8080", &ports.mbush.to_string());
    std::fs::write(folder.path().join("commands"), commands).expect("a file in a temporary folder");
    let mut command = Command::new(python);
    command.arg(peers::material("jasmin_gateway.py")).arg(folder.path());
    for (name, port) in ["http", "jcli", "redis", "amqp", "epmd", "dist"].iter().zip(ports.jasmin) {
        command.args([format!("--{name}"), port.to_string()]);
    }
    command.args(["--smsc", &ports.smsc.to_string(), "--system-id", "jasmin", "--password", PASSWORD]);
    // More tries than by default, as README.md advises, with shorter waits between them.
    command.args(["--max-retries", "100", "--retry-delay", "1"]);
    Some((Process::start("Jasmin", &mut command), folder))
}

fn server(ports: &Ports) -> Server {
    let link = readme("toml", "[links.jasmin]").replace("8080", &ports.mbush.to_string());
    Server::new(ports.mbush, &link.replace("1401", &ports.jasmin[0].to_string()))
}

#[test]
fn messages_in_any_alphabet_go_through_jasmin_and_their_replies_come_back_with_receipts() {
    let ports = Ports::free();
    let sent = ["049123451 5".to_owned(), wide(), long(), "?".to_owned()];
    let Some((jasmin, _folder)) = start(&ports) else { return };
    let mut server = server(&ports);
    server.start();
    let simulator = Simulator::start(ports.smsc, "jasmin", &delivered(&sent));
    jasmin.line("ready", |line| line == "ready");
    server.await_delivered(4);
    assert_eq!(server.count("SELECT count(*) FROM transfers WHERE amount_minor = 500"), 3);
    let replies = texts(&simulator.events("submit_sm", 4));
    for text in ["049123451", "049123452", "049123999"] {
        assert!(replies.iter().any(|(from, _, reply)| from == "50005" && reply.contains(text)), "{text}: {replies:#?}");
    }
    assert!(jasmin.terminate().0.success());
    simulator.stop();
    server.stop();
}

#[test]
fn no_message_is_lost_and_none_done_twice_when_the_program_behind_jasmin_is_killed() {
    let ports = Ports::free();
    let Some((jasmin, _folder)) = start(&ports) else { return };
    let mut server = server(&ports);
    let sent = many();
    let simulator = Simulator::start(ports.smsc, "jasmin", &delivered(&sent));
    jasmin.line("ready", |line| line == "ready");
    assert_all_accepted(&simulator, MANY);
    server.be_killed_in_the_middle();
    assert!(jasmin.terminate().0.success());
    simulator.stop();
    server.stop();
}
