//! How the command line writes: aligned labels, no colour where nobody sees it.

use std::io::{IsTerminal, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;

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
    if std::io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Writes one line; a reader that has gone away (`| head`) ends the program quietly.
pub(super) fn line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
}
