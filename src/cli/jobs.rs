//! Periodic tasks of the server, which start and stop with it.

use anyhow::Context;
use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::domain::Floor;
use crate::find::{SEGMENT_ROWS, SearchIndexer};
use crate::jobs::dealers::DealerDays;
use crate::jobs::{DaySealer, Forwarder, LifeSweeper, UsageSweeper, Webhook};
use crate::processor::ProcessorServices;
use crate::store::HeadKey;
use crate::vouchers::ExpirySweeper;

pub(super) struct Jobs {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Jobs {
    /// Starts the configured tasks.
    pub(super) fn start(
        config: &Config,
        services: &ProcessorServices,
        audit_key: Option<HeadKey>,
        webhooks: Vec<Webhook>,
        floor: &Floor,
    ) -> Self {
        let ProcessorServices { store, plan, templates, rules, clock, .. } = services;
        let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
        let (life, dealers) = (config.life.clone(), config.dealers.clone());
        let days = DealerDays::new(store.clone(), dealers, rules.clone(), templates.clone(), clock.clone());
        tasks.spawn(days.run(stop.clone()));
        let sweeper =
            LifeSweeper::new(store.clone(), life, rules.clone(), plan.clone(), templates.clone(), clock.clone());
        tasks.spawn(sweeper.run(stop.clone()));
        tasks.spawn(ExpirySweeper::new(store.clone(), clock.clone()).run(stop.clone()));
        tasks.spawn(UsageSweeper::new(store.clone(), clock.clone()).run(stop.clone()));
        let indexer = SearchIndexer::new(store.clone(), plan.clone(), clock.clone(), SEGMENT_ROWS);
        tasks.spawn(indexer.run(stop.clone()));
        for webhook in webhooks {
            let forwarder = Forwarder::new(store.clone(), webhook, rules.clone(), templates.clone(), clock.clone());
            tasks.spawn(forwarder.run(stop.clone()));
        }
        if let Some(key) = audit_key {
            let seal_after = TimeDelta::minutes(i64::from(config.audit.seal_after_minutes));
            let sealer = DaySealer::new(store.clone(), key, seal_after, clock.clone(), floor.clone());
            tasks.spawn(sealer.run(stop.clone()));
        }
        Self { tasks, stop }
    }

    /// Returns the error when a task has failed.
    pub(super) async fn broken(&mut self) -> Option<String> {
        loop {
            match self.tasks.join_next().await {
                Some(Err(problem)) => return Some(problem.to_string()),
                Some(Ok(())) => {}
                // All tasks have ended because they have nothing to do.
                None => return std::future::pending().await,
            }
        }
    }

    /// Stops the tasks, and waits for their ends.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a background task failed")?;
        }
        Ok(())
    }
}
