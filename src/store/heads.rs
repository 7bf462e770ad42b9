//! Heads of days: what the transfers of a business day that is over came to, chained to the day before and signed. A ledger
//! that was rewritten, chains of accounts and all, does not go with them any more.
//!
//! A transfer belongs to the day (local) of its `at`, which its node's clock gave when it was decided, at most the
//! length of one batch before it was committed. A day is sealed some time after it is over, which has to be longer than a
//! batch takes and than nodes' clocks differ. Should a transfer still come late, because a clock was set back, the audit
//! reports its day: a sealed day has what it was sealed with.

mod key;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::StoreError;
use super::audit::{AuditReader, DAY_TRANSFERS, HEADS, Key, Micros, Pages, RawId, paged};
use super::chain::{Hash, NONE_BEFORE};
use super::db::{Store, columns, execute, row};
use crate::domain::calendar::{day_of, start_of};
use key::is_signed_by;
pub use key::{HeadKey, InvalidKey, PublicKey};

const LAST: &str = "SELECT day, transfers, sum_minor, content, previous, sealed_at, public_key, signature
    FROM day_heads ORDER BY day DESC LIMIT 1";
/// The head of a day is written once.
const ADD: &str = "INSERT INTO day_heads
    (day, transfers, sum_minor, content, previous, sealed_at, public_key, signature)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (day) DO NOTHING";

/// A transfer gets its identifier at most so long before it is decided: so far back the transfers of a day are looked for.
const DECIDED_AFTER_DAYS_MAX: i64 = 31;

/// The sums of a day's transfers.
#[derive(Clone, Default)]
pub(super) struct Tally {
    pub(super) transfers: i64,
    pub(super) sum_minor: i64,
    hasher: Sha256,
}

impl Tally {
    fn add(&mut self, id: &[u8], minor: i64, hash: &[u8]) {
        self.transfers += 1;
        self.sum_minor = self.sum_minor.saturating_add(minor);
        for octets in [id, hash] {
            self.hasher.update((octets.len() as u64).to_be_bytes());
            self.hasher.update(octets);
        }
    }

    pub(super) fn content(&self) -> Hash {
        self.hasher.clone().finalize().into()
    }
}

/// Days by what their transfers come to; transfers are taken in the order of identifiers.
#[derive(Default)]
pub(super) struct Tallies(pub(super) BTreeMap<NaiveDate, Tally>);

impl Tallies {
    pub(super) fn add(&mut self, id: &[u8], at: Micros, minor: i64, hash: &[u8]) {
        // An instant that is none was never hashed either, which the audit finds first.
        let at = DateTime::from_timestamp_micros(at.0).unwrap_or(DateTime::UNIX_EPOCH);
        self.0.entry(day_of(at)).or_default().add(id, minor, hash);
    }
}

/// A transfer as a day's head looks at it.
#[derive(Debug)]
struct DayTransfer {
    id: RawId,
    at_us: Micros,
    amount_minor: i64,
    hash: Vec<u8>,
}

columns!(both DayTransfer: id, at_us, amount_minor, hash);
paged!(DayTransfer: DAY_TRANSFERS, id id);

/// The head of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayHead {
    /// The business day.
    pub day: NaiveDate,
    /// Number of its transfers.
    pub transfers: i64,
    /// Sum of their amounts, in minor units.
    pub sum_minor: i64,
    /// Hash over them.
    pub content: [u8; 32],
    /// Hash of the head of the day before; zeros for the first.
    pub previous: [u8; 32],
    /// The instant of the signature, to the microsecond.
    pub sealed_at: DateTime<Utc>,
    /// The key that signed it.
    pub public_key: PublicKey,
    /// Over all of the above.
    pub signature: Vec<u8>,
}

impl DayHead {
    fn sealed(day: NaiveDate, tally: &Tally, previous: Hash, now: DateTime<Utc>, key: &HeadKey) -> Self {
        let mut head = Self {
            day,
            transfers: tally.transfers,
            sum_minor: tally.sum_minor,
            content: tally.content(),
            previous,
            // The databases keep microseconds.
            sealed_at: DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now),
            public_key: key.public(),
            signature: Vec::new(),
        };
        head.signature = key.sign(&head.message());
        head
    }

    /// The octets that are signed and hashed.
    fn message(&self) -> Vec<u8> {
        let mut message = b"mbush day head 1".to_vec();
        message.extend(self.day.to_string().as_bytes());
        message.extend(self.transfers.to_be_bytes());
        message.extend(self.sum_minor.to_be_bytes());
        message.extend(self.content);
        message.extend(self.previous);
        message.extend(self.sealed_at.timestamp_micros().to_be_bytes());
        message.extend(self.public_key);
        message
    }

    /// The first instant after the day: no transfer belongs to it any more that is decided from now on.
    pub fn end(&self) -> DateTime<Utc> {
        start_of(self.day.succ_opt().unwrap_or(self.day))
    }

    /// The hash that the next head names.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.message()).into()
    }

    pub(super) fn is_signed(&self) -> bool {
        is_signed_by(&self.public_key, &self.message(), &self.signature)
    }
}

/// The columns of a head, before they are looked at.
pub(super) struct HeadColumns {
    pub(super) day: String,
    transfers: i64,
    sum_minor: i64,
    content: Vec<u8>,
    previous: Vec<u8>,
    sealed_at: Micros,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

columns!(both HeadColumns: day, transfers, sum_minor, content, previous, sealed_at, public_key, signature);
paged!(HeadColumns: HEADS, text day);

impl HeadColumns {
    /// `None`: columns of a shape that was never written.
    pub(super) fn head(&self) -> Option<DayHead> {
        Some(DayHead {
            day: self.day.parse().ok()?,
            transfers: self.transfers,
            sum_minor: self.sum_minor,
            content: self.content.as_slice().try_into().ok()?,
            previous: self.previous.as_slice().try_into().ok()?,
            sealed_at: DateTime::from_timestamp_micros(self.sealed_at.0)?,
            public_key: self.public_key.as_slice().try_into().ok()?,
            signature: self.signature.clone(),
        })
    }
}

/// The last day that may be sealed at `now`: it has been over for so long.
pub fn last_over(now: DateTime<Utc>, seal_after: TimeDelta) -> Option<NaiveDate> {
    day_of(now - seal_after).pred_opt()
}

/// Days that are over and have no head.
struct Due {
    first: NaiveDate,
    until: NaiveDate,
    last: Option<DayHead>,
    tallies: Tallies,
}

impl Store {
    /// The first and the last day that have been over for so long and are not sealed; `None`: there is none.
    ///
    /// # Errors
    /// As of [`Store::seal_days`].
    pub async fn days_due(
        &self,
        now: DateTime<Utc>,
        seal_after: TimeDelta,
    ) -> Result<Option<(NaiveDate, NaiveDate)>, StoreError> {
        Ok(self.due(now, seal_after).await?.map(|due| (due.first, due.until)))
    }

    async fn due(&self, now: DateTime<Utc>, seal_after: TimeDelta) -> Result<Option<Due>, StoreError> {
        let Some(until) = last_over(now, seal_after) else { return Ok(None) };
        let last = self.last_head().await?;
        if last.as_ref().is_some_and(|last| !last.is_signed()) {
            return Err(StoreError::corrupt("day_heads", "the signature of the last sealed day is not good"));
        }
        let after = last.as_ref().map(|last| last.day);
        if after.is_some_and(|day| day >= until) {
            return Ok(None);
        }
        let tallies = self.tallies(after).await?;
        let first = after.map_or_else(|| tallies.0.keys().next().copied(), |day| day.checked_add_days(Days::new(1)));
        Ok(first.filter(|first| *first <= until).map(|first| Due { first, until, last, tallies }))
    }

    /// Seals the days that have been over for so long and are not sealed: from the day of the first transfer of all, or
    /// after the last sealed day. Where another node is faster, its heads stand.
    ///
    /// # Errors
    /// The database fails, or the last head is not what was signed; what was sealed before stays sealed.
    pub async fn seal_days(
        &self,
        key: &HeadKey,
        now: DateTime<Utc>,
        seal_after: TimeDelta,
    ) -> Result<Vec<DayHead>, StoreError> {
        let Some(Due { first, until, last, tallies }) = self.due(now, seal_after).await? else { return Ok(Vec::new()) };
        let (mut previous, mut sealed) = (last.map_or(NONE_BEFORE, |last| last.hash()), Vec::new());
        for day in first.iter_days().take_while(|day| *day <= until) {
            let tally = tallies.0.get(&day).cloned().unwrap_or_default();
            let head = DayHead::sealed(day, &tally, previous, now, key);
            if !self.add_head(&head).await? {
                break;
            }
            previous = head.hash();
            sealed.push(head);
        }
        Ok(sealed)
    }

    /// The sums of the days after this one; of all days if there is none.
    async fn tallies(&self, after: Option<NaiveDate>) -> Result<Tallies, StoreError> {
        let mut tallies = Tallies::default();
        let mut reader = AuditReader::begin(self).await?;
        let mut pages = match after {
            Some(day) => Pages::<DayTransfer>::from(Key::Id(RawId(earliest_id(day).as_bytes().to_vec()))),
            None => Pages::all(),
        };
        while let Some(page) = pages.next(&mut reader).await? {
            for row in page {
                tallies.add(&row.id, row.at_us, row.amount_minor, &row.hash);
            }
        }
        if let Some(after) = after {
            tallies.0.retain(|day, _| *day > after);
        }
        Ok(tallies)
    }

    /// The head of the last sealed day.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn last_head(&self) -> Result<Option<DayHead>, StoreError> {
        let columns = row!(self.reader(), HeadColumns, LAST, [])?;
        let unread = || StoreError::corrupt("day_heads", "columns of a shape that is never written");
        columns.map(|columns| columns.head().ok_or_else(unread)).transpose()
    }

    /// `false`: another node was first.
    async fn add_head(&self, head: &DayHead) -> Result<bool, StoreError> {
        let DayHead { transfers, sum_minor, content, previous, sealed_at, public_key, signature, .. } = head;
        let day = head.day.to_string();
        let added = execute!(
            self.writer(),
            ADD,
            [day, *transfers, *sum_minor, content, previous, *sealed_at, public_key, &signature[..]]
        )?;
        Ok(added == 1)
    }
}

/// No transfer of a day after this one has a smaller identifier.
fn earliest_id(day: NaiveDate) -> Uuid {
    let from = start_of(day) - TimeDelta::days(DECIDED_AFTER_DAYS_MAX);
    Uuid::from_u128(u128::from(from.timestamp_millis().unsigned_abs()) << 80)
}
