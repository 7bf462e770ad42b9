//! The directives of `log.filter`, which select log lines. Each has to be a level or to name an existing target. A
//! misspelt level would be taken for a target, and nothing would be logged.

use anyhow::{anyhow, bail};
use tracing_subscriber::EnvFilter;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// Crates of the program that write log lines.
const CRATES: [&str; 16] = [
    "mbush",
    "axum",
    "h2",
    "hyper",
    "hyper_util",
    "log",
    "mio",
    "notify",
    "reqwest",
    "rustls",
    "sqlx",
    "sqlx_core",
    "tokio",
    "tokio_util",
    "tower",
    "tower_http",
];
/// The modules of this crate.
const ROOMS: [&str; 19] = [
    "api",
    "cli",
    "config",
    "dispatch",
    "domain",
    "find",
    "gateway",
    "grammar",
    "iso8583",
    "jobs",
    "links",
    "load",
    "menus",
    "processor",
    "simulator",
    "smpp",
    "store",
    "text",
    "vouchers",
];

/// Parses the filter.
pub(super) fn read(filter: &str) -> anyhow::Result<EnvFilter> {
    let directives: Vec<&str> = filter.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if directives.is_empty() {
        bail!("it says nothing: write for example info");
    }
    directives.iter().try_for_each(|directive| check(directive))?;
    EnvFilter::try_new(filter).map_err(|error| anyhow!("{error}; write for example info"))
}

/// `level`, `target`, `target=level`, or a directive with a span: `target[span{field=value}]=level`.
fn check(directive: &str) -> anyhow::Result<()> {
    let behind_span = directive.rfind(']').map_or(0, |end| end + 1);
    let (named, level) = match directive[behind_span..].split_once('=') {
        Some((name, level)) => (&directive[..behind_span + name.len()], Some(level.trim())),
        None => (directive, None),
    };
    if let Some(level) = level.filter(|level| !is_level(level)) {
        bail!("`{directive}`: `{level}` is not a level: write {}", LEVELS.join(", "));
    }
    let target = named.split('[').next().unwrap_or_default().trim();
    let has_span = named.contains('[');
    match () {
        () if target.is_empty() && has_span => Ok(()),
        () if level.is_none() && !has_span && is_level(target) => Ok(()),
        () if is_target(target) => Ok(()),
        () => Err(anyhow!(
            "`{directive}`: `{target}` is neither a level ({}) nor a log target: write for example info, or mbush=debug,warn; \
             targets are {}, and what is within them, as mbush::links",
            LEVELS.join(", "),
            CRATES.join(", ")
        )),
    }
}

fn is_level(text: &str) -> bool {
    // Levels may be numbers, from 0 for off to 5 for trace.
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(text)) || ["0", "1", "2", "3", "4", "5"].contains(&text)
}

/// Returns whether a module with this path may write log lines.
fn is_target(path: &str) -> bool {
    let mut parts = path.split("::");
    let name = parts.next().unwrap_or_default();
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let mut rest = parts.peekable();
    let is_room = name != "mbush" || rest.peek().is_none_or(|room| ROOMS.contains(room));
    CRATES.contains(&name) && is_room && rest.all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_would_silence_the_log_is_refused_with_the_remedy() {
        for (filter, parts) in [
            ("inof", &["`inof`", "off, error, warn, info", "mbush=debug,warn"][..]),
            ("verbose", &["`verbose`", "write for example info"]),
            ("all", &["`all`"]),
            ("inf o=,,", &["`inf o=`", "not a level"]),
            ("inf o=debug", &["`inf o`"]),
            ("", &["says nothing"]),
            (" , ,", &["says nothing"]),
            ("mbush=", &["`mbush=`", "`` is not a level"]),
            ("mbush=loud", &["`loud` is not a level"]),
            ("mbsh=debug", &["`mbsh`", "mbush"]),
            ("mbush::linsk", &["`mbush::linsk`"]),
            ("mbush::", &["`mbush::`"]),
            ("mbushes", &["`mbushes`"]),
            ("info,verbose", &["`verbose`"]),
            ("6", &["`6`"]),
            ("mbush[session{peer=x}]=quiet", &["`quiet` is not a level"]),
            ("sesion[x]=debug", &["`sesion`"]),
        ] {
            let said = read(filter).unwrap_err().to_string();
            for part in parts {
                assert!(said.contains(part), "`{part}` is not in what is said of `{filter}`: {said}");
            }
        }
    }

    #[test]
    fn a_filter_that_names_levels_and_what_logs_is_taken() {
        for filter in [
            "info",
            "INFO",
            "off",
            "mbush",
            "mbush=debug,warn",
            "mbush::links::smpp=trace, info,",
            "info,sqlx=warn,tower_http=debug",
            "[session]=debug,info",
            "mbush[session{peer=x}]=debug,warn",
        ] {
            read(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        }
    }

    #[test]
    fn what_logs_is_part_of_the_program() {
        let (lock, rooms) = (include_str!("../../../Cargo.lock"), include_str!("../../lib.rs"));
        for name in CRATES {
            let is_there = [name.to_owned(), name.replace('_', "-")];
            assert!(is_there.iter().any(|name| lock.contains(&format!("name = \"{name}\""))), "{name}");
        }
        let found: Vec<&str> =
            rooms.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
        assert_eq!(found, ROOMS);
    }
}
