//! Wrong secrets: counted, told, and their address waits.

use reqwest::Method;

use crate::whole::world::{Answer, CLIENT, GATEWAY, STAFF, World};

const LONG_WAIT: &str = "auth_backoff_first_ms = 60000\nauth_backoff_max_ms = 60000";

/// A request at each interface, by whom a proxy on this machine says.
async fn call(world: &World, path: &str, secret: Option<&str>, from: &str) -> Answer {
    let method = if path == "/v1/smpp/sessions" { Method::GET } else { Method::POST };
    let mut request = world.request(method, path).header("X-Forwarded-For", from);
    if let Some(secret) = secret {
        request = request.bearer_auth(secret);
    }
    Answer::of(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_wrong_secrets_waits_at_every_door_and_nobody_else_does() {
    let world = World::start(LONG_WAIT, "");
    let requests = [
        ("/v1/sms", GATEWAY),
        ("/v1/ussd", GATEWAY),
        ("/v1/lookup", CLIENT),
        ("/v1/topups", CLIENT),
        ("/v1/smpp/sessions", STAFF),
    ];
    for (place, (path, right)) in requests.into_iter().enumerate() {
        let guesser = format!("198.51.100.{place}");
        for guess in 0..5 {
            let refused = call(&world, path, Some(&format!("guess {guess}")), &guesser).await;
            refused.assert_problem(401, "");
            assert_eq!(refused.headers.get("www-authenticate").map(String::as_str), Some("Bearer"), "{refused:?}");
        }
        let waits = call(&world, path, Some(right), &guesser).await;
        waits.assert_problem(429, "header Authorization");
        let seconds: u64 = waits.headers["retry-after"].parse().unwrap();
        assert!((1..=61).contains(&seconds), "{waits:?}");
        // Its secret is right: what it lacks is a body, or nothing.
        let other = call(&world, path, Some(right), "203.0.113.7").await;
        assert!(![401, 429].contains(&other.status), "{path}: {other:?}");
    }
    assert!(world.metric("mbush_auth_failures_total{interface=\"http\"}").await >= 25.0);
    assert!(world.metric("mbush_http_throttled_total").await >= 5.0);
    let lines = world.lines(5, "a request without the right secret was refused");
    assert_eq!(lines.len(), 5, "one of each address: {lines:#?}");
    assert!(!world.printed().iter().any(|line| line.contains("guess ")), "no secret is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_ends_and_who_sends_no_secret_guesses_none() {
    let world = World::start("auth_backoff_first_ms = 100\nauth_backoff_max_ms = 100", "");
    for _ in 0..20 {
        call(&world, "/v1/sms", None, "198.51.100.1").await.assert_problem(401, "");
    }
    assert_ne!(call(&world, "/v1/sms", Some(GATEWAY), "198.51.100.1").await.status, 429);
    for _ in 0..5 {
        call(&world, "/v1/sms", Some("wrong"), "198.51.100.1").await;
    }
    testkit::wait::within("the end of the wait", async {
        while call(&world, "/v1/sms", Some(GATEWAY), "198.51.100.1").await.status == 429 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_proxy_cannot_pass_for_others() {
    let world = World::start(&format!("{LONG_WAIT}\nproxies = []"), "");
    for guess in 0..5 {
        call(&world, "/v1/sms", Some("wrong"), &format!("198.51.100.{guess}")).await;
    }
    assert_eq!(call(&world, "/v1/sms", Some("wrong"), "198.51.100.77").await.status, 429, "one address sent them all");
}
