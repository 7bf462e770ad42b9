//! Whatever goes wrong over HTTP is a problem with its place: also what no route has looked at.

use std::sync::Arc;

use mbush::api::{Access, Monitoring, ROUTES, Recorder, Server, Staff, router};
use mbush::config::Config;
use mbush::links::Links;
use mbush::links::smpp::meter::Registry;
use reqwest::{Method, Response, StatusCode};
use secrecy::SecretString;
use serde_json::Value;
use testkit::DEADLINE;
use tokio_util::sync::CancellationToken;

use crate::node::Node;

const CONFIG: &str = r#"
[http]
body_bytes_max = 1024
admin_secret = "admin"
auth_backoff_first_ms = 0
auth_backoff_max_ms = 0
[links.bank]
kind = "http"
secret = "right"
url = "http://127.0.0.1:9/"
[clients.atm]
bank = "bkt"
channel = "atm"
secret = "atm"
"#;

/// The whole server; its address.
async fn start() -> (Node, String) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let node = Node::start().await;
    let config = Config::from_toml(CONFIG).unwrap();
    let (store, processor, recorder) = (node.store.clone(), node.processor.clone(), Recorder::install().unwrap());
    let monitoring = Monitoring::new(store, processor, Links::default(), recorder, node.clock.clone());
    let staff = Staff::new(SecretString::from("admin"), Registry::default());
    let server = Server { staff: Some(Arc::new(staff)), monitoring: Some(monitoring), ..node.server(&config) };
    let router = router(&config.http, server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = config.http.clone();
    tokio::spawn(async move { mbush::api::serve(listener, router, &settings, CancellationToken::new()).await });
    (node, url)
}

async fn ask(method: Method, url: String, secret: &str, body: &str) -> Response {
    let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
    let request = client.request(method, url).bearer_auth(secret).header("idempotency-key", "K");
    request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap()
}

#[tokio::test]
async fn what_no_route_has_looked_at_is_a_problem_with_its_place() {
    let (node, url) = start().await;
    let long = format!("{{\"number\": \"{}\"}}", "0".repeat(2_000));
    for (method, path, secret, body, status, place) in [
        (Method::GET, "/nothing", "atm", "", 404, "path"),
        (Method::POST, "/v1/topups/a/b", "atm", "{}", 404, "path"),
        (Method::GET, "/v1/topups", "atm", "", 405, "method"),
        (Method::DELETE, "/v1/topups/K", "atm", "", 405, "method"),
        (Method::GET, "/v1/sms", "right", "", 405, "method"),
        (Method::POST, "/health", "", "", 405, "method"),
        (Method::POST, "/v1/topups", "atm", &long, 413, "body"),
        (Method::POST, "/v1/lookup", "atm", &long, 413, "body"),
        (Method::POST, "/v1/sms", "right", &long, 413, "body"),
        (Method::POST, "/v1/topups/K/reversal", "atm", &long, 413, "body"),
        (Method::GET, "/v1/gateways/bank/messages", "right", "", 405, "method"),
        (Method::POST, "/v1/gateways/bank/messages", "right", &long, 413, "body"),
        (Method::POST, "/v1/gateways/bank/receipts", "right", "{", 400, "body"),
        (Method::POST, "/v1/gateways/other/receipts", "right", "{}", 404, "path"),
        (Method::POST, "/v1/gateways/bank/messages", "other", "{}", 401, "credential"),
        (Method::GET, "/v1/smpp/sessions", "right", "", 401, "header Authorization"),
        (Method::GET, "/v1/smpp/sessions", "", "", 401, "header Authorization"),
        (Method::GET, "/v1/topups/%ff", "atm", "", 400, "path"),
    ] {
        let response = ask(method.clone(), format!("{url}{path}"), secret, body).await;
        let head = (response.status().as_u16(), response.headers().clone());
        let media = head.1.get("content-type").and_then(|media| media.to_str().ok()).unwrap_or_default();
        assert_eq!((head.0, media), (status, "application/problem+json"), "{method} {path}");
        assert_eq!(head.1.contains_key("allow"), status == 405, "{method} {path}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(
            (problem["status"].as_u64(), problem["where"].as_str()),
            (Some(status.into()), Some(place)),
            "{problem}"
        );
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }
    assert_eq!(node.store.totals().await.unwrap().messages, 0);
}

#[tokio::test]
async fn each_route_is_opened_by_its_credential_and_by_no_other() {
    let (_node, url) = start().await;
    for route in ROUTES {
        let url = format!("{url}{}", route.path.replace("{key}", "K").replace("{link}", "bank"));
        let method: Method = route.method.as_str().parse().unwrap();
        for (secret, access) in [
            ("right", Access::OfGateway),
            ("atm", Access::OfClient),
            ("admin", Access::OfStaff),
            ("none", Access::Public),
        ] {
            let status = ask(method.clone(), url.clone(), secret, "").await.status();
            let is_of_link = route.access == Access::OfLink && secret == "right";
            let is_open = route.access == Access::Public || route.access == access || is_of_link;
            assert_eq!(status != StatusCode::UNAUTHORIZED, is_open, "{} {secret}: {status}", route.path);
        }
    }
}

/// A problem is read in terminals and logs, and quotes what came.
#[tokio::test]
async fn what_nobody_sees_is_quoted_as_an_escape_at_every_door() {
    let (_node, url) = start().await;
    let unseen = "\u{202e}\u{2066}\u{206a}\u{3164}\u{2800}\u{fffc}\u{e000}\u{ffff}\u{9b}\u{200b}";
    for (path, secret, fields) in [
        ("/v1/sms", "right", &["id", "from", "to", "text"][..]),
        ("/v1/ussd", "right", &["session", "msisdn", "dialled", "text"]),
        ("/v1/topups", "atm", &["number", "amount_minor"]),
        ("/v1/lookup", "atm", &["number"]),
        ("/v1/vouchers/redeem", "atm", &["number", "code"]),
    ] {
        let good = |field: &str| match field {
            "to" => "50005".to_owned(),
            "dialled" => "*50005*5#".to_owned(),
            _ => "38349111222".to_owned(),
        };
        for odd in fields.iter().copied().chain(["one more"]) {
            let mut body: serde_json::Map<String, Value> =
                fields.iter().map(|field| ((*field).to_owned(), Value::from(good(field)))).collect();
            match odd {
                "one more" => drop(body.insert(format!("x{unseen}"), Value::from(1))),
                "dialled" => drop(body.insert(odd.to_owned(), Value::from(format!("*5{unseen}#")))),
                _ => drop(body.insert(odd.to_owned(), Value::from(format!("5{unseen}")))),
            }
            let body = Value::from(body).to_string();
            let answer = ask(Method::POST, format!("{url}{path}"), secret, &body).await;
            let (status, told) = (answer.status(), answer.text().await.unwrap());
            if status.is_client_error() {
                assert!(!told.contains(|c| unseen.contains(c)), "{path} {odd}: {told:?}");
            }
            assert!(odd != "one more" || told.contains("x\\\\u202e"), "{path}: {told}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_whole_is_told_so_in_words() {
    let (_node, url) = start().await;
    for (body, words) in [
        ("", "it is empty; a JSON object"),
        (" \n", "it is empty; a JSON object"),
        ("{", "it ends in the middle of its JSON"),
        ("{\"number\": \"0491", "it ends in the middle of its JSON"),
    ] {
        let response = ask(Method::POST, format!("{url}/v1/topups"), "atm", body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.starts_with(words)), "{body}: {problem}");
    }
}

#[tokio::test]
async fn a_head_that_cannot_be_read_is_answered_by_a_status_alone() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_node, url) = start().await;
    let address = url.trim_start_matches("http://");
    let fields = "x: 1\r\n".repeat(101);
    for (head, status) in [
        ("GET\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(65_535)), 414),
        (format!("GET /health HTTP/1.1\r\nHost: x\r\n{fields}\r\n"), 431),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "without a body: {answer}");
    }
}

#[tokio::test]
async fn what_is_no_json_by_its_type_is_told_so() {
    let (_node, url) = start().await;
    let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let request = client.post(format!("{url}/v1/topups")).bearer_auth("atm").header("idempotency-key", "K");
        let response = request.header("content-type", media).body("{}").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
        assert_eq!(response.json::<Value>().await.unwrap()["where"], "body", "{media}");
    }
}

#[tokio::test]
async fn what_is_right_is_left_as_it_is() {
    let (_node, url) = start().await;
    let health = ask(Method::GET, format!("{url}/health"), "", "").await;
    assert_eq!(
        (health.status(), health.json::<Value>().await.unwrap()["store"].as_str()),
        (StatusCode::OK, Some("ok"))
    );
    let metrics = ask(Method::GET, format!("{url}/metrics"), "", "").await;
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let counted = metrics.text().await.unwrap();
    assert!(counted.contains(r#"mbush_http_requests_total{route="health",status="200"} 1"#), "{counted}");
    let sessions = ask(Method::GET, format!("{url}/v1/smpp/sessions"), "admin", "").await;
    assert_eq!(sessions.json::<Value>().await.unwrap(), serde_json::json!([]));
}
