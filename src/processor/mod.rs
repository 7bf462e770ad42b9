//! Processes messages: a message is decided and committed, and only then its link gets the answer.
//!
//! The steps, one folder each:
//!
//! ```text
//!  Processor::accept        a text                       Processor::order   fields, no text
//!          └────────────── 1 parse ── conceal ──────────────┘
//!                              │ Parsed: nothing was looked up, no code or PIN is in the message
//!                          guesses   too many wrong codes or PINs: it becomes a refusal
//!                          2 resolve ── pins
//!                              │ Resolved: a complete command, an inquiry or a refusal
//!                          intake    Job: it waits in the queue for a batch
//!                          3 batch ── reply
//!                              │ load, decide, write, commit
//!                           Answer
//! ```
//!
//! - [`Ingress`]: the trait that all entries call; [`Processor`] implements it, and returns after the commit
//! - `parse`: makes a `parse::Parsed` of a text or an order, on the caller's task; `conceal` masks card codes and
//!   PINs in the stored message; `order`: [`Order`], a request that is submitted as fields
//! - `guesses`: limits on wrong card codes and wrong PINs
//! - `resolve`: looks up dealers, offers and PINs, so that commands are complete; `pins` compares PINs
//! - `intake`: runs the steps before the batch
//! - `batch`: decides and writes the messages of one transaction; batches form by arrival
//! - `reply`: the texts of endings
//! - `long`: stores parts of long messages, and passes complete messages on
//! - `staff`: [`StaffOrders`], in transactions of their own
//! - `rehearsal`: processes a message in a transaction that is rolled back; `lookup`: queries that are not messages
//! - `answer`, `services`, `deadline`: shared types
//!
//! No two files of this room import each other.

mod answer;
mod batch;
mod conceal;
mod deadline;
mod guesses;
mod ingress;
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
use batch::{Applier, Former};
pub use ingress::{Ingress, Known};
use intake::Intake;
pub use long::{InboundPart, body};
use long::{Keeper, Waiting};
pub use order::{Confirm, Order, OrderRequest};
use parse::NotifyTarget;
pub use pins::{BankPins, BankQuestion, PinKey, VerifiesPins};
pub use rehearsal::{Rehearsal, rehearse};
pub use reply::Wording;
pub use services::ProcessorServices;
pub use staff::{Done, NoPin, NotDone, StaffOrders, StaffServices, Why, reset_pin};

/// Time limit for the look-up of a phone's language before a menu is shown.
const LANGUAGE_WAIT: Duration = Duration::from_secs(1);

/// Accepts messages. Clones share the appliers. When the last clone is dropped, the appliers finish their queues and
/// stop.
#[derive(Debug, Clone)]
pub struct Processor {
    intake: Arc<Intake>,
    parts: mpsc::Sender<Waiting>,
    store: Store,
    wording: Wording,
    /// The language of phones that have not chosen one, if one is configured.
    language: Option<Language>,
}

impl Processor {
    /// Starts the tasks. The handle ends when all of them have ended.
    pub fn start(services: &ProcessorServices, queue_max: usize, batch_max: usize) -> (Self, JoinHandle<()>) {
        let mut tasks = JoinSet::new();
        let (queue, jobs) = mpsc::channel(queue_max.max(1));
        let batches_max = services.store.writers().max(1);
        tasks.spawn(Former::new(Applier::new(services.clone()), batch_max.max(1), batches_max, jobs).run());
        let intake = Arc::new(Intake::new(services, queue));
        let (parts, kept) = mpsc::channel(queue_max.max(1));
        let keeper = Keeper::new(services.store.clone(), services.clock.clone(), intake.clone());
        tasks.spawn(keeper.run(kept));
        let all = async move {
            while let Some(ended) = tasks.join_next().await {
                // If one task fails, all end: the program has to be restarted.
                if let Err(problem) = ended {
                    tracing::error!(%problem, "a task failed; the program stops");
                    return;
                }
            }
        };
        let wording = Wording::new(services.templates.clone(), services.plan.clone());
        let (store, language) = (services.store.clone(), services.rules.language);
        (Self { intake, parts, store, wording, language }, tokio::spawn(all))
    }

    /// Accepts one message and returns after the commit.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn accept(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        self.accept_from_machine(message, ReportWanted::default()).await
    }

    /// As [`Processor::accept`], for a sender that wants a report about the ending. The report is put into the outbox
    /// in the same transaction.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn accept_from_machine(&self, message: InboundSms, report: ReportWanted) -> Result<Answer, NotAccepted> {
        self.intake.message(self.intake.parser.parse(message, report)).await
    }

    /// As [`Processor::accept`], for a sender that waits for the reply and shows it itself. The reply is in the answer
    /// and is not sent by SMS.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn accept_in_dialogue(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        let mut parsed = self.intake.parser.parse(message, ReportWanted::default());
        parsed.envelope.notify = NotifyTarget::Machine;
        self.intake.message(parsed).await
    }

    /// The language of replies to a phone: the owner's choice, or the configured one, if there are texts in it. If the
    /// database fails or is too slow, it is the configured one.
    pub async fn language(&self, from: &str) -> Language {
        let Some(phone) = self.phone(from, None) else { return self.wording.choose([self.language]) };
        let key = AccountKey::subscriber(phone);
        let account = tokio::time::timeout(LANGUAGE_WAIT, self.store.account(&key)).await;
        let chosen = account.ok().and_then(Result::ok).flatten().and_then(|account| account.language());
        self.wording.choose([chosen, self.language])
    }

    /// The languages that there are texts in, the default one first.
    pub fn languages(&self) -> Vec<Language> {
        self.wording.languages()
    }

    /// The phone with this source address; `None` if it is not a phone's. `labelled` is the type that the network
    /// states.
    pub fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.intake.parser.phone(from, labelled)
    }

    /// Accepts one order and returns after the commit. The answer has the reply, even if no SMS is sent.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn order(&self, order: Order) -> Result<Answer, NotAccepted> {
        self.intake.order(self.intake.parser.order(order)).await
    }

    /// Decides an order as [`Processor::order`] would, and stores nothing. The outcome is a refusal, or `Informed` if
    /// the order would be carried out.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn try_out(&self, order: Order) -> Result<Answer, NotAccepted> {
        let mut parsed = self.intake.parser.order(order);
        parsed.envelope.is_trial = true;
        self.intake.resolved(parsed).await
    }

    /// Number of messages that wait for a transaction.
    pub fn waiting(&self) -> usize {
        self.intake.waiting()
    }

    /// Accepts a part of a long message and returns after the commit. The result is the key of the message. The message
    /// is processed when all its parts have arrived.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub async fn accept_part(&self, part: InboundPart) -> Result<String, NotAccepted> {
        let (sender, kept) = oneshot::channel();
        self.parts.try_send((part, sender)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })?;
        kept.await.unwrap_or(Err(NotAccepted::Stopping))
    }

    /// Returns whether a part with this key waits for other parts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        self.store.is_waiting_part(link, key).await
    }

    /// The report about the message with this key; `None` if there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report(&self, key: &str) -> Result<Option<Report>, StoreError> {
        self.store.report_about(key).await
    }
}
