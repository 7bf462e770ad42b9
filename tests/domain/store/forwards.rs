//! Requests that are handed on: each is posted by one node at a time, and is never lost.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mbush::config::Config;
use mbush::domain::{Clock, FieldValue, Fields, ForwardState, Language, OutboundSms};
use mbush::jobs::{Forwarder, Webhook};
use mbush::store::{Forward, ForwardEnd, Lease, NewForward, Store, Writes};
use mbush::text::templates::Templates;
use rstest::rstest;
use testkit::wait::{until, within};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::store::harness::{Database, Kind, msisdn, now};

fn new(of: u64, id: u128) -> NewForward {
    let mut fields = Fields::default();
    fields.push("meter", FieldValue::Digits("0041".into()));
    NewForward {
        id: Uuid::from_u128(id),
        message_key: format!("ipko:{of}"),
        bank: "seventh".into(),
        form: "a loan".into(),
        name: "loan".into(),
        link: "ipko".into(),
        short_code: "50777".into(),
        phone: Some(msisdn(of)),
        source: None,
        fields,
        language: Language::EN,
        reply: Some("We received it.".into()),
        created_at: now(),
    }
}

async fn keep(store: &Store, forwards: Vec<NewForward>) {
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { forwards, ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
}

fn lease(id: u128, at: DateTime<Utc>) -> Lease {
    Lease { id: Uuid::from_u128(id), now: at, until: at + TimeDelta::seconds(60) }
}

fn sms(forward: &NewForward, text: &str) -> OutboundSms {
    OutboundSms {
        id: Uuid::now_v7(),
        message_key: forward.message_key.clone(),
        link: "ipko".into(),
        from: "50777".into(),
        to: forward.phone.unwrap().digits(),
        to_source: None,
        text: text.into(),
        created_at: now(),
    }
}

async fn texts(store: &Store, key: &str) -> Vec<String> {
    store.outbox_of(key).await.unwrap().into_iter().map(|row| row.sms.text).collect()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_request_is_kept_leased_and_ended_with_its_answer(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let kept = new(1, 7);
    keep(&store, vec![kept.clone()]).await;
    let waiting = store.forward(kept.id).await.unwrap().unwrap();
    assert_eq!((waiting.state, waiting.attempts, &waiting.fields), (ForwardState::Waiting, 0, &kept.fields));
    assert_eq!(store.lease_forwards("points", lease(1, now()), 8).await.unwrap().len(), 0, "another name");
    let [leased] = &store.lease_forwards("loan", lease(1, now()), 8).await.unwrap()[..] else { panic!() };
    assert_eq!((leased.id, leased.attempts, leased.phone), (kept.id, 1, kept.phone));
    assert!(store.lease_forwards("loan", lease(2, now()), 8).await.unwrap().is_empty(), "it is leased");
    assert!(!store.retry_forward(kept.id, "arta", now()).await.unwrap(), "it is being posted");

    let later = now() + TimeDelta::seconds(61);
    let [again] = &store.lease_forwards("loan", lease(3, later), 8).await.unwrap()[..] else { panic!() };
    assert_eq!(again.attempts, 2, "the first lease has ended, and its attempt counts");
    let end = ForwardEnd { state: ForwardState::Done, answer: Some("yes".into()), sms: Some(sms(&kept, "Yes.")) };
    assert!(!store.end_forward(kept.id, Uuid::from_u128(1), &end, later).await.unwrap(), "of a lease that has ended");
    assert_eq!(texts(&store, "ipko:1").await, [""; 0]);
    assert!(store.end_forward(kept.id, Uuid::from_u128(3), &end, later).await.unwrap());
    assert_eq!(texts(&store, "ipko:1").await, ["Yes."]);
    let done = store.forward(kept.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.answer.as_deref(), done.ended_at), (ForwardState::Done, Some("yes"), Some(later)));
    assert!(!store.settle_forward(kept.id, ("arta", "x"), None, later).await.unwrap(), "it is done");
}

/// One row that a newer node has written must not stop the others.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_value_of_a_type_of_a_newer_version_is_leased_as_it_is_stored(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let stored = serde_json::json!({ "type": "place", "value": { "lat": 42 } });
    let mut fields = Fields::default();
    fields.push("at", FieldValue::Newer(stored.as_object().unwrap().clone()));
    keep(&store, vec![NewForward { fields: fields.clone(), ..new(1, 7) }, new(2, 8)]).await;
    let mut leased = store.lease_forwards("loan", lease(1, now()), 8).await.unwrap();
    leased.sort_by_key(|forward| forward.id);
    let leased: Vec<Fields> = leased.into_iter().map(|forward| forward.fields).collect();
    assert_eq!(leased, [fields, new(2, 8).fields]);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn staff_see_what_is_open_and_settle_it_or_have_it_tried_again(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let points = NewForward { name: "points".into(), phone: None, ..new(3, 9) };
    keep(&store, vec![new(1, 7), new(2, 8), points.clone()]).await;
    let open = |name: &'static str| {
        let store = store.clone();
        async move {
            let listed = store.forwards(None, name, 50).await.unwrap();
            assert_eq!(store.forward_total(None, name).await.unwrap(), i64::try_from(listed.len()).unwrap());
            listed.iter().map(|forward| forward.id.as_u128()).collect::<Vec<_>>()
        }
    };
    assert_eq!((open("").await, open("points").await), (vec![9, 8, 7], vec![9]));

    store.lease_forwards("loan", lease(1, now()), 1).await.unwrap();
    let leased = store.forwards(None, "loan", 50).await.unwrap().into_iter().find(|one| one.attempts == 1).unwrap();
    let failed = ForwardEnd { state: ForwardState::Failed, answer: Some("400".into()), sms: None };
    assert!(store.end_forward(leased.id, Uuid::from_u128(1), &failed, now()).await.unwrap());
    let [one] = &store.forwards(Some(ForwardState::Failed), "", 50).await.unwrap()[..] else { panic!() };
    assert_eq!((one.id, one.answer.as_deref()), (leased.id, Some("400")));
    let counted = store.forward_counts().await.unwrap();
    let counted: Vec<_> = counted.iter().map(|count| (count.name.as_str(), count.state, count.count)).collect();
    let expected =
        [("loan", ForwardState::Failed, 1), ("loan", ForwardState::Waiting, 1), ("points", ForwardState::Waiting, 1)];
    assert_eq!(counted, expected);

    let later = now() + TimeDelta::hours(30);
    assert!(store.retry_forward(leased.id, "arta", later).await.unwrap());
    let retried = store.forward(leased.id).await.unwrap().unwrap();
    assert_eq!((retried.state, retried.attempts, retried.since), (ForwardState::Waiting, 0, later));
    assert_eq!((retried.by.as_deref(), retried.ended_at), (Some("arta"), None));

    let settled = sms(&new(2, 8), "Come to a branch.");
    assert!(store.settle_forward(points.id, ("besa", "by hand"), None, later).await.unwrap());
    assert!(store.settle_forward(Uuid::from_u128(8), ("besa", "told"), Some(&settled), later).await.unwrap());
    assert_eq!(texts(&store, "ipko:2").await, ["Come to a branch."]);
    let listed = store.forwards(Some(ForwardState::Settled), "", 50).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|one| (one.id.as_u128(), one.by.as_deref(), one.note.as_deref())).collect();
    assert_eq!(listed, [(9, Some("besa"), Some("by hand")), (8, Some("besa"), Some("told"))]);
}

/// A system that answers with these statuses and texts, in turn, and then well; the keys of what it was posted are kept.
#[derive(Clone, Default)]
struct Bank {
    answers: Arc<Mutex<Vec<ResponseTemplate>>>,
    keys: Arc<Mutex<Vec<String>>>,
}

impl Respond for Bank {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let key = request.headers["Idempotency-Key"].to_str().unwrap().to_owned();
        self.keys.lock().unwrap().push(key);
        self.answers.lock().unwrap().pop().unwrap_or_else(|| ResponseTemplate::new(200))
    }
}

impl Bank {
    fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    async fn start(answers: Vec<ResponseTemplate>) -> (Self, MockServer) {
        let bank = Self { answers: Arc::new(Mutex::new(answers)), ..Self::default() };
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::method("POST")).respond_with(bank.clone()).mount(&server).await;
        (bank, server)
    }
}

/// A node whose clock is turned.
struct Node {
    store: Store,
    stop: CancellationToken,
    task: JoinHandle<()>,
    seconds: Arc<AtomicI64>,
}

impl Node {
    async fn start(database: &Database, url: &str, keys: &str, seconds: i64) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let config = format!("[forward.loan]\nurl = \"{url}\"\nsecret = \"s3cret\"\n{keys}");
        let config = Config::from_toml(&config).unwrap();
        let webhook = Webhook::new("loan", config.forward["loan"].webhook().unwrap().unwrap()).unwrap();
        let (store, seconds) = (database.open().await, Arc::new(AtomicI64::new(seconds)));
        let turned = seconds.clone();
        let clock = Clock::new(move || now() + TimeDelta::seconds(turned.load(Ordering::Relaxed)));
        let templates = Arc::new(Templates::builtin().unwrap());
        let (stop, own) = (CancellationToken::new(), store.clone());
        let task = tokio::spawn(Forwarder::new(own, webhook, config.rules, templates, clock).run(stop.clone()));
        Self { store, stop, task, seconds }
    }

    async fn is(&self, state: ForwardState, count: i64) {
        let end = tokio::time::Instant::now() + testkit::DEADLINE;
        while self.store.forward_total(Some(state), "").await.unwrap() != count {
            assert!(tokio::time::Instant::now() < end, "{count} requests are {state}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The request when an attempt has been marked.
    async fn answered(&self, id: u128) -> Forward {
        let end = tokio::time::Instant::now() + testkit::DEADLINE;
        loop {
            let forward = self.store.forward(Uuid::from_u128(id)).await.unwrap().unwrap();
            if forward.answer.is_some() {
                return forward;
            }
            assert!(tokio::time::Instant::now() < end, "an attempt is marked");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        within("the end of the task", self.task).await.unwrap();
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_post_each_request_once(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    keep(&store, (1..=40).map(|of| new(of, u128::from(of))).collect()).await;
    let (bank, server) = Bank::start(Vec::new()).await;
    let nodes =
        [Node::start(&database, &server.uri(), "", 0).await, Node::start(&database, &server.uri(), "", 0).await];
    nodes[0].is(ForwardState::Done, 40).await;
    for node in nodes {
        node.stop().await;
    }
    let mut keys = bank.keys();
    keys.sort();
    assert_eq!(keys, (1..=40).map(|of| Uuid::from_u128(of).to_string()).collect::<Vec<_>>());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_ends_before_it_marks_a_post_leaves_it_to_another_under_the_same_key(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    keep(&store, vec![new(1, 7)]).await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    let (bank, server) = Bank::start(vec![slow]).await;
    let first = Node::start(&database, &server.uri(), "answer = \"webhook\"", 0).await;
    until("the first post", || bank.keys().len() == 1).await;
    first.task.abort();
    let other = Node::start(&database, &server.uri(), "answer = \"webhook\"", 0).await;
    let taken = store.lease_forwards("loan", lease(9, now() + TimeDelta::seconds(39)), 8).await.unwrap();
    assert!(taken.is_empty(), "the lease of the first has not ended");
    other.seconds.store(60, Ordering::Relaxed);
    other.is(ForwardState::Done, 1).await;
    other.stop().await;
    assert_eq!(bank.keys(), [Uuid::from_u128(7).to_string(), Uuid::from_u128(7).to_string()]);
    assert_eq!(
        texts(&store, "ipko:1").await,
        ["We received it."],
        "the response has no text: the form's reply is sent"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_is_given_up_after_its_attempts_and_the_customer_is_told() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let store = database.open().await;
    keep(&store, vec![new(1, 7)]).await;
    let away = || ResponseTemplate::new(503).set_body_string("away").insert_header("Retry-After", "7200");
    let (bank, server) = Bank::start(vec![away(), away()]).await;
    let node = Node::start(&database, &server.uri(), "attempts = 2\nanswer = \"webhook\"", 0).await;
    until("the first post", || bank.keys().len() == 1).await;
    let put_off = node.answered(7).await;
    assert_eq!((put_off.state, put_off.next_at), (ForwardState::Waiting, now() + TimeDelta::hours(2)));
    node.seconds.store(7_300, Ordering::Relaxed);
    node.is(ForwardState::Failed, 1).await;
    node.stop().await;
    let failed = store.forward(Uuid::from_u128(7)).await.unwrap().unwrap();
    let answer = "given up after 2 attempts: 503 Service Unavailable: away";
    assert_eq!((failed.attempts, failed.answer.as_deref()), (2, Some(answer)));
    let told = "Your request cannot be done now. We will look into it and tell you.";
    assert_eq!(texts(&store, "ipko:1").await, [told]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_a_wrong_clock_has_put_off_is_posted_when_it_is_right() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let store = database.open().await;
    let tomorrow = NewForward { created_at: now() + TimeDelta::days(1), ..new(1, 7) };
    keep(&store, vec![tomorrow]).await;
    let (_bank, server) = Bank::start(Vec::new()).await;
    let node = Node::start(&database, &server.uri(), "", 0).await;
    node.is(ForwardState::Done, 1).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_nobody_takes_is_given_up_after_its_hours() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let store = database.open().await;
    keep(&store, vec![new(1, 7)]).await;
    let node = Node::start(&database, "http://127.0.0.1:1/", "give_up_hours = 1", 3_601).await;
    node.is(ForwardState::Failed, 1).await;
    node.stop().await;
    let failed = store.forward(Uuid::from_u128(7)).await.unwrap().unwrap();
    let answer = failed.answer.unwrap();
    assert!(answer.starts_with("given up after 1 attempts: Connection refused"), "{answer}");
    assert_eq!(texts(&store, "ipko:1").await, [""; 0], "the customer was answered at once");
}
