//! Messages and receipts in the formats of gateways, over a real socket.

use std::fmt::Write as _;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use mbush::api::{Gateways, Server, router};
use mbush::config::{Config, Link};
use mbush::dispatch::Dispatcher;
use mbush::domain::Clock;
use mbush::gateway::Gateways as Formats;
use mbush::links::Links;
use mbush::links::http::HttpOut;
use testkit::DEADLINE;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::final_state;
use crate::node::{self, Node};

/// A gateway that posts several messages at once.
const BATCH: &str = r#"
title = "Batch"
evidence = "own"
[auth]
in = "header"
name = "X-Key"
[message]
methods = ["POST"]
fields_in = "json"
each = "/results"
id = "id"
from = "from"
to = "to"
text = "text"
part = { reference = "/part/reference", total = "/part/total", number = "/part/number" }
taken = { status = 202, body = "OK" }
refused = { status = 200, body = "NO" }
"#;

struct Door {
    node: Node,
    client: reqwest::Client,
    url: String,
}

/// Links `kannel`, `jasmin`, `signed` and `batch`, whose secret is the name of the link and `-secret`.
async fn open(reply_url: &str) -> (Door, Config) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut text = String::new();
    for (link, format) in [("kannel", "kannel"), ("jasmin", "jasmin"), ("signed", "signed-json"), ("batch", "batch")] {
        writeln!(
            text,
            "[links.{link}]\nkind = \"http\"\ngateway = \"{format}\"\nsecret = \"{link}-secret\"\nurl = \"{reply_url}\"\n\
             reply_user = \"us\"\nreply_secret = \"ours\"\npublic_url = \"http://mbush\"\nshort_codes = [\"50005\"]"
        )
        .unwrap();
    }
    let config = Config::from_toml(&text).unwrap();
    let node = Node::start().await;
    node.turn_clock((chrono::Utc::now() - node::start_of_time()).num_seconds());
    let formats = Formats::load(Formats::built_in().into_iter().chain([("batch.toml".to_owned(), BATCH.to_owned())]));
    let gateways = Gateways::new(&config.links, &formats.unwrap()).unwrap();
    let router = router(&config.http, Server { gateways, ..node.server(&Config::default()) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/gateways", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
    (Door { node, client, url }, config)
}

impl Door {
    async fn get(&self, path: &str) -> (u16, String) {
        answer(self.client.get(format!("{}/{path}", self.url))).await
    }

    async fn form(&self, path: &str, body: &'static str) -> (u16, String) {
        let request = self.client.post(format!("{}/{path}", self.url));
        answer(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }

    async fn batch(&self, body: serde_json::Value) -> (u16, String) {
        answer(self.client.post(format!("{}/batch/messages", self.url)).header("x-key", "batch-secret").json(&body))
            .await
    }

    /// All credit of all accounts, in minor units.
    async fn credit(&self) -> i64 {
        self.node.store.totals().await.unwrap().balances_minor
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn kannel_is_answered_with_an_empty_body_and_its_identifier_is_the_key() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let ask = |id: &str, more: &str| {
        format!("kannel/messages?secret=kannel-secret&from=%2B38349111222&to=50005&id={id}&{more}")
    };
    let five = ask("1", "text=049123456+5&charset=UTF-8&udh=");
    assert_eq!(door.get(&five).await, (200, String::new()));
    assert_eq!(door.get(&five).await, (200, String::new()), "Kannel asks again after a lost answer");
    assert_eq!(door.credit().await, 500);
    // The same in UTF-16, of another amount.
    let wide = "text=%000%004%009%001%002%003%004%005%006%00+%001%000&charset=UTF-16BE";
    assert_eq!(door.get(&ask("2", wide)).await.0, 200);
    assert_eq!(door.credit().await, 1_500);
    let conflict = ask("1", "text=049123456+6&charset=UTF-8");
    assert_eq!(door.get(&conflict).await.0, 409, "the same identifier with another text");
    assert_eq!(door.credit().await, 1_500);
}

#[tokio::test]
async fn parts_with_a_user_data_header_are_one_message() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    for (id, header, text) in [("1", "%05%00%03%07%02%02", "56+5"), ("2", "%05%00%03%07%02%01", "0491234")] {
        let path = format!(
            "kannel/messages?secret=kannel-secret&from=%2B38349111222&to=50005&id={id}&udh={header}&text={text}&charset=UTF-8"
        );
        assert_eq!(door.get(&path).await, (200, String::new()));
    }
    testkit::wait::within("the whole message", async {
        while door.credit().await != 500 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_text_in_an_unknown_character_set_is_kept_for_staff() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let path = "kannel/messages?secret=kannel-secret&from=%2B38349111222&to=50005&id=1&text=%80&charset=KLINGON";
    assert_eq!(door.get(path).await.0, 200);
    let kept = door.node.store.quarantine(10).await.unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[tokio::test]
async fn a_request_without_the_right_credential_changes_nothing() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let rest = "from=%2B38349111222&to=50005&id=1&text=049123456+5&charset=UTF-8";
    for (path, status) in [
        (format!("kannel/messages?{rest}"), 401),
        (format!("kannel/messages?secret=&{rest}"), 401),
        (format!("kannel/messages?secret=kannel-secre&{rest}"), 401),
        (format!("kannel/messages?secret=kannel-secret&secret=kannel-secret&{rest}"), 401),
        (format!("kannel/messages?secret=jasmin-secret&{rest}"), 401),
        (format!("none/messages?secret=kannel-secret&{rest}"), 404),
        (format!("kannel/elsewhere?secret=kannel-secret&{rest}"), 404),
        (format!("batch/receipts?secret=kannel-secret&{rest}"), 404),
    ] {
        let (is, body) = door.get(&path).await;
        assert_eq!(is, status, "{path}: {body}");
        assert!(body.contains("\"detail\""), "{path}: {body}");
    }
    let form = door.form("kannel/messages?secret=kannel-secret", "id=1").await;
    assert_eq!(form.0, 405, "{}", form.1);
    assert_eq!(door.credit().await, 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_said() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let rest = |text: &str| format!("kannel/messages?secret=kannel-secret&{text}");
    for (query, status, part) in [
        ("from=%2B38349111222&to=50005&text=5&charset=UTF-8", 400, "field id"),
        ("id=1&to=50005&text=5&charset=UTF-8", 400, "field from"),
        ("id=1&from=%2B38349111222&text=5&charset=UTF-8", 400, "field to"),
        ("id=1&id=2&from=1&to=50005&text=5&charset=UTF-8", 400, "twice"),
        ("id=%00&from=%2B38349111222&to=50005&text=5&charset=UTF-8", 400, "identifier of the message"),
        ("id=1&from=%2B38349111222&to=abc&text=5&charset=UTF-8", 400, "short code of the message"),
        ("id=1&from=%2B38349111222&to=50333&text=5&charset=UTF-8", 403, "50333"),
        (
            "id=1&from=%2B38349111222&to=50005&charset=UTF-8&text=id:1+sub:001+dlvrd:001+submit+date:2612010225+done+date:2612010225+stat:DELIVRD+err:000+text:",
            400,
            "receipt",
        ),
    ] {
        let (is, body) = door.get(&rest(query)).await;
        assert!(is == status && body.contains(part), "{query}: {is} {body}");
    }
}

#[tokio::test]
async fn jasmin_is_answered_in_its_own_words_after_the_commit() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let path = "jasmin/messages?secret=jasmin-secret";
    let five = "id=a&from=38349111222&to=50005&origin-connector=smsc&content=049123456+5&binary=3034393132333435362035&coding=0";
    assert_eq!(door.form(path, five).await, (200, "ACK/Jasmin".to_owned()));
    assert_eq!(door.form(path, five).await, (200, "ACK/Jasmin".to_owned()));
    let wide =
        "id=b&from=38349111222&to=50005&binary=0030003400390031003200330034003500360020003100300020006b00eb&coding=8";
    assert_eq!(door.form(path, wide).await, (200, "ACK/Jasmin".to_owned()), "not read, and kept");
    assert_eq!(door.credit().await, 500);
    let odd = door.form(path, "id=c&from=38349111222&to=50005&binary=xyz&coding=0").await;
    assert!(odd.0 == 400 && odd.1.contains("hexadecimal"), "{odd:?}");
}

#[tokio::test]
async fn a_signed_request_is_taken_only_as_it_was_signed_and_for_a_while() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let now = chrono::Utc::now().timestamp();
    let body = r#"{"id":"s1","from":"+38349111222","to":"50005","text":"049123456 5"}"#;
    let sign = |secret: &str, at: i64, body: &str| {
        let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let tag = mac.chain_update(format!("{at}.{body}")).finalize().into_bytes();
        format!("t={at},v1={}", hex::encode(tag))
    };
    let right = sign("signed-secret", now, body);
    for (signature, body, status) in [
        (sign("other-secret", now, body), body.to_owned(), 401),
        (sign("signed-secret", now - 400, body), body.to_owned(), 401),
        (sign("signed-secret", now + 400, body), body.to_owned(), 401),
        (right.replace(&format!("t={now}"), &format!("t={}", now + 1)), body.to_owned(), 401),
        (right.clone(), body.replace(" 5\"", " 50\""), 401),
        (format!("t={now}"), body.to_owned(), 401),
        (String::new(), body.to_owned(), 401),
        (right.clone(), body.to_owned(), 200),
        (right.clone(), body.to_owned(), 200),
    ] {
        let request = door.client.post(format!("{}/signed/messages", door.url)).header("mbush-signature", &signature);
        let (is, answer) = answer(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(is, status, "{signature}: {answer}");
    }
    assert_eq!(door.credit().await, 500, "the request that was seen twice counts once");
}

#[tokio::test]
async fn several_messages_in_one_request_are_taken_together_or_come_again() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let message =
        |id: &str, to: &str, text: &str| serde_json::json!({ "id": id, "from": "38349111222", "to": to, "text": text });
    let good = [message("1", "50005", "049123456 5"), message("2", "50005", "049123457 6")];
    assert_eq!(door.batch(serde_json::json!({ "results": good })).await, (202, "OK".to_owned()));
    assert_eq!(door.credit().await, 1_100);
    let mixed =
        [message("1", "50005", "049123456 5"), message("3", "50333", "x"), message("4", "50005", "049123458 7")];
    let refused = door.batch(serde_json::json!({ "results": mixed })).await;
    assert_eq!(refused, (200, "NO".to_owned()), "the format has an answer of its own for what can never be taken");
    assert_eq!(door.credit().await, 1_800, "the others are done, once");
    let parts = [("p2", 2, "59 8"), ("p1", 1, "0491234")].map(|(id, number, text)| {
        let mut part = message(id, "50005", text);
        part["part"] = serde_json::json!({ "reference": 7, "total": 2, "number": number });
        part
    });
    assert_eq!(door.batch(serde_json::json!({ "results": parts })).await.0, 202);
    testkit::wait::within("the whole message", async {
        while door.credit().await != 2_600 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    let broken = door.batch(serde_json::json!({ "results": [message("5", "50005", "x"), { "id": "6" }] })).await;
    assert_eq!(broken, (200, "NO".to_owned()));
    assert_eq!(door.batch(serde_json::json!({ "other": [] })).await.0, 200);
}

/// A reply over a link goes to `peer`, and its receipt comes back.
async fn reply_and_receipt(link: &str, peer: &MockServer, receipt: impl Fn(&str) -> String, state: &str) {
    let (door, config) = open(&format!("{}/send", peer.uri())).await;
    let Some(Link::Http(settings)) = config.links.get(link) else { panic!("{link} is over HTTP") };
    let mut links = Links::default();
    links.insert(link, Arc::new(HttpOut::new(link, settings, &node::formats()).unwrap()));
    let stop = CancellationToken::new();
    let settings = mbush::config::section::Dispatch { retry_first_ms: 10, ..Default::default() };
    let dispatcher = Dispatcher::new(door.node.store.clone(), links, settings, Clock::new(chrono::Utc::now));
    let task = tokio::spawn(dispatcher.run(stop.clone()));
    let taken = if link == "kannel" {
        let ask = "kannel/messages?secret=kannel-secret&from=%2B38349111222&to=50005&id=1&text=5&charset=UTF-8";
        door.get(ask).await
    } else {
        let form = "id=1&from=38349111222&to=50005&binary=35&coding=0";
        door.form("jasmin/messages?secret=jasmin-secret", form).await
    };
    assert_eq!(taken.0, 200, "{}", taken.1);
    let row = final_state(&door.node, &format!("{link}:1")).await;
    assert_eq!(row.state, "sent", "{:?}", row.last_error);
    assert_eq!(door.get(&receipt(&row.sms.id.to_string())).await.0, 200);
    let told = async {
        while door.node.store.outbox_of(&format!("{link}:1")).await.unwrap().remove(0).state != state {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    testkit::wait::within("the state of the reply", told).await;
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_reply_over_kannel_carries_its_own_identifier_into_the_receipt() {
    let peer = MockServer::start().await;
    let busy = ResponseTemplate::new(503).set_body_string("Temporal failure, try again later.");
    Mock::given(method("GET")).respond_with(busy).up_to_n_times(1).mount(&peer).await;
    let taken = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
    Mock::given(method("GET")).respond_with(taken).mount(&peer).await;
    let receipt = |id: &str| format!("kannel/receipts?secret=kannel-secret&id={id}&state=1&reason=x&phone=38349111222");
    reply_and_receipt("kannel", &peer, receipt, "delivered").await;
    let requests = peer.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2, "503 means later");
    let query: std::collections::BTreeMap<String, String> = requests[1].url.query_pairs().into_owned().collect();
    assert_eq!((query["username"].as_str(), query["password"].as_str()), ("us", "ours"));
    assert_eq!((query["from"].as_str(), query["to"].as_str()), ("50005", "38349111222"));
    let address = "http://mbush/v1/gateways/kannel/receipts?secret=kannel-secret&id=";
    assert!(
        query["dlr-url"].starts_with(address) && query["dlr-url"].ends_with("&state=%d&reason=%A&phone=%p"),
        "{query:?}"
    );
}

#[tokio::test]
async fn a_reply_over_jasmin_is_known_by_the_identifier_that_jasmin_gave() {
    let peer = MockServer::start().await;
    let taken = ResponseTemplate::new(200).set_body_string("Success \"07033084-5cfd-4812-90a4-e4d24ffb6e3d\"");
    Mock::given(method("POST")).respond_with(taken).mount(&peer).await;
    let receipt = |_: &str| {
        let id = "07033084-5cfd-4812-90a4-e4d24ffb6e3d";
        format!("jasmin/receipts?secret=jasmin-secret&id={id}&level=2&message_status=UNDELIV&err=001")
    };
    reply_and_receipt("jasmin", &peer, receipt, "undeliverable").await;
}

#[tokio::test]
async fn a_wrong_secret_makes_its_sender_wait_wherever_it_is_in_the_request() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let config = Config::from_toml("[http]\nauth_backoff_first_ms = 60000\nauth_backoff_max_ms = 60000").unwrap();
    let (listener, stop) = (tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(), CancellationToken::new());
    let url = format!("http://{}/v1/gateways", listener.local_addr().unwrap());
    let (_, links) = open("http://127.0.0.1:9/").await;
    let formats = Formats::load(Formats::built_in().into_iter().chain([("batch.toml".to_owned(), BATCH.to_owned())]));
    let gateways = Gateways::new(&links.links, &formats.unwrap()).unwrap();
    let router = router(&config.http, Server { gateways, ..door.node.server(&Config::default()) });
    let (settings, stopped) = (config.http.clone(), stop.clone());
    let server = tokio::spawn(async move { mbush::api::serve(listener, router, &settings, stopped).await });
    let door = Door { url, ..door };
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(door.get("kannel/messages?secret=wrong&id=1").await.0);
        // A link that does not exist proves nothing about who asks.
        assert!([404, 429].contains(&door.get("none/messages?secret=wrong").await.0));
    }
    assert!(statuses.starts_with(&[401]) && statuses.ends_with(&[429]), "{statuses:?}");
    stop.cancel();
    server.await.unwrap();
}

#[tokio::test]
async fn a_part_whose_place_is_wrong_is_kept_for_staff_and_is_no_whole_message() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    for (id, place) in [
        ("1", serde_json::json!({ "reference": 7, "total": 300, "number": 1 })),
        ("2", serde_json::json!({ "reference": 7, "total": 0, "number": 1 })),
        ("3", serde_json::json!({ "reference": 7, "total": 2, "number": 3 })),
        ("4", serde_json::json!({ "reference": 7, "total": 2 })),
    ] {
        let message =
            serde_json::json!({ "id": id, "from": "38349111222", "to": "50005", "text": "049123456 5", "part": place });
        assert_eq!(door.batch(serde_json::json!({ "results": [message] })).await.0, 202, "{place}");
    }
    assert_eq!((door.credit().await, door.node.store.quarantine(10).await.unwrap().len()), (0, 4));
}

#[tokio::test]
async fn numbers_that_json_rounds_are_no_identifiers_and_a_request_may_carry_hundreds_of_messages() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let big = r#"{"results":[{"id":1234567890123456789012,"from":"38349111222","to":"50005","text":"049123456 5"}]}"#;
    let (status, _) = door.batch(serde_json::from_str(big).unwrap()).await;
    assert_eq!((status, door.credit().await), (200, 0), "refused in the words of the format");
    let hundreds: Vec<_> = (0..300)
        .map(|id| serde_json::json!({ "id": id, "from": "38349111222", "to": "+50005", "text": format!("049123{id:03} 5") }))
        .collect();
    assert_eq!(door.batch(serde_json::json!({ "results": hundreds })).await.0, 202);
    assert_eq!(door.credit().await, 300 * 500);
}

#[tokio::test]
async fn a_receipt_with_a_zero_octet_in_its_reason_is_taken() {
    let (door, _) = open("http://127.0.0.1:9/").await;
    let reason = "%00".repeat(500);
    let path = format!("jasmin/receipts?secret=jasmin-secret&id=x&message_status=UNDELIV&err={reason}");
    assert_eq!(door.get(&path).await, (200, "ACK/Jasmin".to_owned()));
}
