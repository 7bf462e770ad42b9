//! Statements: the entries of an account.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use super::message_fields;
use super::transfers::{cause, first_id_at, transfer_columns};
use crate::domain::{AccountKey, Amount, Receipt};
use crate::store::db::{columns, one, rows};
use crate::store::{StatementLine, Store, StoreError, value};

/// Limit of the lines of a statement in memory.
const PAGE: u32 = 1_000;
/// Largest assumed error of the clock that a transfer's identifier was made with. A search by identifier begins earlier
/// by this time.
const CLOCKS_APART: TimeDelta = TimeDelta::days(1);

macro_rules! line_columns {
    () => {
        concat!(
            transfer_columns!(),
            ", coalesce((SELECT sender FROM inbox WHERE inbox.key = transfers.message_key),
                (SELECT made_by FROM operator_actions WHERE operator_actions.id = transfers.action)) AS wanted_by,
                (SELECT fields FROM message_fields WHERE message_fields.message_key = transfers.message_key) AS fields"
        )
    };
}

/// Reads up to `$3` entries of an account, the newest first, beginning with the entry `$2` or, if it is NULL, with the
/// last one. `$1` is the account.
const ENTRIES: &str = concat!(
    "WITH RECURSIVE walk (this, step) AS (
        SELECT coalesce($2, (SELECT last_transfer FROM accounts WHERE name = $1)), 1
        UNION ALL
        SELECT CASE WHEN t.credit = $1 THEN t.credit_prior ELSE t.debit_prior END, walk.step + 1
        FROM walk CROSS JOIN transfers t WHERE t.id = walk.this AND walk.step < $3)
    SELECT ",
    line_columns!(),
    " FROM walk CROSS JOIN transfers WHERE transfers.id = walk.this ORDER BY walk.step"
);
/// The same for an account without a balance, by a range of identifiers. Identifiers begin with their time, so that the
/// transfers of all accounts within the time of the statement are read, and no others.
const SUMMED: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM transfers WHERE (credit = $1 OR debit = $1) AND transfers.id > $2 AND transfers.id < $6
        AND transfers.at >= $3 AND transfers.at < $4 ORDER BY transfers.id LIMIT $5"
);
/// The balance of such an account before an instant, from the identifiers up to that instant.
const POSITION: &str =
    "SELECT CAST(coalesce(sum(CASE WHEN credit = $1 THEN amount_minor ELSE -amount_minor END), 0) AS bigint)
    FROM transfers WHERE (credit = $1 OR debit = $1) AND at < $2 AND id < $3";

/// The row of a transfer with its author: the sender of the message, or the member of staff.
#[derive(Debug)]
struct Line {
    id: Uuid,
    kind: String,
    debit: String,
    credit: String,
    amount_minor: Amount,
    message_key: Option<String>,
    action: Option<Uuid>,
    system: Option<String>,
    at: DateTime<Utc>,
    debit_balance_minor: Option<i64>,
    credit_balance_minor: Option<i64>,
    reverses: Option<Uuid>,
    reason: Option<String>,
    wanted_by: Option<String>,
    /// JSON.
    fields: Option<String>,
}

columns!(
    in "transfers", Line: id, kind, debit, credit, amount_minor, message_key, action, system, at, debit_balance_minor,
        credit_balance_minor, reverses, reason, wanted_by, fields
);

impl Line {
    /// Returns the amount that the transfer added to this account, in minor units, and the balance after it if the row has
    /// one.
    fn brought(&self, account: &str) -> (i64, Option<i64>) {
        let minor = self.amount_minor.minor();
        if self.credit == account { (minor, self.credit_balance_minor) } else { (-minor, self.debit_balance_minor) }
    }

    /// Makes a line of this account's statement; `before_minor` is the balance before it, for rows without one.
    fn told(self, account: &str, before_minor: i64) -> Result<StatementLine, StoreError> {
        let table = "transfers";
        let (minor, told) = self.brought(account);
        Ok(StatementLine {
            id: self.id,
            receipt: Receipt::of(self.id),
            kind: value::read(table, self.kind)?,
            other: value::read(table, if self.credit == account { self.debit } else { self.credit })?,
            amount: self.amount_minor,
            minor,
            balance_minor: told.unwrap_or_else(|| before_minor.saturating_add(minor)),
            reverses: self.reverses.map(Receipt::of),
            reason: value::read(table, self.reason)?,
            cause: cause(self.message_key, self.action, self.system)?,
            wanted_by: self.wanted_by,
            fields: message_fields::read(self.fields)?,
            at: self.at,
        })
    }
}

impl Store {
    /// Returns the latest entries of an account with a balance, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement(&self, key: &AccountKey, most: u32) -> Result<Vec<StatementLine>, StoreError> {
        self.entries(key, None, most).await?.into_iter().map(|line| line.told(&key.to_string(), 0)).collect()
    }

    /// Returns entries of an account, from this one back or from the last one.
    async fn entries(&self, account: &AccountKey, first: Option<Uuid>, most: u32) -> Result<Vec<Line>, StoreError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        rows!(self.reader(), Line, ENTRIES, [account, first, most])
    }

    /// Returns a statement of a span of time, which is read page by page, the oldest entry first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement_of(&self, key: &AccountKey, span: Span) -> Result<Statement, StoreError> {
        let mut before_minor = 0;
        if !key.kind.keeps_balance()
            && let Some(begin) = span.from
        {
            let end = first_id_at(begin + CLOCKS_APART);
            (before_minor,) = one!(self.reader(), (i64,), POSITION, [key, begin, end])?;
        }
        let after_id = span.from.map_or(Uuid::nil(), |from| first_id_at(from - CLOCKS_APART));
        let (store, key) = (self.clone(), key.clone());
        Ok(Statement { store, key, span, pages: None, after_id, balance_minor: before_minor, has_begun: false })
    }
}

/// A span of time, which includes its begin and excludes its end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// First instant of the span; `None`: from the beginning.
    pub from: Option<DateTime<Utc>>,
    /// First instant after the span; `None`: no end.
    pub to: Option<DateTime<Utc>>,
}

impl Span {
    /// Begin and end with the precision of the databases, microseconds.
    fn ends(self) -> (DateTime<Utc>, DateTime<Utc>) {
        // PostgreSQL's timestamps end in the year 294276, so that this bound is within their range.
        let end_of_time = DateTime::from_timestamp_micros(253_402_300_800_000_000).unwrap_or(DateTime::UNIX_EPOCH);
        let (from, to) = (self.from.unwrap_or(DateTime::UNIX_EPOCH), self.to.unwrap_or(end_of_time));
        (from.trunc_subsecs(6), to.trunc_subsecs(6))
    }
}

/// A statement that is read page by page.
#[derive(Debug)]
pub struct Statement {
    store: Store,
    key: AccountKey,
    span: Span,
    /// The newest transfer of each page of an account with a balance, the newest page first; `None`: not searched yet.
    pages: Option<Vec<Uuid>>,
    after_id: Uuid,
    balance_minor: i64,
    /// An entry within the span, or after it, was found.
    has_begun: bool,
}

impl Statement {
    /// Returns the next lines; empty at the end. For an account without a balance, balances are summed from its
    /// beginning.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<StatementLine>, StoreError> {
        let found = if self.key.kind.keeps_balance() { self.kept().await? } else { self.summed().await? };
        let (account, mut lines) = (self.key.to_string(), Vec::with_capacity(found.len()));
        for line in found {
            let line = line.told(&account, self.balance_minor)?;
            (self.balance_minor, self.after_id) = (line.balance_minor, line.id);
            lines.push(line);
        }
        Ok(lines)
    }

    /// The balance after the last line that was returned. Without lines, it is the balance at the begin and the end of
    /// the span.
    pub const fn balance_minor(&self) -> i64 {
        self.balance_minor
    }

    async fn summed(&self) -> Result<Vec<Line>, StoreError> {
        let (from, to) = self.span.ends();
        let end = self.span.to.map_or(Uuid::max(), |to| first_id_at(to + CLOCKS_APART));
        rows!(self.store.reader(), Line, SUMMED, [&self.key, self.after_id, from, to, PAGE, end])
    }

    /// Entries are read from the last one back, and returned from the first one on.
    async fn kept(&mut self) -> Result<Vec<Line>, StoreError> {
        let (from, to) = self.span.ends();
        let mut pages = match self.pages.take() {
            Some(pages) => pages,
            None => self.sought(from).await?,
        };
        let mut found = Vec::new();
        while found.is_empty()
            && let Some(newest) = pages.pop()
        {
            found = self.store.entries(&self.key, Some(newest), PAGE).await?;
            found.reverse();
            self.begin_with(&found, from);
            found.retain(|line| (from..to).contains(&line.at));
        }
        self.pages = Some(pages);
        Ok(found)
    }

    /// The balance at the begin of the span: before its first entry, or after the last earlier one.
    fn begin_with(&mut self, found: &[Line], from: DateTime<Utc>) {
        let first = found.iter().find(|line| line.at >= from);
        if let Some(line) = first.or(found.last()).filter(|_| !self.has_begun) {
            self.has_begun = first.is_some();
            let (minor, balance_minor) = line.brought(&self.key.to_string());
            self.balance_minor = balance_minor.unwrap_or(minor) - if self.has_begun { minor } else { 0 };
        }
    }

    /// Walks back through the account until all entries are certainly before `from`.
    async fn sought(&self, from: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
        let long_before = from - CLOCKS_APART;
        let (mut pages, mut first): (Vec<Uuid>, Option<Uuid>) = (Vec::new(), None);
        loop {
            // One more than a page: the first entry of the next one.
            let mut found = self.store.entries(&self.key, first, PAGE + 1).await?.into_iter();
            pages.extend(found.next().map(|newest| newest.id));
            match found.nth(PAGE as usize - 1) {
                Some(next) if next.at >= long_before => first = Some(next.id),
                _ => return Ok(pages),
            }
        }
    }
}
