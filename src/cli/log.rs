//! The log, on standard error. Control characters and invisible characters in fields are escaped, so that no peer can
//! break a line, forge one, or move the cursor of a terminal.

mod filter;

use std::io::{IsTerminal, Stderr, Write};

use anyhow::anyhow;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::section::{Log, LogFormat};
use crate::text::visible::visible;

/// Filter of the log lines.
pub(super) fn filter(log: &Log) -> anyhow::Result<EnvFilter> {
    filter::read(&log.filter).map_err(|problem| anyhow!("log.filter = \"{}\": {problem}", log.filter))
}

/// Starts the log. It goes to standard error, so that it is not mixed with the output of commands.
pub(super) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = filter(log)?;
    match log.format {
        LogFormat::Text => text(filter, std::io::stderr, std::io::stderr().is_terminal()).init(),
        LogFormat::Json => json(filter, Visible).init(),
    }
    Ok(())
}

/// Lines for people. Colours belong to the format; fields are escaped.
fn text<W>(filter: EnvFilter, writer: W, ansi: bool) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let field = debug_fn(|writer, field, value| match field.name() {
        // The line already has the location from the crate `log`.
        name if name.starts_with("log.") => Ok(()),
        "message" => write!(writer, "{}", visible(&format!("{value:?}"))),
        name => write!(writer, "{name}={}", visible(&format!("{value:?}"))),
    });
    let builder = tracing_subscriber::fmt().with_env_filter(filter).fmt_fields(field.delimited(" "));
    builder.with_writer(writer).with_ansi(ansi).finish()
}

/// One JSON object per line, which `writer` escapes.
fn json<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().with_env_filter(filter).json().with_writer(writer).finish()
}

/// Standard error, for a format without invisible characters of its own.
#[derive(Debug, Clone, Copy)]
struct Visible;

impl<'a> MakeWriter<'a> for Visible {
    type Writer = Lines<Stderr>;

    fn make_writer(&'a self) -> Lines<Stderr> {
        Lines(std::io::stderr())
    }
}

/// Each write is a whole line.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        writeln!(self.0, "{}", visible(text.trim_end_matches('\n')))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const HOSTILE: &str = "👍\u{1b}[2J\u{9b}2J\nERROR forged\u{202e}";

    /// The logged octets.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged<S: Subscriber + Send + Sync + 'static>(start: impl Fn(Kept) -> S) -> String {
        let kept = Kept::default();
        tracing::subscriber::with_default(start(kept.clone()), || {
            let span = tracing::info_span!("session", peer = HOSTILE, address = %HOSTILE);
            let _inside = span.enter();
            tracing::warn!(text = HOSTILE, shown = %HOSTILE, error = ?HOSTILE, "said {HOSTILE}");
        });
        let lines = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let unseen = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!lines.contains(unseen), "{lines:?}");
        lines
    }

    #[test]
    fn what_a_peer_sent_breaks_no_line_of_the_log() {
        let all = || EnvFilter::new("info");
        let lines = logged(|kept| text(all(), Mutex::new(kept), false));
        for part in ["said 👍\\u001b[2J", "shown=👍\\u001b[2J", "address=👍\\u001b[2J", "session{"] {
            assert!(lines.contains(part), "`{part}` is not in {lines}");
        }
        let lines = logged(|kept| json(all(), Mutex::new(Lines(kept))));
        let object: serde_json::Value = serde_json::from_str(&lines).unwrap();
        assert_eq!((&object["fields"]["text"], &object["level"]), (&HOSTILE.into(), &"WARN".into()));
    }
}
