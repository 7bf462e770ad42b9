//! What would be deployed without mbush: Kannel, a small HTTP handler, and PostgreSQL. benches/incumbent/README.md explains
//! its settings.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use testkit::process::Process;
use testkit::{free_ports, http, until};

use crate::database::Database;
use crate::processes::Parts;
use crate::stack::{Applied, PASSWORD, Running, SYSTEM_ID, WINDOW};

/// Requests of smsbox to the handler at the same time.
const REQUESTS: u32 = 512;
/// Connections of the handler to PostgreSQL.
const CONNECTIONS: u32 = 32;

/// The programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kannel {
    bearerbox: PathBuf,
    smsbox: PathBuf,
    handler: PathBuf,
    pub(crate) version: String,
}

impl Kannel {
    /// `None`, with a printed line, where Kannel is not installed. Builds the handler.
    pub(crate) fn find() -> Option<Self> {
        let (Some(bearerbox), Some(smsbox)) = (program("bearerbox"), program("smsbox")) else {
            println!("left out: Kannel is not installed (scripts/peers installs it)");
            return None;
        };
        let version = Command::new(&bearerbox).arg("--version").output().expect("bearerbox starts");
        let version = String::from_utf8_lossy(&[version.stdout, version.stderr].concat()).into_owned();
        let version = version.lines().find(|line| line.contains("bearerbox version")).unwrap_or_default();
        let version = version.split('`').nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or("unknown");
        Some(Self { bearerbox, smsbox, handler: handler(), version: version.to_owned() })
    }
}

/// Debian keeps daemons where not every user's `PATH` looks.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn material(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/incumbent").join(name)
}

fn handler() -> PathBuf {
    let target = testkit::mbush();
    let target =
        Path::new(target.get_program()).ancestors().nth(2).expect("the program lies in a folder of the build's");
    let target = target.join("incumbent");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--locked", "--release", "--quiet", "--manifest-path"]).arg(material("Cargo.toml"));
    let built = command.arg("--target-dir").arg(&target).status();
    assert!(built.is_ok_and(|status| status.success()), "the incumbent's handler does not build: {command:?}");
    target.join("release/incumbent")
}

pub(crate) struct Incumbent<'a> {
    parts: Parts,
    smsbox: Process,
    bearerbox: Process,
    handler: Process,
    database: Database<'a>,
    _folder: TempDir,
}

impl<'a> Incumbent<'a> {
    pub(crate) fn start(kannel: &Kannel, database: Database<'a>, smsc: u16) -> Self {
        database.execute(&fs::read_to_string(material("schema.sql")).expect("the schema is there"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [admin, boxes, sendsms, port] = free_ports();
        let mut handler = Command::new(&kannel.handler);
        handler.env("DATABASE_URL", &database.url).env("LISTEN", format!("127.0.0.1:{port}"));
        let handler = Process::start("handler", handler.env("POOL", CONNECTIONS.to_string()));
        handler.line("its address", |line| line.starts_with("listening on "));
        let configuration = folder.path().join("kannel.conf");
        fs::write(&configuration, settings(admin, boxes, sendsms, port, smsc)).expect("a file in a temporary folder");
        let start = |name: &str, program: &Path| {
            Process::start(name, Command::new(program).args(["-v", "2"]).arg(&configuration).current_dir(folder.path()))
        };
        let bearerbox = start("bearerbox", &kannel.bearerbox);
        until("bearerbox listens", || TcpStream::connect(("127.0.0.1", boxes)).is_ok());
        let smsbox = start("smsbox", &kannel.smsbox);
        let (status, admin) = (format!("/status.txt?password={PASSWORD}"), format!("127.0.0.1:{admin}"));
        until("bearerbox lists the smsbox", || http::get(&admin, &status).body.contains("smsbox:"));
        let mut parts = Parts::default();
        parts.add("bearerbox + smsbox", bearerbox.id());
        parts.add("bearerbox + smsbox", smsbox.id());
        parts.add("handler", handler.id());
        parts.add("PostgreSQL", database.server());
        Self { parts, smsbox, bearerbox, handler, database, _folder: folder }
    }
}

fn settings(admin: u16, boxes: u16, sendsms: u16, handler: u16, smsc: u16) -> String {
    let template = fs::read_to_string(material("kannel.conf")).expect("the template is there");
    let numbers = [
        ("{admin_port}", admin.into()),
        ("{smsbox_port}", boxes.into()),
        ("{sendsms_port}", sendsms.into()),
        ("{handler_port}", handler.into()),
        ("{smsc_port}", smsc.into()),
        ("{window}", WINDOW),
        ("{requests}", REQUESTS),
    ];
    let filled = numbers.iter().fold(template, |text, (name, number)| text.replace(name, &number.to_string()));
    filled.replace("{system_id}", SYSTEM_ID).replace("{password}", PASSWORD)
}

impl Running for Incumbent<'_> {
    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn http(&self) -> Option<(&str, &str)> {
        None
    }

    fn settle(&self) {
        self.database.settle();
    }

    fn stop(self: Box<Self>) -> Applied {
        let Self { smsbox, bearerbox, handler, database, .. } = *self;
        for process in [smsbox, bearerbox, handler] {
            process.terminate();
        }
        let sums = "SELECT count(*) FROM (SELECT sum(cents) AS cents FROM account) a
            JOIN (SELECT sum(cents) AS cents FROM transfer) t ON a.minor = t.minor";
        Applied {
            transfers: database.count("SELECT count(*) FROM transfer"),
            // It keeps no account of them.
            replies_unsent: 0,
            is_sound: database.count(sums) == 1,
        }
    }
}
