//! The life of numbers: what a sweep reads, page by page, and what it and staff record.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use super::database::{Database, Store};
use crate::domain::validity::Life;
use crate::domain::{Account, AccountKey, AccountState, Change, OutboundSms, Recorded};

/// Names of subscribers' accounts lie between these, in the order of octets.
const SUBSCRIBERS: (&str, &str) = ("subscriber:", "subscriber;");

// The same text on both databases. Only what is about to end is asked for its warnings, and only what came back, or into
// use, for its last transfer: the top-up that brought it there, but where more followed before the sweep.
pub(super) const PAGE: &str = "SELECT a.name, a.balance_cents, a.state, a.valid_until, a.language, a.opened_at,
        a.held_cents, a.version,
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
pub(super) const EVENTS: &str = "SELECT at, from_state, to_state, why, by, valid_until FROM account_events
    WHERE account = $1 ORDER BY number DESC LIMIT $2";
pub(super) const WARNINGS: &str = "SELECT at, days, valid_until, outbox FROM account_warnings
    WHERE account = $1 ORDER BY valid_until DESC, days LIMIT $2";
/// A lease or an end that lies further ahead than any of ours was written by a clock that was wrong.
pub(super) const TAKE: &str = "INSERT INTO sweeps (name, holder, until) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE (sweeps.holder = $2 OR sweeps.until <= $4 OR sweeps.until > $5)
        AND (sweeps.finished_at IS NULL OR sweeps.cursor IS NOT NULL OR sweeps.finished_at <= $6
            OR sweeps.finished_at > $4)
    RETURNING cursor";
pub(super) const HOLD: &str = "UPDATE sweeps SET until = $3, cursor = $4, finished_at = coalesce($5, finished_at)
    WHERE name = $1 AND holder = $2";
pub(super) const SET: &str = "UPDATE accounts SET state = $2, valid_until = $3, version = version + 1 WHERE name = $1";
pub(super) const ADD_EVENT: &str =
    "INSERT INTO account_events (account, number, at, from_state, to_state, why, by, valid_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, number) DO NOTHING";
pub(super) const ADD_WARNING: &str = "INSERT INTO account_warnings (account, valid_until, days, at, outbox)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, valid_until, days) DO NOTHING";
pub(super) const ADD_SMS: &str =
    "INSERT INTO outbox (id, message_key, link, sender, recipient, text, created_at, due_at, state, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 'open', 0)";

/// Those that nobody is sending at the moment.
pub(super) const PUT_OFF: &str = "UPDATE outbox SET due_at = $1
    WHERE state = 'open' AND link = $2 AND due_at < $1 AND (lease IS NULL OR due_at <= $3)
        AND message_key >= 'warning:' AND message_key < 'warning;'";

/// How the keys of warnings begin, where those of replies name the message that they answer.
pub const WARNING_KEYS: &str = "warning:";

/// A number as a sweep finds it.
#[derive(Debug, Clone)]
pub struct Swept {
    /// Its account.
    pub account: Account,
    /// Which version of the account this is; what is recorded about it is dropped where there is another by then.
    pub version: i64,
    /// How many changes are recorded.
    pub events: i64,
    /// The last of them.
    pub recorded: Option<Recorded>,
    /// The instant of the last top-up; only where it ended a receive-only, or brought an account into use that staff opened.
    pub topped_up_at: Option<DateTime<Utc>>,
    /// Of the warnings about this end of validity that were sent, the fewest days before it.
    pub warned_days: Option<u16>,
}

/// A change in the life of a number, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// When the state changed.
    pub at: DateTime<Utc>,
    /// Before.
    pub from: Life,
    /// After.
    pub to: Life,
    /// A word of the program's, or what staff gave as their reason.
    pub why: String,
    /// `mbush`, or the name that staff gave.
    pub by: String,
    /// The end of validity after it.
    pub valid_until: Option<DateTime<Utc>>,
}

/// Who changes what nobody asked for.
const BY: &str = "mbush";

impl AccountEvent {
    /// A change that came by itself or by a top-up, with the end of validity after it.
    pub fn of(change: &Change, valid_until: Option<DateTime<Utc>>) -> Self {
        let Change { at, from, to, why } = *change;
        Self { at, from, to, why: why.as_str().to_owned(), by: BY.to_owned(), valid_until }
    }
}

/// A warning that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountWarning {
    /// When it was put into the outbox.
    pub at: DateTime<Utc>,
    /// How many days before the end it is for.
    pub days: u16,
    /// The end of validity that it is about.
    pub valid_until: DateTime<Utc>,
    /// Its row of the outbox.
    pub outbox: Uuid,
}

/// The right of one node to make a sweep, which goes to another when it is not renewed.
#[derive(Debug, Clone, Copy)]
pub struct SweepLease {
    /// Which sweep.
    pub name: &'static str,
    /// Who holds it.
    pub holder: Uuid,
}

/// How a sweep is taken.
#[derive(Debug, Clone, Copy)]
pub struct SweepTerms {
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when nobody else takes it over.
    pub until: DateTime<Utc>,
    /// A sweep that was finished after this instant is not made again.
    pub finished_before: DateTime<Utc>,
}

/// How far a sweep has come.
#[derive(Debug, Clone)]
pub struct SweepMark {
    /// Whose it is; with another holder nothing is written.
    pub lease: SweepLease,
    /// Until when nobody else takes it over.
    pub until: DateTime<Utc>,
    /// The last account that was seen; `None`: the next sweep begins anew.
    pub cursor: Option<String>,
    /// When it saw the last account of all.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What is recorded about one number.
#[derive(Debug, Clone)]
pub struct LifeRow {
    /// Its account.
    pub account: AccountKey,
    /// The version that was seen.
    pub version: i64,
    /// What staff set: the state and the end of validity from now on.
    pub set: Option<(AccountState, Option<DateTime<Utc>>)>,
    /// How many changes were recorded before.
    pub events_before: i64,
    /// Changes, in their order.
    pub events: Vec<AccountEvent>,
    /// A warning and its days before the end.
    pub warning: Option<(u16, DateTime<Utc>, OutboundSms)>,
}

/// What came of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LifeWritten {
    /// The sweep is still this node's; if not, nothing was written.
    pub held: bool,
    /// Numbers of which something was recorded; another's account had changed since it was read.
    pub accounts: usize,
    /// Changes that were recorded.
    pub events: usize,
    /// Warnings that were put into the outbox.
    pub warnings: usize,
}

impl Store {
    /// The next subscribers after `cursor` in the order of names, as of the last commit; on a connection that only reads.
    /// Ends of validity before `horizon` may have had warnings.
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

    /// One number as a sweep would find it.
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
        match &self.database {
            Database::Sqlite(store) => store.sweep_range(from, before, horizon, most).await,
            Database::Postgres(store) => store.sweep_range(from, before, horizon, most).await,
        }
    }

    /// Takes a sweep that nobody is at and that is due. `Some`: it is this node's; the cursor is where the last one who
    /// was at it had come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_sweep(&self, lease: SweepLease, terms: SweepTerms) -> Result<Option<Option<String>>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.take_sweep(lease, terms).await,
            Database::Postgres(store) => store.take_sweep(lease, terms).await,
        }
    }

    /// Records changes and puts warnings into the outbox, in one transaction, and moves the mark of the sweep with it.
    ///
    /// # Errors
    /// The database fails; nothing was recorded then.
    pub async fn record_life(&self, mark: Option<&SweepMark>, rows: &[LifeRow]) -> Result<LifeWritten, StoreError> {
        let written = match &self.database {
            Database::Sqlite(store) => store.record_life(mark, rows).await?,
            Database::Postgres(store) => store.record_life(mark, rows).await?,
        };
        if written.warnings > 0 {
            self.tell_of_replies();
        }
        Ok(written)
    }

    /// Puts off the warnings of this link that did not go out yet until this instant; how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_off_warnings(
        &self,
        link: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.put_off_warnings(link, now, until).await,
            Database::Postgres(store) => store.put_off_warnings(link, now, until).await,
        }
    }

    /// The changes in the life of a number, the newest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn account_events(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountEvent>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.account_events(key, most).await,
            Database::Postgres(store) => store.account_events(key, most).await,
        }
    }

    /// The warnings that a number was sent, those of the newest end of validity first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn account_warnings(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountWarning>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.account_warnings(key, most).await,
            Database::Postgres(store) => store.account_warnings(key, most).await,
        }
    }
}

/// The smallest name above this one that both databases know.
fn above(name: &str) -> String {
    format!("{name}\u{1}")
}

/// Days of a row.
pub(super) fn days(table: &'static str, days: i64) -> Result<u16, StoreError> {
    u16::try_from(days).map_err(|_| StoreError::corrupt(table, format!("{days} days")))
}
