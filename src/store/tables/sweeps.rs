//! Sweeps over the numbers: their pages, and the records of the life of a number that they and staff write.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::accounts::AccountRow;
use super::{account_events, account_warnings};
use crate::domain::validity::Life;
use crate::domain::{Account, AccountKey, AccountState, OutboundSms, Recorded};
use crate::store::db::{Connection, Sql, columns, execute, row, rows};
use crate::store::value::Keys;
use crate::store::{AccountEvent, Store, StoreError};

/// Bounds of the names of subscribers' accounts, in the order of octets.
const SUBSCRIBERS: (&str, &str) = ("subscriber:", "subscriber;");

// Warnings are read only for accounts that are about to end. The last transfer is read only for accounts that came back
// or came into use; it is the top-up that caused this, unless others followed before the sweep.
const PAGE: &str = "SELECT a.name, a.balance_minor, a.state, a.valid_until, a.language, a.opened_at,
        a.held_minor, a.version,
        a.entries, a.head, a.last_transfer, coalesce(e.number, 0) AS events, e.to_state AS recorded_state, e.valid_until AS recorded_until,
        CASE WHEN a.valid_until < $4
            THEN (SELECT min(w.days) FROM account_warnings w WHERE w.account = a.name AND w.valid_until = a.valid_until)
        END AS warned_days,
        CASE WHEN (e.to_state = 'receive_only' AND a.valid_until > e.valid_until)
                OR (e.to_state = 'new' AND a.valid_until IS NOT NULL)
            THEN (SELECT t.at FROM transfers t WHERE t.id = a.last_transfer)
        END AS topped_up_at
    FROM accounts a LEFT JOIN account_events e
        ON e.account = a.name AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = a.name)
    WHERE a.name >= $1 AND a.name < $2 ORDER BY a.name LIMIT $3";
/// A lease or an end that is further in the future than any valid one was written with a wrong clock.
const TAKE: &str = "INSERT INTO sweeps (name, holder, until) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE (sweeps.holder = $2 OR sweeps.until <= $4 OR sweeps.until > $5)
        AND (sweeps.finished_at IS NULL OR sweeps.cursor IS NOT NULL OR sweeps.finished_at <= $6
            OR sweeps.finished_at > $4)
    RETURNING cursor";
const HOLD: &str = "UPDATE sweeps SET until = $3, cursor = $4, finished_at = coalesce($5, finished_at)
    WHERE name = $1 AND holder = $2";
const VERSIONS: Sql = Sql {
    sqlite: "SELECT name, version FROM accounts WHERE name IN (SELECT value FROM json_each($1))",
    postgres: "SELECT name, version FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE",
};
const SET: &str = "UPDATE accounts SET state = $2, valid_until = $3, version = version + 1 WHERE name = $1";
/// A number as a sweep reads it.
#[derive(Debug, Clone)]
pub struct Swept {
    pub account: Account,
    /// Version of the account that was read. A record for it is dropped if the account has another version by then.
    pub version: i64,
    /// Number of recorded changes.
    pub events: i64,
    /// The last recorded change.
    pub recorded: Option<Recorded>,
    /// Time of the last top-up, if it ended the state receive-only or brought a number into use that staff had opened.
    pub topped_up_at: Option<DateTime<Utc>>,
    /// Smallest number of days of the sent warnings about this end of validity.
    pub warned_days: Option<u16>,
}

struct Row {
    account: AccountRow,
    events: i64,
    recorded_state: Option<Life>,
    recorded_until: Option<DateTime<Utc>>,
    warned_days: Option<u16>,
    topped_up_at: Option<DateTime<Utc>>,
}

columns!(
    in "accounts", Row: events, recorded_state, recorded_until, warned_days, topped_up_at; ..account
);

impl From<Row> for Swept {
    fn from(row: Row) -> Self {
        let (account, head) = row.account.split();
        let valid_until = row.recorded_until;
        Self {
            account,
            version: head.version,
            events: row.events,
            recorded: row.recorded_state.map(|life| Recorded { life, valid_until }),
            topped_up_at: row.topped_up_at,
            warned_days: row.warned_days,
        }
    }
}

/// The right of one node to run a sweep. Another node takes it over if it is not renewed.
#[derive(Debug, Clone, Copy)]
pub struct SweepLease {
    pub name: &'static str,
    pub holder: Uuid,
}

/// Conditions for taking a sweep.
#[derive(Debug, Clone, Copy)]
pub struct SweepTerms {
    pub now: DateTime<Utc>,
    /// End of the lease.
    pub until: DateTime<Utc>,
    /// A sweep that finished after this instant is not run again.
    pub finished_before: DateTime<Utc>,
}

/// The progress of a sweep.
#[derive(Debug, Clone)]
pub struct SweepMark {
    /// Nothing is written if another node holds the lease.
    pub lease: SweepLease,
    /// End of the lease.
    pub until: DateTime<Utc>,
    /// The last account that was handled; `None`: the next sweep begins anew.
    pub cursor: Option<String>,
    /// Time at which the last of all accounts was handled.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A record about one number.
#[derive(Debug, Clone)]
pub struct LifeRow {
    pub account: AccountKey,
    /// Version of the account that was read.
    pub version: i64,
    /// The state and the end of validity that staff set.
    pub set: Option<(AccountState, Option<DateTime<Utc>>)>,
    /// Number of changes recorded before.
    pub events_before: i64,
    /// Changes in their order.
    pub events: Vec<AccountEvent>,
    /// A warning, and the number of days before the end.
    pub warning: Option<(u16, DateTime<Utc>, OutboundSms)>,
}

/// Result of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LifeWritten {
    /// This node still has the sweep. If not, nothing was written.
    pub held: bool,
    /// Numbers with a record. The others' accounts had changed since they were read.
    pub accounts: usize,
    /// Number of recorded changes.
    pub events: usize,
    /// Number of warnings that were put into the outbox.
    pub warnings: usize,
}

impl Store {
    /// Returns the subscribers after `cursor` in the order of names, as of the last commit, on a reading connection.
    /// Warnings are read only for ends of validity before `horizon`.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn sweep_page(
        &self,
        cursor: Option<&str>,
        horizon: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        let from = cursor.map_or_else(|| SUBSCRIBERS.0.to_owned(), above);
        self.sweep_range(&from, SUBSCRIBERS.1, horizon, most).await
    }

    /// Returns one number as a sweep reads it.
    ///
    /// # Errors
    /// As [`Store::sweep_page`].
    pub async fn sweep_one(&self, key: &AccountKey) -> Result<Option<Swept>, StoreError> {
        let name = key.to_string();
        Ok(self.sweep_range(&name, &above(&name), DateTime::UNIX_EPOCH, 1).await?.pop())
    }

    async fn sweep_range(
        &self,
        from: &str,
        before: &str,
        horizon: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        let found = rows!(self.reader(), Row, PAGE, [from, before, most, horizon])?;
        Ok(found.into_iter().map(Swept::from).collect())
    }

    /// Takes a sweep that is due and that no other node runs. Returns the cursor at which the last node stopped;
    /// `None`: not taken.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_sweep(&self, lease: SweepLease, terms: SweepTerms) -> Result<Option<Option<String>>, StoreError> {
        let SweepLease { name, holder } = lease;
        let SweepTerms { now, until, finished_before } = terms;
        let far = until + (until - now);
        let taken = row!(self.writer(), (Option<String>,), TAKE, [name, holder, until, now, far, finished_before])?;
        Ok(taken.map(|(cursor,)| cursor))
    }

    /// Records changes, puts warnings into the outbox, and moves the mark of the sweep, in one transaction.
    ///
    /// # Errors
    /// The database fails; nothing was recorded.
    pub async fn record_life(&self, mark: Option<&SweepMark>, rows: &[LifeRow]) -> Result<LifeWritten, StoreError> {
        let mut written = LifeWritten { held: true, ..LifeWritten::default() };
        let mut transaction = self.transaction().await?;
        // A node that has lost the sweep does not wait for accounts.
        if let Some(mark) = mark
            && !hold(transaction.connection(), mark).await?
        {
            return Ok(LifeWritten::default());
        }
        if !rows.is_empty() {
            // Locked in the order of names, as in batches. Accounts that have changed since they were read are dropped.
            let names: Keys<String> = rows.iter().map(|row| row.account.to_string()).collect();
            let versions = rows!(transaction.connection(), (String, i64), VERSIONS, [names.clone()])?;
            let versions: HashMap<String, i64> = versions.into_iter().collect();
            for (row, name) in rows.iter().zip(&names.0) {
                if versions.get(name) == Some(&row.version) {
                    record(transaction.connection(), row, &mut written).await?;
                }
            }
        }
        transaction.commit().await?;
        if written.warnings > 0 {
            self.handover.tell();
        }
        Ok(written)
    }
}

pub(super) async fn hold(connection: Connection<'_>, mark: &SweepMark) -> Result<bool, StoreError> {
    let SweepMark { lease: SweepLease { name, holder }, until, cursor, finished_at } = mark;
    Ok(execute!(connection, HOLD, [*name, *holder, *until, cursor, *finished_at])? == 1)
}

async fn record(mut connection: Connection<'_>, row: &LifeRow, written: &mut LifeWritten) -> Result<(), StoreError> {
    let account = &row.account;
    written.accounts += 1;
    if let Some((state, valid_until)) = row.set {
        execute!(connection.again(), SET, [account, state, valid_until])?;
    }
    for (number, event) in (row.events_before + 1..).zip(&row.events) {
        written.events += usize::from(account_events::add(connection.again(), account, number, event).await?);
    }
    let Some((days, valid_until, sms)) = &row.warning else { return Ok(()) };
    written.warnings += usize::from(account_warnings::add(connection, account, *days, *valid_until, sms).await?);
    Ok(())
}

/// The smallest name after this one that both databases can store.
fn above(name: &str) -> String {
    format!("{name}\u{1}")
}
