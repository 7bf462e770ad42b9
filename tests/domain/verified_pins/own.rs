//! Our own PINs: the same tries and locks as for a transfer of credit.

use mbush::domain::{Outcome, Reason};
use mbush::processor::{NotAccepted, PinKey};

use super::leaks::found;
use super::{ARTA, BESIM, PIN, balance, databases, is_applied, node, reason, reply, sound, subscriber, text};
use crate::node::Node;

const CREDITED: &str = "subscriber:38349123456";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_moves_nothing_and_the_right_one_moves_it_once() {
    for (url, _server) in databases() {
        let (node, database) = node(url.as_deref(), Vec::new()).await;
        subscriber(&node, ARTA, 10).await;
        let wrong = text(&node, ARTA, "50771", "up 049123456 5 48261937").await;
        assert_eq!(reason(&wrong), Some(Reason::PinWrong), "{wrong:?}");
        assert_eq!(reply(&wrong), "The PIN is wrong. Nothing was done. Tries left: 2.");
        assert_eq!(balance(&node, CREDITED).await, 0);
        // The same request is no repetition of what was not done, whatever its PIN.
        assert!(is_applied(&text(&node, ARTA, "50771", &format!("up 049123456 5 {PIN}")).await));
        let again = text(&node, ARTA, "50771", &format!("up 049123456 5 {PIN}")).await;
        assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
        let guessed = text(&node, ARTA, "50771", "up 049123456 5 48261937").await;
        assert_eq!(reason(&guessed), Some(Reason::PinWrong), "who has not the PIN is not told what was done");
        assert!(is_applied(&text(&node, ARTA, "50771", &format!("up 049123456 5 {PIN} again")).await));
        assert_eq!(balance(&node, CREDITED).await, 1_000);
        let paid = text(&node, ARTA, "50771", &format!("tv arben1 {PIN}")).await;
        assert!(is_applied(&paid), "{paid:?}");
        sound(&node).await;
        for pin in [PIN, "48261937"] {
            assert_eq!(found(&database, pin).await, Vec::<String>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pin_protects_all_of_a_list_and_is_tried_once() {
    for (url, _server) in databases() {
        let (node, _) = node(url.as_deref(), Vec::new()).await;
        subscriber(&node, ARTA, 10).await;
        let all = "all 049123456 5, 044222333 10";
        let wrong = text(&node, ARTA, "50771", &format!("{all} 48261937")).await;
        assert_eq!(reply(&wrong), "The PIN is wrong. Nothing was done. Tries left: 2.");
        assert_eq!(balance(&node, CREDITED).await, 0);
        assert!(is_applied(&text(&node, ARTA, "50771", &format!("{all} {PIN}")).await));
        assert_eq!((balance(&node, CREDITED).await, balance(&node, "subscriber:38344222333").await), (500, 1_000));
        sound(&node).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_again_gets_its_first_answer_and_another_pin_is_another_message() {
    let (node, _) = node(None, Vec::new()).await;
    subscriber(&node, ARTA, 10).await;
    let send = async |text: &str| node.text("k", ARTA, "50771", text).await;
    let wrong = send("up 049123456 5 48261937").await.unwrap();
    let again = send("up 049123456 5 48261937").await.unwrap();
    assert!(again.replayed && again.outcome == wrong.outcome, "a second delivery is no second try: {again:?}");
    assert_eq!(send(&format!("up 049123456 5 {PIN}")).await, Err(NotAccepted::Conflict));
    let next = text(&node, ARTA, "50771", "up 049123456 5 48261937").await;
    assert_eq!(next.outcome.rejection().unwrap().details.left, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_ones_lock_the_pin_for_everything_and_the_right_one_begins_anew() {
    for (url, _server) in databases() {
        let (node, _) = node(url.as_deref(), Vec::new()).await;
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        let right = format!("up 049123456 5 {PIN}");
        let try_out = async |pin: &str| reason(&text(&node, ARTA, "50771", &format!("up 049123456 5 {pin}")).await);
        for _ in 0..2 {
            // Two wrong ones and the right one, twice: the count begins anew.
            assert_eq!(try_out("1111").await, Some(Reason::PinWrong));
            assert_eq!(try_out("2222").await, Some(Reason::PinWrong));
            let told = text(&node, ARTA, "50771", &format!("rest {PIN}")).await;
            assert_eq!(reply(&told).split('.').next(), Some("Balance of 049111222: 20"), "{told:?}");
        }
        assert_eq!(try_out("1111").await, Some(Reason::PinWrong));
        assert_eq!(try_out("2222").await, Some(Reason::PinWrong));
        assert_eq!(try_out("3333").await, Some(Reason::PinLocked));
        assert_eq!(reason(&text(&node, ARTA, "50771", &right).await), Some(Reason::PinLocked));
        let sent = text(&node, ARTA, "121", &format!("049333444 1 {PIN}")).await;
        assert_eq!(reason(&sent), Some(Reason::PinLocked), "it is one PIN");
        assert!(is_applied(&text(&node, BESIM, "50771", &right).await), "another's is not locked");
        node.turn_clock(15 * 60);
        assert!(is_applied(&text(&node, ARTA, "50771", &right).await));
        assert_eq!(balance(&node, CREDITED).await, 1_000);
        sound(&node).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_once_have_three_tries() {
    for (url, _server) in databases() {
        let (node, _) = node(url.as_deref(), Vec::new()).await;
        subscriber(&node, ARTA, 10).await;
        let node = &node;
        let guess = |pin: u32| async move { text(node, ARTA, "50771", &format!("up 049123456 1 {pin}")).await };
        let answers = futures_util::future::join_all((4_000..4_100).map(guess)).await;
        let of = |wanted| answers.iter().filter(|answer| reason(answer) == Some(wanted)).count();
        assert_eq!((of(Reason::PinWrong), of(Reason::PinLocked)), (2, 98));
        assert_eq!(balance(node, CREDITED).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_with_a_pin_is_answered_to_who_has_it() {
    let (node, _) = node(None, Vec::new()).await;
    subscriber(&node, ARTA, 10).await;
    let wrong = text(&node, ARTA, "50771", "rest 1111").await;
    assert_eq!(reason(&wrong), Some(Reason::PinWrong));
    assert!(!reply(&wrong).contains("10.00"), "{wrong:?}");
    let told = text(&node, ARTA, "50771", &format!("rest {PIN}")).await;
    assert!(reply(&told).contains("10.00"), "{told:?}");
    let wrong = text(&node, ARTA, "50771", "srpski 1111").await;
    assert_eq!(reason(&wrong), Some(Reason::PinWrong));
    assert!(reply(&wrong).starts_with("The PIN is wrong"), "the language is what it was: {wrong:?}");
    text(&node, ARTA, "50771", &format!("srpski {PIN}")).await;
    let wrong = text(&node, ARTA, "50771", "rest 1111").await;
    assert!(reply(&wrong).starts_with("PIN je pogre"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_forms_do_nothing_without_the_right_pin() {
    let (node, _) = node(None, Vec::new()).await;
    text(&node, ARTA, "50005", "10").await;
    for (asked, expected) in [
        // Nobody has chosen a PIN yet.
        ("rb 049123456 20 0000", Reason::PinInitial),
        ("rb 049123457 20 9999", Reason::PinWrong),
        ("rb 5 9999", Reason::PinWrong),
    ] {
        assert_eq!(reason(&text(&node, ARTA, "50808", asked).await), Some(expected), "{asked}");
    }
    assert_eq!(balance(&node, CREDITED).await + balance(&node, "subscriber:38349123457").await, 0);
    assert_eq!(balance(&node, "subscriber:38349111222").await, 1_000);
    node.turn_clock(3_600);
    text(&node, ARTA, "123", "pin 0000 4711").await;
    let told = text(&node, ARTA, "50909", "gjendja 4712").await;
    assert_eq!(reason(&told), Some(Reason::PinWrong));
    assert!(reply(&text(&node, ARTA, "50909", "gjendja 4711").await).contains("10.00"));
    assert!(is_applied(&text(&node, ARTA, "50808", "rb 049123456 20 4711").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_a_pin_in_a_text_that_was_not_read_is_hidden_and_a_wrong_number_is_not() {
    let (node, database) = node(None, Vec::new()).await;
    subscriber(&node, ARTA, 10).await;
    // TEB's customers write a PIN to ask for their balance, and no other way.
    let number = text(&node, ARTA, "50909", "049110 5").await;
    assert!(reply(&number).contains("049110"), "{number:?}");
    for asked in ["gjendja 83649217 x", "gjndja 83649217", "83649217 gjendja now 12"] {
        assert!(!is_applied(&text(&node, ARTA, "50909", asked).await), "{asked}");
    }
    assert!(!is_applied(&text(&node, ARTA, "50808", "rrb 049123456 5 83649217").await));
    let kept = found(&database, PIN).await;
    assert!(kept.iter().all(|row| row.contains("83649217 gjendja now")), "{kept:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_phone_or_without_a_key_there_is_no_pin() {
    let (node, _) = node(None, Vec::new()).await;
    let machine = text(&node, "RAIFFEISEN", "50808", "rb 049123456 20 4711").await;
    assert_eq!(reason(&machine), Some(Reason::SenderNotPhone));
    let off = Node::start_changed(|_| {}, |parts| parts.pin_key = PinKey::default()).await;
    for (to, asked) in [("50808", "rb 049123456 20 4711"), ("50909", "gjendja 4711")] {
        assert_eq!(reason(&text(&off, ARTA, to, asked).await), Some(Reason::PinsOff), "{asked}");
    }
    assert_eq!(balance(&off, CREDITED).await, 0);
}
