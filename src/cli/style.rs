//! Printing for the whole command line: text, or objects with `--json`. Control characters and invisible characters are
//! escaped in every line, so that no text from a customer, a bank or a peer can move the cursor, change colours or hide
//! a part of a line. A closed output (`| head`) is not an error: the command does the same and has the same exit code.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::calendar::zone;
use crate::text::visible::visible;

/// Objects are printed instead of text.
static JSON: AtomicBool = AtomicBool::new(false);
/// Standard output is closed.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Chooses between text and objects, before anything is printed.
pub(super) fn write_json(json: bool) {
    JSON.store(json, Relaxed);
}

/// Returns whether objects are printed.
pub(super) fn is_json() -> bool {
    JSON.load(Relaxed)
}

/// Returns whether standard output is a terminal.
pub(super) fn is_seen() -> bool {
    io::stdout().is_terminal()
}

/// Returns whether standard output is closed, so that an endless output can stop.
pub(super) fn is_closed() -> bool {
    CLOSED.load(Relaxed)
}

/// `Sun 22.11.2026 17:04`, in the operator's time zone.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%a %d.%m.%Y %H:%M").to_string()
}

/// `22.11.2026`, in the operator's time zone.
pub(super) fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%d.%m.%Y").to_string()
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

/// `10 waiting`, or `1 of 10 waiting` if only a part is shown.
pub(super) fn shown_of(shown: usize, total: i64, what: &str) -> String {
    if i128::from(total) == shown as i128 { format!("{total} {what}") } else { format!("{shown} of {total} {what}") }
}

/// Quotes a word for a shell, if necessary.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Prints a line of text, with line breaks shown as `
/// `. Prints nothing with `--json`.
pub(super) fn line(text: &str) -> io::Result<()> {
    marked(text, "", "")
}

/// Prints a text with line breaks of the program itself. Prints nothing with `--json`.
pub(super) fn lines(text: &str) -> io::Result<()> {
    text.lines().try_for_each(line)
}

/// Prints a line with a part that is bold on a terminal. Prints nothing with `--json`.
pub(super) fn marked(before: &str, bold: &str, after: &str) -> io::Result<()> {
    if is_json() {
        return Ok(());
    }
    let is_bold = !bold.is_empty() && is_seen();
    let (on, off) = if is_bold { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    write(format!("{}{on}{}{off}{}\n", visible(before), visible(bold), visible(after)).as_bytes())
}

/// Prints a line that is bold on a terminal. Prints nothing with `--json`.
pub(super) fn title(text: &str) -> io::Result<()> {
    marked("", text, "")
}

/// Prints a line that the user must see before a decision; with `--json`, on standard error.
pub(super) fn aside(text: &str) -> io::Result<()> {
    if is_json() {
        complain(text);
        return Ok(());
    }
    lines(text)
}

/// Prints one object on a line. Prints nothing without `--json`.
pub(super) fn object(value: &impl Serialize) -> io::Result<()> {
    if is_json() { write(&written(value)?) } else { Ok(()) }
}

/// An object and a line break. Invisible characters are escaped as in JSON, so that the object stays the same.
fn written(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let text = serde_json::to_string(value)?;
    Ok(format!("{}\n", visible(&text)).into_bytes())
}

/// Writes octets unchanged.
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

/// Prints an error on standard error. Lines after the first are indented, so that quoted text does not look like
/// another error.
pub(super) fn complain(text: &str) {
    let mut out = io::stderr().lock();
    for (number, text) in text.lines().enumerate() {
        let margin = if number == 0 || text.is_empty() { "" } else { "  " };
        // If standard error is closed, the message is lost.
        drop(writeln!(out, "{margin}{}", visible(text)));
    }
}

/// Prints a prompt without a line break; with `--json`, on standard error.
pub(super) fn prompt(text: &str) -> io::Result<()> {
    let shown = format!("{} ", visible(text));
    if !is_json() {
        return write(shown.as_bytes());
    }
    let mut out = io::stderr().lock();
    out.write_all(shown.as_bytes())?;
    out.flush()
}

/// Prints a question and reads the answer, one line.
pub(super) fn ask(question: &str) -> io::Result<String> {
    prompt(question)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Returns whether standard input is a terminal.
pub(super) fn may_ask() -> bool {
    io::stdin().is_terminal()
}

/// Shows progress in place of the previous progress, if standard error is a terminal. An empty text clears it.
pub(super) fn progress(text: &str) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        // If standard error is closed, progress is not shown.
        drop(write!(out, "\r{}\x1b[K", visible(text)).and_then(|()| out.flush()));
    }
}

/// Size of the buffer for many objects, in octets.
const PAPER_BYTES: usize = 1 << 13;

/// Buffered standard output for many objects, with or without `--json`, for output that has no text form.
pub(super) struct Paper(Vec<u8>);

impl Paper {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(PAPER_BYTES))
    }

    /// Prints one object on a line.
    pub(super) fn object(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.0.extend(written(value)?);
        if self.0.len() < PAPER_BYTES { Ok(()) } else { self.flush() }
    }

    /// Prints the buffered objects.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        write(&std::mem::take(&mut self.0))
    }
}

/// Standard output for the simulator's console, which escapes its lines itself.
pub(super) fn console() -> tokio::io::Stdout {
    tokio::io::stdout()
}

/// An error with its causes. A cause that the text before it repeats is left out.
pub(super) fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let name = crate::domain::staff_name("").unwrap_err();
        let error = anyhow::Error::new(crate::vouchers::StepError::from(name)).context("batch 1");
        assert_eq!(with_causes(&error), "batch 1: --by: a name must have a letter or a digit");
    }

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
