//! The log, on standard error. What a peer sent gets into it only visible: no field can break a line, forge another or move
//! the cursor of whoever reads it.

use std::io::{IsTerminal, Stderr, Write};

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::debug_fn;

use crate::config::section::{Log, LogFormat};
use crate::text::visible::visible;

/// Starts it. It goes to standard error, so that what a command prints stays readable.
pub(super) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .map_err(|error| anyhow!("log.filter = \"{}\": {error}; write for example info", log.filter))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match log.format {
        LogFormat::Text => {
            let field = debug_fn(|writer, field, value| match field.name() {
                // What the crate `log` says of the place is in the line already.
                name if name.starts_with("log.") => Ok(()),
                "message" => write!(writer, "{}", visible(&format!("{value:?}"))),
                name => write!(writer, "{name}={}", visible(&format!("{value:?}"))),
            });
            let ansi = std::io::stderr().is_terminal();
            builder.fmt_fields(field.delimited(" ")).with_writer(std::io::stderr).with_ansi(ansi).init();
        }
        LogFormat::Json => builder.json().with_writer(Visible).init(),
    }
    Ok(())
}

/// Standard error for lines whose own form has no character that is unseen.
#[derive(Debug, Clone, Copy)]
struct Visible;

impl<'a> MakeWriter<'a> for Visible {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        Lines(std::io::stderr())
    }
}

/// Each write is a whole line.
struct Lines(Stderr);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        writeln!(self.0, "{}", visible(text.trim_end_matches('\n')))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
