//! Holds. Orders read them as [`Hold`], whose words this program knows; lists show each word as it is stored.

use std::convert::identity;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{AccountKey, Amount, Cause, Hold, LoadedRows, ReasonCode, Stored};
use crate::store::db::{Connection, InsertInto, Sql, columns, insert, one, row, rows};
use crate::store::value::Keys;
use crate::store::{Store, StoreError};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account, amount_minor, state, reason, cause, placed_at, expires_at, ended_cause, ended_at, transfer,
                posted_minor
            FROM holds WHERE ",
            $rest
        )
    };
}

const ONE: &str = select!("id = $1");
const BY_ID: Sql =
    Sql { sqlite: select!("id IN (SELECT unhex(value) FROM json_each($1))"), postgres: select!("id = ANY($1)") };
/// Holds of one account, or of all.
const PENDING: &str = select!("state = 'pending' AND ($1 = '' OR account = $1) ORDER BY placed_at, id LIMIT $2");
const DUE: &str =
    select!("state = 'pending' AND expires_at <= $1 AND (expires_at, id) > ($2, $3) ORDER BY expires_at, id LIMIT $4");
const COUNT: &str = "SELECT count(*) FROM holds WHERE state = 'pending' AND ($1 = '' OR account = $1)";

static WRITE: LazyLock<InsertInto> = LazyLock::new(|| {
    let columns =
        "id, account, amount_minor, state, reason, cause, placed_at, expires_at, ended_cause, ended_at, transfer,
        posted_minor";
    let while_pending = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_cause = excluded.ended_cause,
        ended_at = excluded.ended_at, transfer = excluded.transfer, posted_minor = excluded.posted_minor
        WHERE holds.state = 'pending'";
    InsertInto::table("holds", columns, while_pending)
});

columns!(
    in "holds", Hold: id, account, state, reason, cause, placed_at, expires_at;
    amount = identity(amount_minor), ended = Option::zip(ended_cause, ended_at), posted = Option::zip(transfer, posted_minor)
);

/// A pending hold, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldListed {
    pub id: Uuid,
    pub account: Stored<AccountKey>,
    pub amount: Amount,
    pub reason: Stored<ReasonCode>,
    /// Cause of the hold.
    pub cause: Stored<Cause>,
    pub placed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

columns!(
    in "holds", HoldListed: id, account, reason, cause, placed_at, expires_at; amount = identity(amount_minor)
);

impl HoldListed {
    /// The account, if this program knows all words of the hold, so that it may decide about it.
    pub fn decidable(&self) -> Option<AccountKey> {
        self.reason.known().and(self.cause.known()).and(self.account.known())
    }
}

pub(in crate::store) async fn load(
    connection: Connection<'_>,
    ids: &[Uuid],
    loaded: &mut LoadedRows,
) -> Result<(), StoreError> {
    if !ids.is_empty() {
        let holds = rows!(connection, Hold, BY_ID, [Keys(ids.to_vec())])?;
        loaded.holds.extend(holds.into_iter().map(|hold| (hold.id, hold)));
    }
    Ok(())
}

pub(in crate::store) async fn write(connection: Connection<'_>, holds: &[Hold]) -> Result<(), StoreError> {
    insert!(connection, WRITE, holds, hold => [
        hold.id,
        &hold.account,
        hold.amount,
        hold.state,
        hold.reason,
        &hold.cause,
        hold.placed_at,
        hold.expires_at,
        hold.ended.as_ref().map(|(cause, _)| cause),
        hold.ended.as_ref().map(|(_, at)| *at),
        hold.posted.map(|(transfer, _)| transfer),
        hold.posted.map(|(_, amount)| amount),
    ])
}

impl Store {
    /// Returns the hold, or `None` if it does not exist.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn hold(&self, id: Uuid) -> Result<Option<Hold>, StoreError> {
        row!(self.reader(), Hold, ONE, [id])
    }

    /// Returns pending holds of one account or of all, the oldest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn pending_holds(&self, account: Option<&AccountKey>, most: u32) -> Result<Vec<HoldListed>, StoreError> {
        let name = account.map(ToString::to_string).unwrap_or_default();
        rows!(self.reader(), HoldListed, PENDING, [&name, most])
    }

    /// Counts pending holds of one account or of all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pending_holds_count(&self, account: Option<&AccountKey>) -> Result<i64, StoreError> {
        let name = account.map(ToString::to_string).unwrap_or_default();
        one!(self.reader(), (i64,), COUNT, [&name]).map(|(count,)| count)
    }

    /// Returns pending holds that have expired at `now`, those after `last` in the order of their ends.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn due_holds(
        &self,
        now: DateTime<Utc>,
        last: Option<&HoldListed>,
        most: u32,
    ) -> Result<Vec<HoldListed>, StoreError> {
        let (end, id) = last.map_or((DateTime::UNIX_EPOCH, Uuid::nil()), |last| (last.expires_at, last.id));
        rows!(self.reader(), HoldListed, DUE, [now, end, id, most])
    }
}
