//! Checks of the database for writes. A result is reused for a short time, so that frequent requests, or requests while
//! the database hangs, are answered at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::store::Store;

/// Time for which a result is reused.
const FRESH: Duration = Duration::from_secs(2);
/// Longest wait of a request for the result.
const WAIT: Duration = Duration::from_millis(800);

/// The reason that the database does not take writes, or `None` if it does.
type Found = Option<String>;

/// The last result, and the check that is under way.
#[derive(Debug, Clone)]
pub(super) struct Readiness {
    store: Store,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    last: Option<(Instant, Found)>,
    /// The check that is under way. There is never more than one.
    asking: Option<watch::Receiver<()>>,
}

impl Readiness {
    pub(super) fn new(store: Store) -> Self {
        Self { store, known: Arc::default() }
    }

    /// Returns the reason that the database does not take writes as an error. Answers within a second.
    pub(super) async fn store(&self) -> Result<(), String> {
        if let Some(found) = self.fresh() {
            return found.map_or(Ok(()), Err);
        }
        let mut asking = self.ask();
        // If the channel is closed, the check has ended, and its result is there.
        if timeout(WAIT, asking.changed()).await.is_err() {
            return Err("the database does not answer".to_owned());
        }
        match self.fresh() {
            Some(None) => Ok(()),
            Some(Some(problem)) => Err(problem),
            None => Err("the database could not be asked".to_owned()),
        }
    }

    fn fresh(&self) -> Option<Found> {
        let known = self.known();
        known.last.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, found)| found.clone())
    }

    /// Returns the check that is under way, or begins one.
    fn ask(&self) -> watch::Receiver<()> {
        let mut known = self.known();
        if let Some(asking) = &known.asking {
            return asking.clone();
        }
        let (done, asking) = watch::channel(());
        known.asking = Some(asking.clone());
        drop(known);
        let this = self.clone();
        tokio::spawn(async move {
            let found = this.store.takes_writes().await.err().map(|problem| problem.to_string());
            let mut known = this.known();
            known.last = Some((Instant::now(), found));
            known.asking = None;
            drop(known);
            done.send_replace(());
        });
        asking
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each change is whole even after a panic elsewhere.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
