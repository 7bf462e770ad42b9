//! Banks that verify PINs themselves. A bank is asked before the batch; its answer is judged within the transaction.
//!
//! A slow bank delays its own messages alone: a wait belongs to one message, its length is limited, and so is the number
//! of messages that wait for one bank.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use crate::domain::{BankVerdict, Msisdn};

/// Questions that one bank is asked at the same time.
const AT_ONCE: usize = 32;
/// Questions that wait for a place. Further ones are answered at once: they would keep the sender's link busy.
const WAITING_MAX: usize = 32;

/// A question to a bank.
#[derive(Clone, Copy)]
pub struct BankQuestion<'a> {
    pub bank: &'a str,
    /// The phone that sent the message.
    pub phone: Msisdn,
    /// The PIN, which is neither stored nor logged.
    pub pin: &'a str,
    /// Key of the message. The same message has the same key, however often it is delivered.
    pub key: &'a str,
}

/// A bank that can be asked.
pub trait VerifiesPins: std::fmt::Debug + Send + Sync {
    /// The bank's answer.
    ///
    /// # Errors
    /// There is none, or none that could be understood. The text is for the log: it has neither PIN nor number.
    fn verify<'a>(&'a self, question: BankQuestion<'a>) -> BoxFuture<'a, Result<BankVerdict, String>>;
}

/// The banks that verify PINs, by their identifiers.
#[derive(Debug, Clone, Default)]
pub struct BankPins(Arc<BTreeMap<String, Desk>>);

/// One bank, with the limits on questions to it.
#[derive(Debug)]
struct Desk {
    bank: Arc<dyn VerifiesPins>,
    timeout: Duration,
    places: Semaphore,
    /// Places and waiting questions together.
    room: Semaphore,
}

impl BankPins {
    /// Each bank with the time limit of its answers, which includes the wait for a place.
    pub fn new(banks: impl IntoIterator<Item = (String, Arc<dyn VerifiesPins>, Duration)>) -> Self {
        let desk = |(name, bank, timeout)| {
            let (places, room) = (Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE + WAITING_MAX));
            (name, Desk { bank, timeout, places, room })
        };
        Self(Arc::new(banks.into_iter().map(desk).collect()))
    }

    pub(in crate::processor) fn banks(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Asks once. Without a clear answer in time, the verdict is [`BankVerdict::Unknown`].
    pub(in crate::processor) async fn ask(&self, question: BankQuestion<'_>) -> BankVerdict {
        let bank = question.bank;
        let answered = match self.0.get(bank) {
            Some(desk) => desk.ask(question).await,
            None => Err("no [banks.ID.pin_check] is configured".to_owned()),
        };
        let verdict = answered.unwrap_or_else(|problem| {
            warn!(bank, problem, "a PIN could not be verified; the message is refused");
            BankVerdict::Unknown
        });
        let word = match verdict {
            BankVerdict::Right => "right",
            BankVerdict::Wrong { .. } => "wrong",
            BankVerdict::Unknown => "unknown",
        };
        metrics::counter!("mbush_bank_pin_checks_total", "bank" => bank.to_owned(), "verdict" => word).increment(1);
        verdict
    }
}

impl Desk {
    async fn ask(&self, question: BankQuestion<'_>) -> Result<BankVerdict, String> {
        let _room = self.room.try_acquire().map_err(|_| "too many messages wait for the bank".to_owned())?;
        let end = Instant::now() + self.timeout;
        let late = || format!("no answer within {} ms", self.timeout.as_millis());
        let place = timeout_at(end, self.places.acquire()).await.map_err(|_| late())?;
        let _place = place.map_err(|error| error.to_string())?;
        // A place that becomes free at the last moment is no reason to hand out the PIN in vain.
        if Instant::now() >= end {
            return Err(late());
        }
        timeout_at(end, self.bank.verify(question)).await.unwrap_or_else(|_| Err(late()))
    }
}

#[cfg(test)]
#[path = "bank_tests.rs"]
mod tests;
