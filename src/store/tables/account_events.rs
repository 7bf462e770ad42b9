//! Changes in the life of numbers, recorded by a sweep, by staff, or by a batch if a top-up brings a number back.

use std::convert::identity;

use chrono::{DateTime, Utc};

use crate::domain::validity::Life;
use crate::domain::{AccountKey, Change, LoadedRows, Needs, Recorded};
use crate::store::db::{Connection, Sql, columns, execute, rows};
use crate::store::value::Keys;
use crate::store::{Store, StoreError};

const EVENTS: &str = "SELECT at, from_state, to_state, why, by, valid_until FROM account_events
    WHERE account = $1 ORDER BY number DESC LIMIT $2";
const ADD_EVENT: &str = "INSERT INTO account_events (account, number, at, from_state, to_state, why, by, valid_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, number) DO NOTHING";
const LAST: Sql = Sql {
    sqlite:
        "SELECT e.account, e.number, e.to_state, e.valid_until FROM json_each($1) AS ended CROSS JOIN account_events e
        ON e.account = ended.value
            AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = ended.value)",
    postgres: "SELECT e.account, e.number, e.to_state, e.valid_until FROM account_events e
        WHERE e.account = ANY($1)
            AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = e.account)",
};

/// A change in the life of a number, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    pub at: DateTime<Utc>,
    pub from: Life,
    pub to: Life,
    /// A fixed word, or the reason that staff gave.
    pub why: String,
    /// `mbush`, or the name of the member of staff.
    pub by: String,
    /// End of validity after the change.
    pub valid_until: Option<DateTime<Utc>>,
}

/// Author of automatic changes.
const BY: &str = "mbush";

impl AccountEvent {
    /// An automatic change, with the end of validity after it.
    pub fn of(change: &Change, valid_until: Option<DateTime<Utc>>) -> Self {
        let Change { at, from, to, why } = *change;
        Self { at, from, to, why: why.as_str().to_owned(), by: BY.to_owned(), valid_until }
    }
}

columns!(
    in "account_events", AccountEvent: at, why, by, valid_until; from = identity(from_state), to = identity(to_state)
);

struct Last {
    account: AccountKey,
    number: i64,
    to_state: Life,
    valid_until: Option<DateTime<Utc>>,
}

columns!(in "account_events", Last: account, number, to_state, valid_until);

/// Adds the last recorded changes of those accounts in `loaded` whose validity is over. Every writer of such a record
/// locks the account first, as this batch does.
pub(in crate::store) async fn load(
    connection: Connection<'_>,
    wanted: &Needs,
    loaded: &mut LoadedRows,
) -> Result<(), StoreError> {
    let ended = loaded.ended(wanted.ended_before);
    if ended.is_empty() {
        return Ok(());
    }
    for Last { account, number, to_state: life, valid_until } in rows!(connection, Last, LAST, [Keys(ended)])? {
        loaded.recorded.insert(account, (number, Recorded { life, valid_until }));
    }
    Ok(())
}

/// Records a change. Returns `false` if the number already has a change with this sequence number.
pub(in crate::store) async fn add(
    connection: Connection<'_>,
    account: &AccountKey,
    number: i64,
    event: &AccountEvent,
) -> Result<bool, StoreError> {
    let AccountEvent { at, from, to, why, by, valid_until } = event;
    Ok(execute!(connection, ADD_EVENT, [account, number, *at, *from, *to, why, by, *valid_until])? == 1)
}

pub(in crate::store) async fn write(
    mut connection: Connection<'_>,
    events: &[(AccountKey, i64, AccountEvent)],
) -> Result<(), StoreError> {
    for (account, number, event) in events {
        if !add(connection.again(), account, *number, event).await? {
            return Err(StoreError::Conflict { table: "account_events" });
        }
    }
    Ok(())
}

impl Store {
    /// Returns the changes in the life of a number, the newest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn account_events(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountEvent>, StoreError> {
        rows!(self.reader(), AccountEvent, EVENTS, [key, most])
    }
}
