//! Banks that do not answer, and the messages that wait for them.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::*;

/// Answers when it is let, and counts the questions.
#[derive(Debug)]
struct Bank {
    answers: bool,
    asked: AtomicUsize,
}

impl VerifiesPins for Bank {
    fn verify<'a>(&'a self, question: BankQuestion<'a>) -> BoxFuture<'a, Result<BankVerdict, String>> {
        async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if !self.answers {
                std::future::pending::<()>().await;
            }
            Ok(if question.pin == "4711" { BankVerdict::Right } else { BankVerdict::Wrong { left: Some(2) } })
        }
        .boxed()
    }
}

fn banks() -> (BankPins, Arc<Bank>) {
    let bank = |answers| Arc::new(Bank { answers, asked: AtomicUsize::new(0) });
    let (hangs, works) = (bank(false), bank(true));
    let entry =
        |name: &str, bank: &Arc<Bank>| (name.to_owned(), bank.clone() as Arc<dyn VerifiesPins>, Duration::from_secs(2));
    (BankPins::new([entry("hangs", &hangs), entry("works", &works)]), hangs)
}

fn question<'a>(bank: &'a str, pin: &'a str) -> BankQuestion<'a> {
    BankQuestion { bank, phone: "38349111222".parse().unwrap(), pin, key: "ipko:1" }
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_never_a_yes() {
    let (banks, _) = banks();
    assert_eq!(banks.ask(question("hangs", "4711")).await, BankVerdict::Unknown);
    assert_eq!(banks.ask(question("unheard_of", "4711")).await, BankVerdict::Unknown);
    assert_eq!(banks.ask(question("works", "4711")).await, BankVerdict::Right);
    assert_eq!(banks.ask(question("works", "4712")).await, BankVerdict::Wrong { left: Some(2) });
}

#[tokio::test(start_paused = true)]
async fn a_bank_that_hangs_is_asked_a_few_times_at_once_and_holds_up_no_other() {
    let (banks, hangs) = banks();
    let (waiting, asked) = (banks.clone(), hangs.clone());
    let waiting = tokio::spawn(async move {
        join_all((0..AT_ONCE + WAITING_MAX).map(|_| waiting.ask(question("hangs", "4711")))).await
    });
    while asked.asked.load(Ordering::Relaxed) < AT_ONCE {
        tokio::task::yield_now().await;
    }
    // No time has passed: these are answered without a wait.
    let now = tokio::time::Instant::now();
    assert_eq!(banks.ask(question("hangs", "4711")).await, BankVerdict::Unknown, "there is no room for it");
    assert_eq!(banks.ask(question("works", "4711")).await, BankVerdict::Right);
    assert_eq!(now, tokio::time::Instant::now());
    assert_eq!(waiting.await.unwrap(), vec![BankVerdict::Unknown; AT_ONCE + WAITING_MAX]);
    assert_eq!(hangs.asked.load(Ordering::Relaxed), AT_ONCE, "those that waited in vain never had the bank asked");
    // The places are free again.
    assert_eq!(banks.ask(question("hangs", "4711")).await, BankVerdict::Unknown);
    assert_eq!(hangs.asked.load(Ordering::Relaxed), AT_ONCE + 1);
}
