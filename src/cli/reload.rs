//! Reloads grammars and menus of a running server if a file in their folders changes, and at SIGHUP. A set with an
//! error is refused as a whole, with its diagnostics, and the previous set stays in use.

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

use super::reach::warn_of_forgeable;
use super::{bank_pins, languages, resources, style};
use crate::config::Config;
use crate::domain::NumberingPlan;
use crate::grammar::GrammarSet;
use crate::menus::Menus;
use crate::text::templates::Templates;

/// Time without changes before a reload, so that a folder is read after it has been copied completely.
const QUIET: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
pub(super) struct Reloader {
    config: Config,
    plan: Arc<NumberingPlan>,
    grammars: Arc<ArcSwap<GrammarSet>>,
    menus: Arc<ArcSwap<Menus>>,
    templates: Arc<Templates>,
}

impl Reloader {
    pub(super) const fn new(
        config: Config,
        plan: Arc<NumberingPlan>,
        grammars: Arc<ArcSwap<GrammarSet>>,
        menus: Arc<ArcSwap<Menus>>,
        templates: Arc<Templates>,
    ) -> Self {
        Self { config, plan, grammars, menus, templates }
    }

    /// Reloads after each change of the folder and at each SIGHUP, until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let (told, mut changes) = mpsc::channel(1);
        // Watching ends when the watcher is dropped.
        let dir = resources::grammars_folder(&self.config);
        let _watcher = dir.and_then(|dir| watch(&dir, told.clone()));
        let menus = resources::menus_folder(&self.config).filter(|menus| menus.is_dir());
        let _menus_watcher = menus.and_then(|menus| watch(&menus, told.clone()));
        let mut hang_up = match signal(SignalKind::hangup()) {
            Ok(hang_up) => hang_up,
            Err(problem) => return warn!(%problem, "SIGHUP cannot be received; grammars will not be reloaded"),
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hang_up.recv() => {}
                _ = changes.recv() => {}
            }
            // Reading and checking files blocks, so that it runs on another thread.
            let this = self.clone();
            if let Err(problem) = tokio::task::spawn_blocking(move || this.reload()).await {
                error!(%problem, "the grammars could not be reloaded; the old ones stay in use");
            }
        }
    }

    /// Replaces both or neither, because the texts of menus have to be valid in the grammars.
    fn reload(&self) {
        let both = resources::grammars(&self.config, &self.plan)
            .and_then(|set| bank_pins::ensure_verified(&self.config, &set).map(|()| set))
            .and_then(|set| languages::ensure_spoken(&set, &self.templates).map(|()| set))
            .and_then(|set| resources::menus(&self.config, &set, &self.templates).map(|menus| (set, menus)));
        let (set, menus) = match both {
            Ok(both) => both,
            Err(problem) => {
                return error!(
                    "the new grammars are refused; the old ones stay in use: {}",
                    style::with_causes(&problem)
                );
            }
        };
        if **self.menus.load() != menus {
            info!(screens = menus.screens(), "new menus");
            self.menus.store(Arc::new(menus));
        }
        if set.id() == self.grammars.load().id() {
            return info!(set = set.id(), "the grammars are the same");
        }
        info!(set = set.id(), before = self.grammars.load().id(), "new grammars");
        warn_of_forgeable(&self.config, &set);
        self.grammars.store(Arc::new(set));
    }
}

fn watch(dir: &Path, changed: mpsc::Sender<()>) -> Option<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let on_change = move |result: DebounceEventResult| {
        let relevant = |kind: &notify::EventKind| !matches!(kind, notify::EventKind::Access(_));
        if result.is_ok_and(|events| events.iter().any(|event| relevant(&event.kind))) {
            // If the channel is full, a reload is pending already.
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
