//! Who watches is told the truth: of each link, of the database, and of what waits.

use mbush::simulator::{Smsc, SmscSettings};
use serde_json::json;
use testkit::wait::within;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::whole::world::{Answer, World};

fn smsc_link(address: &str) -> String {
    format!(
        "[links.ipko]\nkind = \"smsc\"\nhosts = [\"{address}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n\
         reconnect_first_ms = 20\nreconnect_max_ms = 100\n"
    )
}

/// Asks until a link is in this state; what was said then.
async fn until_link(world: &World, link: &str, state: &str) -> Answer {
    within(&format!("{link} to be {state}"), async {
        loop {
            let health = world.get("/health").await;
            if health.json()["links"][link] == state {
                return health;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_links_are_all_down_lives_and_is_not_ready() {
    let gateway = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).up_to_n_times(1).mount(&gateway).await;
    let smsc = Smsc::start(SmscSettings::default()).await.unwrap();
    let world = World::replying_to(&gateway.uri(), "", &smsc_link(&smsc.address().to_string()));
    let up = until_link(&world, "ipko", "up").await;
    assert_eq!((up.status, &up.json()["links"]["gateway"]), (200, &json!("untried")), "{up:?}");
    drop(smsc);
    let down = until_link(&world, "ipko", "down").await;
    assert_eq!(down.status, 200, "the gateway may work still: {down:?}");
    // A reply shows that it does not.
    assert_eq!(Answer::of(world.sms("1", "38349111222", "50005", "3")).await.status, 200);
    let failed = until_link(&world, "gateway", "down").await;
    assert_eq!((failed.status, &failed.json()["store"]), (503, &json!("ok")), "{failed:?}");
    assert_eq!(world.get("/health/ready").await.status, 503);
    assert_eq!(world.get("/health/live").await.status, 200);
    assert_eq!(world.get("/health/store").await.status, 200, "for who orders by the API");
    let of = |state: &str| format!("mbush_link_state{{link=\"ipko\",state=\"{state}\"}}");
    for (state, is_it) in [("up", 0.0), ("down", 1.0), ("untried", 0.0), ("unbound", 0.0)] {
        assert!(world.get("/metrics").await.text.contains(&of(state)), "{state}");
        assert!((world.metric(&of(state)).await - is_it).abs() < 0.1, "{state}");
    }
    // It is tried again, and works.
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&gateway).await;
    assert_eq!(until_link(&world, "gateway", "up").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_by_link_and_bank() {
    let route = "[[routes]]\nshort_code = \"50005\"\nlink = \"ipko\"\n";
    let world = World::start("", &format!("{route}{}", smsc_link("127.0.0.1:9")));
    for (id, text) in [("1", "3"), ("2", "049123456 4"), ("3", "good morning to you all"), ("4", "what is this?")] {
        assert_eq!(Answer::of(world.sms(id, "38349111222", "50005", text)).await.status, 200);
    }
    let text = world.get("/metrics").await.text;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse::<f64>().unwrap()
    };
    assert!((value("mbush_outbox_due{link=\"ipko\"}") - 4.0).abs() < 0.5, "{text}");
    assert!(value("mbush_outbox_oldest_seconds{link=\"ipko\"}") >= 0.0);
    assert!((value("mbush_outbox_due{link=\"gateway\"}") - 0.0).abs() < 0.5);
    assert!(value("mbush_quarantine_messages{bank=\"ekonomike\"}") >= 1.0, "{text}");
    assert!((value("mbush_queue_messages") - 0.0).abs() < 0.5);
    assert!((value("mbush_store_writable") - 1.0).abs() < 0.5);
    assert!((value("mbush_messages_total{ending=\"applied\",bank=\"ekonomike\"}") - 2.0).abs() < 0.5, "{text}");
}
