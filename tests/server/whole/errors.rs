//! Every error has one shape, whichever part of the server found it; and a connection whose body was not read ends.

use reqwest::Method;
use testkit::wait::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::whole::world::{Answer, CLIENT, GATEWAY, World};

#[tokio::test(flavor = "multi_thread")]
async fn every_error_of_every_path_is_a_problem() {
    let world = World::start("body_bytes_max = 2048", "");
    let long = "x".repeat(100_000);
    let cases = [
        (Method::GET, "/nothing", "", "", 404, "path"),
        (Method::POST, "/", "", "", 404, "path"),
        (Method::GET, "/v1/sms", "", "", 405, "method"),
        (Method::PUT, "/v1/topups", CLIENT, "", 405, "method"),
        (Method::DELETE, "/health", "", "", 405, "method"),
        (Method::POST, "/metrics", "", "", 405, "method"),
        (Method::POST, "/v1/sms", "", "{}", 401, ""),
        (Method::GET, "/v1/smpp/sessions", "", "", 401, "header Authorization"),
        (Method::POST, "/v1/sms", GATEWAY, &long, 413, "body"),
        (Method::POST, "/v1/topups", CLIENT, &long, 413, "body"),
        (Method::POST, "/v1/nothing", "", &long, 413, "body"),
        (Method::POST, "/v1/sms", GATEWAY, "{", 400, ""),
    ];
    for (method, path, secret, body, status, place) in cases {
        let mut request = world.request(method.clone(), path).header("content-type", "application/json");
        if !secret.is_empty() {
            request = request.bearer_auth(secret);
        }
        let answer = Answer::of(request.body(body.to_owned())).await;
        println!("{method} {path}: {answer:?}");
        answer.assert_problem(status, place);
        assert_eq!(status == 405, answer.headers.contains_key("allow"), "{answer:?}");
        let is_unread = status == 413 || (status == 401 && !body.is_empty());
        assert_eq!(is_unread, answer.headers.get("connection").is_some_and(|word| word == "close"), "{answer:?}");
    }
    let bare = world.request(Method::POST, "/v1/sms").bearer_auth(GATEWAY).body("id=1");
    Answer::of(bare).await.assert_problem(415, "");
}

/// All that a connection says to these octets, to its end.
async fn told(world: &World, octets: &str) -> String {
    let mut stream = TcpStream::connect(&world.http).await.unwrap();
    stream.write_all(octets.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("the end of the connection", stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_of_a_body_is_no_next_request() {
    let world = World::start("", "");
    let smuggled = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    for secret in ["", "Authorization: Bearer wrong\r\n"] {
        let length = smuggled.len();
        let head = format!("POST /v1/sms HTTP/1.1\r\nHost: x\r\n{secret}Content-Length: {length}\r\n\r\n");
        let said = told(&world, &format!("{head}{smuggled}")).await;
        assert!(said.starts_with("HTTP/1.1 401") && said.to_lowercase().contains("connection: close"), "{said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{said}");
    }
    let too_long = "POST /v1/sms HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\nhalf";
    let said = told(&world, too_long).await;
    assert!(said.starts_with("HTTP/1.1 413") && said.to_lowercase().contains("connection: close"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_waited_for_until_the_deadline() {
    let world = World::start("timeout_seconds = 1", "");
    let head = format!(
        "POST /v1/sms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {GATEWAY}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{\"id\": "
    );
    let said = told(&world, &head).await;
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("application/problem+json"), "{said}");
    assert!(said.to_lowercase().contains("connection: close"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_sends_a_long_body_reads_why_it_is_refused() {
    let world = World::start("body_bytes_max = 2048", "");
    for _ in 0..20 {
        let answer =
            Answer::of(world.request(Method::POST, "/v1/sms").bearer_auth(GATEWAY).body("x".repeat(200_000))).await;
        answer.assert_problem(413, "body");
    }
}
