//! What sessions cost that are bound and say nothing: memory of the server's process, as the kernel counts it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::process::Process;
use crate::{DEADLINE, mbush};

/// Octets of the longest request that each session sends once before it is idle again.
const LONG_LENGTH: u32 = 60_000;
/// Descriptors that a server with a thousand sessions needs, with some to spare.
const DESCRIPTORS: usize = 4_096;

/// Resident memory in KiB.
pub struct Measured {
    /// How many there were.
    pub binds: u64,
    /// Before the first of them.
    pub before_kib: u64,
    /// With all of them bound.
    pub bound_kib: u64,
    /// After each has sent a PDU of almost the greatest length.
    pub idle_again_kib: u64,
}

impl Measured {
    /// What all of them cost, in KiB, at the worst of both moments.
    pub fn cost_kib(&self) -> u64 {
        self.bound_kib.max(self.idle_again_kib).saturating_sub(self.before_kib)
    }
}

/// Starts `mbush serve`, binds so many transceivers, and lets them be.
pub fn binds(count: u64) -> Measured {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (server, address) = serve(folder.path());
    let before_kib = resident_kib(server.id());
    let mut sessions: Vec<TcpStream> = (0..count).map(|_| bound(&address)).collect();
    let bound_kib = resident_kib(server.id());
    sessions.iter_mut().for_each(say_much);
    let idle_again_kib = resident_kib(server.id());
    Measured { binds: count, before_kib, bound_kib, idle_again_kib }
}

fn serve(folder: &std::path::Path) -> (Process, String) {
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[log]\nfilter = \"error\"\n\
         [smpp_server]\nlisten = \"127.0.0.1:0\"\nenquire_link_seconds = 3600\nconnections_per_address_max = 1500\n\
         [links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\nbinds_max = 1000\n",
        folder.display()
    );
    let configuration = folder.join("mbush.toml");
    fs::write(&configuration, text).expect("a file in a temporary folder");
    let mut command = Command::new("sh");
    let raise = format!("ulimit -n {DESCRIPTORS} 2>/dev/null; exec \"$0\" \"$@\"");
    command.args(["-c", &raise]).arg(mbush().get_program()).args(["serve", "--config"]).arg(configuration);
    let process = Process::start("mbush serve", &mut command);
    let line = process.line("its SMPP address", |line| line.starts_with("listening for SMPP on "));
    (process, line.trim_start_matches("listening for SMPP on ").to_owned())
}

fn bound(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout can be set");
    stream.write_all(&bind_transceiver()).expect("the server reads");
    assert_eq!(answer(&mut stream), [0x8000_0009, 0, 1], "command, status and number of the answer to the bind");
    stream
}

/// The request for it: name and password, no type, version 3.4, and no address.
fn bind_transceiver() -> Vec<u8> {
    let body = b"bank\0secret\0\0\x34\0\0\0";
    let length = u32::try_from(16 + body.len()).expect("a short PDU");
    let header = [length, 0x09, 0, 1].into_iter().flat_map(u32::to_be_bytes);
    header.chain(body.iter().copied()).collect()
}

/// An `enquire_link` with much behind its header, which is ignored.
fn say_much(stream: &mut TcpStream) {
    let mut octets: Vec<u8> = [LONG_LENGTH, 0x15, 0, 2].into_iter().flat_map(u32::to_be_bytes).collect();
    octets.resize(LONG_LENGTH as usize, 0);
    stream.write_all(&octets).expect("the server reads");
    assert_eq!(answer(stream), [0x8000_0015, 0, 2], "command, status and number of the answer to the enquire_link");
}

/// Header of the next PDU, without its length.
fn answer(stream: &mut TcpStream) -> [u32; 3] {
    let mut word = || {
        let mut octets = [0; 4];
        stream.read_exact(&mut octets).expect("an answer");
        u32::from_be_bytes(octets)
    };
    let length = word();
    let header = [word(), word(), word()];
    let mut body = vec![0; length as usize - 16];
    stream.read_exact(&mut body).expect("the rest of the answer");
    header
}

fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a process that lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel says it");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}
