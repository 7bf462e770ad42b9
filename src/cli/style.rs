//! The one place where the command line prints. Every line is made visible first, whoever wrote what is in it: nothing that a
//! customer, a bank or a peer sends can move a terminal's cursor, colour it or hide a part of a line.

use std::io::{BufWriter, IsTerminal, StdoutLock, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;

use crate::text::visible::visible;

/// `Sun 22.11.2026 17:04`, in the operator's time zone.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%a %d.%m.%Y %H:%M").to_string()
}

/// `22.11.2026`, in the operator's time zone.
pub(super) fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m.%Y").to_string()
}

/// `1 transfer`, `2 transfers`.
pub(super) fn counted(number: impl Into<i128>, one: &str) -> String {
    let number = number.into();
    let many = match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if one.ends_with(['s', 'x']) || one.ends_with("ch") => format!("{one}es"),
        _ => format!("{one}s"),
    };
    if number == 1 { format!("{number} {one}") } else { format!("{number} {many}") }
}

/// Prints one line; a line break in it is shown as `\n`.
pub(super) fn line(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", visible(text))
}

/// Prints a text of several lines, which the program itself has broken.
pub(super) fn lines(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    text.lines().try_for_each(|text| writeln!(out, "{}", visible(text)))
}

/// Prints one line with a part that is bold on a terminal.
pub(super) fn marked(before: &str, bold: &str, after: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (on, off) = if out.is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    writeln!(out, "{}{on}{}{off}{}", visible(before), visible(bold), visible(after))
}

/// Prints a line that is bold on a terminal.
pub(super) fn title(text: &str) -> std::io::Result<()> {
    marked("", text, "")
}

/// Prints what went wrong on standard error. Lines behind the first are set in: what is quoted in a complaint cannot pose as
/// another one.
pub(super) fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    for (number, text) in text.lines().enumerate() {
        let margin = if number == 0 || text.is_empty() { "" } else { "  " };
        // Where standard error is gone, nobody is left to be told.
        drop(writeln!(out, "{margin}{}", visible(text)));
    }
}

/// Prints what somebody is to type behind.
pub(super) fn prompt(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{} ", visible(text))?;
    out.flush()
}

/// Prints a question, and reads the line that is answered.
pub(super) fn ask(question: &str) -> std::io::Result<String> {
    prompt(question)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Whether somebody sits there to answer.
pub(super) fn may_ask() -> bool {
    std::io::stdin().is_terminal()
}

/// Shows how far something is, over what was shown before, where standard error is a terminal. Without a text it is cleared.
pub(super) fn progress(text: &str) {
    let mut out = std::io::stderr().lock();
    if out.is_terminal() {
        // Where standard error is gone, nobody is left to look.
        drop(write!(out, "\r{}\x1b[K", visible(text)).and_then(|()| out.flush()));
    }
}

/// Standard output for many lines.
pub(super) struct Paper(BufWriter<StdoutLock<'static>>);

impl Paper {
    pub(super) fn new() -> Self {
        Self(BufWriter::new(std::io::stdout().lock()))
    }

    pub(super) fn line(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.0, "{}", visible(text))
    }

    /// Prints what has gathered.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Standard output for the simulator's console, which makes its lines visible itself.
pub(super) fn console() -> tokio::io::Stdout {
    tokio::io::stdout()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_their_number() {
        let some = [(0, "day"), (1, "batch"), (2, "batch"), (1, "way"), (3, "query"), (-1, "cent"), (2, "address")];
        let shown = some.map(|(number, one)| counted(number, one));
        assert_eq!(shown, ["0 days", "1 batch", "2 batches", "1 way", "3 queries", "-1 cents", "2 addresses"]);
    }
}
