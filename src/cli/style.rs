//! How the command line writes: lines for people, or objects for programs (`--json`), on standard output; no colour where
//! nobody sees it. A reader that has gone away (`| head`) wants no more, and is no error: what a command does, and how it
//! ends, is the same without it.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;
use serde::Serialize;

/// Objects are written, and no lines.
static JSON: AtomicBool = AtomicBool::new(false);
/// Nobody reads any more.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Chooses between lines and objects, before anything is written.
pub(super) fn write_json(json: bool) {
    JSON.store(json, Relaxed);
}

/// Whether objects are written.
pub(super) fn is_json() -> bool {
    JSON.load(Relaxed)
}

/// Whether nobody reads any more: who writes without end may stop.
pub(super) fn is_closed() -> bool {
    CLOSED.load(Relaxed)
}

/// `Sun 22.11.2026 17:04`, in the operator's time zone.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%a %d.%m.%Y %H:%M").to_string()
}

/// `22.11.2026`, in the operator's time zone.
pub(super) fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m.%Y").to_string()
}

/// Bold, on a terminal.
pub(super) fn bold(text: &str) -> String {
    if io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Writes one line for people; nothing where objects are written.
pub(super) fn line(text: &str) -> io::Result<()> {
    if is_json() { Ok(()) } else { write(format!("{text}\n").as_bytes()) }
}

/// Writes one object for programs, on a line of its own; nothing where lines are written.
pub(super) fn object(value: &impl Serialize) -> io::Result<()> {
    if is_json() { whole_object(value) } else { Ok(()) }
}

/// Writes one object in either case: of what has no other form.
pub(super) fn whole_object(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    write(&text)
}

/// Writes octets as they are.
pub(super) fn write(octets: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(octets).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            CLOSED.store(true, Relaxed);
            Ok(())
        }
        written => written,
    }
}

/// Says on standard error what is wrong; where that is closed too, nobody can be told.
pub(super) fn complain(text: &str) {
    drop(writeln!(io::stderr().lock(), "mbush: {text}"));
}
