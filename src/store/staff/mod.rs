//! What staff look up: a transfer by its receipt, an account's statement, holds, and what was ordered.

mod counts;
mod names;
mod rows;
mod text;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::database::Database;
use super::{StatementLine, Store, StoreError};
use crate::domain::{AccountKey, Action, ActionState, Hold, Receipt, Transfer};
pub(super) use rows::{ActionRow, HoldRow, TransferRow, later, reversal};
pub(super) use text::{ACTIONS_OF, HOLDS_OF, LATER_THAN, REVERSALS_OF, TRANSFERS_OF};

/// Lines of a statement that are in memory at once.
const PAGE: u16 = 1_000;
/// How far a clock may have been off when a transfer's identifier was made: a statement looks so much further back.
const CLOCKS_APART: TimeDelta = TimeDelta::days(1);

/// How far clocks of nodes may be apart: what a sender did is looked for so much before it could be.
const NODES_APART: TimeDelta = TimeDelta::minutes(2);

/// All rows of a statement on whichever database.
macro_rules! rows {
    ($store:expr, $row:ty, $text:expr, [$($bind:expr),*]) => {
        match &$store.database {
            Database::Sqlite(store) => {
                sqlx::query_as::<_, $row>($text.sqlite.as_str())$(.bind($bind))*.fetch_all(store.readers()).await?
            }
            Database::Postgres(store) => {
                sqlx::query_as::<_, $row>($text.postgres.as_str())$(.bind($bind))*.fetch_all(store.pool()).await?
            }
        }
    };
}

impl Store {
    /// All transfers of the command that made this one, the main one first; none where there is no such transfer.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn command_of(&self, transfer: Uuid) -> Result<Vec<Transfer>, StoreError> {
        let reach = u128::from(Transfer::OF_ONE_COMMAND_MAX);
        let (first, last) = (transfer.as_u128().saturating_sub(reach), transfer.as_u128().saturating_add(reach));
        let near = self.between(Uuid::from_u128(first), Uuid::from_u128(last), None).await?;
        let Some(cause) = near.iter().find(|other| other.id == transfer).map(|found| found.cause.clone()) else {
            return Ok(Vec::new());
        };
        Ok(near.into_iter().filter(|other| other.cause == cause).collect())
    }

    /// The transfers with this receipt: one, but for a rare coincidence.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn transfers_of_receipt(&self, receipt: &Receipt) -> Result<Vec<Transfer>, StoreError> {
        let Some((first, last)) = receipt.id_range() else { return Ok(Vec::new()) };
        let end = receipt.id_end();
        let found = self.between(first, last, end).await?;
        Ok(found.into_iter().filter(|transfer| Receipt::of(transfer.id) == *receipt).collect())
    }

    /// Link and sender of this message of the inbox.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sender_of(&self, message_key: &str) -> Result<Option<(String, String)>, StoreError> {
        Ok(rows!(self, (String, String), text::SENDER, [message_key]).pop())
    }

    /// What the messages of this sender moved from this instant on, the oldest first; `before` is how the sender was kept
    /// before numbers were.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn moved_by(
        &self,
        (sender, before): (&str, &str),
        from: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Transfer>, StoreError> {
        let first = first_id_at(from - NODES_APART).as_bytes().to_vec();
        let found = rows!(
            self,
            TransferRow,
            text::MOVED_BY,
            [&first, from.timestamp_micros(), sender, before, i64::from(most)]
        );
        found.iter().map(TransferRow::transfer).collect()
    }

    async fn between(&self, first: Uuid, last: Uuid, end: Option<[u8; 2]>) -> Result<Vec<Transfer>, StoreError> {
        let (low, high) = end.map_or(([0; 2], [0xff; 2]), |end| (end, end));
        let (first, last) = (first.as_bytes().to_vec(), last.as_bytes().to_vec());
        let binds = (first, last, low.to_vec(), high.to_vec());
        let found = rows!(
            self,
            TransferRow,
            text::TRANSFERS_BETWEEN,
            [&binds.0, &binds.1, &binds.2, &binds.3, i64::from(PAGE)]
        );
        found.iter().map(TransferRow::transfer).collect()
    }

    /// The account's latest movements, the newest first; of an account that keeps a balance.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement(&self, key: &AccountKey, most: u32) -> Result<Vec<StatementLine>, StoreError> {
        let found = self.entries(&key.to_string(), None, i64::from(most)).await?;
        found.iter().map(|row| row.line(key, 0)).collect()
    }

    /// An account's entries from this one back, or from its last.
    async fn entries(&self, account: &str, first: Option<&[u8]>, most: i64) -> Result<Vec<TransferRow>, StoreError> {
        Ok(if most > 0 { rows!(self, TransferRow, text::ENTRIES, [account, first, most]) } else { Vec::new() })
    }

    /// The account's movements of a time, the oldest first, page by page.
    ///
    /// # Errors
    /// The database fails.
    pub async fn statement_of(&self, key: &AccountKey, span: Span) -> Result<Statement, StoreError> {
        let (name, (from, _)) = (key.to_string(), span.micros());
        let mut before_cents = 0;
        if !key.kind.keeps_balance()
            && let Some(begin) = span.from
        {
            let end = first_id_at(begin + CLOCKS_APART).as_bytes().to_vec();
            let sums = rows!(self, (i64,), text::POSITION, [&name, from, &end]);
            before_cents = sums.first().map_or(0, |(cents,)| *cents);
        }
        let after_id = span.from.map_or(Uuid::nil(), |from| first_id_at(from - CLOCKS_APART));
        let (store, key) = (self.clone(), key.clone());
        Ok(Statement { store, key, span, pages: None, after_id, balance_cents: before_cents, has_begun: false })
    }

    /// The hold, where there is one.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn hold(&self, id: Uuid) -> Result<Option<Hold>, StoreError> {
        let found = rows!(self, HoldRow, text::HOLD, [&id.as_bytes()[..]]);
        found.into_iter().next().map(Hold::try_from).transpose()
    }

    /// Pending holds, of one account or of all, the oldest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn pending_holds(&self, account: Option<&AccountKey>, most: u32) -> Result<Vec<Hold>, StoreError> {
        let name = account.map(ToString::to_string).unwrap_or_default();
        let found = rows!(self, HoldRow, text::PENDING_HOLDS, [&name, i64::from(most)]);
        found.into_iter().map(Hold::try_from).collect()
    }

    /// Pending holds whose time is over at `now`.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn due_holds(&self, now: DateTime<Utc>, most: u32) -> Result<Vec<Hold>, StoreError> {
        let found = rows!(self, HoldRow, text::DUE_HOLDS, [now.timestamp_micros(), i64::from(most)]);
        found.into_iter().map(Hold::try_from).collect()
    }

    /// The action, where there is one.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn action(&self, id: Uuid) -> Result<Option<Action>, StoreError> {
        let found = rows!(self, ActionRow, text::ACTION, [&id.as_bytes()[..]]);
        found.into_iter().next().map(Action::try_from).transpose()
    }

    /// The actions of a state, the newest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn actions(&self, state: ActionState, most: u32) -> Result<Vec<Action>, StoreError> {
        let found = rows!(self, ActionRow, text::ACTIONS, [state.as_str(), i64::from(most)]);
        found.into_iter().map(Action::try_from).collect()
    }
}

/// The first identifier of an instant: identifiers begin with their time.
fn first_id_at(at: DateTime<Utc>) -> Uuid {
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
    fn micros(self) -> (i64, i64) {
        // PostgreSQL's instants begin in 4713 BC and end in 294276; ours are in between.
        let widest = (0, 253_402_300_800_000_000);
        (
            self.from.map_or(widest.0, |from| from.timestamp_micros()),
            self.to.map_or(widest.1, |to| to.timestamp_micros()),
        )
    }
}

/// A statement that is read page by page.
#[derive(Debug)]
pub struct Statement {
    store: Store,
    key: AccountKey,
    span: Span,
    /// The newest transfer of each page of an account that keeps a balance, the newest page first; `None`: not sought yet.
    pages: Option<Vec<Vec<u8>>>,
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
        let mut lines = Vec::with_capacity(found.len());
        for row in &found {
            let line = row.line(&self.key, self.balance_cents)?;
            (self.balance_cents, self.after_id) = (line.balance_cents, line.id);
            lines.push(line);
        }
        Ok(lines)
    }

    /// The balance after the last line that was told; where there was none, the one that the time begins and ends with.
    pub const fn balance_cents(&self) -> i64 {
        self.balance_cents
    }

    async fn summed(&self) -> Result<Vec<TransferRow>, StoreError> {
        let (name, (from, to)) = (self.key.to_string(), self.span.micros());
        let after = self.after_id.as_bytes().to_vec();
        let end = self.span.to.map_or(Uuid::max(), |to| first_id_at(to + CLOCKS_APART)).as_bytes().to_vec();
        Ok(rows!(self.store, TransferRow, text::SUMMED, [&name, &after, from, to, i64::from(PAGE), &end]))
    }

    /// Entries are found from the last one back, and told from the first one on.
    async fn kept(&mut self) -> Result<Vec<TransferRow>, StoreError> {
        let (name, (from, to)) = (self.key.to_string(), self.span.micros());
        let mut pages = match self.pages.take() {
            Some(pages) => pages,
            None => self.sought(&name, from).await?,
        };
        let mut found = Vec::new();
        while found.is_empty()
            && let Some(newest) = pages.pop()
        {
            found = self.store.entries(&name, Some(&newest), i64::from(PAGE)).await?;
            found.reverse();
            self.begin_with(&found, from)?;
            found.retain(|row| (from..to).contains(&row.at));
        }
        self.pages = Some(pages);
        Ok(found)
    }

    /// The balance that the time begins with is the one before its first entry, or after the last one that came earlier.
    fn begin_with(&mut self, found: &[TransferRow], from: i64) -> Result<(), StoreError> {
        let first = found.iter().find(|row| row.at >= from);
        if let Some(row) = first.or(found.last()).filter(|_| !self.has_begun) {
            let line = row.line(&self.key, 0)?;
            self.has_begun = first.is_some();
            self.balance_cents = line.balance_cents - if self.has_begun { line.cents } else { 0 };
        }
        Ok(())
    }

    /// Walks back through the account, to where everything is surely before `from`.
    async fn sought(&self, name: &str, from: i64) -> Result<Vec<Vec<u8>>, StoreError> {
        let long_before = from.saturating_sub(CLOCKS_APART.num_microseconds().unwrap_or(i64::MAX));
        let (mut pages, mut first): (Vec<Vec<u8>>, Option<Vec<u8>>) = (Vec::new(), None);
        loop {
            // One more than a page: the first of the next.
            let mut found = self.store.entries(name, first.as_deref(), i64::from(PAGE) + 1).await?.into_iter();
            pages.extend(found.next().map(|newest| newest.id));
            match found.nth(usize::from(PAGE) - 1) {
                Some(next) if next.at >= long_before => first = Some(next.id),
                _ => return Ok(pages),
            }
        }
    }
}
