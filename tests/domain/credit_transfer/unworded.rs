//! Templates that cannot be rendered, or have no words: nobody gets an empty SMS.

use mbush::domain::{Outcome, UnknownSubscriber};
use mbush::text::templates::{Templates, longest_values};

use super::{ARTA, BESIM, PIN, balance, reply, subscriber, text};
use crate::node::Node;

/// Both are right for the longest values, by which templates are checked, and wrong for 5.00.
const BROKEN: [(&str, &str); 2] = [
    ("transferred", "{% if amount == '5.00' %} {% else %}Sent {{ amount }}{% endif %}"),
    ("transfer_received", "{% if amount == '5.00' %}{{ amount.cents.sum }}{% endif %}Got {{ amount }}"),
];

/// English texts of the product, with these in place of theirs.
fn templates_with(texts: &[(&str, &str)]) -> Templates {
    let mut file: toml::Table = include_str!("../../../countries/xk/texts/en.toml").parse().unwrap();
    for (key, text) in texts {
        let replies = file["replies"].as_table_mut().unwrap();
        assert!(replies.insert((*key).to_owned(), (*text).into()).is_some());
    }
    Templates::load(vec![("en.toml".to_owned(), file.to_string())], &[], &longest_values()).unwrap()
}

#[tokio::test]
async fn a_text_without_words_is_not_sent_and_the_credit_moves() {
    let node = Node::start_worded(templates_with(&BROKEN), |config| {
        config.rules.unknown_subscriber = UnknownSubscriber::Create;
    })
    .await;
    subscriber(&node, ARTA, 20).await;
    subscriber(&node, BESIM, 1).await;
    let message = node.message("broken", ARTA, "121", &format!("049333444 5 {PIN}"));
    let sent = node.processor.accept(message).await.unwrap();
    assert!(matches!(sent.outcome, Outcome::Applied(_)), "{sent:?}");
    assert_eq!(balance(&node, "subscriber:38349333444").await, 600);
    let out = node.store.outbox_of("ipko:broken").await.unwrap();
    let told: Vec<(&str, &str)> = out.iter().map(|row| (row.sms.to.as_str(), row.sms.text.as_str())).collect();
    assert_eq!(told, [(ARTA, "mbush: applied")], "poor words for the sender, none for the receiver");
    assert_eq!(reply(&sent), "mbush: applied");
    node.turn_clock(600);
    let sent = text(&node, ARTA, "121", &format!("049333444 2 {PIN}")).await;
    assert_eq!(reply(&sent), "Sent 2.00");
}
