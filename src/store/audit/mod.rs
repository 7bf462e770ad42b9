//! The audit: proves from the rows alone that no money was made or lost and that no row was touched.
//!
//! It reads one snapshot of a live database, in pages, so its memory does not grow with the ledger, in walks:
//! 1. transfers by identifier: each is what was hashed, and so is its cause; the cause, be it a message or an action of
//!    staff, names it or the main one of its command; what it takes back or captures is there and fits; and the requests
//!    that it carried out are known again
//! 2. accounts by name, each with its entries from the last one back: no gap, no break in the chain, and the balance is
//!    what the entries add up to; no entry is in no chain; what is held is what pending holds keep
//! 3. applied messages by key, holds and actions of staff by identifier: each names the one transfer that names it
//!
//! Changes in the life of numbers: each begins where the one before it ended, and what staff set is what was recorded.
//! Then the heads of days: each is signed, chained to the day before, and has the day's transfers as they are now.
//! Last, conservation: what accounts hold is what left the others; and scratch cards: each used one was paid by one
//! transfer from its batch's liability of just its worth, and each such transfer by one card. What is found wrong first ends it.

mod cause;
mod check;
mod days;
mod requests;
mod rows;
mod shape;

use std::collections::{HashMap, VecDeque};

use super::db::Database;
use super::heads::{DayTransfer, HeadColumns, Tallies};
use super::{Store, StoreError, postgres, sqlite};
use check::Chain;
pub use days::SealedDays;
pub(super) use requests::LedgerRequest;
use rows::Reach;
pub(super) use rows::{
    Counts, LedgerAccount, LedgerAction, LedgerCards, LedgerEntry, LedgerEvent, LedgerHold, LedgerMessage,
    LedgerTransfer, LooseEntry,
};

/// Rows that are in memory at once.
pub(super) const PAGE: i64 = 2_000;

/// What the audit looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Each transfer by itself.
    Transfers,
    /// Accounts with the chain of their entries.
    Accounts,
    /// Messages that were applied.
    Messages,
    /// Holds.
    Holds,
    /// What staff ordered and was carried out.
    Actions,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it looks at.
    pub stage: Stage,
    /// Rows seen in this stage; of [`Stage::Accounts`], accounts.
    pub done: u64,
    /// Rows that there are.
    pub total: u64,
}

/// The first row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// Its table.
    pub table: &'static str,
    /// Its primary key.
    pub row: String,
    /// What is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for Offence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.table, self.row, self.problem)
    }
}

/// What an audit saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Transfers looked at.
    pub transfers: u64,
    /// Those of them that are of before messages and actions of staff were hashed with them.
    pub without_cause: u64,
    /// Requests that they carried out, each known again.
    pub requests: u64,
    /// Accounts looked at.
    pub accounts: u64,
    /// Applied messages looked at.
    pub messages: u64,
    /// Scratch cards that were used.
    pub cards: u64,
    /// Holds looked at.
    pub holds: u64,
    /// Actions of staff looked at.
    pub actions: u64,
    /// Changes in the life of numbers looked at.
    pub events: u64,
    /// What all accounts hold that keep a balance, in cents.
    pub balances_cents: i128,
    /// Days that are sealed.
    pub days: SealedDays,
    /// The first row that is wrong; `None`: the ledger is sound.
    pub offence: Option<Offence>,
}

impl Store {
    /// Proves the ledger, as of one instant, while it is in use.
    ///
    /// # Errors
    /// The database fails. What is wrong with the ledger is no error, but [`Audit::offence`].
    pub async fn audit(&self, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<Audit, StoreError> {
        let mut snapshot = Snapshot::of(self).await?;
        let counts = snapshot.counts().await?;
        let (audit, tallies) = (Audit::default(), Tallies::default());
        let mut walk = Walk { snapshot, counts, progress, audit, tallies, moved_cents: 0, sides: 0 };
        let offence = walk.run().await?;
        Ok(Audit { offence, ..walk.audit })
    }
}

/// A reading transaction.
pub(super) enum Snapshot {
    Sqlite(sqlite::Snapshot),
    Postgres(postgres::Snapshot),
}

/// The same page of whichever it is.
macro_rules! page {
    ($snapshot:expr, $method:ident ( $($argument:expr),* )) => {
        match $snapshot {
            Snapshot::Sqlite(snapshot) => snapshot.$method($($argument),*).await,
            Snapshot::Postgres(snapshot) => snapshot.$method($($argument),*).await,
        }
    };
}

impl Snapshot {
    pub(super) async fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(match &store.database {
            Database::Sqlite(store) => Self::Sqlite(store.snapshot().await?),
            Database::Postgres(store) => Self::Postgres(store.snapshot().await?),
        })
    }

    pub(super) async fn heads(&mut self, after: &str) -> Result<Vec<HeadColumns>, StoreError> {
        page!(self, heads(after))
    }

    pub(super) async fn day_transfers(&mut self, after: Option<&[u8]>) -> Result<Vec<DayTransfer>, StoreError> {
        page!(self, day_transfers(after))
    }

    async fn counts(&mut self) -> Result<Counts, StoreError> {
        page!(self, counts())
    }

    async fn requests(&mut self, prints: &[&[u8]]) -> Result<Vec<LedgerRequest>, StoreError> {
        page!(self, requests(prints))
    }
}

struct Walk<'a> {
    snapshot: Snapshot,
    counts: Counts,
    progress: &'a mut (dyn FnMut(Progress) + Send),
    audit: Audit,
    /// What the transfers of each day come to.
    tallies: Tallies,
    /// What the transfers brought to accounts that keep a balance, in cents.
    moved_cents: i128,
    /// Sides of transfers that are an account's entry.
    sides: i128,
}

impl Walk<'_> {
    async fn run(&mut self) -> Result<Option<Offence>, StoreError> {
        if let Some(offence) = self.transfers().await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = self.accounts().await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = self.messages().await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = self.holds().await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = self.actions().await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = self.events().await? {
            return Ok(Some(offence));
        }
        let tallies = std::mem::take(&mut self.tallies);
        if let Some(offence) = days::check(&mut self.snapshot, tallies, &mut self.audit.days).await? {
            return Ok(Some(offence));
        }
        if let Some(offence) = check::conserved(self.audit.balances_cents, self.moved_cents) {
            return Ok(Some(offence));
        }
        self.cards().await
    }

    async fn cards(&mut self) -> Result<Option<Offence>, StoreError> {
        let unpaid: Option<(i64, i64)> = page!(&mut self.snapshot, unpaid_card())?;
        let cards: LedgerCards = page!(&mut self.snapshot, cards())?;
        self.audit.cards = u64::try_from(cards.used).unwrap_or(0);
        Ok(check::cards(unpaid, &cards))
    }

    fn report(&mut self, stage: Stage, done: u64, total: i64) {
        (self.progress)(Progress { stage, done, total: u64::try_from(total).unwrap_or(0).max(done) });
    }

    async fn transfers(&mut self) -> Result<Option<Offence>, StoreError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page: Vec<LedgerTransfer> = page!(&mut self.snapshot, transfers(after.as_deref()))?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.id.clone());
            for row in &page {
                match check::transfer(row) {
                    Ok(Reach::WithCause) => {}
                    Ok(Reach::Alone) => self.audit.without_cause += 1,
                    Err(offence) => return Ok(Some(offence)),
                }
                self.audit.transfers += 1;
                self.moved_cents += check::brought_cents(row);
                self.sides += check::sides(row);
                self.tallies.add(&row.id, row.at_us, row.amount_cents, &row.hash);
            }
            if let Some(offence) = requests::check(&mut self.snapshot, &page, &mut self.audit.requests).await? {
                return Ok(Some(offence));
            }
            self.report(Stage::Transfers, self.audit.transfers, self.counts.transfers);
        }
    }

    /// Accounts by name, a page at a time, each with its chain from the last entry back to the first.
    async fn accounts(&mut self) -> Result<Option<Offence>, StoreError> {
        let (mut after, mut entries): (Option<String>, i128) = (None, 0);
        loop {
            let page: Vec<LedgerAccount> = page!(&mut self.snapshot, accounts(after.as_deref()))?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
            for account in &page {
                self.audit.accounts += 1;
                self.audit.balances_cents += i128::from(account.balance_cents);
                entries += i128::from(account.entries);
            }
            if let Some(offence) = self.chains(page).await? {
                return Ok(Some(offence));
            }
            self.report(Stage::Accounts, self.audit.accounts, self.counts.accounts);
        }
        // Chains hold each entry once; what there is more of is in none.
        if entries == self.sides {
            return Ok(None);
        }
        let loose: Option<LooseEntry> = page!(&mut self.snapshot, loose_entry())?;
        Ok(Some(loose.map_or_else(|| check::miscounted(entries, self.sides), |entry| check::loose(&entry))))
    }

    /// Walks these accounts' chains side by side: many of them one step at a time, few of them many.
    async fn chains(&mut self, page: Vec<LedgerAccount>) -> Result<Option<Offence>, StoreError> {
        let mut chains: Vec<Chain> = page.into_iter().map(Chain::of).collect();
        loop {
            if let Some(offence) = chains.iter().filter(|chain| chain.next().is_none()).find_map(Chain::closed) {
                return Ok(Some(offence));
            }
            chains.retain(|chain| chain.next().is_some());
            if chains.is_empty() {
                return Ok(None);
            }
            let begun: Vec<(&str, &[u8])> = chains.iter().filter_map(Chain::next).collect();
            let steps = (PAGE / i64::try_from(begun.len()).unwrap_or(PAGE)).max(1);
            let found: Vec<LedgerEntry> = page!(&mut self.snapshot, entries(&begun, steps))?;
            let mut of: HashMap<String, VecDeque<LedgerEntry>> = HashMap::with_capacity(begun.len());
            for entry in found {
                of.entry(entry.account.clone()).or_default().push_back(entry);
            }
            for chain in &mut chains {
                let mut entries = chain.next().and_then(|(account, _)| of.remove(account)).unwrap_or_default();
                let mut offence = chain.take(entries.pop_front());
                while let (None, Some(entry)) = (&offence, entries.pop_front()) {
                    offence = chain.take(Some(entry));
                }
                if offence.is_some() {
                    return Ok(offence);
                }
            }
        }
    }

    async fn messages(&mut self) -> Result<Option<Offence>, StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page: Vec<LedgerMessage> = page!(&mut self.snapshot, messages(after.as_deref()))?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.key.clone());
            for row in &page {
                if let Some(offence) = check::message(row) {
                    return Ok(Some(offence));
                }
                self.audit.messages += 1;
            }
            self.report(Stage::Messages, self.audit.messages, self.counts.messages);
        }
    }

    async fn holds(&mut self) -> Result<Option<Offence>, StoreError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page: Vec<LedgerHold> = page!(&mut self.snapshot, holds(after.as_deref()))?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.id.clone());
            for row in &page {
                if let Some(offence) = check::hold(row) {
                    return Ok(Some(offence));
                }
                self.audit.holds += 1;
            }
            self.report(Stage::Holds, self.audit.holds, self.counts.holds);
        }
    }

    async fn events(&mut self) -> Result<Option<Offence>, StoreError> {
        let mut after = (String::new(), i64::MIN);
        loop {
            let page: Vec<LedgerEvent> = page!(&mut self.snapshot, events(&after.0, after.1))?;
            let Some(last) = page.last() else { break };
            after = (last.account.clone(), last.number);
            for row in &page {
                if let Some(offence) = check::event(row) {
                    return Ok(Some(offence));
                }
                self.audit.events += 1;
            }
        }
        Ok(check::unexplained(page!(&mut self.snapshot, unexplained_state())?))
    }

    async fn actions(&mut self) -> Result<Option<Offence>, StoreError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page: Vec<LedgerAction> = page!(&mut self.snapshot, actions(after.as_deref()))?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.id.clone());
            for row in &page {
                if let Some(offence) = shape::action(row) {
                    return Ok(Some(offence));
                }
                self.audit.actions += 1;
            }
            self.report(Stage::Actions, self.audit.actions, self.counts.actions);
        }
    }
}
