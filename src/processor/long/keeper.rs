//! The task that keeps parts: those that have queued while the last commit ran share the next.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{error, info, warn};
use uuid::Uuid;

use super::super::answer::{Answer, NotAccepted};
use super::super::deadline::in_time;
use super::super::intake::Intake;
use super::generation::is_whole;
use super::inbound_part::InboundPart;
use super::place::{Fate, Placed, Places, WAIT, fate, sign_of};
use super::whole;
use crate::domain::{Body, Clock, InboundSms, ReportWanted};
use crate::store::{Part, PartState, Retry, Sign, Store, StoreError, Whole};

/// The parts of a message are kept for this time after it went into the inbox: until nothing waits any more that may be one of
/// them, delivered again as long as they are known.
const KEPT: TimeDelta = TimeDelta::minutes(8);
/// Time between two looks at the table.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Messages that are sent on their way at one look.
const AT_ONE_LOOK: u32 = 64;
/// Most parts in one transaction.
const BATCH_MAX: usize = 256;
/// Attempts at a batch that the database was too busy for.
const ATTEMPTS_MAX: u32 = 4;
/// Wait before a whole that was not taken is tried again.
const WHOLE_WAIT: Duration = Duration::from_secs(2);

/// A part whose link waits for it to be kept.
pub(in crate::processor) type Waiting = (InboundPart, Sender);
type Sender = oneshot::Sender<Result<String, NotAccepted>>;

/// Parts that were committed.
struct Committed {
    /// The place of each.
    placed: Vec<Placed>,
    /// The parts of each message that is whole now.
    wholes: Vec<Vec<Part>>,
}

/// A long message that is whole, or will never be.
#[derive(Debug, Clone)]
struct Assembled {
    whole: Whole,
    message: InboundSms,
    report: ReportWanted,
}

/// The end of the way of a long message.
#[derive(Debug)]
struct Ended {
    assembled: Assembled,
    /// Another message has its key.
    is_conflict: bool,
}

#[derive(Debug)]
pub(in crate::processor) struct Keeper {
    store: Store,
    clock: Clock,
    intake: Arc<Intake>,
    /// On their way into the inbox.
    going: HashSet<Whole>,
    wholes: JoinSet<Ended>,
}

impl Keeper {
    pub(in crate::processor) fn new(store: Store, clock: Clock, intake: Arc<Intake>) -> Self {
        Self { store, clock, intake, going: HashSet::new(), wholes: JoinSet::new() }
    }

    /// Runs until every [`crate::processor::Processor`] is gone and the queue is empty.
    pub(in crate::processor) async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut looks = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            tokio::select! {
                count = waiting.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        break;
                    }
                    self.keep(std::mem::take(&mut batch)).await;
                }
                Some(ended) = self.wholes.join_next() => self.ended(ended),
                _ = looks.tick() => {
                    if let Err(failure) = in_time(self.look()).await {
                        warn!(error = %failure, "parts of long messages could not be looked at");
                    }
                }
            }
        }
        while self.wholes.join_next().await.is_some() {}
    }

    /// Parts that fail for what is in one of them are cut in halves, so that it fails alone.
    async fn keep(&mut self, batch: Vec<Waiting>) {
        let mut rest = vec![batch];
        while let Some(batch) = rest.pop() {
            let (parts, senders): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            match self.commit_patiently(&parts).await {
                Err(failure) if parts.len() > 1 && !failure.is_outage() => {
                    warn!(parts = parts.len(), error = %failure, "parts failed together; trying their halves");
                    let mut first: Vec<Waiting> = parts.into_iter().zip(senders).collect();
                    let second = first.split_off(first.len() / 2);
                    rest.extend([second, first]);
                }
                done => self.answer(done, parts.len(), senders),
            }
        }
    }

    fn answer(&mut self, done: Result<Committed, StoreError>, parts: usize, senders: Vec<Sender>) {
        let answers = match done {
            Ok(Committed { placed, wholes }) => {
                for parts in wholes {
                    self.go_on(&parts, None);
                }
                let answer = |placed| match placed {
                    Placed::Kept(key) => Ok(key),
                    Placed::Full => Err(NotAccepted::QueueFull),
                };
                placed.into_iter().map(answer).collect()
            }
            Err(failure) => {
                error!(parts, error = %failure, "parts were not stored; their senders keep them");
                vec![Err(NotAccepted::Store); parts]
            }
        };
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A link that no longer waits has closed; its peer sends the part again and is answered the same.
            drop(sender.send(answer));
        }
    }

    async fn commit_patiently(&self, parts: &[InboundPart]) -> Result<Committed, StoreError> {
        let mut retry = Retry::new(ATTEMPTS_MAX);
        loop {
            match in_time(self.commit(parts)).await {
                Err(failure) if !failure.is_locked() && retry.again(&failure).await => {}
                result => return result,
            }
        }
    }

    /// Load, place, write, commit. A commit whose answer was lost is simply run again: the parts are known then.
    async fn commit(&self, parts: &[InboundPart]) -> Result<Committed, StoreError> {
        let signs: BTreeSet<Sign> = parts.iter().map(sign_of).collect();
        let links: BTreeSet<&String> = parts.iter().map(|part| &part.link).collect();
        let mut batch = self.store.begin().await?;
        let kept = batch.parts_under(&signs.into_iter().collect::<Vec<_>>()).await?;
        let held = batch.parts_held(&links.into_iter().cloned().collect::<Vec<_>>()).await?;
        let mut places = Places::new(kept, held);
        let fates = parts.iter().map(|part| places.place(part)).collect();
        let wholes = places.wholes();
        // In one order for all nodes, so that they wait for each other but never in a ring.
        places.kept.sort_by(|a, b| (&a.whole, a.number).cmp(&(&b.whole, b.number)));
        batch.withdraw_parts(&places.withdrawn).await?;
        batch.keep_parts(&places.kept, &places.given_up).await?;
        batch.commit().await?;
        Ok(Committed { placed: fates, wholes })
    }

    /// Sends on their way what is whole, was given up or has waited too long, and forgets what is long done.
    async fn look(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for ripe in self.store.ripe_parts(now - WAIT, AT_ONE_LOOK).await? {
            if self.going.contains(&ripe) {
                continue;
            }
            let beside = self.store.parts_beside(&ripe).await?;
            let parts: Vec<_> = beside.iter().filter(|(part, _)| part.whole == ripe).cloned().collect();
            match fate(beside, &ripe, now) {
                Fate::Goes => {}
                Fate::Waits => continue,
                Fate::IsNone => {
                    self.withdraw(&parts).await?;
                    continue;
                }
            }
            let waits = parts.first().is_some_and(|(_, state)| *state == PartState::Waiting);
            let parts: Vec<Part> = parts.into_iter().map(|(part, _)| part).collect();
            let incomplete = (!is_whole(parts.iter())).then(|| reason(&parts, waits));
            self.go_on(&parts, incomplete);
        }
        self.forget(now).await
    }

    async fn forget(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.store.has_done_parts(now - KEPT).await? {
            self.store.forget_parts(now - KEPT).await?;
        }
        Ok(())
    }

    async fn withdraw(&self, parts: &[(Part, PartState)]) -> Result<(), StoreError> {
        let parts: Vec<(Whole, u8)> = parts.iter().map(|(part, _)| (part.whole.clone(), part.number)).collect();
        let mut batch = self.store.begin().await?;
        batch.withdraw_parts(&parts).await?;
        batch.commit().await
    }

    fn go_on(&mut self, parts: &[Part], incomplete: Option<String>) {
        let (Some(first), Some((message, report))) = (parts.first(), whole::message(parts, incomplete.clone())) else {
            return;
        };
        if let Some(why) = incomplete {
            info!(link = message.link, why, "a long message is not whole");
        }
        self.send(Assembled { whole: first.whole.clone(), message, report });
    }

    /// Sends a long message the way of every message. One that is not taken, because the queue is full, is found again by a
    /// later look.
    fn send(&mut self, assembled: Assembled) {
        if !self.going.insert(assembled.whole.clone()) {
            return;
        }
        let mut parsed = self.intake.parser.parse(assembled.message.clone(), assembled.report);
        parsed.envelope.whole = Some(assembled.whole.clone());
        let intake = self.intake.clone();
        self.wholes.spawn(async move {
            let is_conflict = is_conflict(intake.message(parsed).await).await;
            Ended { assembled, is_conflict }
        });
    }

    fn ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let Ok(Ended { assembled: Assembled { whole, message, report }, is_conflict }) = ended else { return };
        self.going.remove(&whole);
        if !is_conflict {
            return;
        }
        // Its parts are acknowledged, so that it must not be refused: it is kept for staff under a key of its own.
        let key = InboundSms::fresh_key(&message.link, Uuid::now_v7());
        let why = "a message of other content came under the same identifier".to_owned();
        let hex = match &message.body {
            Body::Text(text) => hex::encode(text),
            Body::Undecodable { hex, .. } => hex.clone(),
            // No order comes in parts, and a text is masked only after this.
            Body::Order(_) | Body::Masked { .. } => String::new(),
        };
        let body = Body::Undecodable { hex, data_coding: 0, why };
        self.send(Assembled { whole, message: InboundSms { key, body, ..message }, report });
    }
}

/// Returns whether another message has its key. If it was not taken for now, that is waited out.
async fn is_conflict(answer: Result<Answer, NotAccepted>) -> bool {
    match answer {
        Ok(_) => false,
        Err(NotAccepted::Conflict) => true,
        Err(_) => {
            tokio::time::sleep(WHOLE_WAIT).await;
            false
        }
    }
}

fn reason(parts: &[Part], waits: bool) -> String {
    let (came, total) = (parts.len(), parts.first().map_or(0, |part| part.total));
    let why = if waits {
        "the others did not come in time"
    } else {
        "its sender began another message under the same reference"
    };
    format!("{came} of {total} parts of a long message: {why}")
}
