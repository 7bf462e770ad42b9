//! Credit that is asked about before it is sent: held until then, sent once, and let go when nobody answers.

use std::sync::Arc;

use futures_util::future::join_all;
use mbush::config::Config;
use mbush::domain::{InboundSms, Outcome, Reason};
use mbush::processor::{StaffOrders, StaffServices};
use mbush::text::templates::Templates;

use super::{ARTA, BESIM, PIN, balance, on_both, reason, reply, sound, subscriber, text};
use crate::node::{Node, plan};

const ASKING: &str = "[subscribers]\nlanguage = \"en\"\n[credit_transfer]\nconfirm_minutes = 10";

async fn available(node: &Node) -> i64 {
    let account = node.store.account(&"subscriber:38349111222".parse().unwrap()).await.unwrap().unwrap();
    account.available_minor()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_is_sent_once() {
    on_both(ASKING, |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        let nothing = text(&node, ARTA, "123", "yes").await;
        assert_eq!(reason(&nothing), Some(Reason::NothingToConfirm), "{nothing:?}");
        for _ in 0..2 {
            let asked = text(&node, ARTA, "123", &format!("transfer 049333444 5 {PIN}")).await;
            assert_eq!(reply(&asked), "Send 5.00 EUR to 049333444, fee 0.08 EUR? To confirm, reply within 10 min: yes");
        }
        assert_eq!((available(&node).await, balance(&node, "subscriber:38349333444").await), (1_492, 100));
        let sent = text(&node, ARTA, "123", "po").await;
        assert!(reply(&sent).starts_with("You sent 5.00 EUR to 049333444, fee 0.08 EUR."), "{sent:?}");
        // Impatience, and the network: a hundred times.
        let node = &node;
        let again = join_all((0..100).map(|_| text(node, ARTA, "123", "yes"))).await;
        assert!(again.iter().all(|answer| matches!(answer.outcome, Outcome::Duplicate { .. })), "{:?}", again[0]);
        assert_eq!((available(node).await, balance(node, "subscriber:38349333444").await), (1_492, 600));
        sound(node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_confirms_is_let_go() {
    on_both(ASKING, |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        text(&node, ARTA, "123", &format!("transfer 049333444 5 {PIN}")).await;
        node.turn_clock(600);
        let late = text(&node, ARTA, "123", "yes").await;
        assert_eq!(reason(&late), Some(Reason::NothingToConfirm), "{late:?}");
        let staff = StaffOrders::new(StaffServices {
            store: node.store.clone(),
            plan: plan(),
            templates: Arc::new(Templates::builtin().unwrap()),
            rules: Config::default().rules,
            clock: node.clock.clone(),
            notify: None,
        });
        assert_eq!(staff.expire_holds().await.unwrap(), 1);
        assert_eq!((available(&node).await, balance(&node, "subscriber:38349333444").await), (2_000, 100));
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_the_network_delivers_again_confirms_nothing_else() {
    on_both(ASKING, |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        let bound = node.clock.now();
        text(&node, ARTA, "123", &format!("transfer 049333444 5 {PIN}")).await;
        let before = InboundSms { redelivery_doubt_since: Some(bound), ..node.message("first", ARTA, "123", "yes") };
        let sent = node.processor.accept(before).await.unwrap();
        assert!(reply(&sent).starts_with("You sent 5.00 EUR"), "{sent:?}");
        // The answer was lost, and the session ended. Meanwhile something else is asked about.
        node.turn_clock(300);
        let bound = node.clock.now();
        text(&node, ARTA, "123", &format!("transfer 049333444 2 {PIN}")).await;
        let yes = |key| InboundSms { redelivery_doubt_since: Some(bound), ..node.message(key, ARTA, "123", "yes") };
        let again = node.processor.accept(yes("second")).await.unwrap();
        assert!(reply(&again).starts_with("You already sent 5.00 EUR to 049333444"), "{again:?}");
        assert_eq!((available(&node).await, balance(&node, "subscriber:38349333444").await), (1_284, 600));
        // What was asked stays so, and is confirmed by who did not come with the new session's first messages.
        let own = text(&node, ARTA, "123", "yes").await;
        assert!(reply(&own).starts_with("You sent 2.00 EUR"), "{own:?}");
        assert_eq!(balance(&node, "subscriber:38349333444").await, 800);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_the_question_is_no_answer_to_it() {
    on_both(ASKING, |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        let early = node.message("early", ARTA, "123", "yes");
        node.turn_clock(60);
        text(&node, ARTA, "123", &format!("transfer 049333444 5 {PIN}")).await;
        let answer = node.processor.accept(early).await.unwrap();
        assert_eq!(reason(&answer), Some(Reason::NothingToConfirm), "{answer:?}");
        assert_eq!(balance(&node, "subscriber:38349333444").await, 100);
    })
    .await;
}
