//! SMS gateways of others over HTTP, with the configurations that README.md shows: SMSC, gateway, `mbush serve`, and back.
//!
//! - `kannel`: Debian's bearerbox and smsbox
//! - `jasmin`: the Python package, with Debian's Redis and `RabbitMQ`

mod jasmin;
mod kannel;

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use testkit::process::Process;
use testkit::{mbush, run, until};

use crate::interop::simulator::Sms;

/// The phone that texts.
const SENDER: &str = "38349111222";
/// Times that the program is killed, after equal shares of the messages.
const KILLS: usize = 3;

/// The block of README.md that begins with these lines, in this language.
fn readme(language: &str, beginning: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).expect("README.md is there");
    let fence = format!("\n```{language}\n");
    let mut blocks = text.split(&fence).skip(1).filter_map(|rest| rest.split_once("\n```"));
    let block = blocks.find(|(block, _)| block.starts_with(beginning));
    block.unwrap_or_else(|| panic!("README.md shows no {language} that begins with {beginning}")).0.to_owned()
}

/// `mbush serve` behind a gateway.
struct Server {
    process: Option<Process>,
    folder: TempDir,
}

impl Server {
    /// On this port, with this section for its link. It does not run yet.
    fn new(port: u16, link: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = folder.path().join("mbush.db");
        let text = format!(
            "[store]\nurl = \"sqlite://{}\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n[subscribers]\nunknown = \"create\"\n\
             [dispatch]\nlease_seconds = 15\n{link}\n",
            database.display()
        );
        fs::write(folder.path().join("mbush.toml"), text).expect("a file in a temporary folder");
        Self { process: None, folder }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = mbush();
        command.arg(name).arg("--config").arg(self.folder.path().join("mbush.toml"));
        command
    }

    fn start(&mut self) {
        let process = Process::start("mbush serve", &mut self.command("serve"));
        process.line("its address", |line| line.starts_with("listening on "));
        self.process = Some(process);
    }

    /// Ends it with SIGKILL.
    fn kill(&mut self) {
        self.process = None;
    }

    /// A value in the database; `None` before there is one.
    fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> Option<T> {
        let file = self.folder.path().join("mbush.db");
        let opened = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
        opened.and_then(|database| database.query_row(sql, [], |row| row.get(0))).ok()
    }

    /// A number in the database; 0 before there is one.
    fn count(&self, sql: &str) -> i64 {
        self.ask(sql).unwrap_or_default()
    }

    fn messages(&self) -> i64 {
        self.count("SELECT count(*) FROM inbox")
    }

    /// The states of replies, each with its number.
    fn states(&self) -> String {
        let sql = "SELECT group_concat(state || ' ' || number, ', ') FROM
            (SELECT coalesce(receipt, last_error, state) AS state, count(*) AS number FROM outbox GROUP BY 1)";
        self.ask(sql).unwrap_or_default()
    }

    fn await_delivered(&self, replies: i64) {
        let mut states = String::new();
        until("the phone has every reply", || {
            let now = self.states();
            if now != states {
                eprintln!("replies: {now}");
                states = now;
            }
            self.count("SELECT count(*) FROM outbox WHERE receipt = 'delivered'") >= replies
        });
    }

    /// Each of `count` messages moved 5.00 once, and the audit finds nothing.
    fn assert_each_done_once(&self, count: i64) {
        assert_eq!(self.messages(), count);
        assert_eq!(self.count("SELECT count(*) FROM transfers"), count);
        assert_eq!(self.count("SELECT count(DISTINCT credit) FROM transfers WHERE amount_minor = 500"), count);
        let audited = run(&mut self.command("audit"));
        assert!(audited.status.success(), "{}", String::from_utf8_lossy(&audited.stdout));
    }

    fn stop(&mut self) {
        let (status, lines) = self.process.take().expect("it runs").terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }

    /// Kills and starts the program again while the gateway hands `many` messages over, and waits for all of them.
    fn be_killed_in_the_middle(&mut self, many: usize) {
        let count = |messages: usize| i64::try_from(messages).expect("a few messages");
        for kill in 0..KILLS {
            self.start();
            until("there are messages", || self.messages() > count(many * kill / KILLS));
            self.kill();
        }
        self.start();
        until("all messages are here", || self.messages() >= count(many));
        self.await_delivered(count(many));
        self.assert_each_done_once(count(many));
    }
}

/// The replies that nobody received, if the test fails.
impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replies: {}", self.states());
        }
    }
}

/// Texts, each for another number.
fn texts_to_others(many: usize) -> Vec<String> {
    (0..many).map(|number| format!("049123{number:03} 5")).collect()
}

/// The texts as the SMSC delivers them.
fn delivered(texts: &[String]) -> Vec<Sms<'_>> {
    texts.iter().map(|text| (SENDER, "50005", text.as_str())).collect()
}

/// A text that fits into no single SMS, with a form that the grammar reads: blanks between number and amount.
fn long() -> String {
    format!("049123999{}5", " ".repeat(200))
}

/// `049123452 5` in full-width digits, which need UCS-2.
fn wide() -> String {
    "049123452 5"
        .chars()
        .map(|c| c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c))
        .collect()
}
