//! One program on one database, the messages it was sent, and what it acknowledged.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use mbush::simulator::Smsc;
use mbush::store::Store;
use tempfile::TempDir;
use testkit::postgres::Postgres;
use testkit::process::Process;
use testkit::{DEADLINE, mbush, run, wait::within};
use tokio::time::{Instant, sleep_until};

use crate::interfaces::{Bank, Interface, Sender, client, payer, smsc};

/// Messages that are under way at once, so that an end meets a batch.
const AT_ONCE: usize = 48;
/// Minor units of each message.
const MINOR: i64 = 200;
const WHO_WAS_TOPPED_UP: &str =
    "SELECT inbox.sender, count(*) FROM inbox JOIN transfers ON transfers.message_key = inbox.key
    GROUP BY inbox.sender";

/// The databases that crash tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// What is struck down under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Program,
    Database,
    Nobody,
}

/// When: so long after so many acknowledgements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) answers: usize,
    pub(crate) pause: Duration,
}

impl Moment {
    pub(crate) const NEVER: Self = Self { answers: usize::MAX, pause: Duration::ZERO };
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
    pub(crate) smsc: Arc<Smsc>,
    /// The SMSC's address for the program.
    pub(crate) host: SocketAddr,
    /// The database's address for the program, where it is another.
    pub(crate) way_to_database: Option<String>,
    /// Seconds until another dispatcher may take a reply.
    pub(crate) lease_seconds: u32,
    /// The filter of the program's log.
    pub(crate) log: &'static str,
    /// Further settings of the program's processes.
    pub(crate) environment: Vec<(&'static str, String)>,
    pub(crate) database: Option<Postgres>,
    interface: Interface,
    client: reqwest::Client,
    program: Option<Process>,
    address: String,
    bank: Arc<Bank>,
    /// Messages are numbered from 0 to this.
    pub(crate) messages: usize,
    /// What was acknowledged, and as which transfer where that is told.
    acknowledged: BTreeMap<usize, String>,
    /// The last answer that was no acknowledgement.
    refusal: String,
}

impl World {
    /// `None` where there is no database of this kind on this machine.
    pub(crate) async fn new(kind: Kind, interface: Interface) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Postgres::start()?),
        };
        let sqlite = || format!("sqlite://{}", folder.path().join("mbush.db").display());
        let url = database.as_ref().map_or_else(sqlite, |server| server.url.clone());
        Some(Self::on(url, folder, database, interface).await)
    }

    pub(crate) async fn on(url: String, folder: TempDir, database: Option<Postgres>, interface: Interface) -> Self {
        let smsc = smsc().await;
        Self {
            folder,
            url,
            host: smsc.address(),
            way_to_database: None,
            lease_seconds: 60,
            log: "warn",
            smsc,
            environment: Vec::new(),
            database,
            interface,
            client: client(),
            program: None,
            address: String::new(),
            bank: Arc::new(Bank::of("")),
            messages: 0,
            acknowledged: BTreeMap::new(),
            refusal: String::new(),
        }
    }

    /// Starts the program; it chooses its port itself, as another one may have been given the last meanwhile.
    pub(crate) async fn start(&mut self) {
        let config = format!(
            "[store]\nurl = \"{}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
             [dispatch]\nretry_first_ms = 50\nunanswered_wait_seconds = 1\nlease_seconds = {}\n[log]\nfilter = \"{}\"\n\
             [links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n\
             [links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n\
             throttle_segments_per_second = 10000\nreconnect_first_ms = 20\nreconnect_max_ms = 100\n\
             [smpp_server]\nlisten = \"127.0.0.1:0\"\n[links.submitter]\nkind = \"esme\"\nsystem_id = \"bank\"\n\
             password = \"secret\"\nthrottle_segments_per_second = 10000\n",
            self.way_to_database.as_ref().unwrap_or(&self.url),
            self.lease_seconds,
            self.log,
            self.host
        );
        std::fs::write(self.config(), config).expect("the folder is ours");
        let program = Process::start("mbush serve", self.command(mbush().arg("serve")));
        let listening = |said: &str| program.line("its address", |line| line.starts_with(said)).split_off(said.len());
        self.address = listening("listening on ");
        self.bank = Arc::new(Bank::of(&listening("listening for SMPP on ")));
        self.program = Some(program);
        if self.interface == Interface::Smpp {
            within("a bind", self.smsc.receiver_bound()).await;
        }
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("mbush.toml")
    }

    fn command<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.arg("--config").arg(self.config()).envs(self.environment.iter().map(|(name, value)| (name, value)))
    }

    /// The status of its readiness as far as the database goes.
    pub(crate) async fn health(&self) -> u16 {
        // What was found before counts for a moment.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let asked = self.client.get(format!("http://{}/health/store", self.address)).send();
        within("health", asked).await.expect("it is told").status().as_u16()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    /// As an init system ends it.
    pub(crate) fn terminate(&mut self) {
        let (status, lines) = self.program.take().expect("it runs").terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.program.as_ref().map(Process::printed).unwrap_or_default()
    }

    /// Takes note that a message was acknowledged to whoever sent it past this world.
    pub(crate) fn acknowledge(&mut self, index: usize) {
        self.answered(index, Ok(String::new()));
    }

    pub(crate) fn is_acknowledged(&self, index: usize) -> bool {
        self.acknowledged.contains_key(&index)
    }

    pub(crate) fn unacknowledged(&self) -> Vec<usize> {
        (0..self.messages).filter(|index| !self.is_acknowledged(*index)).collect()
    }

    /// The last answer that was no acknowledgement.
    pub(crate) fn refusal(&self) -> &str {
        &self.refusal
    }

    fn sender(&self) -> Sender {
        match self.interface {
            Interface::Http => {
                Sender::Http { client: self.client.clone(), url: format!("http://{}/v1/sms", self.address) }
            }
            Interface::Smpp => Sender::Smpp(self.smsc.clone()),
            Interface::Bank => Sender::Bank(self.bank.clone()),
        }
    }

    fn answered(&mut self, index: usize, answer: Result<String, String>) {
        match answer {
            Ok(transfer) => {
                let first = self.acknowledged.entry(index).or_insert_with(|| transfer.clone());
                assert_eq!(*first, transfer, "message {index} was answered with two transfers");
            }
            Err(refusal) => self.refusal = refusal,
        }
    }

    /// Sends all of them once, many at a time, and meanwhile strikes somebody down.
    pub(crate) async fn send(&mut self, indices: Vec<usize>, victim: Victim, moment: Moment) {
        let (count, sender) = (indices.len(), self.sender());
        let sent = indices.into_iter().map(|index| {
            let sender = sender.clone();
            async move { (index, sender.send(index).await) }
        });
        let mut sent = stream::iter(sent).buffer_unordered(AT_ONCE);
        let (mut answers, mut struck, end) = (0, None, Instant::now() + DEADLINE);
        let mut due = (victim != Victim::Nobody && moment.answers == 0).then(|| Instant::now() + moment.pause);
        let mut victim = Some(victim);
        loop {
            tokio::select! {
                biased;
                () = sleep_until(due.unwrap_or(end)), if due.is_some() => {
                    due = None;
                    struck = victim.take().and_then(|victim| self.strike(victim));
                }
                answer = sent.next() => {
                    let Some((index, answer)) = answer else { break };
                    answers += usize::from(answer.is_ok());
                    self.answered(index, answer);
                    if victim.is_some() && due.is_none() && answers >= moment.answers {
                        due = Some(Instant::now() + moment.pause);
                    }
                }
                () = sleep_until(end) => {
                    let refusal = &self.refusal;
                    panic!("{answers} of {count} acknowledged, last refusal {refusal}, printed {:#?}", self.printed());
                }
            }
        }
        // Where all were answered before the moment came, it comes now.
        let struck = struck.or_else(|| victim.take().and_then(|victim| self.strike(victim)));
        if let Some(restarting) = struck {
            self.database = Some(within("the database to come back", restarting).await.expect("it comes back"));
        }
    }

    fn strike(&mut self, victim: Victim) -> Option<tokio::task::JoinHandle<Postgres>> {
        match victim {
            Victim::Nobody => None,
            Victim::Program => {
                self.kill();
                None
            }
            Victim::Database => {
                let mut server = self.database.take().expect("the database is a server");
                Some(tokio::task::spawn_blocking(move || {
                    server.crash_and_restart();
                    server
                }))
            }
        }
    }

    /// Sends these again and again until each is acknowledged.
    pub(crate) async fn settle(&mut self) {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = self.unacknowledged();
            if left.is_empty() {
                return;
            }
            let (count, refusal) = (left.len(), self.refusal.clone());
            assert!(Instant::now() < end, "{count} are not acknowledged: {refusal}; printed {:#?}", self.printed());
            if self.interface == Interface::Smpp {
                within("a bind", self.smsc.receiver_bound()).await;
            }
            self.send(left, Victim::Nobody, Moment::NEVER).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The ledger is sound, what was acknowledged is in it, and nothing is in it twice.
    pub(crate) async fn check(&self) {
        let audit = run(self.command(mbush().arg("audit")));
        let said = format!("{}{}", String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
        assert!(audit.status.success() && said.contains("sound: "), "{said}");
        let applied = self.applied().await;
        let payers: BTreeMap<String, usize> = (0..self.messages).map(|index| (payer(index), index)).collect();
        for (sender, times) in &applied {
            assert!(payers.contains_key(sender), "{sender} never wrote");
            assert_eq!(*times, 1, "the message of {sender} was carried out {times} times");
        }
        for index in self.acknowledged.keys() {
            assert!(applied.contains_key(&payer(*index)), "the acknowledged message {index} is not there");
        }
    }

    /// Everything was acknowledged, and each is carried out once; whoever sends it all again is told the same.
    pub(crate) async fn check_all(&mut self) {
        self.settle().await;
        if self.interface == Interface::Http {
            self.send((0..self.messages).collect(), Victim::Nobody, Moment::NEVER).await;
        }
        self.check().await;
        self.terminate();
        let store = Store::open(&self.url).await.expect("the database is there");
        let (totals, owed) = (store.totals().await.unwrap(), store.clearing_minor("ekonomike").await.unwrap());
        store.close().await;
        let count = i64::try_from(self.messages).unwrap();
        assert_eq!((totals.applied, totals.transfers), (count, count));
        assert_eq!(
            (totals.transferred_minor, totals.balances_minor, owed),
            (count * MINOR, count * MINOR, count * MINOR)
        );
    }

    /// How many top-ups each payer's messages made.
    pub(crate) async fn applied(&self) -> BTreeMap<String, i64> {
        let rows: Vec<(String, i64)> = if self.url.starts_with("sqlite:") {
            let pool = sqlx::SqlitePool::connect(&self.url).await.unwrap();
            let rows = sqlx::query_as(WHO_WAS_TOPPED_UP).fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows
        } else {
            let pool = sqlx::PgPool::connect(&self.url).await.unwrap();
            let rows = sqlx::query_as(WHO_WAS_TOPPED_UP).fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows
        };
        rows.into_iter().collect()
    }
}
