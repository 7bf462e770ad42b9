//! Entries that messages, transfers and SMS are searched by, in segments. A segment is written once, in the order of its
//! key, and is seen when its row in `search_segments` is written.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::sweeps::hold;
use crate::store::db::{InsertInto, Sql, columns, execute, insert, one, row, rows};
use crate::store::{Store, StoreError, SweepMark};

/// The first segment of a lookup; each further step looks up more of them.
const FIRST_STEP: i64 = 4;
const LARGER: i64 = 4;
const STEP_MAX: i64 = 1_024;

/// One value in the segments `$1 < id <= $2`, the newest first. On PostgreSQL each segment is looked up alone, whatever
/// the server believes of the sizes of the tables.
const FIND: Sql = Sql {
    sqlite: "SELECT e.at AS at, e.subject AS subject FROM search_segments s CROSS JOIN search_entries e
    WHERE s.id > $1 AND s.id <= $2 AND s.last_at >= $4 AND s.first_at <= $5
        AND e.segment = s.id AND e.value = $3 AND e.at >= $4 AND (e.at, e.subject) < ($5, $6)
    ORDER BY e.at DESC, e.subject DESC LIMIT $7",
    postgres: "SELECT e.at, e.subject FROM search_segments s CROSS JOIN LATERAL (
        SELECT f.at, f.subject FROM search_entries f
        WHERE f.segment = s.id AND f.value = $3 AND f.at >= $4 AND (f.at, f.subject) < ($5, $6)
        ORDER BY f.at DESC, f.subject DESC LIMIT $7) e
    WHERE s.id > $1 AND s.id <= $2 AND s.last_at >= $4 AND s.first_at <= $5
    ORDER BY e.at DESC, e.subject DESC LIMIT $7",
};
const LATEST: &str = "SELECT max(last_at) AS last_at FROM search_segments WHERE id <= $1";
const LAST: &str = "SELECT id, transfers_to, outbox_to, messages_to FROM search_segments ORDER BY id DESC LIMIT 1";
const CLEAR: &str = "DELETE FROM search_entries WHERE segment = $1";
const END: &str = "INSERT INTO search_segments (id, entries, first_at, last_at, transfers_to, outbox_to, messages_to)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

static ADD: LazyLock<InsertInto> =
    LazyLock::new(|| InsertInto::table("search_entries", "segment, value, at, subject", ""));

/// One value that a message, a transfer or an SMS is searched by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchEntry {
    pub value: String,
    pub at: DateTime<Utc>,
    pub subject: String,
}

/// Rows before these marks are in the segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchMarks {
    /// Number of the last segment; 0 if there is none.
    pub segment: i64,
    /// Transfers with a smaller identifier.
    pub transfers: Uuid,
    /// SMS with a smaller identifier.
    pub outbox: Uuid,
    /// Messages that moved nothing and were received earlier.
    pub messages: DateTime<Utc>,
}

impl Default for SearchMarks {
    fn default() -> Self {
        Self { segment: 0, transfers: Uuid::nil(), outbox: Uuid::nil(), messages: DateTime::UNIX_EPOCH }
    }
}

/// A value, the times to look in, and the number of results.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    pub value: &'a str,
    /// Earliest time.
    pub from: DateTime<Utc>,
    /// Results come before this time and subject.
    pub before: (DateTime<Utc>, &'a str),
    pub most: u32,
}

struct Last {
    id: i64,
    transfers_to: Uuid,
    outbox_to: Uuid,
    messages_to: DateTime<Utc>,
}

columns!(in "search_segments", Last: id, transfers_to, outbox_to, messages_to);

struct Latest {
    last_at: Option<DateTime<Utc>>,
}

columns!(in "search_segments", Latest: last_at);

/// The time and the subject of an entry.
struct Place {
    at: DateTime<Utc>,
    subject: String,
}

columns!(in "search_entries", Place: at, subject);

impl Store {
    /// Returns the marks of the last segment.
    ///
    /// # Errors
    /// The database fails.
    pub async fn search_marks(&self) -> Result<SearchMarks, StoreError> {
        let last = row!(self.reader(), Last, LAST, [])?;
        Ok(last.map_or_else(SearchMarks::default, |last| SearchMarks {
            segment: last.id,
            transfers: last.transfers_to,
            outbox: last.outbox_to,
            messages: last.messages_to,
        }))
    }

    /// Returns time and subject of the entries with this value in the segments up to this one, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn search(&self, last: i64, sought: Sought<'_>) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
        let (Sought { value, from, before: (at, subject), most }, mut found) = (sought, Vec::new());
        let (mut high, mut step, wanted) = (last, FIRST_STEP, usize::try_from(most).unwrap_or(usize::MAX));
        while high > 0 {
            let low = (high - step).max(0);
            let more = rows!(self.reader(), Place, FIND, [low, high, value, from, at, subject, most])?;
            found.extend(more.into_iter().map(|place| (place.at, place.subject)));
            found.sort_unstable_by(|one, other| other.cmp(one));
            found.truncate(wanted);
            (high, step) = (low, (step * LARGER).min(STEP_MAX));
            // Segments overlap a little, because clocks of nodes differ.
            if found.len() == wanted
                && let Some((oldest, _)) = found.last()
                && one!(self.reader(), Latest, LATEST, [high])?.last_at.is_none_or(|latest| latest < *oldest)
            {
                break;
            }
        }
        Ok(found)
    }

    /// Deletes what an interrupted writer has left of this segment. Returns whether this node still has the lease.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_segment(&self, mark: &SweepMark, segment: i64) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        if !hold(transaction.connection(), mark).await? {
            return Ok(false);
        }
        execute!(transaction.connection(), CLEAR, [segment])?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Writes entries of a segment, in the order of values. They are not seen yet. Returns whether this node still has
    /// the lease.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_to_segment(
        &self,
        mark: &SweepMark,
        segment: i64,
        entries: &[SearchEntry],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        if !hold(transaction.connection(), mark).await? {
            return Ok(false);
        }
        let entries: Vec<(i64, &SearchEntry)> = entries.iter().map(|entry| (segment, entry)).collect();
        insert!(transaction.connection(), ADD, &entries, row => [row.0, &row.1.value, row.1.at, &row.1.subject])?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Makes a segment seen. `times` are the earliest and the latest of its entries.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_segment(
        &self,
        mark: &SweepMark,
        marks: SearchMarks,
        entries: usize,
        times: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        if !hold(transaction.connection(), mark).await? {
            return Ok(false);
        }
        let SearchMarks { segment, transfers, outbox, messages } = marks;
        let entries = i64::try_from(entries).unwrap_or(i64::MAX);
        let (first, last) = times.unzip();
        execute!(transaction.connection(), END, [segment, entries, first, last, transfers, outbox, messages])?;
        transaction.commit().await?;
        Ok(true)
    }
}
