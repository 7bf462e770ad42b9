//! New grammars for a running server: when a file of the folder changes, and at SIGHUP. A set with a mistake in it is
//! refused as a whole, with its diagnostics, and the old set keeps serving.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use notify_debouncer_full::notify::{self, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::resources;
use crate::config::Config;
use crate::domain::NumberingPlan;
use crate::grammar::GrammarSet;

/// Quiet time after a change, so that a folder that is being copied is read once it is whole.
const QUIET: Duration = Duration::from_millis(300);

/// Exchanges the set when told to.
#[derive(Debug, Clone)]
pub(super) struct Reloader {
    config: Config,
    plan: Arc<NumberingPlan>,
    grammars: Arc<ArcSwap<GrammarSet>>,
}

impl Reloader {
    pub(super) const fn new(config: Config, plan: Arc<NumberingPlan>, grammars: Arc<ArcSwap<GrammarSet>>) -> Self {
        Self { config, plan, grammars }
    }

    /// Until `stop`: reloads after each change of the folder and each SIGHUP.
    pub(super) async fn run(self, stop: CancellationToken) {
        let (told, mut changes) = mpsc::channel(1);
        // Watching ends when the watcher is dropped.
        let _watcher = self.config.grammars.dir.as_deref().and_then(|dir| watch(dir, told.clone()));
        let mut hang_up = match signal(SignalKind::hangup()) {
            Ok(hang_up) => hang_up,
            Err(problem) => return warn!(%problem, "SIGHUP cannot be heard; grammars stay as they are"),
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hang_up.recv() => {}
                _ = changes.recv() => {}
            }
            // Reading files and proving them is no work for a thread that serves.
            let this = self.clone();
            if let Err(problem) = tokio::task::spawn_blocking(move || this.reload()).await {
                error!(%problem, "the grammars could not be reloaded; the old ones keep serving");
            }
        }
    }

    fn reload(&self) {
        match resources::grammars(&self.config, &self.plan) {
            Ok(set) if set.id() == self.grammars.load().id() => info!(set = set.id(), "the grammars are the same"),
            Ok(set) => {
                info!(set = set.id(), before = self.grammars.load().id(), "new grammars");
                self.grammars.store(Arc::new(set));
            }
            Err(problem) => error!("the new grammars are refused; the old ones keep serving: {problem:#}"),
        }
    }
}

fn watch(dir: &Path, changed: mpsc::Sender<()>) -> Option<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let on_change = move |result: DebounceEventResult| {
        let relevant = |kind: &notify::EventKind| !matches!(kind, notify::EventKind::Access(_));
        if result.is_ok_and(|events| events.iter().any(|event| relevant(&event.kind))) {
            // Full means that a reload is about to happen anyway.
            let _told = changed.try_send(());
        }
    };
    let started = new_debouncer(QUIET, None, on_change).and_then(|mut watcher| {
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    started
        .inspect_err(
            |problem| warn!(%problem, dir = %dir.display(), "the folder cannot be watched; send SIGHUP after a change"),
        )
        .ok()
}
