//! The task that stores parts. Parts that arrive during a commit share the next transaction.

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

/// Time for which the parts of a message are stored after it went into the inbox. It is long enough that no waiting
/// part can be a redelivery of a deleted one.
const KEPT: TimeDelta = TimeDelta::minutes(8);
/// Interval of the checks of the table.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Limit of messages that are passed on per check.
const AT_ONE_LOOK: u32 = 64;
/// Limit of parts per transaction.
const BATCH_MAX: usize = 256;
/// Attempts at a batch if the database is busy.
const ATTEMPTS_MAX: u32 = 4;
/// Wait before a complete message that was not accepted is tried again.
const WHOLE_WAIT: Duration = Duration::from_secs(2);

/// A part, and the channel to the link that waits until it is stored.
pub(in crate::processor) type Waiting = (InboundPart, Sender);
type Sender = oneshot::Sender<Result<String, NotAccepted>>;

struct Committed {
    /// Result for each part.
    placed: Vec<Placed>,
    /// The parts of each message that is now complete.
    wholes: Vec<Vec<Part>>,
}

/// A long message that is complete, or will never be.
#[derive(Debug, Clone)]
struct Assembled {
    whole: Whole,
    message: InboundSms,
    report: ReportWanted,
}

/// Result of passing on a long message.
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
    /// Messages that are being passed on.
    going: HashSet<Whole>,
    wholes: JoinSet<Ended>,
}

impl Keeper {
    pub(in crate::processor) fn new(store: Store, clock: Clock, intake: Arc<Intake>) -> Self {
        Self { store, clock, intake, going: HashSet::new(), wholes: JoinSet::new() }
    }

    /// Runs until every [`crate::processor::Processor`] is dropped and the queue is empty.
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
                        warn!(error = %failure, "stored parts of long messages could not be read");
                    }
                }
            }
        }
        while self.wholes.join_next().await.is_some() {}
    }

    /// A batch of parts that fails is split in halves, so that only the part that causes the failure fails.
    async fn keep(&mut self, batch: Vec<Waiting>) {
        let mut rest = vec![batch];
        while let Some(batch) = rest.pop() {
            let (parts, senders): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            match self.commit_patiently(&parts).await {
                Err(failure) if parts.len() > 1 && !failure.is_outage() => {
                    warn!(parts = parts.len(), error = %failure, "a batch of parts failed; its halves are tried");
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
                error!(parts, error = %failure, "parts were not stored; they stay with their senders");
                vec![Err(NotAccepted::Store); parts]
            }
        };
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A link that no longer waits has closed. Its peer sends the part again and gets the same response.
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

    /// Load, place, write, commit. If the result of a commit was lost, the transaction is run again: the parts are then
    /// known.
    async fn commit(&self, parts: &[InboundPart]) -> Result<Committed, StoreError> {
        let signs: BTreeSet<Sign> = parts.iter().map(sign_of).collect();
        let links: BTreeSet<&String> = parts.iter().map(|part| &part.link).collect();
        let mut batch = self.store.begin().await?;
        let kept = batch.parts_under(&signs.into_iter().collect::<Vec<_>>()).await?;
        let held = batch.parts_held(&links.into_iter().cloned().collect::<Vec<_>>()).await?;
        let mut places = Places::new(kept, held);
        let fates = parts.iter().map(|part| places.place(part)).collect();
        let wholes = places.wholes();
        // All nodes use one order, so that they cannot deadlock.
        places.kept.sort_by(|a, b| (&a.whole, a.number).cmp(&(&b.whole, b.number)));
        batch.withdraw_parts(&places.withdrawn).await?;
        batch.keep_parts(&places.kept, &places.given_up).await?;
        batch.commit().await?;
        Ok(Committed { placed: fates, wholes })
    }

    /// Passes on messages that are complete, abandoned or have waited too long, and deletes old ones.
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
            info!(link = message.link, why, "a long message is incomplete");
        }
        self.send(Assembled { whole: first.whole.clone(), message, report });
    }

    /// Passes a long message on as any other message. If it is not accepted because the queue is full, a later check
    /// finds it again.
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
        // Its parts are acknowledged, so that it must not be rejected. It is stored for staff under another key.
        let key = InboundSms::fresh_key(&message.link, Uuid::now_v7());
        let why = "a message of other content came under the same identifier".to_owned();
        let hex = match &message.body {
            Body::Text(text) => hex::encode(text),
            Body::Undecodable { hex, .. } => hex.clone(),
            // Orders have no parts, and texts are masked later.
            Body::Order(_) | Body::Masked { .. } | Body::Newer(_) => String::new(),
        };
        let body = Body::Undecodable { hex, data_coding: 0, why };
        self.send(Assembled { whole, message: InboundSms { key, body, ..message }, report });
    }
}

/// Returns whether another message has the key. After any other failure, it waits before it returns.
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
