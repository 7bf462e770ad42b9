//! Delivery receipts: the endings that SMSCs tell of replies that they had taken.
//!
//! A reply of one segment has its identifier at the SMSC in the outbox; the parts of a longer one have a row each, and
//! the reply's state follows them all. What an SMSC says of a message first, it says for good: a receipt that comes again
//! changes nothing. A receipt that names no known reply is kept, and tried again when its caller says so.

use std::collections::BTreeMap;
use std::convert::identity;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::db::{Sql, columns, on, rows};
use crate::store::rows::REMOTE_ID_OCTETS_MAX;
use crate::store::{Store, StoreError};

/// Receipts of one link that are kept without a reply; of more, the oldest are forgotten. Only an SMSC that tells us of
/// messages which we never sent comes that far.
pub(super) const EARLY_MAX: i64 = 10_000;

const EARLY: Sql = Sql {
    sqlite: "SELECT link, spellings, phone, undeliverable, tries FROM early_receipts
    WHERE due_at <= $1 OR due_at > $2 ORDER BY due_at LIMIT $3",
    postgres: "SELECT link, spellings, phone, undeliverable, tries::bigint FROM early_receipts
    WHERE due_at <= $1 OR due_at > $2 ORDER BY due_at LIMIT $3",
};

/// One delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// Name of the link that it came by.
    pub link: String,
    /// The spellings that the identifier at the SMSC may have, without leading zeros and in small letters; the likeliest first.
    pub remote_ids: Vec<String>,
    /// The phone, as the SMSC writes it; only its end is compared, and nothing where it is empty.
    pub phone: String,
    /// The reason why the phone does not get it; `None` if it has it.
    pub undeliverable: Option<String>,
}

/// A receipt that has found no reply so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyReceipt {
    /// The receipt; of its phone, the end.
    pub receipt: DeliveryReceipt,
    /// Number of times that it was tried again.
    pub tries: u32,
}

impl DeliveryReceipt {
    /// As the database and staff name it.
    pub(super) const fn state(&self) -> &'static str {
        match self.undeliverable {
            None => "delivered",
            Some(_) => "undeliverable",
        }
    }

    /// The digits of the phone that are compared: national and international spellings end alike.
    pub(super) fn phone_end(&self) -> String {
        let digits: Vec<char> = self.phone.chars().filter(char::is_ascii_digit).collect();
        digits.iter().skip(digits.len().saturating_sub(8)).collect()
    }

    /// The identifier as it was written, where it can be one that the outbox has.
    pub fn remote_id(&self) -> Option<&str> {
        self.remote_ids.first().map(String::as_str).filter(|id| is_remote_id(id))
    }
}

columns!(
    in "early_receipts", DeliveryReceipt: link, phone, undeliverable;
    remote_ids = identity(spellings)
);
columns!(in "early_receipts", EarlyReceipt: tries; ..receipt);

/// Returns `true` if an SMSC's identifier can be kept and looked up.
pub(in crate::store) fn is_remote_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= REMOTE_ID_OCTETS_MAX && !id.contains(char::is_control)
}

/// The reply or part that a receipt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Place of the receipt among those that were looked for.
    pub(super) receipt: usize,
    /// The reply.
    pub(super) outbox: Uuid,
    /// Of a part: its number, and its identifier as it is compared.
    pub(super) part: Option<(i64, String)>,
}

/// The rows that receipts change, each once, in the order of replies: nodes at once wait for each other, and never in a ring.
#[derive(Debug, Default)]
pub(super) struct Changes<'r> {
    /// Replies of one segment.
    pub(super) replies: BTreeMap<Uuid, &'r DeliveryReceipt>,
    /// Parts, by reply and identifier.
    pub(super) parts: BTreeMap<(Uuid, String), (i64, &'r DeliveryReceipt)>,
}

impl<'r> Changes<'r> {
    /// Of two receipts about the same, the first counts.
    pub(super) fn of(receipts: &'r [DeliveryReceipt], found: &[Found]) -> Self {
        let mut changes = Self::default();
        for Found { receipt, outbox, part } in found {
            let Some(receipt) = receipts.get(*receipt) else { continue };
            match part {
                None => drop(changes.replies.entry(*outbox).or_insert(receipt)),
                Some((number, id)) => {
                    changes.parts.entry((*outbox, id.clone())).or_insert((*number, receipt));
                }
            }
        }
        changes
    }

    /// All replies that are looked at.
    pub(super) fn outbox(&self) -> Vec<Uuid> {
        let mut all: Vec<Uuid> = self.replies.keys().copied().chain(self.parts.keys().map(|(id, _)| *id)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Replies with a part that says so, and why the reply is undeliverable then.
    pub(super) fn failed_wholes(&self) -> BTreeMap<Uuid, String> {
        let failed = |((outbox, _), (number, receipt)): (&(Uuid, String), &(i64, &DeliveryReceipt))| {
            let reason = receipt.undeliverable.as_ref()?;
            Some((*outbox, format!("part {number}: {reason}")))
        };
        self.parts.iter().filter_map(failed).collect()
    }
}

/// Receipts that found no reply and may find one later.
pub(super) fn early<'r>(receipts: &'r [DeliveryReceipt], found: &[bool]) -> Vec<&'r DeliveryReceipt> {
    let pairs = receipts.iter().zip(found);
    pairs.filter(|(receipt, found)| !**found && receipt.remote_id().is_some()).map(|(receipt, _)| receipt).collect()
}

/// Flags those of so many receipts that were found.
pub(super) fn flags(count: usize, found: &[Found]) -> Vec<bool> {
    let mut flags = vec![false; count];
    for found in found {
        if let Some(flag) = flags.get_mut(found.receipt) {
            *flag = true;
        }
    }
    flags
}

impl Store {
    /// Writes receipts in one transaction; whether each found its reply. Those that did not are kept, to be tried again at
    /// `again`.
    ///
    /// # Errors
    /// The database fails; none was written.
    pub async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
        again: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        on!(&self.database, store => store.receive_receipts(receipts, now, again).await)
    }

    /// Up to `most` receipts that are to be tried again: those due, and those that no schedule has put after `latest` (the
    /// clock was set back since).
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn early_receipts(
        &self,
        now: DateTime<Utc>,
        latest: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<EarlyReceipt>, StoreError> {
        rows!(self.reader(), EarlyReceipt, EARLY, [now, latest, most])
    }

    /// Tries receipts again, in one transaction; whether each found its reply. One that did not is tried again at the
    /// instant beside it, or forgotten where there is none.
    ///
    /// # Errors
    /// The database fails; nothing was changed.
    pub async fn try_receipts_again(
        &self,
        receipts: &[(EarlyReceipt, Option<DateTime<Utc>>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        on!(&self.database, store => store.try_receipts_again(receipts, now).await)
    }
}
