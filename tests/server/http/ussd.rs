//! `POST /v1/ussd`: dialogues step by step, each step answered by itself.

use serde_json::{Value, json};

use super::{Server, start};

impl Server {
    async fn step(&self, session: &str, dialled: &str, text: &str) -> (u16, Value) {
        let body = json!({ "session": session, "msisdn": "38349111222", "dialled": dialled, "text": text });
        let url = self.url.replace("/v1/sms", "/v1/ussd");
        let response = self.client.post(url).bearer_auth("right").json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn shown(&self, session: &str, dialled: &str, text: &str) -> String {
        let (status, answer) = self.step(session, dialled, text).await;
        assert_eq!(status, 200, "{answer}");
        answer["response"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_menu_leads_to_the_balance_and_to_another_language() {
    let server = start().await;
    assert_eq!(server.sms("a1", "5").await.0, 200);
    let main = server.shown("s1", "*123#", "").await;
    assert!(main.starts_with("CON Zgjidhni:\n1 Gjendja\n"), "{main}");
    let balance = server.shown("s1", "*123#", "1").await;
    assert!(balance.starts_with("END ") && balance.contains("5.00 EUR"), "{balance}");
    assert!(server.shown("s2", "*123#", "4").await.starts_with("CON Gjuha:\n1 Shqip"));
    let chosen = server.shown("s2", "*123#", "4*3").await;
    assert_eq!(chosen, "END From now on we answer you in English.");
    assert!(server.shown("s3", "*123#", "").await.starts_with("CON Please choose:"), "the choice is remembered");
    let wrong = server.shown("s3", "*123#", "8").await;
    assert!(wrong.starts_with("CON We did not understand that.\nPlease choose:"), "{wrong}");
    assert!(server.shown("s3", "*123#", "8*8*8").await.starts_with("END The session is over."));
}

#[tokio::test]
async fn a_step_that_comes_again_is_answered_the_same_and_done_once() {
    let server = start().await;
    for _ in 0..3 {
        let (status, answer) = server.step("s1", "*123#", "2*1*7401582000319524").await;
        assert_eq!((status, answer["outcome"].as_str()), (200, Some("refused")), "{answer}");
        let response = answer["response"].as_str().unwrap();
        assert!(response.starts_with("END ") && !response.contains("7401582000319524"), "{response}");
    }
    assert_eq!(server.node.store.totals().await.unwrap().messages, 1, "screens are no messages");
    // Nothing goes to the phone beside the answer.
    assert!(server.node.store.outbox_of("bank:s1/3").await.unwrap().is_empty());
    // Another wish under the step of a dialogue that had one is not done.
    assert_eq!(server.step("s1", "*123#", "2*1*7401582000319999").await.0, 409);
}

#[tokio::test]
async fn what_is_dialled_whole_is_a_message_at_once() {
    let server = start().await;
    let (_, answer) = server.step("s1", "*50005*5#", "").await;
    assert_eq!(answer["outcome"], "applied", "{answer}");
    assert!(answer["receipt"].as_str().is_some_and(|receipt| receipt.len() == 10), "{answer}");
    assert_eq!(server.step("s1", "*50005*5#", "").await.1, answer);
    // Whatever is entered after its end is answered the same, and is no message of its own.
    assert_eq!(server.step("s1", "*50005*5#", "1*2").await.1, answer);
    assert_eq!(server.node.store.totals().await.unwrap().messages, 1);
    let key = server.node.store.account(&"subscriber:38349111222".parse().unwrap()).await.unwrap();
    assert_eq!(key.unwrap().balance_minor, 500);
}

#[tokio::test]
async fn what_is_wrong_with_a_step_is_said() {
    let server = start().await;
    for (session, dialled, text, status, place, detail) in [
        ("", "*123#", "", 400, "body /session", "give 1 to 128"),
        ("a\u{1b}[2J", "*123#", "", 400, "body /session", "printable"),
        ("s", "123", "", 400, "body /dialled", "give what was dialled"),
        ("s", "*x#", "", 400, "body /dialled", "short code"),
        ("s", "*5\u{1b}[2J#", "", 400, "body /dialled", "`5\\u001b[2J` is not a short code"),
        ("s", "*5\u{202e}\u{3164}\u{e000}#", "", 400, "body /dialled", "`5\\u202e\\u3164\\ue000` is not a short code"),
        ("s", "*50333*5#", "", 403, "body /dialled", "is not configured for short code 50333"),
        ("s", "*123#", &"1*".repeat(501), 400, "body /text", "give at most 1000"),
    ] {
        let (is, problem) = server.step(session, dialled, text).await;
        assert_eq!((is, problem["where"].as_str()), (status, Some(place)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    }
    for msisdn in ["", "38349\u{1b}[2J", "38349111222\n", "38349\u{202e}111222"] {
        let body = json!({ "session": "s", "msisdn": msisdn, "dialled": "*50005*5#" });
        let url = server.url.replace("/v1/sms", "/v1/ussd");
        let response = server.client.post(url).bearer_auth("right").json(&body).send().await.unwrap();
        let (status, problem) = (response.status().as_u16(), response.json::<Value>().await.unwrap());
        assert_eq!((status, problem["where"].as_str()), (400, Some("body /msisdn")), "{msisdn:?}: {problem}");
    }
    assert_eq!(server.node.store.totals().await.unwrap().messages, 0);
    let url = server.url.replace("/v1/sms", "/v1/ussd");
    let unknown = server.client.post(&url).bearer_auth("wrong").json(&json!({})).send().await.unwrap();
    assert_eq!(unknown.status().as_u16(), 401);
    let empty = server.client.post(&url).bearer_auth("right").json(&json!({})).send().await.unwrap();
    let problem: Value = empty.json().await.unwrap();
    assert_eq!(problem["where"], "body /session", "{problem}");
    let typo = json!({ "session": "s", "msisdn": "38349111222", "dialled": "*50005*5#", "texts": "" });
    let unknown = server.client.post(&url).bearer_auth("right").json(&typo).send().await.unwrap();
    let problem: Value = unknown.json().await.unwrap();
    assert_eq!(problem["where"], "body /texts", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("session, msisdn, dialled and text"), "{problem}");
}
