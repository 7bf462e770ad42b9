//! The sweep over all numbers: changes of state are recorded, and customers warned before their validity ends.
//!
//! It follows the primary key in pages, on a connection that only reads, so that no top-up pays for an index. Who sweeps
//! holds a lease; what is recorded is written in the transaction that moves the lease's mark, and only over the version of
//! the account that was looked at. So a node that is killed is followed by another where it was, and nothing is recorded or
//! sent twice.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::config::upkeep::Life as Settings;
use crate::domain::{
    Account, Clock, Draft, Language, NumberingPlan, OutboundSms, Rules, Standing, Way, calendar, changes, format_cents,
    warning_step,
};
use crate::store::{
    AccountEvent, LifeRow, LifeWritten, Store, StoreError, SweepLease, SweepMark, SweepTerms, Swept, WARNING_KEYS,
};
use crate::text::templates::{Templates, Values};

/// The name of the sweep among others.
const NAME: &str = "life";
/// Numbers that are read at once.
const PAGE: u32 = 1_000;
/// Numbers that are recorded in one transaction: their accounts are locked meanwhile.
const WRITES: usize = 50;
/// So often the mark is moved although nothing was recorded.
const MARK_EVERY: TimeDelta = TimeDelta::seconds(15);
/// Wait between two pages, so that others get to the disk.
const BREATH: Duration = Duration::from_millis(2);
/// How long a node may be silent before another takes the sweep over.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// So far warnings are put off at a time at night.
const PUT_OFF: TimeDelta = TimeDelta::seconds(60);
/// So often it is asked whether a sweep is due, and whether it is night.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// What one sweep came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Numbers that were looked at.
    pub numbers: u64,
    /// Changes of state that were recorded.
    pub changes: usize,
    /// Warnings that were put into the outbox.
    pub warnings: usize,
    /// It came to the last number; otherwise it was stopped, or another node has taken it over.
    pub finished: bool,
}

/// Records the life of numbers.
#[derive(Debug)]
pub struct LifeSweeper {
    store: Store,
    settings: Settings,
    rules: Rules,
    plan: Arc<NumberingPlan>,
    templates: Arc<Templates>,
    clock: Clock,
    node: Uuid,
}

impl LifeSweeper {
    /// A sweeper; [`LifeSweeper::run`] starts it.
    pub fn new(
        store: Store,
        settings: Settings,
        rules: Rules,
        plan: Arc<NumberingPlan>,
        templates: Arc<Templates>,
        clock: Clock,
    ) -> Self {
        Self { store, settings, rules, plan, templates, clock, node: Uuid::now_v7() }
    }

    /// Until `stop`: a sweep whenever one is due, and no warning at night.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(self.sweeps(&stop), self.nights(&stop));
    }

    async fn sweeps(&self, stop: &CancellationToken) {
        while self.settings.sweep_every_seconds > 0 && !stop.is_cancelled() {
            match self.sweep(stop).await {
                Ok(Some(report)) if report.changes + report.warnings > 0 => {
                    let SweepReport { numbers, changes, warnings, .. } = report;
                    info!(numbers, changes, warnings, "the life of numbers was recorded");
                }
                Ok(_) => {}
                Err(failure) => warn!(error = %failure, "the sweep over numbers stopped; it goes on from there later"),
            }
            wait(stop).await;
        }
    }

    async fn nights(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(failure) = self.keep_hours().await {
                warn!(error = %failure, "warnings could not be put off until the morning");
            }
            wait(stop).await;
        }
    }

    /// Outside of the hours in which customers may be texted: puts off the warnings that did not go out yet, a little at
    /// a time, because the dispatcher takes a long wait for the trace of a clock that was set back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_hours(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        match &self.settings.warn_link {
            Some(link) if !self.settings.hours().contain(now) => {
                self.store.put_off_warnings(link, now, now + PUT_OFF).await
            }
            _ => Ok(0),
        }
    }

    /// One sweep, where one is due and no other node is at it; `None` where not.
    ///
    /// # Errors
    /// The database fails; the next sweep goes on where this one was.
    pub async fn sweep(&self, stop: &CancellationToken) -> Result<Option<SweepReport>, StoreError> {
        let now = self.clock.now();
        let lease = SweepLease { name: NAME, holder: self.node };
        let every = TimeDelta::seconds(i64::from(self.settings.sweep_every_seconds));
        let terms = SweepTerms { now, until: now + LEASE, finished_before: now - every };
        let Some(cursor) = self.store.take_sweep(lease, terms).await? else { return Ok(None) };
        let mut walk = Walk { sweeper: self, lease, cursor, marked_at: now, report: SweepReport::default() };
        while !stop.is_cancelled() && walk.page().await? {
            tokio::time::sleep(BREATH).await;
        }
        if !walk.report.finished && stop.is_cancelled() {
            walk.release().await?;
        }
        Ok(Some(walk.report))
    }

    /// What is to be recorded about this number; `None`: nothing.
    fn row(&self, swept: &Swept, now: DateTime<Utc>) -> Option<LifeRow> {
        let account = &swept.account;
        let standing = Standing { topped_up_at: swept.topped_up_at, ..Standing::of(account) };
        let due = changes(swept.recorded, standing, &self.rules.validity, now);
        let events: Vec<AccountEvent> = due.map(|change| AccountEvent::of(&change, account.valid_until)).collect();
        let warning = self.warning(swept, now);
        (!events.is_empty() || warning.is_some()).then(|| LifeRow {
            account: account.key.clone(),
            version: swept.version,
            set: None,
            events_before: swept.events,
            events,
            warning,
        })
    }

    fn warning(&self, swept: &Swept, now: DateTime<Utc>) -> Option<(u16, DateTime<Utc>, OutboundSms)> {
        let link = self.settings.warn_link.as_ref().filter(|_| self.settings.hours().contain(now))?;
        let account = &swept.account;
        let valid_until = account.valid_until.filter(|_| account.state == crate::domain::AccountState::Active)?;
        let days = warning_step(valid_until, &self.settings.warn_days, now)?;
        if swept.warned_days.is_some_and(|warned| warned <= days) {
            return None;
        }
        let draft = Draft {
            id: Uuid::now_v7(),
            message_key: format!("{WARNING_KEYS}{}:{}:{days}", account.key.key, valid_until.timestamp()),
            from: &self.settings.warn_sender,
            to: account.key.key.clone(),
            source: None,
            text: self.words(account, valid_until),
        };
        let sms = OutboundSms::queued(draft, Way::Fixed(link), now)?;
        Some((days, valid_until, sms))
    }

    fn words(&self, account: &Account, valid_until: DateTime<Utc>) -> Option<String> {
        let written = self.plan.read(&account.key.key, false);
        let number = written.map_or_else(|_| account.key.key.clone(), |line| self.plan.national(line.msisdn));
        let values = Values::from([
            ("number", number),
            ("balance", format_cents(account.balance_cents)),
            ("valid_until", calendar::day_of(valid_until).format("%d.%m.%Y").to_string()),
        ]);
        let language: Language = account.language.unwrap_or(self.rules.language);
        self.templates.words(language.code(), "validity_ending", &values)
    }
}

async fn wait(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(ASK_EVERY) => {}
    }
}

/// A sweep under way.
struct Walk<'a> {
    sweeper: &'a LifeSweeper,
    lease: SweepLease,
    cursor: Option<String>,
    /// When the mark was moved.
    marked_at: DateTime<Utc>,
    report: SweepReport,
}

impl Walk<'_> {
    /// One page; whether there may be another.
    async fn page(&mut self) -> Result<bool, StoreError> {
        let sweeper = self.sweeper;
        let now = sweeper.clock.now();
        let most = sweeper.settings.warn_days.iter().copied().max().unwrap_or(0);
        let horizon = calendar::days_after(now, most + 1);
        let page = sweeper.store.sweep_page(self.cursor.as_deref(), horizon, PAGE).await?;
        let rows: Vec<LifeRow> = page.iter().filter_map(|swept| sweeper.row(swept, now)).collect();
        for rows in rows.chunks(WRITES) {
            // What was recorded is not found again, so the mark need not be in the middle of a page.
            if !self.record(self.mark(self.cursor.clone(), None), rows).await? {
                return Ok(false);
            }
        }
        self.report.numbers += page.len() as u64;
        metrics::counter!("mbush_life_numbers_total").increment(page.len() as u64);
        let Some(last) = page.last() else {
            let end = self.mark(None, Some(now));
            self.report.finished = self.record(SweepMark { until: now, ..end }, &[]).await?;
            return Ok(false);
        };
        self.cursor = Some(last.account.key.to_string());
        if now - self.marked_at >= MARK_EVERY {
            return self.record(self.mark(self.cursor.clone(), None), &[]).await;
        }
        Ok(true)
    }

    fn mark(&self, cursor: Option<String>, finished_at: Option<DateTime<Utc>>) -> SweepMark {
        SweepMark { lease: self.lease, until: self.sweeper.clock.now() + LEASE, cursor, finished_at }
    }

    /// Records, and moves the mark; `false`: the sweep is another's.
    async fn record(&mut self, mark: SweepMark, rows: &[LifeRow]) -> Result<bool, StoreError> {
        let LifeWritten { held, events, warnings, .. } = self.sweeper.store.record_life(Some(&mark), rows).await?;
        if held {
            self.marked_at = self.sweeper.clock.now();
            self.report.changes += events;
            self.report.warnings += warnings;
            metrics::counter!("mbush_life_changes_total").increment(events as u64);
            metrics::counter!("mbush_life_warnings_total").increment(warnings as u64);
        }
        Ok(held)
    }

    /// Stopped in the middle: another node may go on at once.
    async fn release(&mut self) -> Result<(), StoreError> {
        let mark = self.mark(self.cursor.clone(), None);
        let now = self.sweeper.clock.now();
        self.record(SweepMark { until: now, ..mark }, &[]).await.map(drop)
    }
}
