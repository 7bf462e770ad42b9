//! Delivery receipts: the final states that SMSCs report for replies.
//!
//! A reply of one segment has its identifier at the SMSC in the outbox. The parts of a longer one have a row each, and
//! the reply's state follows from all of them. The first receipt for a message is final, and a redelivered receipt
//! changes nothing. A receipt that matches no known reply is stored, and tried again at the time that the caller sets.

use std::collections::BTreeMap;
use std::convert::identity;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::db::{Sql, columns, on, rows};
use crate::store::delivery::REMOTE_ID_OCTETS_MAX;
use crate::store::{Store, StoreError};

/// Limit of stored receipts without a reply, per link; above it, the oldest are deleted. Only an SMSC that sends
/// receipts for messages of others reaches it.
pub(super) const EARLY_MAX: i64 = 10_000;

const EARLY: Sql = Sql {
    sqlite: "SELECT link, spellings, phone, undeliverable, tries FROM early_receipts
    WHERE due_at <= $1 OR due_at > $2 ORDER BY due_at LIMIT $3",
    postgres: "SELECT link, spellings, phone, undeliverable, tries::bigint FROM early_receipts
    WHERE due_at <= $1 OR due_at > $2 ORDER BY due_at LIMIT $3",
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    pub link: String,
    /// Possible spellings of the identifier at the SMSC, without leading zeros and in lower case; the likeliest first.
    pub remote_ids: Vec<String>,
    /// The phone in the SMSC's spelling. Only its last digits are compared; empty to compare nothing.
    pub phone: String,
    /// The reason why the message was not delivered; `None` if it was delivered.
    pub undeliverable: Option<String>,
}

/// A receipt that has matched no reply so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyReceipt {
    /// The receipt; only the last digits of its phone are kept.
    pub receipt: DeliveryReceipt,
    /// Number of retries.
    pub tries: u32,
}

impl DeliveryReceipt {
    /// Name in the database and for staff.
    pub(super) const fn state(&self) -> &'static str {
        match self.undeliverable {
            None => "delivered",
            Some(_) => "undeliverable",
        }
    }

    /// The digits of the phone that are compared. National and international spellings end with the same digits.
    pub(super) fn phone_end(&self) -> String {
        let digits: Vec<char> = self.phone.chars().filter(char::is_ascii_digit).collect();
        digits.iter().skip(digits.len().saturating_sub(8)).collect()
    }

    /// The identifier as written; `None` if the outbox cannot have it.
    pub fn remote_id(&self) -> Option<&str> {
        self.remote_ids.first().map(String::as_str).filter(|id| is_remote_id(id))
    }
}

columns!(
    in "early_receipts", DeliveryReceipt: link, phone, undeliverable;
    remote_ids = identity(spellings)
);
columns!(in "early_receipts", EarlyReceipt: tries; ..receipt);

/// Returns `true` if an identifier of an SMSC can be stored and looked up.
pub(in crate::store) fn is_remote_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= REMOTE_ID_OCTETS_MAX && !id.contains(char::is_control)
}

/// The reply or part that a receipt matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Index of the receipt in the search.
    pub(super) receipt: usize,
    /// Identifier of the reply.
    pub(super) outbox: Uuid,
    /// For a part: its number, and its identifier in the form that is compared.
    pub(super) part: Option<(i64, String)>,
}

/// The rows that receipts change, without duplicates, in the order of replies, so that nodes cannot deadlock.
#[derive(Debug, Default)]
pub(super) struct Changes<'r> {
    /// Replies of one segment.
    pub(super) replies: BTreeMap<Uuid, &'r DeliveryReceipt>,
    /// Parts, by reply and identifier.
    pub(super) parts: BTreeMap<(Uuid, String), (i64, &'r DeliveryReceipt)>,
}

impl<'r> Changes<'r> {
    /// Of two receipts for the same row, the first one counts.
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

    /// All replies that are read.
    pub(super) fn outbox(&self) -> Vec<Uuid> {
        let mut all: Vec<Uuid> = self.replies.keys().copied().chain(self.parts.keys().map(|(id, _)| *id)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Replies with an undelivered part, and the reason of the first one.
    pub(super) fn failed_wholes(&self) -> BTreeMap<Uuid, String> {
        let failed = |((outbox, _), (number, receipt)): (&(Uuid, String), &(i64, &DeliveryReceipt))| {
            let reason = receipt.undeliverable.as_ref()?;
            Some((*outbox, format!("part {number}: {reason}")))
        };
        self.parts.iter().filter_map(failed).collect()
    }
}

/// Receipts that matched no reply and may match one later.
pub(super) fn early<'r>(receipts: &'r [DeliveryReceipt], found: &[bool]) -> Vec<&'r DeliveryReceipt> {
    let pairs = receipts.iter().zip(found);
    pairs.filter(|(receipt, found)| !**found && receipt.remote_id().is_some()).map(|(receipt, _)| receipt).collect()
}

/// Converts the found indexes to one flag per receipt.
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
    /// Writes receipts in one transaction. Returns for each whether it matched a reply. The others are stored, to be
    /// tried again at `again`.
    ///
    /// # Errors
    /// The database fails; nothing was written.
    pub async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
        again: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        on!(&self.database, store => store.receive_receipts(receipts, now, again).await)
    }

    /// Returns up to `most` receipts to be tried again: those that are due, and those with a time after `latest`, which
    /// was set before the clock was set back.
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

    /// Tries receipts again, in one transaction. Returns for each whether it matched a reply. The others are tried
    /// again at their instants; those without an instant are deleted.
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
