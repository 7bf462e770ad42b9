//! `POST /v1/sms` over a real socket, and replies by POST to a gateway.

mod formats;
mod page;
mod problems;
mod refused;
mod ussd;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mbush::api::router;
use mbush::config::http::Http;
use mbush::config::{Config, Link, gateway::HttpGateway};
use mbush::dispatch::Dispatcher;
use mbush::domain::Clock;
use mbush::links::Links;
use mbush::links::http::HttpOut;
use serde_json::{Value, json};
use testkit::wait::{DEADLINE, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::node::{self, Node};

struct Server {
    node: Node,
    client: reqwest::Client,
    url: String,
}

fn gateway(reply_url: &str) -> HttpGateway {
    gateway_with("right", reply_url)
}

fn gateway_with(secret: &str, reply_url: &str) -> HttpGateway {
    let text = format!(
        "[links.bank]\nkind = \"http\"\nsecret = \"{secret}\"\nurl = \"{reply_url}\"\nreply_secret = \"ours\"\nshort_codes = [\"50005\", \"123\"]\n"
    );
    match Config::from_toml(&text).unwrap().links.remove("bank") {
        Some(Link::Http(gateway)) => gateway,
        other => panic!("{other:?}"),
    }
}

async fn start() -> Server {
    drop(rustls::crypto::ring::default_provider().install_default());
    let node = Node::start().await;
    let other = gateway_with("other", "http://127.0.0.1:9/");
    let mut config = Config::from_toml("").unwrap();
    config.links.insert("bank".to_owned(), Link::Http(gateway("http://127.0.0.1:9/")));
    config.links.insert("other".to_owned(), Link::Http(other));
    let router = router(&config.http, node.server(&config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/sms", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
    Server { node, client, url }
}

impl Server {
    async fn post(&self, secret: Option<&str>, body: String) -> (u16, Value) {
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        if let Some(secret) = secret {
            request = request.bearer_auth(secret);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn sms(&self, id: &str, text: &str) -> (u16, Value) {
        let body = json!({ "id": id, "from": "+38349111222", "to": "50005", "text": text });
        self.post(Some("right"), body.to_string()).await
    }
}

#[tokio::test]
async fn a_message_is_answered_with_its_ending_and_its_id_is_its_idempotency_key() {
    let server = start().await;
    let (status, first) = server.sms("a1", "049123456 5").await;
    assert_eq!(status, 200, "{first}");
    assert_eq!((first["outcome"].as_str(), first["amount_minor"].as_i64()), (Some("applied"), Some(500)));
    assert_eq!(first["number"], "+38349123456");
    assert!(first["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{first}");
    assert!(first["receipt"].as_str().is_some_and(|receipt| receipt.len() == 10));
    let (status, again) = server.sms("a1", "049123456 5").await;
    assert_eq!((status, again["replayed"].as_bool()), (200, Some(true)));
    assert_eq!((&again["transfer"], &again["at"]), (&first["transfer"], &first["at"]));
    let (status, conflict) = server.sms("a1", "049123456 6").await;
    assert_eq!(status, 409, "{conflict}");
    assert_eq!(server.node.store.totals().await.unwrap().balances_minor, 500);
}

#[tokio::test]
async fn a_text_that_cannot_be_carried_out_is_taken_and_says_why() {
    let server = start().await;
    let (status, answer) = server.sms("a1", "049123456").await;
    assert_eq!(
        (status, answer["outcome"].as_str(), answer["reason"].as_str()),
        (200, Some("refused"), Some("amount_missing"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let server = start().await;
    let good = || json!({ "id": "x", "from": "+38349111222", "to": "50005", "text": "5" });
    let with = |key: &str, value: Value| {
        let mut body = good();
        body[key] = value;
        body.to_string()
    };
    for (secret, body, status, part) in [
        (None, good().to_string(), 401, "Bearer"),
        (Some("wrong"), good().to_string(), 401, "Bearer"),
        (Some(""), good().to_string(), 401, "Bearer"),
        (Some("righ"), good().to_string(), 401, "Bearer"),
        (Some("rightt"), good().to_string(), 401, "Bearer"),
        (Some("right"), "{".to_owned(), 400, "id, from, to and text"),
        (Some("right"), with("to", json!("abc")), 400, "short code"),
        (Some("right"), with("to", json!("50333")), 403, "50333"),
    ] {
        let (got, problem) = server.post(secret, body.clone()).await;
        assert_eq!(got, status, "{body}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(part)), "{body}: {problem}");
    }
    for (body, place) in [
        (json!({ "id": "x" }).to_string(), "body /from"),
        (with("id", json!("")), "body /id"),
        (with("id", json!("x".repeat(129))), "body /id"),
        (with("id", json!("a\u{1b}]0;x\u{7}")), "body /id"),
        (with("id", json!(7)), "body /id"),
        (with("from", json!("")), "body /from"),
        (with("from", json!("383\u{0}49")), "body /from"),
        (with("from", json!("383\u{1b}]0;x\u{7}")), "body /from"),
        (with("from", json!("38349111222\n")), "body /from"),
        (with("from", json!("383\u{9b}2J")), "body /from"),
        (with("from", json!("383\u{202e}222")), "body /from"),
        (with("from", json!("383\u{2028}222")), "body /from"),
        (with("to", json!("5\u{1b}[2J")), "body /to"),
        (with("to", json!("50005\n")), "body /to"),
        (with("text", json!("x".repeat(10_001))), "body /text"),
        (with("text", json!(null)), "body /text"),
        (with("currency", json!("USD")), "body /currency"),
        (good().to_string().replacen('{', "{\"from\": \"38349111333\", ", 1), "body /from"),
    ] {
        let (got, problem) = server.post(Some("right"), body.clone()).await;
        assert_eq!((got, problem["where"].as_str()), (400, Some(place)), "{body}: {problem}");
    }
    assert_eq!(server.node.store.totals().await.unwrap().messages, 0);
}

/// An identifier is the gateway's own.
#[tokio::test]
async fn two_gateways_with_one_identifier_send_two_messages() {
    let server = start().await;
    let sms = |secret: &'static str, from: &str| {
        let body = json!({ "id": "a1", "from": from, "to": "50005", "text": "5" });
        server.post(Some(secret), body.to_string())
    };
    for (secret, from) in [("right", "+38349111222"), ("other", "+38349111333")] {
        let (status, answer) = sms(secret, from).await;
        assert_eq!((status, answer["outcome"].as_str()), (200, Some("applied")), "{secret}: {answer}");
        assert_eq!(answer["replayed"], false, "{secret}: {answer}");
    }
    let (status, again) = sms("right", "+38349111222").await;
    assert_eq!((status, again["replayed"].as_bool()), (200, Some(true)), "{again}");
    assert_eq!(server.node.store.totals().await.unwrap().balances_minor, 1_000);
}

/// A node whose replies go to this gateway.
async fn replying(reply_url: &str) -> (Node, CancellationToken, tokio::task::JoinHandle<()>) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let node = Node::start().await;
    let mut links = Links::default();
    links.insert("ipko", Arc::new(HttpOut::new("ipko", &gateway(reply_url), &node::formats()).unwrap()));
    let settings = mbush::config::section::Dispatch { retry_first_ms: 10, ..Default::default() };
    let stop = CancellationToken::new();
    // The outbox is worked through in real time; the messages carry the test's own.
    let dispatcher = Dispatcher::new(node.store.clone(), links, settings, Clock::new(chrono::Utc::now));
    let task = tokio::spawn(dispatcher.run(stop.clone()));
    (node, stop, task)
}

async fn final_state(node: &Node, key: &str) -> mbush::store::OutboxRow {
    let ended = async {
        loop {
            let row = node.store.outbox_of(key).await.unwrap().remove(0);
            if row.state != "open" {
                return row;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    within("the reply's final state", ended).await
}

#[tokio::test]
async fn a_reply_is_posted_with_its_id_until_the_gateway_takes_it() {
    let peer = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).up_to_n_times(2).mount(&peer).await;
    Mock::given(method("POST"))
        .and(path("/sms"))
        .and(header("authorization", "Bearer ours"))
        .respond_with(ResponseTemplate::new(202).set_body_json(json!({ "message_id": "g-7" })))
        .mount(&peer)
        .await;
    let (node, stop, task) = replying(&format!("{}/sms", peer.uri())).await;
    node.turn_clock((chrono::Utc::now() - node::start_of_time()).num_seconds());
    let answer = node.text("1", "38349111222", "50005", "5").await.unwrap();
    let row = final_state(&node, "ipko:1").await;
    assert_eq!((row.state.as_str(), row.attempts), ("sent", 3), "{:?}", row.last_error);
    let posts = peer.received_requests().await.unwrap();
    assert_eq!(posts.len(), 3);
    for post in posts {
        let body: Value = post.body_json().unwrap();
        assert_eq!(body["id"].as_str(), post.headers.get("idempotency-key").and_then(|key| key.to_str().ok()));
        assert_eq!((body["from"].as_str(), body["to"].as_str()), (Some("50005"), Some("38349111222")));
        assert_eq!(body["text"].as_str(), answer.reply.as_deref());
    }
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_reply_that_the_gateway_refuses_for_good_is_given_up_with_the_reason() {
    let peer = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(400)).mount(&peer).await;
    let (node, stop, task) = replying(&peer.uri()).await;
    node.turn_clock((chrono::Utc::now() - node::start_of_time()).num_seconds());
    node.text("1", "38349111222", "50005", "5").await.unwrap();
    let row = final_state(&node, "ipko:1").await;
    assert_eq!(row.state, "failed");
    assert!(row.last_error.is_some_and(|error| error.contains("400")));
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn whoever_dribbles_a_header_is_closed_and_others_are_served() {
    let address = serve("head_timeout_seconds = 1").await;
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut dribbled = 0;
    within("an end", async {
        slow.write_all(b"GET /health HTTP/1.1\r\nx: ").await.unwrap();
        while slow.write_all(b"a").await.is_ok() {
            dribbled += 1;
            assert_eq!(reqwest::get(format!("http://{address}/ok")).await.unwrap().status(), 200);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(dribbled > 0);
}

#[tokio::test]
async fn connections_above_the_cap_are_closed_until_there_is_room() {
    let address = serve("connections_max = 3").await;
    let mut inside = Vec::new();
    for _ in 0..2 {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        within("a request under way", async {
            while NEVER.load(Ordering::Relaxed) <= inside.len() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
        .await;
        inside.push(stream);
    }
    let mut outside = tokio::net::TcpStream::connect(address).await.unwrap();
    assert!(!matches!(within("an end", outside.read(&mut [0; 1])).await, Ok(1..)), "it is closed, and told nothing");
    drop(inside);
    within("room", async {
        while reqwest::get(format!("http://{address}/ok")).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Requests that are never answered.
static NEVER: AtomicUsize = AtomicUsize::new(0);

/// With these settings of `[http]`.
async fn serve(settings: &str) -> std::net::SocketAddr {
    let settings: Http = toml::from_str(settings).unwrap();
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = || async {
        NEVER.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    };
    let router = axum::Router::new()
        .route("/ok", axum::routing::get(|| async { "ok" }))
        .route("/never", axum::routing::get(never));
    tokio::spawn(async move { mbush::api::serve(listener, router, &settings, CancellationToken::new()).await });
    address
}
