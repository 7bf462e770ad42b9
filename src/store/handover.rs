//! Replies on their way from a batch to the dispatcher of this process, and final states on their way back.
//!
//! A batch writes a reply as leased, if the dispatcher has a free place for it, and passes it on in memory after the
//! commit. It also writes the final states that the dispatcher has for it. Both save a transaction. Replies that are
//! not passed on wait in the outbox, where the dispatcher finds them; so do those of a process that was killed, when
//! their leases end.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use uuid::Uuid;

use super::delivery::{Delivery, Lease, Leased};
use super::hot::Ended;
use crate::domain::OutboundSms;

/// Most final states that one batch writes.
const ENDED_MAX: usize = 1_024;

/// A reply, the lease under which it was sent, and its new state.
pub type Finished = (Uuid, Uuid, Delivery);

/// The dispatcher of this process.
pub trait Recipient: Debug + Send + Sync {
    /// Reserves up to `wanted` places for replies of this link; none if the link cannot send now. Returns their number.
    fn reserve(&self, link: &str, wanted: usize) -> usize;

    /// Gives back places that were reserved.
    fn release(&self, link: &str, places: usize);

    /// Returns the lease for replies that are passed on now.
    fn lease(&self) -> Lease;

    /// Takes replies that are committed, each with a reserved place.
    fn take(&self, replies: Vec<Leased>);

    /// Gives up to `most` final states that have to be written, the oldest first.
    fn ended(&self, most: usize) -> Vec<Finished>;

    /// Learns that final states are written.
    fn written(&self, ended: &[Finished]);

    /// Takes final states back that were not written.
    fn not_written(&self, ended: Vec<Finished>);

    /// Learns of replies, each with its lease, whose batch may have been committed, or may still be. Nobody sends them
    /// under these leases.
    fn doubted(&self, replies: Vec<(Uuid, Uuid)>);
}

/// The way from the batches of a process to its dispatcher.
#[derive(Debug, Default)]
pub(super) struct Handover {
    recipient: Mutex<Option<Arc<dyn Recipient>>>,
    /// Replies were added to the outbox that are not passed on.
    added: Notify,
}

impl Handover {
    /// Sets the dispatcher, or removes it.
    pub(super) fn set(&self, recipient: Option<Arc<dyn Recipient>>) {
        *self.recipient.lock().unwrap_or_else(PoisonError::into_inner) = recipient;
    }

    fn recipient(&self) -> Option<Arc<dyn Recipient>> {
        self.recipient.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wakes the dispatcher.
    pub(super) fn tell(&self) {
        self.added.notify_one();
    }

    pub(super) async fn added(&self) {
        self.added.notified().await;
    }
}

/// Replies and final states that one batch passes on after its commit. If it is dropped before, places and final states go back.
#[derive(Debug)]
pub(super) struct Handed {
    handover: Arc<Handover>,
    recipient: Option<Arc<dyn Recipient>>,
    /// Places that are reserved and not used yet, by link.
    places: BTreeMap<String, usize>,
    replies: Vec<Leased>,
    ended: Ended,
    /// Rows that the dispatcher has to find in the outbox.
    others: usize,
    /// The commit has begun, and its result is not known.
    in_doubt: bool,
}

impl Handed {
    pub(super) fn new(handover: &Arc<Handover>) -> Self {
        Self {
            recipient: handover.recipient(),
            handover: handover.clone(),
            places: BTreeMap::new(),
            replies: Vec::new(),
            ended: Ended::default(),
            others: 0,
            in_doubt: false,
        }
    }

    /// Chooses the replies that are passed on. Returns the lease of each.
    pub(super) fn choose(&mut self, replies: &[OutboundSms]) -> Vec<Option<Lease>> {
        let Some(recipient) = self.recipient.clone() else {
            self.others += replies.len();
            return vec![None; replies.len()];
        };
        let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
        for reply in replies {
            *wanted.entry(&reply.link).or_default() += 1;
        }
        for (link, wanted) in wanted {
            *self.places.entry(link.to_owned()).or_default() += recipient.reserve(link, wanted);
        }
        let lease = recipient.lease();
        replies.iter().map(|reply| self.pass_on(reply, lease)).collect()
    }

    fn pass_on(&mut self, reply: &OutboundSms, lease: Lease) -> Option<Lease> {
        let Some(places @ 1..) = self.places.get_mut(&reply.link) else {
            self.others += 1;
            return None;
        };
        *places -= 1;
        self.replies.push(Leased { sms: reply.clone(), report: None, attempts: 0, lease: lease.id });
        Some(lease)
    }

    /// Notes rows that the dispatcher has to find.
    pub(super) const fn add_others(&mut self, count: usize) {
        self.others += count;
    }

    /// Takes final states from the dispatcher, for this batch to write.
    pub(super) fn take_ended(&mut self, now: DateTime<Utc>) -> bool {
        let Some(recipient) = &self.recipient else { return false };
        let most = ENDED_MAX.saturating_sub(self.ended.finished.len());
        self.ended.add(recipient.ended(most), now);
        !self.ended.finished.is_empty()
    }

    /// The final states that this batch writes.
    pub(super) const fn ended(&self) -> &Ended {
        &self.ended
    }

    /// Notes that the commit begins. Unless its success is known, the leases that it may have written are ended.
    pub(super) const fn committing(&mut self) {
        self.in_doubt = true;
    }

    /// Notes that it is known that the batch is not committed.
    pub(super) const fn not_committed(&mut self) {
        self.in_doubt = false;
    }

    /// Passes everything on. The batch is committed.
    pub(super) fn committed(mut self) {
        if self.others > 0 {
            self.handover.tell();
        }
        if let Some(recipient) = &self.recipient {
            recipient.written(&std::mem::take(&mut self.ended).finished);
            recipient.take(std::mem::take(&mut self.replies));
        }
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        let Some(recipient) = &self.recipient else { return };
        let mut doubted = Vec::new();
        for Leased { sms, lease, .. } in std::mem::take(&mut self.replies) {
            *self.places.entry(sms.link).or_default() += 1;
            if self.in_doubt {
                doubted.push((sms.id, lease));
            }
        }
        for (link, places) in std::mem::take(&mut self.places) {
            if places > 0 {
                recipient.release(&link, places);
            }
        }
        if !doubted.is_empty() {
            recipient.doubted(doubted);
        }
        if !self.ended.finished.is_empty() {
            recipient.not_written(std::mem::take(&mut self.ended.finished));
        }
    }
}
