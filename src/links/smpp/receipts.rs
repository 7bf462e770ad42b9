//! Delivery receipts: what an SMSC says became of a reply, on its way to whoever keeps the replies' states.
//!
//! A receipt may come before the `submit_sm_resp` whose identifier it names, or before that identifier is on disk: it
//! is parked and tried again. Peers write one identifier in several ways, so that it is handed on in all of them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::{debug, info};

use crate::smpp::message::Message;
use crate::smpp::receipt::{MessageState, Receipt};

/// Waits before a receipt is tried again that names no known reply; then it is dropped.
const TRY_AGAIN: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(10),
];
/// Receipts of one link that may wait; of more, the oldest are dropped.
const PARKED_MAX: usize = 10_000;

/// What became of a reply in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The phone has it.
    Delivered,
    /// The phone will not get it.
    Undeliverable {
        /// Why, for staff.
        reason: String,
    },
}

/// One receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Name of the link that it came by.
    pub link: String,
    /// Spellings of the SMSC's identifier of the reply, the likeliest first; see [`spellings`].
    pub remote_ids: Vec<String>,
    /// The phone that it is about, as the SMSC writes it.
    pub phone: String,
    /// What became of it.
    pub fate: Fate,
}

/// A number belongs in no log.
impl fmt::Debug for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settlement")
            .field("link", &self.link)
            .field("remote_ids", &self.remote_ids)
            .field("fate", &self.fate)
            .finish_non_exhaustive()
    }
}

/// Whether a receipt found its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Its state is written.
    Matched,
    /// No reply has such an identifier, yet.
    Unknown,
    /// It could not be written now.
    Unavailable,
}

/// Keeps the states of replies.
pub trait ReceiptSink: fmt::Debug + Send + Sync {
    /// Writes what became of a reply.
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Settled>;
}

/// An identifier as it is compared: without leading zeros, in small letters.
pub fn canonical(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    match id.trim_start_matches('0') {
        "" if !id.is_empty() => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// All that an identifier of a receipt may be in the answer to the submission, each [`canonical`]: the same; the
/// hexadecimal number that is meant where the receipt has the decimal one; and the other way round.
pub fn spellings(id: &str) -> Vec<String> {
    let same = canonical(id);
    let decimal = same.parse::<u128>().ok().filter(|_| same.bytes().all(|octet| octet.is_ascii_digit()));
    let hexadecimal = u128::from_str_radix(&same, 16).ok().filter(|_| same.bytes().all(|o| o.is_ascii_hexdigit()));
    let others = [decimal.map(|number| format!("{number:x}")), hexadecimal.map(|number| number.to_string())];
    let mut all = vec![same];
    for other in others.into_iter().flatten() {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

#[derive(Debug)]
struct Parked {
    settlement: Settlement,
    tries: usize,
    next: Instant,
}

/// The receipts of one link.
#[derive(Debug)]
pub(super) struct Receipts {
    link: String,
    sink: Arc<dyn ReceiptSink>,
    parked: Arc<Mutex<VecDeque<Parked>>>,
    tasks: TaskTracker,
}

impl Receipts {
    pub(super) fn new(link: &str, sink: Arc<dyn ReceiptSink>, tasks: TaskTracker) -> Self {
        Self { link: link.to_owned(), sink, parked: Arc::default(), tasks }
    }

    /// Takes a receipt, without waiting for what it is about.
    pub(super) fn take(&self, message: &Message) {
        let Some(receipt) = Receipt::read(message) else {
            return debug!(link = self.link, "a receipt that names no message");
        };
        info!(link = self.link, id = receipt.message_id, state = ?receipt.state, "delivery receipt");
        let Some(fate) = fate(&receipt) else { return };
        let remote_ids = spellings(&receipt.message_id);
        let settlement = Settlement { link: self.link.clone(), remote_ids, phone: message.from.clone(), fate };
        let (sink, parked) = (self.sink.clone(), self.parked.clone());
        self.tasks.spawn(async move { settle(&*sink, &parked, settlement, 0).await });
    }

    /// Tries those again whose time has come.
    pub(super) async fn try_again(&self) {
        let now = Instant::now();
        let due: VecDeque<Parked> = {
            let mut parked = lock(&self.parked);
            let (due, later) = std::mem::take(&mut *parked).into_iter().partition(|parked| parked.next <= now);
            *parked = later;
            due
        };
        for Parked { settlement, tries, .. } in due {
            settle(&*self.sink, &self.parked, settlement, tries).await;
        }
    }
}

async fn settle(sink: &dyn ReceiptSink, parked: &Mutex<VecDeque<Parked>>, settlement: Settlement, tries: usize) {
    if sink.settle(settlement.clone()).await == Settled::Matched {
        return;
    }
    let Some(wait) = TRY_AGAIN.get(tries) else {
        return debug!(?settlement, "a receipt for no reply of ours");
    };
    let mut parked = lock(parked);
    if parked.len() >= PARKED_MAX {
        parked.pop_front();
    }
    parked.push_back(Parked { settlement, tries: tries + 1, next: Instant::now() + *wait });
}

fn lock(parked: &Mutex<VecDeque<Parked>>) -> MutexGuard<'_, VecDeque<Parked>> {
    // Each change is one call: the queue is whole even after a panic elsewhere.
    parked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a receipt says for good; nothing where the message is still on its way, or nobody knows.
fn fate(receipt: &Receipt) -> Option<Fate> {
    let failed = |word: &str| {
        let error = receipt.error.as_deref().filter(|error| !error.is_empty());
        let reason = error.map_or_else(|| word.to_owned(), |error| format!("{word}, error {error} of the SMSC"));
        Some(Fate::Undeliverable { reason })
    };
    match receipt.state {
        MessageState::Delivered => Some(Fate::Delivered),
        MessageState::Expired => failed("expired at the SMSC"),
        MessageState::Deleted => failed("deleted at the SMSC"),
        MessageState::Undeliverable => failed("undeliverable"),
        MessageState::Rejected => failed("rejected after it was accepted"),
        MessageState::EnRoute | MessageState::Accepted | MessageState::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identifier_in_all_its_spellings() {
        for (submitted, receipt) in [
            ("0195F0C7", "195f0c7"),
            ("0195F0C7", "26603719"),
            ("26603719", "0195F0C7"),
            ("0000000042", "42"),
            ("2A", "42"),
            ("b7c9-11", "B7C9-11"),
            ("000", "0"),
        ] {
            assert!(spellings(receipt).contains(&canonical(submitted)), "{submitted} {receipt}");
        }
        assert_eq!(spellings("42"), ["42", "2a", "66"], "the same comes first");
        assert!(!spellings("43").contains(&canonical("42")));
        assert_eq!(spellings("f".repeat(60).as_str()).len(), 1, "beyond any number");
    }
}
