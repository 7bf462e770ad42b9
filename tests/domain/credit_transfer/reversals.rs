//! Credit that comes back, and what it does to validity and to the ways that people are told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use mbush::config::Config;
use mbush::domain::{ReasonCode, Receipt};
use mbush::processor::{Answer, Confirm, Done, StaffOrders, StaffServices, Why};
use mbush::text::templates::Templates;

use super::{ARTA, BESIM, PIN, balance, on_both, sound, subscriber, text};
use crate::node::{Node, plan};

const ROUTES: &str = "[[routes]]\nprefix = \"38349333\"\nlink = \"vala\"\n[links.vala]\nkind = \"http\"\nsecret = \"s\"\n\
                      url = \"http://127.0.0.1:9/\"\n";

fn staff(node: &Node, rules: &str, notify: Option<Confirm>) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: node.store.clone(),
        plan: plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: Config::from_toml(rules).unwrap().rules,
        clock: node.clock.clone(),
        notify,
    })
}

async fn reverse_by(staff: &StaffOrders, answer: &Answer) -> Done {
    let why = Why { by: "Drita".into(), reason: ReasonCode::Disputed, note: String::new() };
    staff.reverse(&Receipt::of(answer.outcome.transfer().unwrap()), &why).await.unwrap()
}

async fn reverse(node: &Node, answer: &Answer) {
    reverse_by(&staff(node, "", None), answer).await;
}

async fn ends(node: &Node, phone: &str) -> Option<DateTime<Utc>> {
    let key = format!("subscriber:{phone}").parse().unwrap();
    node.store.account(&key).await.unwrap().unwrap().valid_until
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_came_back_gives_its_sender_no_days() {
    on_both("", |node| async move {
        subscriber(&node, ARTA, 1).await;
        subscriber(&node, BESIM, 1).await;
        let of_one = ends(&node, ARTA).await;
        let large = text(&node, ARTA, "50005", "20").await;
        let sent = text(&node, ARTA, "121", &format!("049333444 5 {PIN}")).await;
        reverse(&node, &sent).await;
        assert_eq!(balance(&node, "subscriber:38349111222").await, 2_100);
        reverse(&node, &large).await;
        assert_eq!(ends(&node, ARTA).await, of_one, "as if the large one had never been");
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_credit_hears_of_it_by_the_route_of_the_number() {
    on_both(ROUTES, |node| async move {
        subscriber(&node, ARTA, 10).await;
        subscriber(&node, BESIM, 1).await;
        let message = node.message("t1", ARTA, "121", &format!("049333444 5 {PIN}"));
        node.processor.accept(message).await.unwrap();
        let out = node.store.outbox_of("ipko:t1").await.unwrap();
        let mut told: Vec<(&str, &str)> = out.iter().map(|row| (row.sms.to.as_str(), row.sms.link.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [(ARTA, "ipko"), (BESIM, "vala")]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_credit_to_staff_hears_of_it_by_the_route_of_the_number() {
    on_both(ROUTES, |node| async move {
        let notify = Some(Confirm { link: "ipko".into(), from: "mbush".into() });
        let staff = staff(&node, ROUTES, notify);
        for (phone, link) in [(ARTA, "ipko"), (BESIM, "vala")] {
            let topped = text(&node, phone, "50005", "5").await;
            let done = reverse_by(&staff, &topped).await;
            let out = node.store.outbox_of(&format!("operator:{}", done.action)).await.unwrap();
            let told: Vec<(&str, &str)> = out.iter().map(|row| (row.sms.to.as_str(), row.sms.link.as_str())).collect();
            assert_eq!(told, [(phone, link)]);
        }
    })
    .await;
}
