//! The use case: a message comes in, is decided and committed; then, and only then, its link is told.
//!
//! The way of a message, one folder a step:
//!
//! ```text
//!  Processor::accept        a text                       Processor::order   fields, no text
//!          └────────────── 1 parse ── conceal ──────────────┘
//!                              │ Parsed: nothing was looked up, no code or PIN is in the message
//!                          guesses   too many wrong codes or PINs: it becomes a refusal
//!                          2 resolve ── pins
//!                              │ Resolved: a complete command, an inquiry or a refusal
//!                          intake    Job: it waits in the queue of its account's applier
//!                          3 batch ── reply
//!                              │ load, decide, write, commit
//!                           Answer
//! ```
//!
//! - [`Processor`]: links and doors call it; it returns after the commit
//! - `parse`: a text or an order becomes a [`parse::Parsed`], on the caller's task; `conceal` takes codes of cards and PINs
//!   out of what is kept of it; `order`: [`Order`], a request of fields
//! - `guesses`: the bound on wrong codes of cards and wrong PINs
//! - `resolve`: dealers, offers and PINs are looked up, so that commands are complete; `pins` compares PINs
//! - `intake`: the steps before the batch, one after the other, for every message
//! - `batch`: decisions and rows of one transaction; batches form by arrival, without a timer
//! - `reply`: endings in words
//! - `long`: parts of long messages, kept until their whole is there, which goes the same way
//! - `staff`: [`StaffOrders`], in transactions beside those of messages
//! - `rehearsal`: the end of a message, in a transaction that is undone; `lookup`: questions that are no messages
//! - `answer`, `services`, `deadline`: types that these share
//!
//! No two files of this room import each other.

mod answer;
mod batch;
mod conceal;
mod deadline;
mod guesses;
mod intake;
mod long;
mod lookup;
mod order;
mod parse;
mod pins;
mod rehearsal;
mod reply;
mod resolve;
mod services;
mod staff;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::domain::{AccountKey, AddressType, InboundSms, Language, Msisdn, Report, ReportWanted};
use crate::store::{Store, StoreError};

pub use answer::{Answer, NotAccepted, OrderState};
use batch::Applier;
use intake::Intake;
pub use long::{InboundPart, body};
use long::{Keeper, Waiting};
pub use order::{Confirm, Order, OrderRequest};
use parse::NotifyTarget;
pub use pins::PinKey;
pub use rehearsal::{Rehearsal, rehearse};
pub use reply::{UnfitTemplates, Wording};
pub use services::ProcessorServices;
pub use staff::{Done, NoPin, NotDone, StaffOrders, StaffServices, Why, reset_pin};

/// Longest wait of a menu for the language of its phone.
const LANGUAGE_WAIT: Duration = Duration::from_secs(1);

/// Takes messages in. A clone is the same processor; when the last one is gone, the appliers end what has queued and stop.
#[derive(Debug, Clone)]
pub struct Processor {
    intake: Arc<Intake>,
    parts: mpsc::Sender<Waiting>,
    store: Store,
    wording: Wording,
    /// The language of phones that have chosen none.
    language: Language,
}

impl Processor {
    /// Starts as many appliers as the database has use for; the handle ends when all of them have.
    pub fn start(services: &ProcessorServices, queue_max: usize, batch_max: usize) -> (Self, JoinHandle<()>) {
        let writers = services.store.writers().max(1);
        let mut tasks = JoinSet::new();
        let queues = (0..writers).map(|_| {
            let (queue, jobs) = mpsc::channel(queue_max.div_ceil(writers).max(1));
            tasks.spawn(batch::run(Applier::new(services.clone()), batch_max.max(1), jobs));
            queue
        });
        let intake = Arc::new(Intake::new(services, queues.collect()));
        let (parts, kept) = mpsc::channel(queue_max.max(1));
        let keeper = Keeper::new(services.store.clone(), services.clock.clone(), intake.clone());
        tasks.spawn(keeper.run(kept));
        let all = async move {
            while let Some(ended) = tasks.join_next().await {
                // One that has ended badly ends them all: the program is to be started anew.
                if let Err(problem) = ended {
                    tracing::error!(%problem, "an applier has ended badly");
                    return;
                }
            }
        };
        let wording = Wording::new(services.templates.clone(), services.plan.clone());
        let (store, language) = (services.store.clone(), services.rules.language);
        (Self { intake, parts, store, wording, language }, tokio::spawn(all))
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
        self.intake.message(self.intake.parser.parse(message, report)).await
    }

    /// The same for a sender that waits for the reply and shows it itself: it is in the answer, and not sent to the phone.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept_in_dialogue(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        let mut parsed = self.intake.parser.parse(message, ReportWanted::default());
        parsed.envelope.notify = NotifyTarget::Machine;
        self.intake.message(parsed).await
    }

    /// The language that a phone is answered in: its owner's choice if there is one. If the database does not say, a menu in
    /// another language is better than none.
    pub async fn language(&self, from: &str) -> Language {
        let Some(phone) = self.phone(from, None) else { return self.language };
        let key = AccountKey::subscriber(phone);
        let account = tokio::time::timeout(LANGUAGE_WAIT, self.store.account(&key)).await;
        account.ok().and_then(Result::ok).flatten().and_then(|account| account.language).unwrap_or(self.language)
    }

    /// The phone with this source address, if it is one; `labelled` is the type that its network gives the address.
    pub fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.intake.parser.phone(from, labelled)
    }

    /// Takes one order in and returns when it is committed. Its answer holds the words for a phone, whether or not it is
    /// sent to one.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn order(&self, order: Order) -> Result<Answer, NotAccepted> {
        self.intake.order(self.intake.parser.order(order)).await
    }

    /// Decides an order as [`Processor::order`] would, and keeps nothing of it: refused, or informed if it would be done.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn try_out(&self, order: Order) -> Result<Answer, NotAccepted> {
        let mut parsed = self.intake.parser.order(order);
        parsed.envelope.is_trial = true;
        self.intake.resolved(parsed).await
    }

    /// Messages that wait for a transaction.
    pub fn waiting(&self) -> usize {
        self.intake.waiting()
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

    /// Returns whether a part that waits for others is known by this key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        self.store.is_waiting_part(link, key).await
    }

    /// The ending of the message of this key; `None` if there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report(&self, key: &str) -> Result<Option<Report>, StoreError> {
        self.store.report_about(key).await
    }
}
