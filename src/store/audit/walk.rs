//! The walk through all tables, in the order of the module's list.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::accounts::Chain;
use super::lists::Awaited;
use super::raw::RawId;
use super::reader::{AuditReader, PAGE, Paged, Pages};
use super::rows::{Counts, LedgerAccount, LedgerCards, LedgerEntry, LedgerTransfer, LooseEntry, Reach};
use super::sql::ENTRIES;
use super::{Audit, Halt, Offence, Progress, Stage, check, days, requests, shape, sql};
use crate::store::StoreError;
use crate::store::db::OneOf;
use crate::store::heads::Tallies;

pub(super) struct Walk<'a> {
    reader: AuditReader,
    counts: Counts,
    progress: &'a mut (dyn FnMut(Progress) + Send),
    pub(super) audit: Audit,
    /// The sums of each day's transfers.
    tallies: Tallies,
    /// Sum of the transfers' sides at accounts that keep a balance, in minor units.
    moved_minor: i128,
    /// Sides of transfers that are an account's entry.
    sides: i128,
}

impl<'a> Walk<'a> {
    pub(super) async fn begin(
        mut reader: AuditReader,
        progress: &'a mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, StoreError> {
        let counts = reader.one(sql::COUNTS).await?;
        let (audit, tallies) = (Audit::default(), Tallies::default());
        Ok(Self { reader, counts, progress, audit, tallies, moved_minor: 0, sides: 0 })
    }

    /// Ends at the first offence.
    pub(super) async fn run(&mut self) -> Result<(), Halt> {
        self.transfers().await?;
        self.accounts().await?;
        self.rows(Some(Stage::Messages), check::message, |audit| &mut audit.messages).await?;
        self.rows(Some(Stage::Holds), check::hold, |audit| &mut audit.holds).await?;
        self.rows(Some(Stage::Actions), shape::action, |audit| &mut audit.actions).await?;
        self.rows(None, check::event, |audit| &mut audit.events).await?;
        check::explained(self.reader.optional(sql::UNEXPLAINED).await?)?;
        days::check(&mut self.reader, std::mem::take(&mut self.tallies), &mut self.audit.days).await?;
        check::conserved(self.audit.balances_minor, self.moved_minor)?;
        self.cards().await
    }

    /// Looks at the rows of a table one by one, and counts them.
    async fn rows<R: Paged>(
        &mut self,
        stage: Option<Stage>,
        check: fn(&R) -> Result<(), Offence>,
        seen: fn(&mut Audit) -> &mut u64,
    ) -> Result<(), Halt> {
        let mut pages = Pages::<R>::all();
        while let Some(page) = pages.next(&mut self.reader).await? {
            for row in &page {
                check(row)?;
                *seen(&mut self.audit) += 1;
            }
            if let Some(stage) = stage {
                let done = *seen(&mut self.audit);
                self.report(stage, done);
            }
        }
        Ok(())
    }

    fn report(&mut self, stage: Stage, done: u64) {
        let total = match stage {
            Stage::Transfers => self.counts.transfers,
            Stage::Accounts => self.counts.accounts,
            Stage::Messages => self.counts.messages,
            Stage::Holds => self.counts.holds,
            Stage::Actions => self.counts.actions,
        };
        (self.progress)(Progress { stage, done, total: u64::try_from(total).unwrap_or(0).max(done) });
    }

    async fn transfers(&mut self) -> Result<(), Halt> {
        let (mut pages, mut awaited) = (Pages::<LedgerTransfer>::all(), Awaited::default());
        while let Some(page) = pages.next(&mut self.reader).await? {
            for row in &page {
                if check::transfer(row)? == Reach::Alone {
                    self.audit.without_cause += 1;
                }
                awaited.next(row)?;
                self.audit.transfers += 1;
                self.moved_minor += check::brought_minor(row);
                self.sides += check::sides(row);
                self.tallies.add(&row.id, row.at_us, row.amount_minor, &row.hash);
            }
            requests::check(&mut self.reader, &page, &mut self.audit.requests).await?;
            self.report(Stage::Transfers, self.audit.transfers);
        }
        Ok(awaited.end()?)
    }

    /// Accounts by name, each with its chain from the last entry back to the first.
    async fn accounts(&mut self) -> Result<(), Halt> {
        let mut entries: i128 = 0;
        let mut pages = Pages::<LedgerAccount>::all();
        while let Some(page) = pages.next(&mut self.reader).await? {
            for account in &page {
                self.audit.accounts += 1;
                self.audit.balances_minor += i128::from(account.balance_minor);
                entries += i128::from(account.entries);
            }
            self.chains(page).await?;
            self.report(Stage::Accounts, self.audit.accounts);
        }
        // Chains hold each entry once; what there is more of is in none.
        if entries == self.sides {
            return Ok(());
        }
        let loose: Option<LooseEntry> = self.reader.optional(sql::LOOSE).await?;
        Err(loose.map_or_else(|| check::miscounted(entries, self.sides), |entry| check::loose(&entry)).into())
    }

    /// Walks these accounts' chains side by side: many of them one step at a time, few of them many.
    async fn chains(&mut self, page: Vec<LedgerAccount>) -> Result<(), Halt> {
        let mut chains: Vec<Chain> = page.into_iter().map(Chain::of).collect();
        loop {
            chains.iter().filter(|chain| chain.next().is_none()).try_for_each(Chain::closed)?;
            chains.retain(|chain| chain.next().is_some());
            if chains.is_empty() {
                return Ok(());
            }
            let begun: Vec<(&str, &RawId)> = chains.iter().filter_map(Chain::next).collect();
            let steps = (i64::from(PAGE) / i64::try_from(begun.len()).unwrap_or(i64::MAX)).max(1);
            let found = entries(&mut self.reader, &begun, steps).await?;
            let mut of: HashMap<String, VecDeque<LedgerEntry>> = HashMap::with_capacity(begun.len());
            for entry in found {
                of.entry(entry.account.clone()).or_default().push_back(entry);
            }
            for chain in &mut chains {
                let mut entries = chain.next().and_then(|(account, _)| of.remove(account)).unwrap_or_default();
                chain.take(entries.pop_front())?;
                while let Some(entry) = entries.pop_front() {
                    chain.take(Some(entry))?;
                }
            }
        }
    }

    async fn cards(&mut self) -> Result<(), Halt> {
        let unpaid: Option<(i64, i64)> = self.reader.optional(sql::UNPAID_CARD).await?;
        let cards: LedgerCards = self.reader.one(sql::CARDS).await?;
        self.audit.cards = u64::try_from(cards.used).unwrap_or(0);
        Ok(check::cards(unpaid, &cards)?)
    }
}

/// So many entries of each of these accounts, from this transfer back, the later ones first.
async fn entries(
    reader: &mut AuditReader,
    begun: &[(&str, &RawId)],
    steps: i64,
) -> Result<Vec<LedgerEntry>, StoreError> {
    Ok(match reader.connection() {
        OneOf::Sqlite(on) => {
            let begun: Vec<(&str, String)> = begun.iter().map(|(name, this)| (*name, hex::encode(&this[..]))).collect();
            let query = sqlx::query_as(ENTRIES.sqlite).bind(steps).bind(sqlx::types::Json(begun));
            query.fetch_all(on).await?
        }
        OneOf::Postgres(on) => {
            let (names, these): (Vec<&str>, Vec<Uuid>) = begun.iter().map(|(name, this)| (*name, this.uuid())).unzip();
            let query = sqlx::query_as(ENTRIES.postgres).bind(steps).bind(names).bind(these);
            query.fetch_all(on).await?
        }
    })
}
