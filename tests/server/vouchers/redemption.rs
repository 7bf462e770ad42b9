//! Customers redeem cards: dialled, texted, by a hundred phones at once, after wrong codes, and while the server is killed.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use mbush::simulator::esme::message;
use mbush::simulator::{Smsc, SmscSettings, Submitted, Text};
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::store::Store;
use rstest::rstest;
use serde_json::{Value, json};
use testkit::postgres::Postgres;
use testkit::process::Process;
use testkit::{DEADLINE, free_ports, until};
use tokio::sync::broadcast::Receiver;

use super::operator::Operator;

const GATEWAY: &str = "[links.gateway]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// An operator on a database of this kind, which lives as long as the second; `None` where there is none on this machine.
async fn operator(kind: Kind) -> Option<(Operator, Option<Postgres>)> {
    match kind {
        Kind::Sqlite => Some((Operator::new(None).await, None)),
        Kind::Postgres => {
            let server = Postgres::start()?;
            Some((Operator::new(Some(server.url.clone())).await, Some(server)))
        }
    }
}

struct Server {
    process: Process,
    http: String,
    client: reqwest::Client,
}

impl Server {
    fn start(operator: &Operator) -> Self {
        Self::run(&mut operator.command(&["serve"]))
    }

    fn run(command: &mut std::process::Command) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let process = Process::start("mbush serve", command);
        let http =
            process.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
        Self { process, http, client: reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap() }
    }

    /// Posts a text to 123; `None` where nobody answered.
    async fn post(&self, id: &str, from: &str, text: &str) -> Option<Value> {
        let body = json!({ "id": id, "from": from, "to": "123", "text": text });
        let request = self.client.post(format!("http://{}/v1/sms", self.http)).bearer_auth("s").json(&body);
        request.send().await.ok()?.json().await.ok()
    }

    /// The ending of a text, or why there was none, and the reply.
    async fn ending(&self, id: &str, from: &str, text: &str) -> (String, String) {
        let answer = self.post(id, from, text).await.expect("the server answers");
        let ending = answer["reason"].as_str().or(answer["outcome"].as_str()).unwrap_or_default();
        (ending.to_owned(), answer["reply"].as_str().unwrap_or_default().to_owned())
    }

    fn stop(self) -> Vec<String> {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{lines:#?}");
        lines
    }
}

async fn reply(replies: &mut Receiver<Submitted>) -> String {
    tokio::time::timeout(DEADLINE, replies.recv()).await.expect("a reply comes").unwrap().text
}

/// Dials, or texts where `dialled` is not one.
async fn send(smsc: &Smsc, from: &str, text: &str) {
    let text = Text { from: from.to_owned(), to: "123".to_owned(), text: text.to_owned() };
    let mut sm = message(&text, text.text.clone().into_bytes(), 0, 0).unwrap();
    if text.text.starts_with('*') {
        sm.tlvs = Tlvs::default().with(tag::USSD_SERVICE_OP, &[1]).unwrap();
    }
    assert!(smsc.deliver_sm(sm).await.unwrap().is_ok());
}

fn sound(operator: &Operator) {
    let audit = operator.told(&["audit"]);
    assert!(audit.contains("sound: ") && audit.contains("scratch card"), "{audit}");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_dialled_or_texted_for_oneself_or_another(#[case] kind: Kind) {
    let Some((operator, _database)) = operator(kind).await else { return };
    let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
    let link = format!(
        "[links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n",
        smsc.address()
    );
    operator.configure(
        &["one"],
        &format!("[quarantine]\nreplay_age_max_seconds = 3600\n{link}").replace("filter = \"error\"", ""),
    );
    operator.generate("5", "4", "five.age");
    operator.generate("20", "1", "twenty.age");
    operator.activate("1", "five.age");
    let cards = operator.printed("five.age");
    let server = Server::start(&operator);
    smsc.receiver_bound().await;
    let mut replies = smsc.submitted();
    let codes: Vec<&str> = cards.iter().map(|card| card.code.as_str()).collect();
    for (from, text, expected) in [
        ("38349111222", format!("*123*{}#", codes[0]), "5.00 EUR for 049111222. Balance: 5.00 EUR"),
        ("38349111222", format!("*123*{}*049123456#", codes[1]), "049123456 was topped up with 5.00 EUR"),
        ("38349111222", codes[2].to_owned(), "Balance: 10.00 EUR"),
        ("38349111222", format!("{} 049123456", codes[3]), "Its balance: 10.00 EUR"),
        // The network's second delivery, with a key of its own.
        ("38349111222", format!("*123*{}#", codes[0]), "already used by you"),
        ("38349111333", format!("*123*{}#", codes[0]), "was used before"),
        ("38349111222", format!("{} 049123456", codes[0]), "was used before"),
        ("38349111222", operator.printed("twenty.age")[0].code.clone(), "not active yet"),
        ("38349111222", format!("{} 044123456", codes[0]), "Vala"),
        ("38349111222", format!("{} hello", codes[0]), "did not understand \"hello\""),
    ] {
        send(&smsc, from, &text).await;
        let told = reply(&mut replies).await;
        assert!(told.contains(expected), "{text}: {told}");
        assert!(!codes.iter().any(|code| told.contains(code)), "{told}");
    }
    let printed = server.stop();
    assert!(!printed.iter().any(|line| codes.iter().any(|code| line.contains(code))), "a code is in the log");
    sound(&operator);
    let shown = operator.told(&["voucher", "show", &cards[1].serial]);
    assert!(shown.contains("used") && shown.contains("by 38349111222, for +38349123456, receipt"), "{shown}");
    if kind == Kind::Sqlite {
        for file in ["mbush.db", "mbush.db-wal"] {
            let octets = std::fs::read(operator.path(file)).unwrap_or_default();
            let holds = |code: &str| octets.windows(16).any(|window| window == code.as_bytes());
            assert!(!codes.iter().any(|code| holds(code)), "a code is in {file}");
        }
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_redeem_a_card_once(#[case] kind: Kind) {
    let Some((operator, _database)) = operator(kind).await else { return };
    operator.configure(&["one"], GATEWAY);
    operator.generate("10", "2", "cards.age");
    operator.activate("1", "cards.age");
    let code = operator.printed("cards.age").remove(0).code;
    let server = Server::start(&operator);
    let posts = (0..100).map(|index| {
        let (server, code) = (&server, &code);
        async move { server.ending(&format!("m{index}"), &format!("383492{index:05}"), code).await.0 }
    });
    let mut endings: HashMap<String, usize> = HashMap::new();
    for ending in join_all(posts).await {
        *endings.entry(ending).or_default() += 1;
    }
    assert_eq!(endings, [("applied".to_owned(), 1), ("voucher_used".to_owned(), 99)].into());
    server.stop();
    sound(&operator);
    let store = Store::open(&operator.url).await.unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.balances_minor), (1, 1_000));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_waits_and_hears_until_when(#[case] kind: Kind) {
    let Some((operator, _database)) = operator(kind).await else { return };
    operator.configure(&["one"], GATEWAY);
    operator.generate("5", "5", "cards.age");
    operator.activate("1", "cards.age");
    let cards = operator.printed("cards.age");
    operator.told(&["voucher", "block", &cards[1].serial, "--note", "lost", "--by", "arta", "--yes"]);
    let server = Server::start(&operator);
    let (guesser, other) = ("38349111222", "38349111333");
    // A right code forgives what was wrong before it.
    for (id, text, expected) in [
        ("1", "1234567890123456", "Tries left: 2"),
        ("2", &cards[1].code, "blocked"),
        ("3", "1234567890123456", "Tries left: 1"),
        ("4", &cards[0].code, "5.00 EUR"),
        ("5", "7401582000319520", "Tries left: 2"),
        ("6", "7401582000319520", "Tries left: 1"),
        ("7", "7401582000319521", "Too many wrong codes"),
        ("8", &cards[2].code, "Too many wrong codes"),
    ] {
        let (_, told) = server.ending(id, guesser, text).await;
        assert!(told.contains(expected), "{id}: {told}");
    }
    let again = server.post("7", guesser, "7401582000319521").await.unwrap();
    assert_eq!(again["replayed"], true, "the same message again counts once");
    let conflict = server.post("7", guesser, "7401582000319520").await.unwrap();
    assert_eq!(conflict["status"], 409, "the same key with another code is another message");
    assert_eq!(server.ending("9", other, &cards[2].code).await.0, "applied", "others are not locked");
    server.stop();
    sound(&operator);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_phones_guess_no_faster_than_a_few() {
    let (operator, _) = operator(Kind::Sqlite).await.expect("a database in a file");
    operator.configure(&["one"], GATEWAY);
    let mut command = operator.command(&["serve"]);
    let server =
        Server::run(command.envs([("MBUSH_VOUCHERS__WRONG_PER_MINUTE_MAX", "5"), ("MBUSH_LOG__FILTER", "warn")]));
    let mut endings: HashMap<String, usize> = HashMap::new();
    for phone in 10..50 {
        let (reason, told) = server.ending(&phone.to_string(), &format!("383491112{phone}"), "7401582000319521").await;
        assert!(reason != "voucher_locked" || told.contains("Please try again after"), "{told}");
        *endings.entry(reason).or_default() += 1;
    }
    // Five in a minute, and one more for each twelve seconds that this takes.
    let (looked_at, waits) = (endings["voucher_unknown"], endings["voucher_locked"]);
    assert!((5..20).contains(&looked_at) && looked_at + waits == 40, "{endings:?}");
    assert!(server.process.printed().iter().any(|line| line.contains("too many wrong card codes in a minute")));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_of_an_older_key_are_redeemed_after_a_newer_one_has_come() {
    let operator = Operator::new(None).await;
    operator.configure(&["one"], GATEWAY);
    operator.generate("5", "2", "old.age");
    operator.activate("1", "old.age");
    operator.told(&["voucher", "keys", "--new", "two.key"]);
    let old = operator.printed("old.age");
    let server = Server::start(&operator);
    assert_eq!(server.ending("1", "38349111222", &old[0].code).await.0, "applied");
    server.stop();
    operator.configure(&["one", "two"], GATEWAY);
    operator.generate("5", "1", "new.age");
    operator.activate("2", "new.age");
    let server = Server::start(&operator);
    let replayed = server.post("1", "38349111222", &old[0].code).await.unwrap();
    assert_eq!(replayed["replayed"], true, "what was said under the older key is known again");
    assert_eq!(server.ending("2", "38349111222", &old[1].code).await.0, "applied");
    assert_eq!(server.ending("3", "38349111222", &operator.printed("new.age")[0].code).await.0, "applied");
    server.stop();
    sound(&operator);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_refuses_what_has_expired_and_puts_it_on_record() {
    let operator = Operator::new(None).await;
    operator.configure(&["one"], GATEWAY);
    operator.generate("5", "2", "cards.age");
    operator.activate("1", "cards.age");
    // Its last day was in 1970.
    let database = rusqlite::Connection::open(operator.path("mbush.db")).unwrap();
    database.execute("UPDATE voucher_batches SET expires_at = 0", []).unwrap();
    drop(database);
    let server = Server::start(&operator);
    let (ending, told) = server.ending("1", "38349111222", &operator.printed("cards.age")[0].code).await;
    assert!(ending == "voucher_expired" && told.contains("has expired"), "{ending}: {told}");
    until("the batch is on record as expired", || {
        operator.told(&["voucher", "show", "1"]).contains("active -> expired, by sweeper")
    });
    server.stop();
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_cards_are_redeemed_it_redeems_each_once(#[case] kind: Kind) {
    let Some((operator, _database)) = operator(kind).await else { return };
    let [port] = free_ports();
    operator.configure(&["one"], GATEWAY);
    let config = std::fs::read_to_string(operator.path("mbush.toml")).unwrap();
    std::fs::write(operator.path("mbush.toml"), config.replace("127.0.0.1:0", &format!("127.0.0.1:{port}"))).unwrap();
    operator.generate("5", "300", "cards.age");
    operator.activate("1", "cards.age");
    let cards = operator.printed("cards.age");
    let mut first: HashMap<usize, Value> = HashMap::new();
    for kill_after in [20, 120, usize::MAX] {
        let server = Server::start(&operator);
        let open: Vec<usize> = (0..cards.len()).filter(|index| !first.contains_key(index) || index % 5 == 0).collect();
        let posts = open.into_iter().map(|index| {
            let (server, code) = (&server, &cards[index].code);
            async move { Some((index, server.post(&format!("c{index}"), &format!("383492{index:05}"), code).await?)) }
        });
        let mut posts = stream::iter(posts).buffer_unordered(24).filter_map(|done| async { done }).boxed_local();
        let mut seen = 0;
        while seen < kill_after
            && let Some((index, answer)) = posts.next().await
        {
            seen += 1;
            assert_eq!(answer["outcome"], "applied", "card {index}: {answer}");
            let transfer = answer["transfer"].clone();
            assert_eq!(*first.entry(index).or_insert_with(|| transfer.clone()), transfer, "card {index} moved twice");
        }
        drop(posts);
        // SIGKILL, with posts under way, but in the last round.
        drop(server);
    }
    assert_eq!(first.len(), cards.len());
    sound(&operator);
    let report: Value = serde_json::from_str(&operator.told(&["voucher", "report", "--json"])).unwrap();
    assert_eq!(report, json!({ "batch": 1, "amount_minor": 500, "state": "used", "cards": 300, "sum_minor": 150_000 }));
    let totals = Store::open(&operator.url).await.unwrap().totals().await.unwrap();
    assert_eq!((totals.transfers, totals.balances_minor), (300, 150_000));
}
