//! The use case: a message comes in, is read, joins a batch, is decided and committed; then, and only then, its link
//! is told.
//!
//! - [`Processor::accept`]: what links call; returns after the commit. [`Processor::order`] is for doors that have no text
//! - [`Desk`]: what staff order, in transactions beside those of messages
//! - `intake`: reading, on the caller's task
//! - `conceal`: what may be a card's code never leaves that task
//! - `guesses`: how many wrong codes of cards and wrong PINs are looked at
//! - `courtesy`: which replies are withheld
//! - `dealers`: whom a phone sells for
//! - `pins`: PINs are compared before the batch; `hashing`: a few at a time, in memory that is used again
//! - `receiver`: who gets credit from another hears of it too
//! - [`rehearse`]: how a message would end, in a transaction that is undone
//! - `plan`: the decisions of one batch, pure: what was loaded in, what is to be written out
//! - `sheet`: what one transaction knows and changes
//! - [`OrderState`]: how an order of a client stands
//! - `applier`: the tasks that write, one on SQLite, several on PostgreSQL, each for its share of the accounts; they form
//!   batches by arrival, without a timer
//! - `aside`: messages about accounts that another client of the database holds wait there, and hold up no others
//! - `long`: parts of long messages, kept until their whole is there
//! - `senders`: one phone is one number, and who may ask for what moves money
//! - `report`: an ending for the machine that submitted the message, where it asked
//! - `wording`: an ending in the customer's words

mod applier;
mod aside;
mod conceal;
mod courtesy;
mod dealers;
mod desk;
mod guesses;
mod hashing;
mod ingress;
mod intake;
mod long;
mod order;
mod orders;
mod pins;
mod plan;
mod receiver;
mod rehearsal;
mod report;
mod senders;
mod sheet;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::domain::voucher::Keys;
use crate::domain::{
    AccountKey, AddressType, Clock, Contradiction, InboundSms, Language, Msisdn, NumberingPlan, Outcome, Report,
    ReportWanted, Rules,
};
use crate::grammar::GrammarSet;
use crate::store::{Store, StoreError};
use crate::text::templates::Templates;

pub use desk::{Desk, DeskParts, Done, NotDone, Why};
use guesses::{Guessed, Guesses};
pub use ingress::{Ingress, Known};
use intake::{Job, Reader, Told};
pub use long::{InboundPart, body};
use long::{Keeper, Waiting};
pub use order::{Confirm, Order, Wish};
pub use orders::OrderState;
use pins::PinDesk;
pub use pins::{NoPin, PinKey, reset_pin};
pub use rehearsal::{Rehearsal, rehearse};
pub use wording::{UnfitTemplates, Wording};

/// How long a menu waits for the language of its phone.
const LANGUAGE_WAIT: Duration = Duration::from_secs(1);

/// How long the database may take for one transaction, the wait for a connection and for locks included. It is shorter than
/// any door's patience, so that what is to be said of a database that hangs is said there in time.
const TRANSACTION_MAX: Duration = Duration::from_secs(8);

/// The result of a transaction, which is given up where it takes too long.
async fn in_time<T>(transaction: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(TRANSACTION_MAX, transaction).await.unwrap_or(Err(StoreError::Late))
}

/// What becomes of a message, as its sender waits for it.
type Answering = oneshot::Receiver<Result<Answer, NotAccepted>>;

/// How a message ended, and what its sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The ending.
    pub outcome: Outcome,
    /// The reply; `None` where the sender cannot be written to, or the reply is withheld.
    pub reply: Option<String>,
    /// When the message came; of one that was answered before, the first time.
    pub at: DateTime<Utc>,
    /// The message had been answered before; this is that answer.
    pub replayed: bool,
}

/// Why a message was not taken. Nothing of it was kept, but for [`NotAccepted::Unknown`]: its sender keeps it, and may try
/// again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// As many messages wait as may.
    #[error("the queue is full; try again in a moment")]
    QueueFull,
    /// The program is about to end.
    #[error("shutting down; try again on the next connection")]
    Stopping,
    /// The database did not take it, or did not say what had to be known. What it said is in the log, and for no sender.
    #[error("the database does not take messages now; try again later")]
    Store,
    /// The database was asked to commit it, and did not say that it has. It may be kept, and may not.
    #[error("the database did not say whether it was done; the same under the same identifier is done once, and tells")]
    Unknown,
    /// Too many wrong codes of cards came this way.
    #[error("too many wrong codes of cards; try again in {seconds} seconds")]
    Throttled {
        /// Seconds until the next is looked at.
        seconds: u32,
    },
    /// There is a message of another content under the same key.
    #[error("a message of other content was sent under the same identifier; give each message its own")]
    Conflict,
    /// A withdrawal says another amount or number than its order.
    #[error("it says something else of the order than was done; say what was done, or nothing")]
    Contradiction(Contradiction),
}

impl NotAccepted {
    /// The log keeps what the sender is not told.
    pub(crate) fn failed(problem: &dyn std::fmt::Display) -> Self {
        tracing::error!(%problem, "a request was not taken; its sender may send it again");
        Self::Store
    }
}

/// What a processor works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The grammars; they may be exchanged at any time.
    pub grammars: Arc<ArcSwap<GrammarSet>>,
    /// The numbering plan.
    pub plan: Arc<NumberingPlan>,
    /// The replies' templates.
    pub templates: Arc<Templates>,
    /// What decisions obey.
    pub rules: Rules,
    /// What codes of scratch cards are hashed with.
    pub voucher_keys: Keys,
    /// What PINs are compared by.
    pub pin_key: PinKey,
    /// The time.
    pub clock: Clock,
}

/// Takes messages in. A clone is the same processor; when the last one is gone, the appliers end what has queued and stop.
#[derive(Debug, Clone)]
pub struct Processor {
    reader: Reader,
    pins: PinDesk,
    codes: Guesses,
    pin_guesses: Guesses,
    /// One for each applier; a message goes to that of the account which it is about.
    queues: Arc<[mpsc::Sender<Job>]>,
    parts: mpsc::Sender<Waiting>,
    store: Store,
    wording: Wording,
    /// The language of who has not chosen one.
    language: Language,
}

impl Processor {
    /// Starts as many appliers as the database has use for; the handle ends when all of them have.
    pub fn start(parts: &Parts, queue_max: usize, batch_max: usize) -> (Self, JoinHandle<()>) {
        let writers = parts.store.writers().max(1);
        let mut appliers = JoinSet::new();
        let queues = (0..writers).map(|_| {
            let (queue, jobs) = mpsc::channel(queue_max.div_ceil(writers).max(1));
            appliers.spawn(applier::Applier::new(parts.clone(), batch_max.max(1)).run(jobs));
            queue
        });
        let queues: Arc<[mpsc::Sender<Job>]> = queues.collect();
        let reader = Reader::new(parts);
        let wording = Wording::new(parts.templates.clone(), parts.plan.clone());
        let pins = PinDesk::new(parts.store.clone(), parts.pin_key.clone(), parts.rules.redelivery);
        let guesses = |what, rates| Guesses::new(what, rates, &parts.rules.links.operators, parts.clock.clone());
        let codes = guesses(Guessed::Card, parts.rules.code_rates);
        let pin_guesses = guesses(Guessed::Pin, parts.rules.pin_rates);
        let (keep, kept) = mpsc::channel(queue_max.max(1));
        let ways = (reader.clone(), codes.clone(), queues.clone());
        let keeper = Keeper::new(parts.store.clone(), parts.clock.clone(), ways);
        appliers.spawn(keeper.run(kept));
        let all = async move {
            while let Some(ended) = appliers.join_next().await {
                // One that has ended badly ends them all: the program is to be started anew.
                if let Err(problem) = ended {
                    tracing::error!(%problem, "an applier has ended badly");
                    return;
                }
            }
        };
        (
            Self {
                reader,
                pins,
                codes,
                pin_guesses,
                queues,
                parts: keep,
                store: parts.store.clone(),
                wording,
                language: parts.rules.language,
            },
            tokio::spawn(all),
        )
    }

    /// Takes one message in and returns when it is committed.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        self.accept_from_machine(message, ReportWanted::default()).await
    }

    /// The same for a sender that wants a report about the ending, which is put in the outbox together with it.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept_from_machine(&self, message: InboundSms, report: ReportWanted) -> Result<Answer, NotAccepted> {
        let (sender, answer) = oneshot::channel();
        self.carry_out(self.reader.read(message, report, sender), answer).await
    }

    /// The same for a sender that waits for the reply and shows it itself: it is in the answer, and not sent to the phone.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept_in_dialogue(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        let (sender, answer) = oneshot::channel();
        let job = self.reader.read(message, ReportWanted::default(), sender);
        self.carry_out(Job { confirm: Told::Machine, ..job }, answer).await
    }

    /// The language that a phone is answered in: its owner's choice where there is one. Where the database does not say,
    /// a menu in another language is better than none.
    pub async fn language(&self, from: &str) -> Language {
        let Some(phone) = self.phone(from, None) else { return self.language };
        let key = AccountKey::subscriber(phone);
        let account = tokio::time::timeout(LANGUAGE_WAIT, self.store.account(&key)).await;
        account.ok().and_then(Result::ok).flatten().and_then(|account| account.language).unwrap_or(self.language)
    }

    /// The phone with this source address, where it is one; `labelled` is what its network says of the address.
    pub fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.reader.phone(from, labelled)
    }

    /// Takes one order in and returns when it is committed. Its answer holds the words for a phone, whether or not it is
    /// sent to one.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn order(&self, order: Order) -> Result<Answer, NotAccepted> {
        let (sender, answer) = oneshot::channel();
        let job = self.reader.take(order, sender);
        let tried = self.codes.of_client(&job).await?;
        let answered = self.answered(job, answer).await;
        tried.settle(&answered);
        answered
    }

    /// Decides an order as [`Processor::order`] would, and keeps nothing of it: refused, or informed where it would be done.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn try_out(&self, order: Order) -> Result<Answer, NotAccepted> {
        let (sender, answer) = oneshot::channel();
        let job = Job { is_trial: true, ..self.reader.take(order, sender) };
        self.answered(job, answer).await
    }

    /// A customer's message, read. Its PIN is compared here, unless too many were wrong.
    async fn carry_out(&self, mut job: Job, answer: Answering) -> Result<Answer, NotAccepted> {
        let pin = self.pin_guesses.of_message(&mut job).await;
        let code = self.codes.of_message(&mut job).await;
        let answered = match self.pins.compare(job).await {
            Ok(job) => self.answered(job, answer).await,
            Err(refusal) => Err(refusal),
        };
        code.settle(&answered);
        pin.settle(&answered);
        answered
    }

    async fn answered(&self, job: Job, answer: Answering) -> Result<Answer, NotAccepted> {
        self.enqueue(job)?;
        answer.await.unwrap_or(Err(NotAccepted::Stopping))
    }

    /// Messages that wait for a transaction.
    pub fn waiting(&self) -> usize {
        self.queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).sum()
    }

    fn enqueue(&self, job: Job) -> Result<(), NotAccepted> {
        let Some(queue) = self.queues.get(job.shard(self.queues.len())) else { return Err(NotAccepted::Stopping) };
        queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })
    }

    /// Takes in a part of a long message and returns when it is committed: the key that its message is known by. The
    /// whole is carried out once all of them are there.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept_part(&self, part: InboundPart) -> Result<String, NotAccepted> {
        let (sender, kept) = oneshot::channel();
        self.parts.try_send((part, sender)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })?;
        kept.await.unwrap_or(Err(NotAccepted::Stopping))
    }

    /// Whether a part that waits for others is known by this key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        self.store.is_waiting_part(link, key).await
    }

    /// How the message of this key ended, where there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report(&self, key: &str) -> Result<Option<Report>, StoreError> {
        self.store.report_about(key).await
    }
}
