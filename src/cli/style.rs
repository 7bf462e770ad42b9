//! The one place where the command line prints: lines for people, or objects for programs (`--json`). Every line is made
//! visible first, whoever wrote what is in it: nothing that a customer, a bank or a peer sends can move a terminal's cursor,
//! colour it or hide a part of a line. A reader that has gone away (`| head`) wants no more, and is no error: what a command
//! does, and how it ends, is the same without it.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;
use serde::Serialize;

use crate::text::visible::visible;

/// Objects are written, and no lines.
static JSON: AtomicBool = AtomicBool::new(false);
/// Nobody reads any more.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Chooses between lines and objects, before anything is written.
pub(super) fn write_json(json: bool) {
    JSON.store(json, Relaxed);
}

/// Tells whether objects are written.
pub(super) fn is_json() -> bool {
    JSON.load(Relaxed)
}

/// Tells whether a person sees what is printed.
pub(super) fn is_seen() -> bool {
    io::stdout().is_terminal()
}

/// Tells whether nobody reads any more: who writes without end may stop.
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

/// `10 waiting`, or `1 of 10 waiting` where not all of them are shown.
pub(super) fn shown_of(shown: usize, total: i64, what: &str) -> String {
    if i128::from(total) == shown as i128 { format!("{total} {what}") } else { format!("{shown} of {total} {what}") }
}

/// A word as a shell takes it: in quotation marks where it has to be.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Prints one line for people; a line break in it is shown as `\n`. Nothing where objects are written.
pub(super) fn line(text: &str) -> io::Result<()> {
    marked(text, "", "")
}

/// Prints a text of several lines, which the program itself has broken; nothing where objects are written.
pub(super) fn lines(text: &str) -> io::Result<()> {
    text.lines().try_for_each(line)
}

/// Prints one line with a part that is bold on a terminal; nothing where objects are written.
pub(super) fn marked(before: &str, bold: &str, after: &str) -> io::Result<()> {
    if is_json() {
        return Ok(());
    }
    let is_bold = !bold.is_empty() && is_seen();
    let (on, off) = if is_bold { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    write(format!("{}{on}{}{off}{}\n", visible(before), visible(bold), visible(after)).as_bytes())
}

/// Prints a line that is bold on a terminal; nothing where objects are written.
pub(super) fn title(text: &str) -> io::Result<()> {
    marked("", text, "")
}

/// Prints lines that a person has to see in either case, before something is decided: where objects are written, on standard
/// error.
pub(super) fn aside(text: &str) -> io::Result<()> {
    if is_json() {
        complain(text);
        return Ok(());
    }
    lines(text)
}

/// Prints one object for programs, on a line of its own; nothing where lines are written.
pub(super) fn object(value: &impl Serialize) -> io::Result<()> {
    if is_json() { write(&written(value)?) } else { Ok(()) }
}

/// An object and its end of line. The escapes of what is not seen are those of JSON: it stays the same object.
fn written(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let text = serde_json::to_string(value)?;
    Ok(format!("{}\n", visible(&text)).into_bytes())
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

/// Prints what went wrong on standard error. Lines behind the first are set in: what is quoted in a complaint cannot pose as
/// another one.
pub(super) fn complain(text: &str) {
    let mut out = io::stderr().lock();
    for (number, text) in text.lines().enumerate() {
        let margin = if number == 0 || text.is_empty() { "" } else { "  " };
        // If standard error is closed, the message is lost.
        drop(writeln!(out, "{margin}{}", visible(text)));
    }
}

/// Prints what somebody is to type behind; where objects are written, on standard error.
pub(super) fn prompt(text: &str) -> io::Result<()> {
    let shown = format!("{} ", visible(text));
    if !is_json() {
        return write(shown.as_bytes());
    }
    let mut out = io::stderr().lock();
    out.write_all(shown.as_bytes())?;
    out.flush()
}

/// Prints a question, and reads the line that is answered.
pub(super) fn ask(question: &str) -> io::Result<String> {
    prompt(question)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Tells whether standard input is a terminal.
pub(super) fn may_ask() -> bool {
    io::stdin().is_terminal()
}

/// Shows how far something is, over what was shown before, where standard error is a terminal. Without a text it is cleared.
pub(super) fn progress(text: &str) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        // If standard error is closed, progress is not shown.
        drop(write!(out, "\r{}\x1b[K", visible(text)).and_then(|()| out.flush()));
    }
}

/// Octets of many objects that are written at once.
const PAPER_BYTES: usize = 1 << 13;

/// Standard output for many objects, in either case: of what has no other form.
pub(super) struct Paper(Vec<u8>);

impl Paper {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(PAPER_BYTES))
    }

    /// Prints one object, on a line of its own.
    pub(super) fn object(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.0.extend(written(value)?);
        if self.0.len() < PAPER_BYTES { Ok(()) } else { self.flush() }
    }

    /// Prints what has gathered.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        write(&std::mem::take(&mut self.0))
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
    fn what_is_not_shown_is_counted_too() {
        let told = [(10, 10), (1, 10), (0, 10), (0, 0)].map(|(shown, total)| shown_of(shown, total, "waiting"));
        assert_eq!(told, ["10 waiting", "1 of 10 waiting", "0 of 10 waiting", "0 waiting"]);
    }

    #[test]
    fn a_shell_takes_a_word_as_it_is() {
        let words = ["cards-5.age", "my cards.age", "it's", ""].map(quoted);
        assert_eq!(words, ["cards-5.age", "'my cards.age'", r"'it'\''s'", "''"]);
    }

    #[test]
    fn words_fit_their_number() {
        let some = [(0, "day"), (1, "batch"), (2, "batch"), (1, "way"), (3, "query"), (-1, "cent"), (2, "address")];
        let shown = some.map(|(number, one)| counted(number, one));
        assert_eq!(shown, ["0 days", "1 batch", "2 batches", "1 way", "3 queries", "-1 cents", "2 addresses"]);
    }
}
