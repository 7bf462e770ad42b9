//! PINs: changed before their first use, tried a few times, and shown to nobody.

use futures_util::future::join_all;
use mbush::domain::{Outcome, Reason};
use mbush::processor::reset_pin;

use super::{ARTA, BESIM, PIN, balance, on_both, reason, reply, sound, subscriber, text};
use crate::node::pin_key;

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_changed_before_its_first_use() {
    on_both("[subscribers]\nlanguage = \"en\"", |node| async move {
        text(&node, ARTA, "50005", "10").await;
        subscriber(&node, BESIM, 1).await;
        let first = text(&node, ARTA, "121", "049333444 5 0000").await;
        assert_eq!(reason(&first), Some(Reason::PinInitial), "{first:?}");
        assert!(reply(&first).contains("pin OLD NEW"), "{first:?}");
        for (change, expected) in [
            ("pin 0000 1234", Reason::PinWeak),
            ("pin 0000 0000", Reason::PinWeak),
            ("pin 9753 4711", Reason::PinWrong),
        ] {
            assert_eq!(reason(&text(&node, ARTA, "123", change).await), Some(expected), "{change}");
        }
        for _ in 0..2 {
            // The second time it is the network's second delivery.
            let changed = text(&node, ARTA, "123", &format!("pin 0000 {PIN}")).await;
            assert_eq!(reply(&changed), "Your PIN was changed. Tell it to nobody.");
        }
        let sent = text(&node, ARTA, "121", &format!("049333444 5 {PIN}")).await;
        assert!(matches!(sent.outcome, Outcome::Applied(_)), "{sent:?}");
        // Staff give back the one that all begin with.
        let account = "subscriber:38349111222".parse().unwrap();
        reset_pin(&node.store, &pin_key(), &account, "drita", node.clock.now()).await.unwrap();
        assert_eq!(node.store.pin(&account).await.unwrap().unwrap().given_by.as_deref(), Some("drita"));
        for (pin, expected) in [(PIN, Reason::PinWrong), ("0000", Reason::PinInitial)] {
            assert_eq!(reason(&text(&node, ARTA, "121", &format!("049333444 1 {pin}")).await), Some(expected));
        }
        let nobody = "subscriber:38349999999".parse().unwrap();
        let refused = reset_pin(&node.store, &pin_key(), &nobody, "drita", node.clock.now()).await.unwrap_err();
        assert!(refused.to_string().starts_with("there is no account"), "{refused}");
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_once_have_three_tries() {
    on_both("", |node| async move {
        subscriber(&node, ARTA, 10).await;
        subscriber(&node, BESIM, 1).await;
        let node = &node;
        // The right one is among them.
        let guess = |pin: u32| async move { text(node, ARTA, "121", &format!("049333444 1 {pin}")).await };
        let answers = join_all((4_650..4_750).map(guess)).await;
        let wrong = answers.iter().filter(|answer| reason(answer) == Some(Reason::PinWrong)).count();
        let right = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Applied(_))).count();
        // The right one may come among the first tries, and then the count begins anew, once.
        assert!(wrong <= 4 && right <= 1, "{wrong} wrong, {right} right");
        let locked = answers.iter().filter(|answer| reason(answer) == Some(Reason::PinLocked)).count();
        assert_eq!(wrong + right + locked, 100);
        let waits = text(node, ARTA, "121", &format!("049333444 2 {PIN}")).await;
        assert_eq!(reason(&waits), Some(Reason::PinLocked));
        node.turn_clock(15 * 60);
        let later = text(node, ARTA, "121", &format!("049333444 2 {PIN}")).await;
        assert!(matches!(later.outcome, Outcome::Applied(_)), "{later:?}");
        assert!(balance(node, "subscriber:38349333444").await >= 300);
        sound(node).await;
    })
    .await;
}
