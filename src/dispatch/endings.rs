//! The final states of replies, until they are written.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;
use uuid::Uuid;

use super::flight::Flight;
use crate::store::{Delivery, Finished, Store};

/// Time for which final states wait for a batch that writes them.
const BATCH_WAIT: Duration = Duration::from_millis(10);
/// Wait before final states that could not be written are tried again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// The same for those that the database refuses although it takes others.
const REFUSED_AGAIN: Duration = Duration::from_secs(5);

impl Flight {
    pub(super) fn end(&self, finished: Finished) {
        let mut state = self.lock();
        state.ended.push(finished);
        if state.write_at.is_none() {
            state.write_at = Some(Instant::now() + BATCH_WAIT);
            self.ended.notify_one();
        }
    }

    /// Takes final states to be written. They belong to the newest leases of their replies.
    pub(super) fn take_ended(&self, most: usize) -> Vec<Finished> {
        let mut state = self.lock();
        let most = most.min(state.ended.len());
        let mut taken: Vec<Finished> = state.ended.drain(..most).collect();
        if state.ended.is_empty() {
            state.write_at = None;
        }
        for (id, lease, delivery) in &mut taken {
            if !matches!(delivery, Delivery::NotBegun) {
                *lease = state.leases.get(id).copied().unwrap_or(*lease);
            }
        }
        taken
    }

    /// Forgets the leases of replies whose final states are written. A reply that was leased again meanwhile is not begun
    /// again, so its state is written again, under the new lease.
    pub(super) fn forget(&self, ended: &[Finished]) {
        let mut again = Vec::new();
        {
            let mut state = self.lock();
            for (id, lease, delivery) in ended {
                match state.leases.get(id) {
                    Some(newest) if newest == lease => drop(state.leases.remove(id)),
                    // Nobody has begun a reply that is in doubt under this lease.
                    Some(_) if !matches!(delivery, Delivery::NotBegun) => again.push((*id, *lease, delivery.clone())),
                    _ => {}
                }
            }
        }
        for finished in again {
            self.end(finished);
        }
    }

    /// Takes final states back that could not be written.
    pub(super) fn put_back(&self, ended: Vec<Finished>) {
        let mut state = self.lock();
        state.ended.splice(0..0, ended);
        let wait = if state.is_refused { WRITE_AGAIN } else { BATCH_WAIT };
        state.is_refused = true;
        state.write_at = Some(Instant::now() + wait);
        self.ended.notify_one();
    }

    /// Has leases ended whose batch may have been committed. It may also be committed later: then its leases have to be
    /// ended again.
    pub(super) fn doubt(&self, replies: Vec<(Uuid, Uuid)>) {
        let until = Instant::now() + Duration::from_secs(self.settings.lease_seconds.into());
        self.lock().doubted.extend(replies.into_iter().map(|reply| (reply, until)));
        self.recall();
    }

    /// Puts those final states back that are to be tried again now.
    pub(super) fn recall(&self) {
        let (now, mut state) = (Instant::now(), self.lock());
        if state.recall_at.is_some_and(|at| at > now) {
            return;
        }
        state.doubted.retain(|_, until| *until > now);
        let doubted: Vec<(Uuid, Uuid)> = state.doubted.keys().copied().collect();
        state.ended.extend(doubted.into_iter().map(|(id, lease)| (id, lease, Delivery::NotBegun)));
        if state.refused_until.is_some_and(|until| until <= now) {
            let refused = std::mem::take(&mut state.refused);
            (state.is_refused, state.refused_until) = (true, None);
            state.ended.extend(refused);
        }
        state.recall_at = Some(now + WRITE_AGAIN);
        if !state.ended.is_empty() && state.write_at.is_none() {
            state.write_at = Some(now + BATCH_WAIT);
            self.ended.notify_one();
        }
    }

    /// Writes the final states that wait. If the database refuses some of them, the others are written without those.
    pub(super) async fn write_ended(self: &Arc<Self>, store: &Store) {
        let mut parts = vec![self.take_ended(usize::MAX)];
        while let Some(mut ended) = parts.pop() {
            if ended.is_empty() {
                continue;
            }
            match store.finish_outbox(&ended, self.clock.now()).await {
                Ok(()) => self.forget(&ended),
                Err(failure) if failure.is_transient() => {
                    warn!(replies = ended.len(), error = %failure, "final states were not stored yet");
                    parts.push(ended);
                    return self.put_back(parts.into_iter().flatten().collect());
                }
                Err(_) if ended.len() > 1 => {
                    let second = ended.split_off(ended.len() / 2);
                    parts.extend([second, ended]);
                }
                Err(failure) => {
                    warn!(error = %failure, "the database refuses the final state of a reply; it is tried again");
                    let mut state = self.lock();
                    state.refused.extend(ended);
                    state.refused_until = Some(Instant::now() + REFUSED_AGAIN);
                }
            }
        }
        self.lock().is_refused = false;
    }

    /// Returns true if final states are not written yet.
    pub(super) fn has_ended(&self) -> bool {
        !self.lock().ended.is_empty()
    }

    /// Returns when final states have waited long enough for a batch.
    pub(super) async fn overdue(&self) {
        loop {
            let write_at = self.lock().write_at;
            match write_at {
                None => self.ended.notified().await,
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::time::sleep_until(at).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::config::section;
    use crate::domain::Clock;
    use crate::links::Links;

    /// A poll may lease a reply for its next attempt before this process learns that the result of the last one is
    /// written.
    #[test]
    fn a_reply_that_is_leased_again_before_its_state_is_known_as_written_is_not_left_leased() {
        let flight = Flight::new(Links::default(), section::Dispatch::default(), Clock::new(Utc::now));
        let (id, first, second) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let retry = Delivery::Retry { due_at: Utc::now(), error: "busy".to_owned(), counts: true };
        flight.lock().leases.insert(id, second);
        flight.forget(&[(id, first, retry.clone())]);
        let again = flight.take_ended(10);
        assert_eq!(again, [(id, second, retry)]);
        flight.forget(&again);
        assert!(flight.lock().leases.is_empty() && flight.take_ended(10).is_empty());

        flight.lock().leases.insert(id, second);
        flight.forget(&[(id, first, Delivery::NotBegun)]);
        assert_eq!(flight.lock().leases.get(&id), Some(&second), "what is being sent stays known");
        assert!(flight.take_ended(10).is_empty());
    }
}
