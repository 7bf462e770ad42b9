//! What the tests that run the real program share: processes whose output can be waited for, ports, plain HTTP.
//!
//! Nothing here asserts how long anything takes. Waiting ends when the awaited line is there, when it can no longer
//! come because the process ended, or at [`DEADLINE`], which only a hung test reaches.

pub(crate) mod http;
pub(crate) mod process;

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for something that has to happen.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// The program under test.
pub(crate) fn mbush() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mbush"))
}

/// Ports that were free a moment ago, each another one, for programs that cannot be asked to choose.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    // All are held until the last is chosen, or one could be chosen twice.
    let listeners = [(); N].map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("loopback has free ports"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

/// Asks again and again until the answer is yes.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
