//! `mbush serve` with its defaults.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;
use testkit::process::Process;

use crate::database::Database;
use crate::processes::Parts;
use crate::stack::{Applied, PASSWORD, Running, SYSTEM_ID};

/// Secret of the client that orders top-ups over HTTP.
const SECRET: &str = "secret-of-the-client-that-is-measured";

pub(crate) struct Mbush<'a> {
    program: PathBuf,
    process: Process,
    http: String,
    parts: Parts,
    configuration: PathBuf,
    /// `None` for SQLite.
    database: Option<Database<'a>>,
    folder: TempDir,
}

impl<'a> Mbush<'a> {
    /// `client` is further keys of the client's section.
    pub(crate) fn start(program: &Path, database: Option<Database<'a>>, smsc: u16, client: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sqlite = || format!("sqlite://{}", file(&folder).display());
        let url = database.as_ref().map_or_else(sqlite, |database| database.url.clone());
        let configuration = folder.path().join("mbush.toml");
        fs::write(&configuration, settings(&url, smsc, client)).expect("a file in a temporary folder");
        let process =
            Process::start("mbush serve", Command::new(program).arg("serve").arg("--config").arg(&configuration));
        let line = process.line("its HTTP address", |line| line.starts_with("listening on "));
        let http = line.trim_start_matches("listening on ").to_owned();
        let mut parts = Parts::default();
        parts.add("mbush", process.id());
        if let Some(database) = &database {
            parts.add("PostgreSQL", database.server());
        }
        Self { program: program.to_owned(), process, http, parts, configuration, database, folder }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Recipients of replies, in the order of these clauses.
    pub(crate) fn recipients(&self, clauses: &str) -> Vec<String> {
        let sql = format!("SELECT recipient FROM outbox {clauses}");
        if let Some(database) = &self.database {
            return database.texts(&sql);
        }
        let connection = Connection::open(file(&self.folder)).expect("the database is there");
        let mut statement = connection.prepare(&sql).expect("a valid statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }

    pub(crate) fn count(&self, sql: &str) -> u64 {
        let of_file = || {
            let connection = Connection::open(file(&self.folder)).expect("the database is there");
            let count = connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
            u64::try_from(count).expect("a count is not negative")
        };
        self.database.as_ref().map_or_else(of_file, |database| database.count(sql))
    }

    /// Whether `mbush audit` finds the ledger sound.
    fn is_sound(&self) -> bool {
        let audit = Command::new(&self.program).args(["--json", "audit", "--config"]).arg(&self.configuration).output();
        let audit = audit.expect("the program starts");
        let object: Option<Value> = serde_json::from_slice(&audit.stdout).ok();
        object.is_some_and(|object| object["sound"] == Value::Bool(true))
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("mbush.db")
}

/// Everything is left at its default but for addresses and secrets, and two things that the defaults forbid: numbers
/// without an account, and more than 100 replies a second.
fn settings(url: &str, smsc: u16, client: &str) -> String {
    format!(
        "[store]\nurl = \"{url}\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\n\
         [subscribers]\nunknown = \"create\"\n\
         [links.smsc]\nkind = \"smsc\"\nhosts = [\"127.0.0.1:{smsc}\"]\nsystem_id = \"{SYSTEM_ID}\"\n\
         password = \"{PASSWORD}\"\nthrottle_segments_per_second = 100000\n\
         [banks.bkt]\n\
         [clients.machine]\nbank = \"bkt\"\nchannel = \"atm\"\nsecret = \"{SECRET}\"\n{client}"
    )
}

impl Running for Mbush<'_> {
    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn http(&self) -> Option<(&str, &str)> {
        Some((&self.http, SECRET))
    }

    fn settle(&self) {
        if let Some(database) = &self.database {
            database.settle();
        }
    }

    fn stop(mut self: Box<Self>) -> Applied {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "mbush was gone already:\n{:#?}", self.process.printed());
        self.process.wait();
        Applied {
            transfers: self.count("SELECT count(*) FROM transfers WHERE kind = 'top_up'"),
            replies_unsent: self.count("SELECT count(*) FROM outbox WHERE state <> 'sent'"),
            is_sound: self.is_sound(),
        }
    }
}
