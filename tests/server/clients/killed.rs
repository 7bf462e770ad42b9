//! The program is killed under machines' traffic, again and again. Who was not answered does what machines do: over HTTP it
//! repeats or reverses, over ISO 8583 it reverses. Afterwards both sides' books agree.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use mbush::iso8583::Message;
use mbush::simulator::{Atm, AtmSettings};
use mbush::store::Store;
use rstest::rstest;
use serde_json::{Value, json};
use testkit::postgres::Postgres;
use testkit::process::Process;
use testkit::{DEADLINE, mbush, run};

use crate::clients::harness::Kind;

/// Kills.
const CYCLES: usize = 3;
/// New customers of a cycle.
const CUSTOMERS: usize = 60;
/// Customers at once.
const AT_ONCE: usize = 24;
const MINOR: i64 = 500;

struct Program {
    folder: tempfile::TempDir,
    url: String,
    _server: Option<Postgres>,
    process: Option<Process>,
    http: String,
    switches: String,
    client: reqwest::Client,
}

impl Program {
    fn new(kind: Kind) -> Option<Self> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Postgres::start()?),
        };
        let sqlite = format!("sqlite://{}/mbush.db", folder.path().display());
        let url = server.as_ref().map_or(sqlite, |server| server.url.clone());
        let config = format!(
            "[store]\nurl = \"{url}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[iso8583]\nlisten = \"127.0.0.1:0\"\n\
             [subscribers]\nunknown = \"create\"\n[log]\nfilter = \"error\"\n\
             [clients.app]\nbank = \"bkt\"\nchannel = \"ebanking\"\nsecret = \"s\"\n\
             [clients.atm]\nbank = \"procredit\"\nchannel = \"atm\"\nacquirer_id = \"12345\"\n"
        );
        std::fs::write(folder.path().join("mbush.toml"), config).unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap();
        let (http, switches) = (String::new(), String::new());
        Some(Self { folder, url, _server: server, process: None, http, switches, client })
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = mbush();
        command.args(arguments).arg("--config").arg(self.folder.path().join("mbush.toml"));
        command
    }

    fn start(&mut self) {
        let process = Process::start("mbush serve", &mut self.command(&["serve"]));
        let said = |beginning: &str| {
            process.line("its address", |line| line.starts_with(beginning)).split_off(beginning.len())
        };
        (self.http, self.switches) = (said("listening on "), said("listening for ISO 8583 on "));
        self.process = Some(process);
    }

    async fn post(&self, path: &str, key: &str, body: Value) -> Option<Value> {
        let request = self.client.post(format!("http://{}/v1/{path}", self.http)).bearer_auth("s");
        let response = request.header("Idempotency-Key", key).json(&body).send().await.ok()?;
        if response.status() == 503 {
            return None;
        }
        response.json().await.ok()
    }

    /// The state that is told; `None` where nobody answers.
    async fn order(&self, at: usize) -> Option<String> {
        let body = json!({ "number": number(at), "amount_minor": MINOR });
        let told = self.post("topups", &key(at), body).await?;
        Some(told["state"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned())
    }

    async fn reverse(&self, at: usize) -> Option<String> {
        let told = self.post(&format!("topups/{}/reversal", key(at)), "", json!({})).await?;
        Some(told["state"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned())
    }

    async fn atm(&self) -> Atm {
        let settings = AtmSettings {
            server: self.switches.clone(),
            framing: mbush::iso8583::Framing::Binary2,
            acquirer: "12345".into(),
            terminal: "ATM00001".into(),
            currency: "978".into(),
            patience: Duration::from_secs(15),
        };
        let atm = Atm::connect(settings).await.unwrap();
        assert_eq!(atm.sign_on().await.as_deref(), Some("00"));
        atm
    }
}

fn key(at: usize) -> String {
    format!("K{at}")
}

/// A few numbers, so that customers meet on them.
fn number(at: usize) -> String {
    format!("0491234{:02}", at % 7)
}

/// A recharge of a switch that never saw the program end: each has another second in its time.
fn recharge(atm: &Atm, at: usize) -> Message {
    let time = format!("{}{:02}{:02}", chrono::Utc::now().format("%m%d%H"), at / 60 % 60, at % 60);
    atm.top_up(&number(at), MINOR.unsigned_abs()).with(7, time).with(11, format!("{at:06}"))
}

async fn code(atm: &Atm, message: &Message) -> Option<String> {
    atm.ask(message).await.and_then(|answer| answer.get(39).map(str::to_owned)).filter(|code| code != "91")
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_machines_traffic_it_agrees_with_their_books(#[case] kind: Kind) {
    let Some(mut program) = Program::new(kind) else { return };
    let (mut app, mut switch) = (BTreeMap::new(), BTreeMap::new());
    for cycle in 0..CYCLES {
        program.start();
        let atm = program.atm().await;
        let new = (cycle * CUSTOMERS)..((cycle + 1) * CUSTOMERS);
        let customers = new.map(|at| {
            let (program, atm) = (&program, &atm);
            async move {
                if at % 2 == 0 {
                    return (at, program.order(at).await, None);
                }
                let request = recharge(atm, at);
                (at, code(atm, &request).await, Some(request))
            }
        });
        let mut customers = stream::iter(customers).buffer_unordered(AT_ONCE);
        let mut ended = Vec::new();
        // In the midst of the others.
        while ended.len() < CUSTOMERS / (cycle + 2) {
            ended.extend(customers.next().await);
        }
        let id = program.process.as_ref().unwrap().id();
        assert!(std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
        ended.extend(
            tokio::time::timeout(DEADLINE, customers.collect::<Vec<_>>()).await.expect("each is answered or cut off"),
        );
        drop(program.process.take());
        for (at, said, request) in ended {
            match request {
                None => drop(app.insert(at, said)),
                Some(request) => drop(switch.insert(at, (request, said))),
            }
        }
    }
    program.start();
    let atm = program.atm().await;
    for (at, said) in &mut app {
        let again = match (said.as_deref(), at % 4) {
            (Some("applied"), _) | (None, 0) => program.order(*at).await,
            _ => program.reverse(*at).await,
        };
        *said = again;
    }
    let mut charged = 0;
    for (request, said) in switch.values() {
        if said.as_deref() == Some("00") {
            charged += MINOR;
        } else {
            assert_eq!(atm.reverse(request, 0).await.0.as_deref(), Some("00"));
        }
    }
    let owed = app.values().filter(|said| said.as_deref() == Some("applied")).count();
    assert!(
        app.values().flatten().all(|said| ["applied", "reversed", "cancelled"].contains(&said.as_str())),
        "{app:?}"
    );
    drop(atm);
    let (status, lines) = program.process.take().unwrap().terminate();
    assert!(status.success(), "{lines:#?}");
    let store = Store::open(&program.url).await.unwrap();
    assert_eq!(store.clearing_minor("bkt").await.unwrap(), i64::try_from(owed).unwrap() * MINOR, "{app:?}");
    assert_eq!(store.clearing_minor("procredit").await.unwrap(), charged);
    store.close().await;
    let audit = run(&mut program.command(&["audit"]));
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulated_switch_says_what_became_of_its_customers() {
    let Some(mut program) = Program::new(Kind::Sqlite) else { return };
    program.start();
    let arguments = ["simulate", "atm", "--server", &program.switches, "--number", "049123456", "--count", "20"];
    let told = run(mbush().args(arguments).args(["--acquirer", "12345", "--lose-percent", "25", "--json"]));
    let report: Value = serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told:?}"));
    let lost = report["top_ups"]["lost"].as_i64().unwrap();
    assert!(told.status.success() && lost > 0, "{report}");
    assert_eq!((report["top_ups"]["00"].as_i64(), report["reversals"]["00"].as_i64()), (Some(20 - lost), Some(lost)));
    let customers = report["customers"].as_array().unwrap();
    let became = |customer: &Value| customer["receipt"].is_string() != (customer["reversal"] == "00");
    assert!(customers.len() == 20 && customers.iter().all(became), "{report}");
    let one = ["simulate", "atm", "--server", &program.switches, "--number", "0491234", "--acquirer", "12345"];
    let told = String::from_utf8(run(mbush().args(one)).stdout).unwrap();
    assert!(told.starts_with("000001  14    ") && told.contains("0491234"), "code and words of each: {told}");
    let stranger = run(mbush().args(arguments).args(["--acquirer", "99"]));
    let said = String::from_utf8_lossy(&stranger.stderr).into_owned();
    assert!(!stranger.status.success() && said.contains("58") && said.contains("acquirer_id"), "{said}");
    let (status, lines) = program.process.take().unwrap().terminate();
    assert!(status.success(), "{lines:#?}");
    let store = Store::open(&program.url).await.unwrap();
    assert_eq!(store.clearing_minor("procredit").await.unwrap(), (20 - lost) * MINOR);
    store.close().await;
}
