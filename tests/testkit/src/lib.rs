//! What tests and benchmarks share: processes whose output can be waited for, ports, plain HTTP, a bank that verifies PINs,
//! a private PostgreSQL.
//!
//! It knows the program by its executable alone and not the crate `mbush`, so that it is built once, and the crate's own
//! unit tests do not wait for a second build of the crate.
//!
//! Nothing here asserts how long anything takes. Waiting ends when the awaited line is there, when it can no longer
//! come because the process ended, or at [`DEADLINE`], which only a hung test reaches.

pub mod bank;
pub mod http;
pub mod idle;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod relay;
pub mod wait;

use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub use wait::DEADLINE;

/// Ports that no system gives to connections by itself, so that none is taken between its choice and its use by
/// whoever connects to somewhere just then.
const PORTS: Range<u16> = 14_000..32_000;

/// The program under test.
pub fn mbush() -> Command {
    Command::new(program())
}

/// Cargo and nextest name it to each test and benchmark that they run.
fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_mbush").map(PathBuf::from).expect("CARGO_BIN_EXE_mbush: run this test by cargo")
}

/// Ports that were free a moment ago, each another one, for programs that cannot be asked to choose.
pub fn free_ports<const N: usize>() -> [u16; N] {
    // Tests run beside each other as processes: each begins somewhere else. All are held until the last is chosen, or
    // one could be chosen twice.
    let start = u16::try_from(uuid::Uuid::now_v7().as_u128() % PORTS.len() as u128).expect("less than a port");
    let mut candidates = (start..).take(PORTS.len()).map(|port| PORTS.start + port % (PORTS.end - PORTS.start));
    let listeners = [(); N].map(|()| {
        let free = candidates.find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
        free.expect("loopback has free ports")
    });
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

/// Runs a program to its end, without standard input.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    let shown = format!("{command:?}");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    finished(&shown, child.unwrap_or_else(|error| panic!("{shown} does not start: {error}")))
}

/// Waits for the end of a program whose output is piped.
#[track_caller]
pub fn finished(shown: &str, child: std::process::Child) -> Output {
    let (id, (sender, output)) = (child.id(), mpsc::channel());
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = output.recv_timeout(DEADLINE) else {
        drop(Command::new("kill").args(["-KILL", &id.to_string()]).status());
        panic!("{shown} does not end");
    };
    output.unwrap_or_else(|error| panic!("{shown}: {error}"))
}

/// Asks again and again until the answer is yes.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
