//! PINs that the bank verifies, and banks that do not answer as they should.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::config::Config;
use mbush::domain::{BankVerdict, Outcome, Reason};
use mbush::links::http::HttpPinCheck;
use mbush::processor::{BankQuestion, VerifiesPins};
use serde_json::json;
use testkit::bank::{Bank, Fault};
use tokio::sync::Notify;

use super::leaks::found;
use super::{ARTA, PIN, balance, databases, is_applied, node, reason, reply, sound, text};

const CREDITED: &str = "subscriber:38349123456";

/// A client of a bank, as `[banks.asked.pin_check]` configures it.
fn client(url: &str) -> Arc<dyn VerifiesPins> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let text = format!("[banks.asked.pin_check]\nurl = \"{url}\"\nsecret = \"a-secret-of-the-bank\"\n");
    let config = Config::from_toml(&text).unwrap();
    Arc::new(HttpPinCheck::new(&config.pin_checks["asked"]).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_is_asked_once_before_anything_moves() {
    for (url, _server) in databases() {
        let bank = Bank::start(PIN).await;
        let (node, database) = node(url.as_deref(), vec![("asked", client(&bank.url), Duration::from_secs(30))]).await;
        let wrong = node.text("w", ARTA, "50772", "up 049123456 5 48261937").await.unwrap();
        assert_eq!(reason(&wrong), Some(Reason::BankPinWrong), "{wrong:?}");
        assert_eq!(reply(&wrong), "The bank did not accept the PIN. Nothing was done. Tries left: 2.");
        assert_eq!(balance(&node, CREDITED).await, 0);
        let right = node.text("r", ARTA, "50772", &format!("up 049123456 5 {PIN}")).await.unwrap();
        assert!(is_applied(&right), "{right:?}");
        let again = text(&node, ARTA, "50772", &format!("up 049123456 5 {PIN}")).await;
        assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
        assert_eq!(balance(&node, CREDITED).await, 500);
        let asked = bank.asked();
        assert_eq!(asked.len(), 3, "once for each message");
        let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
        assert_eq!(body, json!({ "bank": "asked", "number": ARTA, "pin": PIN, "key": "ipko:r" }));
        let header = |name: &str| asked[1].headers.get(name).map(String::as_str);
        assert_eq!(header("idempotency-key"), Some("ipko:r"));
        assert_eq!(header("authorization"), Some("Bearer a-secret-of-the-bank"));
        assert_eq!(header("content-type"), Some("application/json"));
        sound(&node).await;
        for pin in [PIN, "48261937"] {
            assert_eq!(found(&database, pin).await, Vec::<String>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_pin_is_handed_on_once_however_it_is_spelt() {
    for (url, _server) in databases() {
        let bank = Bank::start(PIN).await;
        let (node, _) = node(url.as_deref(), vec![("asked", client(&bank.url), Duration::from_secs(30))]).await;
        for (written, is_new) in [("loan 50", true), ("Loan 50,00", false), ("LOAN  50", false), ("loan 40", true)] {
            let answer = text(&node, ARTA, "50772", &format!("{written} {PIN}")).await;
            let is_informed = matches!(answer.outcome, Outcome::Informed { .. });
            let is_duplicate = matches!(answer.outcome, Outcome::Duplicate { .. });
            assert_eq!((is_informed, is_duplicate), (is_new, !is_new), "{written}: {answer:?}");
        }
        assert_eq!(node.store.forwards(None, "loan", 9).await.unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_clear_yes_moves_nothing() {
    let bank = Bank::start(PIN).await;
    let (node, _) = node(None, vec![("asked", client(&bank.url), Duration::from_secs(30))]).await;
    let right = format!("up 049123456 5 {PIN}");
    for (fault, expected) in [
        (Fault::Closes, Reason::PinNotVerified),
        (Fault::Answers(500, r#"{"ok":true}"#), Reason::PinNotVerified),
        (Fault::Answers(503, ""), Reason::PinNotVerified),
        (Fault::Answers(401, r#"{"ok":true}"#), Reason::PinNotVerified),
        (Fault::Answers(302, r#"{"ok":true}"#), Reason::PinNotVerified),
        (Fault::Answers(201, r#"{"ok":true}"#), Reason::PinNotVerified),
        (Fault::Answers(204, ""), Reason::PinNotVerified),
        (Fault::Answers(200, ""), Reason::PinNotVerified),
        (Fault::Answers(200, "{}"), Reason::PinNotVerified),
        (Fault::Answers(200, "true"), Reason::PinNotVerified),
        (Fault::Answers(200, r#"{"ok":"true"}"#), Reason::PinNotVerified),
        (Fault::Answers(200, r#"{"ok":1}"#), Reason::PinNotVerified),
        (Fault::Answers(200, "<html>ok</html>"), Reason::PinNotVerified),
        (Fault::Answers(200, r#"{"ok":false}"#), Reason::BankPinWrong),
        (Fault::Answers(200, r#"{"ok":false,"left":0}"#), Reason::BankPinWrong),
        (Fault::Answers(403, ""), Reason::BankPinWrong),
        (Fault::Answers(403, r#"{"ok":false,"left":1}"#), Reason::BankPinWrong),
    ] {
        bank.set_fault(Some(fault.clone()));
        let refused = text(&node, ARTA, "50772", &right).await;
        assert_eq!(reason(&refused), Some(expected), "{fault:?}: {refused:?}");
        assert_eq!(balance(&node, CREDITED).await, 0, "{fault:?}");
    }
    bank.set_fault(Some(Fault::Answers(403, "")));
    let wrong = text(&node, ARTA, "50772", &right).await;
    assert_eq!(reply(&wrong), "The bank did not accept the PIN. Nothing was done.");
    bank.set_fault(Some(Fault::Answers(500, "")));
    let later = text(&node, ARTA, "50772", &right).await;
    assert_eq!(reply(&later), "The bank could not check the PIN now. Nothing was done. Please try again later.");
    bank.set_fault(None);
    assert!(is_applied(&text(&node, ARTA, "50772", &right).await), "nothing was done before, so it is no duplicate");
    let owner = text(&node, "38349123456", "50772", &format!("rest {PIN}")).await;
    assert!(reply(&owner).contains("5.00"), "{owner:?}");
    let guesser = text(&node, "38349123456", "50772", "rest 48261937").await;
    assert_eq!(reason(&guesser), Some(Reason::BankPinWrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_is_silent_or_gone_verifies_nothing() {
    let bank = Bank::start(PIN).await;
    bank.set_fault(Some(Fault::Hangs));
    let (node, _) = node(None, vec![("asked", client(&bank.url), Duration::from_millis(100))]).await;
    let right = format!("up 049123456 5 {PIN}");
    assert_eq!(reason(&text(&node, ARTA, "50772", &right).await), Some(Reason::PinNotVerified));
    drop(bank);
    assert_eq!(reason(&text(&node, ARTA, "50772", &right).await), Some(Reason::PinNotVerified));
    let (unconfigured, _) = super::node(None, Vec::new()).await;
    assert_eq!(reason(&text(&unconfigured, ARTA, "50772", &right).await), Some(Reason::PinNotVerified));
    assert_eq!(balance(&node, CREDITED).await + balance(&unconfigured, CREDITED).await, 0);
}

/// A bank that answers when it is let.
#[derive(Debug, Default)]
struct Slow {
    asked: Notify,
    answers: Notify,
}

impl VerifiesPins for Slow {
    fn verify<'a>(&'a self, _: BankQuestion<'a>) -> BoxFuture<'a, Result<BankVerdict, String>> {
        async {
            self.asked.notify_one();
            self.answers.notified().await;
            Ok(BankVerdict::Right)
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_bank_delays_no_other_message() {
    for (url, _server) in databases() {
        let slow = Arc::new(Slow::default());
        let (node, _) = node(url.as_deref(), vec![("asked", slow.clone(), Duration::from_mins(5))]).await;
        let (processor, message) =
            (node.processor.clone(), node.message("s", ARTA, "50772", &format!("up 049123456 5 {PIN}")));
        let waiting = tokio::spawn(async move { processor.accept(message).await.unwrap() });
        slow.asked.notified().await;
        // Another bank's top-up of the same number, and the PIN of another phone.
        assert!(is_applied(&text(&node, ARTA, "50005", "049123456 3").await));
        super::subscriber(&node, "38349333444", 1).await;
        assert!(is_applied(&text(&node, "38349333444", "50771", &format!("up 049123456 2 {PIN}")).await));
        assert!(!waiting.is_finished());
        assert_eq!(balance(&node, CREDITED).await, 500);
        slow.answers.notify_one();
        assert!(is_applied(&waiting.await.unwrap()));
        assert_eq!(balance(&node, CREDITED).await, 1_000);
        sound(&node).await;
    }
}
