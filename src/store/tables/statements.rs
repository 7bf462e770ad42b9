//! Statements: the movements of an account.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use super::transfers::{cause, transfer_columns};
use crate::domain::{AccountKey, Amount, Receipt};
use crate::store::db::{columns, one, rows};
use crate::store::{StatementLine, Store, StoreError, value};

/// Lines of a statement that are in memory at once.
const PAGE: u32 = 1_000;
/// The most that a clock may have been off when a transfer's identifier was made: a statement looks so much further back.
const CLOCKS_APART: TimeDelta = TimeDelta::days(1);

macro_rules! line_columns {
    () => {
        concat!(
            transfer_columns!(),
            ", coalesce((SELECT sender FROM inbox WHERE inbox.key = transfers.message_key),
                (SELECT made_by FROM operator_actions WHERE operator_actions.id = transfers.action)) AS wanted_by"
        )
    };
}

/// An account's entries from one back, the newest first, and so many at most: from the one with this identifier, or from the
/// last. The parameters are the account, the identifier or NULL, and how many.
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
/// The same of an account that is summed: by identifier, between two of them. They begin with their time, so what is read
/// is what all accounts did in the time of the statement, and no more.
const SUMMED: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM transfers WHERE (credit = $1 OR debit = $1) AND transfers.id > $2 AND transfers.id < $6
        AND transfers.at >= $3 AND transfers.at < $4 ORDER BY transfers.id LIMIT $5"
);
/// The balance of such an account before an instant, among identifiers that end there.
const POSITION: &str =
    "SELECT CAST(coalesce(sum(CASE WHEN credit = $1 THEN amount_cents ELSE -amount_cents END), 0) AS bigint)
    FROM transfers WHERE (credit = $1 OR debit = $1) AND at < $2 AND id < $3";

/// A transfer as its row has it, and who wanted it: the sender of the message, or the member of staff.
#[derive(Debug)]
struct Line {
    id: Uuid,
    kind: String,
    debit: String,
    credit: String,
    amount_cents: Amount,
    message_key: Option<String>,
    action: Option<Uuid>,
    system: Option<String>,
    at: DateTime<Utc>,
    debit_balance_cents: Option<i64>,
    credit_balance_cents: Option<i64>,
    reverses: Option<Uuid>,
    reason: Option<String>,
    wanted_by: Option<String>,
}

columns!(
    in "transfers", Line: id, kind, debit, credit, amount_cents, message_key, action, system, at, debit_balance_cents,
        credit_balance_cents, reverses, reason, wanted_by
);

impl Line {
    /// The amount that it brought to this account, in cents, and the balance after it, if the row has one.
    fn brought(&self, account: &str) -> (i64, Option<i64>) {
        let cents = self.amount_cents.cents();
        if self.credit == account { (cents, self.credit_balance_cents) } else { (-cents, self.debit_balance_cents) }
    }

    /// As a line of this account's statement; `before_cents` is the balance before it, where the row does not tell.
    fn told(self, account: &str, before_cents: i64) -> Result<StatementLine, StoreError> {
        let table = "transfers";
        let (cents, told) = self.brought(account);
        Ok(StatementLine {
            id: self.id,
            receipt: Receipt::of(self.id),
            kind: value::read(table, self.kind)?,
            other: value::read(table, if self.credit == account { self.debit } else { self.credit })?,
            amount: self.amount_cents,
            cents,
            balance_cents: told.unwrap_or_else(|| before_cents.saturating_add(cents)),
            reverses: self.reverses.map(Receipt::of),
            reason: value::read(table, self.reason)?,
            cause: cause(self.message_key, self.action, self.system)?,
            wanted_by: self.wanted_by,
            at: self.at,
        })
    }
}

impl Store {
    /// The account's latest movements, the newest first; of an account that keeps a balance.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement(&self, key: &AccountKey, most: u32) -> Result<Vec<StatementLine>, StoreError> {
        self.entries(key, None, most).await?.into_iter().map(|line| line.told(&key.to_string(), 0)).collect()
    }

    /// An account's entries from this one back, or from its last.
    async fn entries(&self, account: &AccountKey, first: Option<Uuid>, most: u32) -> Result<Vec<Line>, StoreError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        rows!(self.reader(), Line, ENTRIES, [account, first, most])
    }

    /// The account's movements of a time, the oldest first, page by page.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement_of(&self, key: &AccountKey, span: Span) -> Result<Statement, StoreError> {
        let mut before_cents = 0;
        if !key.kind.keeps_balance()
            && let Some(begin) = span.from
        {
            let end = first_id_at(begin + CLOCKS_APART);
            (before_cents,) = one!(self.reader(), (i64,), POSITION, [key, begin, end])?;
        }
        let after_id = span.from.map_or(Uuid::nil(), |from| first_id_at(from - CLOCKS_APART));
        let (store, key) = (self.clone(), key.clone());
        Ok(Statement { store, key, span, pages: None, after_id, balance_cents: before_cents, has_begun: false })
    }
}

/// The first identifier of an instant: identifiers begin with their time.
pub(super) fn first_id_at(at: DateTime<Utc>) -> Uuid {
    let millis = at.timestamp_millis().max(0).unsigned_abs();
    Uuid::from_u128(u128::from(millis.min(0xffff_ffff_ffff)) << 80)
}

/// A time of a statement: from an instant on, and before another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first instant that belongs to it; `None`: from the beginning.
    pub from: Option<DateTime<Utc>>,
    /// The first instant after it; `None`: without end.
    pub to: Option<DateTime<Utc>>,
}

impl Span {
    /// As the databases keep instants: to the microsecond.
    fn ends(self) -> (DateTime<Utc>, DateTime<Utc>) {
        // PostgreSQL's instants begin in 4713 BC and end in 294276; ours are in between.
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
    /// The newest transfer of each page of an account that keeps a balance, the newest page first; `None`: not sought yet.
    pages: Option<Vec<Uuid>>,
    after_id: Uuid,
    balance_cents: i64,
    /// An entry of the time, or after it, was found.
    has_begun: bool,
}

impl Statement {
    /// The next lines; none at the end. Of an account that keeps no balance, balances are summed from its beginning.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<StatementLine>, StoreError> {
        let found = if self.key.kind.keeps_balance() { self.kept().await? } else { self.summed().await? };
        let (account, mut lines) = (self.key.to_string(), Vec::with_capacity(found.len()));
        for line in found {
            let line = line.told(&account, self.balance_cents)?;
            (self.balance_cents, self.after_id) = (line.balance_cents, line.id);
            lines.push(line);
        }
        Ok(lines)
    }

    /// The balance after the last line that was told; where there was none, the one that the time begins and ends with.
    pub const fn balance_cents(&self) -> i64 {
        self.balance_cents
    }

    async fn summed(&self) -> Result<Vec<Line>, StoreError> {
        let (from, to) = self.span.ends();
        let end = self.span.to.map_or(Uuid::max(), |to| first_id_at(to + CLOCKS_APART));
        rows!(self.store.reader(), Line, SUMMED, [&self.key, self.after_id, from, to, PAGE, end])
    }

    /// Entries are found from the last one back, and told from the first one on.
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

    /// The balance that the time begins with is the one before its first entry, or after the last one that came earlier.
    fn begin_with(&mut self, found: &[Line], from: DateTime<Utc>) {
        let first = found.iter().find(|line| line.at >= from);
        if let Some(line) = first.or(found.last()).filter(|_| !self.has_begun) {
            self.has_begun = first.is_some();
            let (cents, balance_cents) = line.brought(&self.key.to_string());
            self.balance_cents = balance_cents.unwrap_or(cents) - if self.has_begun { cents } else { 0 };
        }
    }

    /// Walks back through the account, to where everything is surely before `from`.
    async fn sought(&self, from: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
        let long_before = from - CLOCKS_APART;
        let (mut pages, mut first): (Vec<Uuid>, Option<Uuid>) = (Vec::new(), None);
        loop {
            // One more than a page: the first of the next.
            let mut found = self.store.entries(&self.key, first, PAGE + 1).await?.into_iter();
            pages.extend(found.next().map(|newest| newest.id));
            match found.nth(PAGE as usize - 1) {
                Some(next) if next.at >= long_before => first = Some(next.id),
                _ => return Ok(pages),
            }
        }
    }
}
