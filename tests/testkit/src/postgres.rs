//! A private PostgreSQL: its own data, on a socket in its own folder, stopped and deleted when dropped.
//!
//! The first test makes an empty cluster (`initdb`) and keeps it as a template beside the build's other temporary files;
//! each test starts a server on a copy of it, which takes a fraction of a second. `MBUSH_TEST_POSTGRES` may hold the
//! address of a server that is there already, of a user who may create databases; each test then gets a database of it.
//! `MBUSH_TEST_POSTGRES_SETTINGS` holds settings for a private one, over its own: `shared_buffers=2GB max_wal_size=8GB`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;

use crate::DEADLINE;

/// The user who runs the server where the tests run as root, as whom PostgreSQL does not start.
const USER: &str = "postgres";
/// Committing to disk as in production; small otherwise, because tests run beside each other.
const SETTINGS: [&str; 7] = [
    "fsync=on",
    "listen_addresses=",
    "max_connections=40",
    "shared_buffers=64MB",
    "deadlock_timeout=200ms",
    "logging_collector=off",
    "autovacuum_naptime=5s",
];

/// An empty database.
pub struct Postgres {
    /// Its address.
    pub url: String,
    origin: Origin,
}

enum Origin {
    /// A server of our own.
    Private { process: Child, folder: TempDir, tools: PathBuf, settings: Vec<String> },
    /// A database of a server that was there.
    Given { server: String, name: String },
}

impl Postgres {
    /// `None`, with a printed line, where there is no PostgreSQL on this machine; a failure where
    /// `MBUSH_REQUIRE_PEERS=1`.
    pub fn start() -> Option<Self> {
        if let Ok(server) = std::env::var("MBUSH_TEST_POSTGRES") {
            return Some(Self::on(server));
        }
        let Some(tools) = tools() else {
            let required = std::env::var("MBUSH_REQUIRE_PEERS").is_ok_and(|value| value == "1");
            assert!(!required, "MBUSH_REQUIRE_PEERS=1, and there is no PostgreSQL (initdb) on this machine");
            println!("left out: there is no PostgreSQL (initdb) on this machine");
            return None;
        };
        Some(Self::private(&tools, None))
    }

    /// The same, with its tables in this folder; `None` too where tests are given a server of others.
    pub fn with_tables_in(folder: &Path) -> Option<Self> {
        let Some(tools) = tools() else { return Self::start() };
        std::env::var_os("MBUSH_TEST_POSTGRES").is_none().then(|| Self::private(&tools, Some(folder)))
    }

    /// One as in production, for measurements: a new cluster with log segments of the usual size, and these settings over
    /// those of tests. `None`, with a printed line, where there is no PostgreSQL on this machine.
    pub fn as_in_production(settings: &[&str]) -> Option<Self> {
        let Some(tools) = tools() else {
            println!("left out: there is no PostgreSQL (initdb) on this machine");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        give_to_server_user(folder.path());
        initialise(&tools, &folder.path().join("data"), &[]);
        Some(Self::served(tools, folder, settings))
    }

    /// The first of its processes, where it is ours.
    pub fn process(&self) -> Option<u32> {
        match &self.origin {
            Origin::Private { process, .. } => Some(process.id()),
            Origin::Given { .. } => None,
        }
    }

    /// Whether it is ours to crash.
    pub const fn is_private(&self) -> bool {
        matches!(self.origin, Origin::Private { .. })
    }

    /// Kills the server while it is in use, and starts it again on the same data; `false` where it is not ours to crash.
    pub fn crash_and_restart(&mut self) -> bool {
        let Origin::Private { process, folder, tools, settings } = &mut self.origin else { return false };
        kill(process);
        *process = serve(tools, folder.path(), settings);
        true
    }

    /// Stops the server where it stands, with all of its processes: it takes connections and answers nothing.
    pub fn freeze(&mut self) {
        self.signal_all("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&mut self) {
        self.signal_all("-CONT");
    }

    fn signal_all(&mut self, signal: &str) {
        let Origin::Private { process, .. } = &mut self.origin else { return };
        // Its number may be another's once it has ended.
        if !process.try_wait().is_ok_and(|ended| ended.is_none()) {
            return;
        }
        let id = process.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        for id in std::iter::once(id.to_string()).chain(children.split_whitespace().map(str::to_owned)) {
            drop(Command::new("kill").args([signal, &id]).stderr(Stdio::null()).status());
        }
    }

    /// Ends the server for good.
    pub fn shut_down(&mut self) {
        if let Origin::Private { process, .. } = &mut self.origin {
            kill(process);
        }
    }

    fn on(server: String) -> Self {
        let name = format!("mbush_{}", Uuid::now_v7().simple());
        run(Command::new("psql").args(["-q", "-c", &format!("CREATE DATABASE {name}"), &server]));
        let (address, parameters) = server.split_once('?').map_or((server.as_str(), ""), |parts| parts);
        let host = address.rsplit_once('/').map_or(address, |(host, _)| host);
        let url = format!("{host}/{name}{}{parameters}", if parameters.is_empty() { "" } else { "?" });
        Self { url, origin: Origin::Given { server, name } }
    }

    fn private(tools: &Path, tables: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let data = folder.path().join("data");
        run(Command::new("cp").arg("-a").arg(template(tools)).arg(&data));
        if let Some(tables) = tables {
            run(Command::new("cp").arg("-a").arg(data.join("base")).arg(tables));
            fs::remove_dir_all(data.join("base")).expect("the folder is ours");
            std::os::unix::fs::symlink(tables.join("base"), data.join("base")).expect("the folder is ours");
            give_to_server_user(tables);
        }
        give_to_server_user(folder.path());
        Self::served(tools.to_owned(), folder, &[])
    }

    fn served(tools: PathBuf, folder: TempDir, settings: &[&str]) -> Self {
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect::<Vec<_>>();
        let process = serve(&tools, folder.path(), &settings);
        let url = format!("postgres://mbush@localhost/postgres?host={}", folder.path().display());
        Self { url, origin: Origin::Private { process, folder, tools, settings } }
    }
}

/// Starts a server on the data of this folder and waits until it takes connections. One that ends by itself meanwhile is
/// started again, as an init system does: processes of a server that was killed may be a moment from their end.
fn serve(tools: &Path, folder: &Path, settings: &[String]) -> Child {
    let end = Instant::now() + DEADLINE;
    loop {
        let mut process = start(tools, folder, settings);
        while process.try_wait().expect("a child can be asked").is_none() {
            let mut asked = Command::new(tools.join("pg_isready"));
            if asked.args(["-q", "-h"]).arg(folder).status().is_ok_and(|status| status.success()) {
                return process;
            }
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "PostgreSQL does not come up:\n{}", log());
            thread::sleep(Duration::from_millis(20));
        }
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(Instant::now() < end, "PostgreSQL ends again and again:\n{}", log());
        thread::sleep(Duration::from_millis(100));
    }
}

fn start(tools: &Path, folder: &Path, settings: &[String]) -> Child {
    let mut command = as_server_user(&tools.join("postgres"));
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    let more = std::env::var("MBUSH_TEST_POSTGRES_SETTINGS").unwrap_or_default();
    let settings = settings.iter().map(String::as_str).chain(more.split_whitespace());
    for setting in SETTINGS.into_iter().chain(settings) {
        command.args(["-c", setting]);
    }
    let log = File::create(folder.join("log")).expect("the folder is ours");
    let copy = log.try_clone().expect("a file can be opened twice");
    command.stdin(Stdio::null()).stdout(log).stderr(copy);
    spawn(command)
}

/// Starts it from a thread that lasts as long as the tests. A program with `--pdeathsig` ends with the *thread* that
/// started it, and tokio lets a thread for blocking calls go once it is idle.
fn spawn(command: Command) -> Child {
    type Order = (Command, mpsc::Sender<std::io::Result<Child>>);
    static LASTING: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, started) in orders {
                drop(started.send(command.spawn()));
            }
        });
        sender
    });
    let (started, answer) = mpsc::channel();
    LASTING.send((command, started)).expect("the thread waits for orders for ever");
    answer.recv().expect("each order is answered").expect("postgres starts")
}

/// Kills it and all of its processes with SIGKILL: nobody of them can put anything in order. The first one is stopped
/// meanwhile, or it would see the others go and begin to mend.
fn kill(process: &mut Child) {
    let id = process.id();
    let signal = |name: &str, id: &str| drop(Command::new("kill").args([name, id]).stderr(Stdio::null()).status());
    signal("-STOP", &id.to_string());
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    for child in children.split_whitespace() {
        signal("-KILL", child);
    }
    // Fails only where it has ended by itself.
    drop(process.kill());
    drop(process.wait());
}

/// Ends it at once, as a crash would, without a checkpoint. It may have ended by itself.
fn crash(process: &mut Child) {
    if process.try_wait().is_ok_and(|ended| ended.is_some()) {
        return;
    }
    drop(Command::new("kill").args(["-QUIT", &process.id().to_string()]).status());
    drop(process.wait());
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A test may have failed while it stood still.
        self.thaw();
        match &mut self.origin {
            // Its data are deleted with the folder.
            Origin::Private { process, .. } => crash(process),
            Origin::Given { server, name } => {
                let statement = format!("DROP DATABASE {name} WITH (FORCE)");
                drop(Command::new("psql").args(["-q", "-c", &statement, server]).status());
            }
        }
    }
}

/// The folder of PostgreSQL's programs: on the path, or the newest where Debian keeps them.
fn tools() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let complete =
        |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|tool| folder.join(tool).exists());
    folders.into_iter().find(complete)
}

/// The empty cluster, made once for each version of PostgreSQL.
fn template(tools: &Path) -> PathBuf {
    let version = run(Command::new(tools.join("postgres")).arg("--version")).stdout;
    let version: String = String::from_utf8_lossy(&version).chars().filter(char::is_ascii_alphanumeric).collect();
    let program = crate::program();
    let build = program.ancestors().nth(2).expect("the program lies in a folder of the build's");
    let shared = &build.join("tmp");
    fs::create_dir_all(shared).expect("the build's folder is ours");
    let lock = File::create(shared.join("postgres.lock")).expect("the build's folder is ours");
    // Released when `lock` is dropped.
    lock.lock().expect("a file can be locked");
    let template = shared.join(version);
    if !template.exists() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        give_to_server_user(folder.path());
        let data = folder.path().join("data");
        initialise(tools, &data, &["--wal-segsize=1"]);
        let unfinished = shared.join("postgres.unfinished");
        drop(fs::remove_dir_all(&unfinished));
        run(Command::new("cp").arg("-a").arg(&data).arg(&unfinished));
        fs::rename(&unfinished, &template).expect("both are in one folder");
    }
    template
}

fn initialise(tools: &Path, data: &Path, further: &[&str]) {
    let options = ["-U", "mbush", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    run(as_server_user(&tools.join("initdb")).args(options).args(further).arg("-D").arg(data));
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).stdout.trim_ascii() == b"0"
}

fn give_to_server_user(folder: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", USER]).arg(folder));
    }
}

/// As a user that PostgreSQL starts as, and ended with the test, however that ends.
fn as_server_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
