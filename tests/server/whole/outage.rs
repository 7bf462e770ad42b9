//! A database that does not answer: every interface answers, in time, and never says that nothing was done where it may be.

use std::time::Duration;

use futures_util::future::join4;
use mbush::simulator::{Esme, EsmeSettings, Text};
use mbush::smpp::CommandStatus;
use reqwest::Method;
use serde_json::json;
use testkit::DEADLINE;
use testkit::postgres::Postgres;
use testkit::wait::within;

use crate::whole::world::{Answer, CLIENT, GATEWAY, World};

const PATIENCE: &str = "timeout_seconds = 2";
const BANK: &str = "[smpp_server]\nlisten = \"127.0.0.1:0\"\nresponse_timeout_seconds = 2\n\
    [links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\n";

fn start(server: &Postgres, more: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    World::start_on(folder, (&server.url, "http://127.0.0.1:9/"), PATIENCE, more)
}

async fn dial(world: &World, session: &str) -> Answer {
    let body = json!({ "session": session, "msisdn": "+38349111222", "dialled": "*50005*049123456*5#", "text": "" });
    Answer::of(world.request(Method::POST, "/v1/ussd").bearer_auth(GATEWAY).json(&body)).await
}

async fn look_up(world: &World) -> Answer {
    let body = json!({ "number": "049123456", "amount_minor": 500 });
    Answer::of(world.request(Method::POST, "/v1/lookup").bearer_auth(CLIENT).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_stopped_is_told_at_every_door_and_what_is_sent_again_is_done_once() {
    let Some(mut server) = Postgres::start() else { return };
    if !server.is_private() {
        return;
    }
    let world = start(&server, BANK);
    let settings = EsmeSettings::new(world.listening("SMPP"));
    let bank = Esme::bind(&EsmeSettings { response_timeout: DEADLINE, ..settings }).await.unwrap();
    assert_eq!(Answer::of(world.top_up("before")).await.status, 200);
    server.freeze();

    let sms = Answer::of(world.sms("s1", "38349111222", "50005", "3"));
    let answers = within(
        "an answer at each interface",
        join4(sms, dial(&world, "d1"), Answer::of(world.top_up("k1")), look_up(&world)),
    );
    let (sms, dialled, topped_up, looked_up) = answers.await;
    let (told_same, told_ask) = ("same", "the database does not answer");
    for (answer, words) in [(&sms, told_same), (&dialled, told_same), (&topped_up, told_same), (&looked_up, told_ask)] {
        answer.assert_problem(503, "server");
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(!detail.contains("nothing was done") && detail.contains(words), "{detail}");
        assert_eq!(detail.contains("same"), words == told_same, "what changes nothing has no key: {detail}");
    }
    let text = Text { from: "38349111333".into(), to: "50005".into(), text: "4".into() };
    let submitted = within("an answer to the bank", bank.submit(&text)).await.unwrap();
    assert_eq!(submitted.status, CommandStatus::SYSTEM_ERROR);
    assert_eq!(world.get("/health/live").await.status, 200);
    for path in ["/health", "/health/ready", "/health/store"] {
        let health = world.get(path).await;
        assert_eq!((health.status, health.json()["store"].as_str()), (503, Some("failing")), "{health:?}");
    }
    server.thaw();

    // What was sent comes again under its keys.
    let again = |request: &dyn Fn() -> reqwest::RequestBuilder| Answer::of(request());
    within("the database to be used again", async {
        loop {
            let (sms, topped_up) =
                (again(&|| world.sms("s1", "38349111222", "50005", "3")).await, again(&|| world.top_up("k1")).await);
            if (sms.status, topped_up.status) == (200, 200) {
                assert_eq!(
                    (&sms.json()["outcome"], &topped_up.json()["state"]),
                    (&json!("applied"), &json!("applied"))
                );
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    within("health", async {
        while world.get("/health/store").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let store = mbush::store::Store::open_existing(&server.url).await.unwrap();
    let balance = |number: &str| format!("subscriber:{number}").parse().unwrap();
    let account = store.account(&balance("38349111222")).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 300, "the text was done once");
    assert_eq!(store.audit(&mut |_| {}).await.unwrap().offence, None);
    store.close().await;
}

/// A commit that takes longer than is waited for.
const SLOW_COMMIT: [&str; 2] = [
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(12); RETURN NULL; END'",
    "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.key = 'gateway:slow') EXECUTE FUNCTION slow()",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_does_not_come_is_not_told_to_be_undone() {
    let Some(server) = Postgres::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let world = World::start_on(folder, (&server.url, "http://127.0.0.1:9/"), "timeout_seconds = 60", "");
    let pool = sqlx::PgPool::connect(&server.url).await.unwrap();
    for statement in SLOW_COMMIT {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let post = || Answer::of(world.sms("slow", "38349111222", "50005", "3"));
    let first = within("an answer", post()).await;
    first.assert_problem(503, "");
    assert!(
        first.json()["detail"].as_str().is_some_and(|text| text.contains("did not confirm the commit")),
        "{first:?}"
    );
    let again = within("what became of it", async {
        loop {
            let answer = post().await;
            if answer.status == 200 {
                return answer.json();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
    assert_eq!((&again["outcome"], &again["replayed"]), (&json!("applied"), &json!(true)), "{again}");
    let store = mbush::store::Store::open_existing(&server.url).await.unwrap();
    let account = store.account(&"subscriber:38349111222".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 300);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_told_in_the_same_way() {
    let Some(mut server) = Postgres::start() else { return };
    if !server.is_private() {
        return;
    }
    let world = start(&server, "");
    assert_eq!(Answer::of(world.top_up("before")).await.status, 200);
    server.shut_down();
    for answer in [Answer::of(world.top_up("k1")).await, Answer::of(world.sms("s1", "38349111222", "50005", "3")).await]
    {
        answer.assert_problem(503, "");
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    }
    assert_eq!(within("health", world.get("/health")).await.status, 503);
    assert_eq!(world.get("/health/live").await.status, 200);
}
