//! The sweep over all numbers: records changes of state, and warns customers before their validity ends.
//!
//! It follows the primary key in pages on a reading connection, so that no top-up pays for an index. The sweeping node
//! holds a lease. Changes are written in the transaction that moves the mark of the lease, and only for the version of
//! the account that was read. If a node is killed, another continues at the mark, and nothing is recorded or sent
//! twice.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::config::jobs::Life as Settings;
use crate::domain::{
    Account, Clock, Draft, NumberingPlan, OutboundSms, Rules, Standing, Way, calendar, changes, format_minor,
    warning_step,
};
use crate::store::{
    AccountEvent, LifeRow, LifeWritten, Store, StoreError, SweepLease, SweepMark, SweepTerms, Swept, WARNING_KEYS,
};
use crate::text::templates::{Templates, Values};

/// Name of this sweep's lease.
const NAME: &str = "life";
/// Numbers that are read at once.
const PAGE: u32 = 1_000;
/// Numbers in one transaction, which locks their accounts.
const WRITES: usize = 50;
/// Interval at which the mark is moved if nothing is recorded.
const MARK_EVERY: TimeDelta = TimeDelta::seconds(15);
/// Wait between two pages, which leaves the disk to others.
const BREATH: Duration = Duration::from_millis(2);
/// Silence of a node after which another takes over the sweep.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Time by which warnings are postponed at once during the night.
const PUT_OFF: TimeDelta = TimeDelta::seconds(60);
/// Interval at which the times of the sweep and of the night are checked.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Result of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Numbers that were read.
    pub numbers: u64,
    /// Changes of state that were recorded.
    pub changes: usize,
    /// Warnings that were put into the outbox.
    pub warnings: usize,
    /// True if the last number was reached; false if the sweep was stopped or another node took it over.
    pub finished: bool,
}

/// Records the states of numbers.
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
    /// Creates the task; [`LifeSweeper::run`] starts it.
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

    /// Runs each sweep when it is due and postpones warnings at night, until `stop` is cancelled.
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
                Err(failure) => warn!(error = %failure, "the sweep over numbers failed; it resumes there later"),
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

    /// Outside of the hours for SMS, postpones the warnings that were not sent yet. Each step is short, because the
    /// dispatcher takes a long wait for the effect of a clock that was set back.
    pub async fn keep_hours(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        match &self.settings.warn_link {
            Some(link) if !self.settings.hours().contain(now) => {
                self.store.put_off_warnings(link, now, now + PUT_OFF).await
            }
            _ => Ok(0),
        }
    }

    /// Runs a sweep; `None` if none is due or another node runs one.
    ///
    /// # Errors
    /// The database fails; the next sweep continues at the mark.
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

    /// Returns the record for a number; `None` if nothing changed.
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
            ("balance", format_minor(account.balance_minor)),
            ("valid_until", calendar::day_of(valid_until).format("%d.%m.%Y").to_string()),
        ]);
        let language = self.templates.choose([account.language(), self.rules.language]);
        self.templates.words(language, "validity_ending", &values).inspect_err(super::report).ok()
    }
}

async fn wait(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(ASK_EVERY) => {}
    }
}

/// A sweep in progress.
struct Walk<'a> {
    sweeper: &'a LifeSweeper,
    lease: SweepLease,
    cursor: Option<String>,
    /// Instant at which the mark was moved.
    marked_at: DateTime<Utc>,
    report: SweepReport,
}

impl Walk<'_> {
    /// Handles one page. Returns true if there may be another.
    async fn page(&mut self) -> Result<bool, StoreError> {
        let sweeper = self.sweeper;
        let now = sweeper.clock.now();
        let most = sweeper.settings.warn_days.iter().copied().max().unwrap_or(0);
        let horizon = calendar::days_after(now, most + 1);
        let page = sweeper.store.sweep_page(self.cursor.as_deref(), horizon, PAGE).await?;
        let rows: Vec<LifeRow> = page.iter().filter_map(|swept| sweeper.row(swept, now)).collect();
        for rows in rows.chunks(WRITES) {
            // Recorded changes are not found again, so the mark may be at the end of the page.
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

    /// Records changes and moves the mark. Returns false if another node has the sweep.
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

    /// Gives the lease back, so that another node can continue at once.
    async fn release(&mut self) -> Result<(), StoreError> {
        let mark = self.mark(self.cursor.clone(), None);
        let now = self.sweeper.clock.now();
        self.record(SweepMark { until: now, ..mark }, &[]).await.map(drop)
    }
}
