//! The outbox: leases and final states of replies and reports, and the number of waiting ones.

use std::convert::identity;

use chrono::{DateTime, Utc};

use crate::domain::{OutboundSms, Report};
use crate::store::db::{OneOf, Sql, columns, execute, on, one, rows};
use crate::store::value::{Instant, Keys};
use crate::store::{Finished, Lease, Leased, Oldest, OutboxRow, Store, StoreError};

/// Limit of the count; if more wait, this number is reported.
pub const COUNTED_MAX: u32 = 10_000;

/// On PostgreSQL, rows that another dispatcher is leasing are skipped.
const LEASE: Sql = Sql {
    sqlite: "UPDATE outbox SET due_at = $1, lease = $2
    WHERE id IN (SELECT id FROM outbox WHERE state = 'open' AND link = $5 AND due_at <= $3 ORDER BY due_at LIMIT $4)
        AND state = 'open' AND due_at <= $3
    RETURNING id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report",
    postgres: "WITH due AS (SELECT id FROM outbox WHERE state = 'open' AND link = $5 AND due_at <= $3
        ORDER BY due_at LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE outbox SET due_at = $1, lease = $2 FROM due WHERE outbox.id = ANY(ARRAY[due.id])
    RETURNING outbox.id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report",
};
const EXPIRE: &str = "UPDATE outbox SET state = 'failed', finished_at = $1, lease = NULL,
        last_error = coalesce(last_error || '; ', '') || 'too old to be of use'
    WHERE state = 'open' AND due_at <= $1 AND created_at < CASE WHEN report IS NULL THEN $2 ELSE $3 END";
const HASTEN: &str = "UPDATE outbox SET due_at = $1 WHERE state = 'open' AND due_at > $2";
const LAST_DUE: &str = "SELECT max(due_at) FROM outbox WHERE state = 'open'";
const NEXT_DUE: Sql = Sql {
    sqlite: "SELECT min(due_at) FROM outbox
    WHERE state = 'open' AND link IN (SELECT value FROM json_each($1))",
    postgres: "SELECT min(due_at) FROM outbox WHERE state = 'open' AND link = ANY($1)",
};
const OF_MESSAGE: &str =
    "SELECT id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report,
        coalesce(receipt, state) AS state, last_error
    FROM outbox WHERE message_key = $1 ORDER BY id";
/// Reads at most [`COUNTED_MAX`] rows of an index.
const DUE: &str = "SELECT count(*), min(created_at) FROM
    (SELECT created_at FROM outbox WHERE link = $1 AND state = 'open' AND (due_at <= $2 OR last_error IS NOT NULL)
    ORDER BY due_at LIMIT $3) AS due";

/// The waiting replies of a link: due now, or to be retried later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// At most [`COUNTED_MAX`].
    pub replies: u32,
    /// Time at which the oldest of them was written.
    pub since: Option<DateTime<Utc>>,
}

columns!(
    in "outbox", OutboundSms: id, message_key, link, text, created_at;
    from = identity(sender), to = identity(recipient), to_source = identity(recipient_source)
);

/// Final states of replies that a batch writes, sorted by the identifiers of the replies, which is the order of locks.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Ended {
    pub(in crate::store) finished: Vec<Finished>,
    /// The time that is written as the time of the ending.
    pub(in crate::store) now: DateTime<Utc>,
}

impl Ended {
    pub(in crate::store) fn add(&mut self, finished: Vec<Finished>, now: DateTime<Utc>) {
        self.finished.extend(finished);
        self.finished.sort_unstable_by_key(|(id, ..)| *id);
        self.now = now;
    }
}

struct LeasedRow {
    sms: OutboundSms,
    report: Option<Report>,
    attempts: u32,
}

columns!(in "outbox", LeasedRow: report, attempts; ..sms);
columns!(in "outbox", OutboxRow: report, attempts, state, last_error; ..sms);

impl Store {
    /// Leases up to `most` due replies of this link until `until`, the oldest first. No other dispatcher gets them before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lease_outbox(&self, link: &str, lease: Lease, most: u32) -> Result<Vec<Leased>, StoreError> {
        let Lease { id: lease, now, until } = lease;
        let leased = |LeasedRow { sms, report, attempts }| Leased { sms, report, attempts, lease };
        let mut due = rows!(self.writer(), LeasedRow, LEASE, [until, lease, now, most, link])?;
        due.sort_by_key(|row| row.sms.created_at);
        Ok(due.into_iter().map(leased).collect())
    }

    /// Gives up the replies and reports that were written before `oldest` and are not leased.
    ///
    /// # Errors
    /// The database fails.
    pub async fn expire_outbox(&self, now: DateTime<Utc>, oldest: Oldest) -> Result<u64, StoreError> {
        execute!(self.writer(), EXPIRE, [now, oldest.reply, oldest.report])
    }

    /// Makes replies due whose due time is after `latest`. Returns their number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hasten_outbox(&self, now: DateTime<Utc>, latest: DateTime<Utc>) -> Result<u64, StoreError> {
        if let OneOf::Sqlite(_) = self.database {
            // Checked on a reading connection first, because there is hardly ever one and SQLite has one writer.
            let (last,) = one!(self.reader(), (Option<Instant>,), LAST_DUE, [])?;
            if last.is_none_or(|last| last.0 <= latest) {
                return Ok(0);
            }
        }
        execute!(self.writer(), HASTEN, [now, latest])
    }

    /// Writes the states of leased replies. A reply whose lease belongs to another dispatcher now is left alone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_outbox(&self, finished: &[Finished], now: DateTime<Utc>) -> Result<(), StoreError> {
        if finished.is_empty() {
            return Ok(());
        }
        let mut batch = self.begin().await?;
        let mut ended = Ended::default();
        ended.add(finished.to_vec(), now);
        batch.write_ended(&ended).await?;
        // A small write may find room on a full disk. That does not tell that messages can be stored.
        on!(batch.tuned, batch => batch.commit().await)
    }

    /// Returns the time at which the next open reply of these links is due, or `None` if there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_outbox_due(&self, links: &[String]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let links: Keys<&str> = links.iter().map(String::as_str).collect();
        let (due,) = one!(self.reader(), (Option<Instant>,), NEXT_DUE, [links])?;
        Ok(due.map(|due| due.0))
    }

    /// Returns the replies to this message.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outbox_of(&self, message_key: &str) -> Result<Vec<OutboxRow>, StoreError> {
        rows!(self.reader(), OutboxRow, OF_MESSAGE, [message_key])
    }

    /// Returns the replies and reports of a link that wait at `now`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outbox_due(&self, link: &str, now: DateTime<Utc>) -> Result<Due, StoreError> {
        let (replies, since) = one!(self.reader(), (i64, Option<Instant>), DUE, [link, now, COUNTED_MAX])?;
        let replies = u32::try_from(replies).unwrap_or(COUNTED_MAX);
        Ok(Due { replies, since: since.map(|since| since.0) })
    }
}
