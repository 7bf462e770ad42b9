//! A relay between an ESME and an SMSC that keeps every octet, and its recordings as Wireshark reads them.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use testkit::run;

/// The port that recordings say the SMSC listened on.
pub(crate) const SMSC_PORT: &str = "2775";
const ESME_PORT: &str = "40000";

/// Who sent what, in the order in which the relay read it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Esme,
    Smsc,
}

type Chunks = Arc<Mutex<Vec<(Sender, Vec<u8>)>>>;

pub(crate) struct Recorder {
    /// Where ESMEs connect to.
    pub(crate) address: String,
    connections: Arc<Mutex<Vec<Chunks>>>,
}

impl Recorder {
    /// Relays every connection to `smsc`, until the test ends.
    pub(crate) fn start(smsc: &str) -> Self {
        Self::on(0, smsc)
    }

    /// The same on a port that was chosen before.
    pub(crate) fn on(port: u16, smsc: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port of loopback that is free");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (kept, smsc) = (Arc::clone(&connections), smsc.to_owned());
        thread::spawn(move || {
            for esme in listener.incoming().flatten() {
                let Ok(smsc) = TcpStream::connect(&smsc) else { continue };
                let chunks = Chunks::default();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&chunks));
                relay(&esme, &smsc, Sender::Esme, &chunks);
                relay(&smsc, &esme, Sender::Smsc, &chunks);
            }
        });
        Self { address, connections }
    }

    /// `command_status`es of all PDUs so far with this `command_id`, in order on each connection and side.
    pub(crate) fn statuses(&self, command: u32) -> Vec<u32> {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statuses = Vec::new();
        for chunks in connections.iter() {
            let chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
            for sender in [Sender::Esme, Sender::Smsc] {
                let headers = headers(&stream(&chunks, sender)).0;
                statuses.extend(headers.into_iter().filter(|header| header[1] == command).map(|header| header[2]));
            }
        }
        statuses
    }

    /// One capture for each connection, in the order in which they were made.
    pub(crate) fn captures(&self, text2pcap: &Path, folder: &Path) -> Vec<Capture> {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = connections.iter().map(|chunks| chunks.lock().unwrap_or_else(PoisonError::into_inner));
        recorded.enumerate().map(|(at, chunks)| Capture::write(text2pcap, folder, at, &chunks)).collect()
    }
}

/// A recorded connection as a file, and the PDUs that its `command_length`s announce.
pub(crate) struct Capture {
    pub(crate) file: PathBuf,
    /// `command_id`s, of both sides.
    pub(crate) commands: Vec<u32>,
}

impl Capture {
    /// Of a connection on which only the ESME spoke.
    pub(crate) fn of_esme(text2pcap: &Path, folder: &Path, octets: &[u8]) -> Self {
        Self::write(text2pcap, folder, 0, &[(Sender::Esme, octets.to_vec())])
    }

    fn write(text2pcap: &Path, folder: &Path, at: usize, chunks: &[(Sender, Vec<u8>)]) -> Self {
        let dump = folder.join(format!("connection{at}.txt"));
        let file = folder.join(format!("connection{at}.pcap"));
        fs::write(&dump, hex_dump(chunks)).expect("a file in a temporary folder");
        // With -D, `I` goes from the first port to the second and `O` the other way.
        let ports = format!("{SMSC_PORT},{ESME_PORT}");
        let output = run(Command::new(text2pcap).args(["-q", "-D", "-T", &ports]).args([&dump, &file]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut commands = commands(chunks, Sender::Esme);
        commands.extend(self::commands(chunks, Sender::Smsc));
        Self { file, commands }
    }
}

fn relay(from: &TcpStream, to: &TcpStream, sender: Sender, chunks: &Chunks) {
    let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
    let chunks = Arc::clone(chunks);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            chunks.lock().unwrap_or_else(PoisonError::into_inner).push((sender, buffer[..length].to_vec()));
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write); // it may be gone
    });
}

/// What text2pcap reads: a direction, then lines of an offset and octets.
fn hex_dump(chunks: &[(Sender, Vec<u8>)]) -> String {
    let mut dump = String::new();
    for (sender, octets) in chunks {
        dump.push_str(if *sender == Sender::Smsc { "I\n" } else { "O\n" });
        for (at, line) in octets.chunks(16).enumerate() {
            let _ = write!(dump, "{:06x}", at * 16);
            for octet in line {
                let _ = write!(dump, " {octet:02x}");
            }
            dump.push('\n');
        }
    }
    dump
}

fn commands(chunks: &[(Sender, Vec<u8>)], sender: Sender) -> Vec<u32> {
    let (headers, left) = headers(&stream(chunks, sender));
    assert_eq!(left, 0, "octets that are no PDU follow {headers:x?}");
    headers.into_iter().map(|header| header[1]).collect()
}

fn stream(chunks: &[(Sender, Vec<u8>)], sender: Sender) -> Vec<u8> {
    chunks.iter().filter(|(of, _)| *of == sender).flat_map(|(_, octets)| octets).copied().collect()
}

/// `command_length`, `command_id` and `command_status` of every whole PDU, and how many octets follow the last.
fn headers(stream: &[u8]) -> (Vec<[u32; 3]>, usize) {
    let word = |octets: &[u8]| u32::from_be_bytes([octets[0], octets[1], octets[2], octets[3]]);
    let (mut headers, mut rest) = (Vec::new(), stream);
    while rest.len() >= 16 && (16..=rest.len()).contains(&(word(rest) as usize)) {
        headers.push([word(rest), word(&rest[4..]), word(&rest[8..])]);
        rest = &rest[word(rest) as usize..];
    }
    (headers, rest.len())
}
