//! The leases of nodes that post requests, and the results of posts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Forward, add_sms, columns_of};
use crate::domain::{ForwardState, OutboundSms};
use crate::store::db::{OneOf, Sql, execute, one, rows};
use crate::store::value::Instant;
use crate::store::{Lease, Store, StoreError};

const NEXT: &str = "SELECT min(next_at) FROM forwards WHERE state = 'waiting' AND name = $1";
/// An attempt is counted when it begins, so that one that ends the program is counted too.
const LEASE: Sql = Sql {
    sqlite: columns_of!(
        "UPDATE forwards SET next_at = $1, lease = $2, attempts = attempts + 1
        WHERE id IN (SELECT id FROM forwards WHERE state = 'waiting' AND name = $5 AND next_at <= $3
            ORDER BY next_at LIMIT $4)
            AND state = 'waiting' AND next_at <= $3
        RETURNING",
        ""
    ),
    postgres: columns_of!(
        "WITH due (due_id) AS (SELECT id FROM forwards WHERE state = 'waiting' AND name = $5 AND next_at <= $3
            ORDER BY next_at LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE forwards SET next_at = $1, lease = $2, attempts = attempts + 1
        FROM due WHERE id = due_id
        RETURNING",
        ""
    ),
};
const HASTEN: &str = "UPDATE forwards SET next_at = $2 WHERE state = 'waiting' AND name = $1 AND next_at > $3";
const END: &str = "UPDATE forwards SET state = $3, answer = $4, ended_at = $5, lease = NULL
    WHERE id = $1 AND lease = $2 AND state = 'waiting'";
const PUT_OFF: &str = "UPDATE forwards SET next_at = $3, answer = $4, lease = NULL
    WHERE id = $1 AND lease = $2 AND state = 'waiting'";

/// The end of a request: done or failed.
#[derive(Debug, Clone)]
pub struct ForwardEnd {
    pub state: ForwardState,
    /// The answer of the other system, or the reason why there was none.
    pub answer: Option<String>,
    /// The answer to the phone, if it is sent one.
    pub sms: Option<OutboundSms>,
}

impl Store {
    /// Takes up to `most` due requests of this name until the lease ends. No other node gets them before.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn lease_forwards(&self, name: &str, lease: Lease, most: u32) -> Result<Vec<Forward>, StoreError> {
        let Lease { id, now, until } = lease;
        if let OneOf::Sqlite(_) = self.database {
            // Checked on a reading connection first, because there is hardly ever one and SQLite has one writer.
            let (next,) = one!(self.reader(), (Option<Instant>,), NEXT, [name])?;
            if next.is_none_or(|next| next.0 > now) {
                return Ok(Vec::new());
            }
        }
        rows!(self.writer(), Forward, LEASE, [until, id, now, most, name])
    }

    /// Makes requests of this name due whose time is after `latest`. Returns their number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hasten_forwards(
        &self,
        name: &str,
        now: DateTime<Utc>,
        latest: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        execute!(self.writer(), HASTEN, [name, now, latest])
    }

    /// Ends a request, and puts the answer to its phone into the outbox, in one transaction. Returns `false` if the lease
    /// has ended or staff have settled the request; then nothing is written.
    ///
    /// # Errors
    /// The database fails; nothing was written.
    pub async fn end_forward(
        &self,
        id: Uuid,
        lease: Uuid,
        end: &ForwardEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        let written = execute!(transaction.connection(), END, [id, lease, end.state, &end.answer, now])? == 1;
        if written {
            add_sms(transaction.connection(), end.sms.as_ref()).await?;
            transaction.commit().await?;
            self.handover.tell();
        }
        Ok(written)
    }

    /// Postpones a request whose attempt failed. Returns `false` if the lease has ended or staff have settled it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_off_forward(
        &self,
        id: Uuid,
        lease: Uuid,
        next_at: DateTime<Utc>,
        answer: &str,
    ) -> Result<bool, StoreError> {
        Ok(execute!(self.writer(), PUT_OFF, [id, lease, next_at, answer])? == 1)
    }
}
