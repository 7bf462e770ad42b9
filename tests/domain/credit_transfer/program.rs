//! The whole program: credit that is dialled at an SMSC, staff who take it back and reset PINs, and kills with SIGKILL while
//! credit is sent.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use mbush::simulator::esme::message;
use mbush::simulator::{Smsc, SmscSettings, Submitted, Text};
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::store::Store;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::postgres::Postgres;
use testkit::process::Process;
use testkit::{DEADLINE, mbush, run};
use tokio::sync::broadcast::Receiver;

use super::PIN;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// A database, a configuration and a key.
struct World {
    folder: TempDir,
    url: String,
    _server: Option<Postgres>,
}

impl World {
    /// `None` where there is no database of this kind on this machine.
    fn new(kind: Kind, more: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let server = if kind == Kind::Postgres { Some(Postgres::start()?) } else { None };
        let sqlite = || format!("sqlite://{}/mbush.db", folder.path().display());
        let url = server.as_ref().map_or_else(sqlite, |server| server.url.clone());
        let key = folder.path().join("pin.key");
        std::fs::write(&key, "0f".repeat(32)).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let config = format!(
            "[store]\nurl = \"{url}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\nlanguage = \"en\"\n\
             [log]\nfilter = \"error\"\n[pins]\nkey_file = \"{}\"\n\
             [links.gateway]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n{more}",
            key.display()
        );
        std::fs::write(folder.path().join("mbush.toml"), config).unwrap();
        Some(Self { folder, url, _server: server })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = mbush();
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command
    }

    /// What a command says that succeeds.
    fn told(&self, arguments: &[&str]) -> String {
        let output = run(&mut self.command(arguments));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn sound(&self) {
        let audit = self.told(&["audit"]);
        assert!(audit.contains("sound: "), "{audit}");
    }
}

struct Server {
    _process: Process,
    http: String,
    client: reqwest::Client,
}

impl Server {
    fn start(world: &World) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let process = Process::start("mbush serve", &mut world.command(&["serve"]));
        let http =
            process.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { _process: process, http, client }
    }

    /// Posts a text; `None` where nobody answered.
    async fn post(&self, id: &str, from: &str, to: &str, text: &str) -> Option<Value> {
        let body = json!({ "id": id, "from": from, "to": to, "text": text });
        let request = self.client.post(format!("http://{}/v1/sms", self.http)).bearer_auth("s").json(&body);
        request.send().await.ok()?.json().await.ok()
    }

    /// A number with so many euros, and a PIN of its own.
    async fn subscriber(&self, phone: &str, euros: &str) {
        let topped = self.post(&format!("t{phone}"), phone, "50005", euros).await.expect("an answer");
        assert_eq!(topped["outcome"], "applied", "{topped}");
        let changed = self.post(&format!("p{phone}"), phone, "123", &format!("pin 0000 {PIN}")).await;
        assert_eq!(changed.expect("an answer")["topic"], "pin_changed");
    }
}

async fn next(replies: &mut Receiver<Submitted>) -> Submitted {
    tokio::time::timeout(DEADLINE, replies.recv()).await.expect("a reply comes").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn dialled_at_an_smsc_it_is_answered_in_the_dialogue_and_told_to_the_receiver_by_sms() {
    let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
    let link = format!(
        "[links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n",
        smsc.address()
    );
    let world = World::new(Kind::Sqlite, &link).unwrap();
    let server = Server::start(&world);
    server.subscriber("38349111222", "20").await;
    server.subscriber("38349333444", "1").await;
    smsc.receiver_bound().await;
    let mut replies = smsc.submitted();
    let dialled = format!("*121*049333444*5*{PIN}#");
    let text = Text { from: "38349111222".to_owned(), to: "121".to_owned(), text: String::new() };
    let mut sm = message(&text, dialled.into_bytes(), 0, 0).unwrap();
    sm.tlvs = Tlvs::default().with(tag::USSD_SERVICE_OP, &[1]).unwrap();
    assert!(smsc.deliver_sm(sm).await.unwrap().is_ok());
    let mut told = HashMap::new();
    for _ in 0..2 {
        let reply = next(&mut replies).await;
        told.insert(reply.to.clone(), reply);
    }
    assert!(told["38349111222"].text.starts_with("You sent 5.00 EUR to 049333444"), "{told:?}");
    assert!(told["38349333444"].text.starts_with("049111222 sent you 5.00 EUR."), "{told:?}");

    // Staff take it back, with its fee, and Besim has forgotten his PIN.
    let receipt = told["38349111222"].text.split("Ref. ").nth(1).unwrap().trim_end_matches('.').to_owned();
    world.told(&["reverse", &receipt, "--reason", "wrong_number", "--by", "drita", "--yes"]);
    let statement = world.told(&["statement", "049111222"]);
    assert!(statement.contains("credit_transfer") && statement.contains("fee"), "{statement}");
    let reset = world.told(&["pin", "reset", "049333444", "--by", "drita", "--yes"]);
    assert!(reset.contains("by drita; it must be changed"), "{reset}");
    assert!(world.told(&["pin", "show", "049111222"]).contains("by its owner"));
    let refused = server.post("x", "38349333444", "121", &format!("049111222 1 {PIN}")).await.unwrap();
    assert_eq!(refused["reason"], "pin_wrong", "{refused}");
    let store = Store::open(&world.url).await.unwrap();
    let account = store.account(&"subscriber:38349111222".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 2_000);
    store.close().await;
    world.sound();
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_credit_is_sent_it_sends_each_once_and_keeps_the_sum(#[case] kind: Kind) {
    let caps = "[credit_transfer]\nday_count_max = 1000\nmonth_count_max = 1000\nday_amount_max = \"1000.00\"\n\
                month_amount_max = \"1000.00\"\n";
    let Some(world) = World::new(kind, caps) else { return };
    let phones: Vec<String> = (0..6).map(|place| format!("3834940000{place}")).collect();
    let server = Server::start(&world);
    for phone in &phones {
        server.subscriber(phone, "20").await;
    }
    drop(server);
    // Each of six sends to each of the others, marked or not: sixty transfers of one euro, all of which there is credit for.
    let wishes: Vec<(usize, usize, bool)> = (0..6)
        .flat_map(|from| (0..6).filter(move |to| *to != from).flat_map(move |to| [(from, to, false), (from, to, true)]))
        .collect();
    let texts: Vec<Post> = wishes
        .iter()
        .map(|&(from, to, again)| {
            let text = format!("0{} 1 {PIN}{}", &phones[to][3..], if again { " again" } else { "" });
            (phones[from].clone(), "121", text)
        })
        .collect();
    killed_while_posted(&world, &texts).await;
    world.sound();
    let store = Store::open(&world.url).await.unwrap();
    let totals = store.totals().await.unwrap();
    store.close().await;
    assert_eq!(totals.balances_minor, 6 * 2_000 - 60 * 8, "what is gone are the fees");
}

/// From, to, text.
type Post = (String, &'static str, String);

/// Posts all of these, again and again over two kills with SIGKILL in the middle: each is applied, and once.
async fn killed_while_posted(world: &World, texts: &[Post]) {
    let mut first: HashMap<usize, Value> = HashMap::new();
    for kill_after in [5, 25, usize::MAX] {
        let server = Server::start(world);
        let open: Vec<usize> = (0..texts.len()).filter(|index| !first.contains_key(index) || index % 5 == 0).collect();
        let posts = open.into_iter().map(|index| {
            let (server, (from, to, text)) = (&server, &texts[index]);
            async move { Some((index, server.post(&format!("c{index}"), from, to, text).await?)) }
        });
        let mut posts = stream::iter(posts).buffer_unordered(16).filter_map(|done| async { done }).boxed_local();
        let mut seen = 0;
        while seen < kill_after
            && let Some((index, answer)) = posts.next().await
        {
            seen += 1;
            assert_eq!(answer["outcome"], "applied", "{index}: {answer}");
            let transfer = answer["transfer"].clone();
            assert_eq!(*first.entry(index).or_insert_with(|| transfer.clone()), transfer, "{index} moved twice");
        }
        drop(posts);
        // SIGKILL, with posts under way, but in the last round.
        drop(server);
    }
    assert_eq!(first.len(), texts.len());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_dealers_sell_each_sale_is_made_once_and_no_cent_of_stock_is_lost(#[case] kind: Kind) {
    let commission = "[[dealers.commission]]\nname = \"shop\"\nlevel = 0\npercent = 3\n\
                      [[dealers.commission]]\nname = \"distributor\"\nlevel = 1\npercent = 1\n";
    let Some(world) = World::new(kind, commission) else { return };
    Store::open(&world.url).await.unwrap().close().await;
    let (shop, distributor) = ("38349700001", "38349700002");
    world.told(&["dealer", "add", "agron", "--phone", "049700002", "--by", "drita"]);
    world.told(&["dealer", "add", "shpija", "--below", "agron", "--phone", "049700001", "--by", "drita"]);
    for name in ["agron", "shpija"] {
        let wallet = format!("dealer:{name}");
        let proposed = world.told(&["adjust", "propose", &wallet, "100.00", "--reason", "stock_sold", "--by", "arta"]);
        let id = proposed.split_whitespace().next().unwrap();
        world.told(&["adjust", "approve", id, "--by", "besim", "--yes"]);
    }
    let server = Server::start(&world);
    for phone in [shop, distributor] {
        let changed = server.post(&format!("p{phone}"), phone, "124", &format!("pin 0000 {PIN}")).await;
        assert_eq!(changed.expect("an answer")["topic"], "pin_changed");
    }
    drop(server);
    let texts: Vec<Post> = (0..60)
        .map(|sale| {
            let seller = if sale % 3 == 0 { distributor } else { shop };
            (seller.to_owned(), "124", format!("0491000{sale:02} 1 {PIN}"))
        })
        .collect();
    killed_while_posted(&world, &texts).await;
    world.sound();
    let listed = world.told(&["dealer", "list"]);
    // 40 sales of the shop and 20 of the distributor, three minor units of commission each, and one cent more for those below.
    for expected in ["100.00 - 40.00 + 1.20 = 61.20 EUR", "100.00 - 20.00 + 0.60 + 0.40 = 81.00 EUR"] {
        let stock = expected.split("= ").nth(1).unwrap();
        assert!(listed.contains(stock), "`{expected}` is not in: {listed}");
    }
    let summary = world.told(&["dealer", "summary", "shpija"]);
    assert!(summary.contains("40 sales, 40.00 EUR, commission 1.20 EUR"), "{summary}");
}
