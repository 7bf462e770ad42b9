//! Credit that is dialled, and that a menu leads to, over HTTP.

use mbush::api::router;
use mbush::config::Config;
use serde_json::{Value, json};
use testkit::DEADLINE;

use super::{ARTA, BESIM, PIN, balance, on_both, sound, subscriber};
use crate::node::Node;

struct Dialogues {
    client: reqwest::Client,
    url: String,
}

impl Dialogues {
    async fn open(node: &Node) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let text = "[links.ussd]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n";
        let config = Config::from_toml(text).unwrap();
        let router = router(&config.http, node.server(&config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/ussd", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { client: reqwest::Client::builder().timeout(DEADLINE).build().unwrap(), url }
    }

    async fn step(&self, session: &str, dialled: &str, text: &str) -> Value {
        let body = json!({ "session": session, "msisdn": ARTA, "dialled": dialled, "text": text });
        self.client.post(&self.url).bearer_auth("s").json(&body).send().await.unwrap().json().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_is_dialled_and_a_step_that_comes_again_moves_nothing_more() {
    on_both("[subscribers]\nlanguage = \"en\"", |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        let dialogues = Dialogues::open(&node).await;
        let dialled = format!("*121*049333444*5*{PIN}#");
        let first = dialogues.step("d1", &dialled, "").await;
        assert!(first["response"].as_str().unwrap().starts_with("END You sent 5.00 EUR to 049333444"), "{first}");
        for _ in 0..3 {
            assert_eq!(dialogues.step("d1", &dialled, "").await, first);
        }
        assert_eq!(balance(&node, "subscriber:38349333444").await, 600);
        // The sender has the answer on the screen, and the receiver hears by SMS.
        let out = node.store.outbox_of("ussd:d1/0").await.unwrap();
        let told: Vec<&str> = out.iter().map(|row| row.sms.to.as_str()).collect();
        assert_eq!(told, [BESIM]);

        let asked = dialogues.step("m1", "*123#", &format!("3*049333444*2*{PIN}")).await;
        assert_eq!(asked["response"], "CON Send 2 EUR to 049333444?\n1 Yes\n0 Back");
        assert_eq!(balance(&node, "subscriber:38349333444").await, 600, "nothing moves before it is confirmed");
        for _ in 0..2 {
            let sent = dialogues.step("m1", "*123#", &format!("3*049333444*2*{PIN}*1")).await;
            assert!(sent["response"].as_str().unwrap().starts_with("END You sent 2.00 EUR"), "{sent}");
        }
        assert_eq!(balance(&node, "subscriber:38349333444").await, 800);
        sound(&node).await;
    })
    .await;
}
