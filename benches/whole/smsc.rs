//! An SMSC with one session that notes when each submission arrives, and delivers messages at a steady rate meanwhile.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const BIND_TRANSCEIVER: u32 = 0x09;
const SUBMIT_SM: u32 = 0x04;
const DELIVER_SM: u32 = 0x05;
const UNBIND: u32 = 0x06;
const ENQUIRE_LINK: u32 = 0x15;
const RESPONSE: u32 = 0x8000_0000;
const DELIVER_SM_RESP: u32 = RESPONSE | DELIVER_SM;
/// The first sender of messages that are delivered meanwhile.
pub(crate) const FIRST_SENDER: u64 = 38_343_100_000;

/// What it has seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// Recipients of submissions, in order.
    pub(crate) submitted: Vec<(String, Instant)>,
    /// Messages that were delivered, by their number.
    pub(crate) delivered: HashMap<u32, Instant>,
    pub(crate) answered: HashMap<u32, Instant>,
}

pub(crate) struct Smsc {
    pub(crate) seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    writer: TcpStream,
}

impl Smsc {
    /// Listens, waits for a bind, and then serves the session; the instant is that of the bind.
    pub(crate) fn serve(port: u16, messages_per_second: u32) -> (Self, Instant) {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is still free");
        let (stream, _) = listener.accept().expect("mbush connects");
        stream.set_nodelay(true).expect("an option of sockets");
        let mut session = Session { reader: BufReader::new(stream.try_clone().expect("a socket")), writer: stream };
        let (command, sequence, _) = session.read().expect("mbush binds");
        assert_eq!(command, BIND_TRANSCEIVER, "the first request is a bind");
        write(&session.writer, RESPONSE | BIND_TRANSCEIVER, sequence, b"smsc\0");
        let (seen, stop, bound) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default(), Instant::now());
        let writer = session.writer.try_clone().expect("a socket");
        let of_session = seen.clone();
        thread::spawn(move || session.run(&of_session));
        let (of_deliveries, stopped) = (seen.clone(), stop.clone());
        let to = writer.try_clone().expect("a socket");
        thread::spawn(move || deliver(&to, &of_deliveries, &stopped, messages_per_second));
        (Self { seen, stop, writer }, bound)
    }

    /// Delivers nothing more.
    pub(crate) fn stop_delivering(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        self.stop_delivering();
        drop(self.writer.shutdown(std::net::Shutdown::Both));
    }
}

struct Session {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Session {
    /// Command, number and body of the next PDU; `None` at the end of the connection.
    fn read(&mut self) -> Option<(u32, u32, Vec<u8>)> {
        let mut header = [0; 16];
        self.reader.read_exact(&mut header).ok()?;
        let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let mut body = vec![0; (word(0) as usize).saturating_sub(16)];
        self.reader.read_exact(&mut body).ok()?;
        Some((word(4), word(12), body))
    }

    fn run(mut self, seen: &Mutex<Seen>) {
        while let Some((command, sequence, body)) = self.read() {
            let now = Instant::now();
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match command {
                SUBMIT_SM => {
                    let id = format!("{}\0", seen.submitted.len());
                    seen.submitted.push((recipient(&body), now));
                    write(&self.writer, RESPONSE | SUBMIT_SM, sequence, id.as_bytes());
                }
                DELIVER_SM_RESP => drop(seen.answered.insert(sequence, now)),
                ENQUIRE_LINK | UNBIND => write(&self.writer, RESPONSE | command, sequence, b""),
                _ => {}
            }
        }
    }
}

/// The destination: after the service type, and the source with its type and plan.
fn recipient(body: &[u8]) -> String {
    let after = |rest: &[u8]| rest.iter().position(|octet| *octet == 0).map(|end| rest[end + 1..].to_vec());
    let source = after(body).and_then(|rest| after(rest.get(2..)?));
    let destination = source.and_then(|rest| Some(rest.get(2..)?.split(|octet| *octet == 0).next()?.to_vec()));
    String::from_utf8_lossy(&destination.unwrap_or_default()).into_owned()
}

/// Writes a PDU at once. An error means that the connection ended, which its reader notices.
fn write(mut to: &TcpStream, command: u32, sequence: u32, body: &[u8]) {
    let length = u32::try_from(16 + body.len()).expect("a short PDU");
    let header = [length, command, 0, sequence].into_iter().flat_map(u32::to_be_bytes);
    drop(to.write_all(&header.chain(body.iter().copied()).collect::<Vec<u8>>()));
}

fn deliver(to: &TcpStream, seen: &Mutex<Seen>, stop: &AtomicBool, per_second: u32) {
    let begun = Instant::now();
    for number in 1.. {
        let due = begun + Duration::from_secs(1) * number / per_second;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let sender = FIRST_SENDER + u64::from(number);
        let text = format!("049{:06} 5", 100_000 + number % 800_000);
        let mut body = format!("\0\u{1}\u{1}{sender}\0\0\u{1}50005\0").into_bytes();
        // esm_class, protocol_id, priority; two times; registered, replace, coding, default message
        body.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).expect("a short text")]);
        body.extend(text.as_bytes());
        seen.lock().unwrap_or_else(PoisonError::into_inner).delivered.insert(number, Instant::now());
        write(to, DELIVER_SM, number, &body);
    }
}
