//! The path of a message to its batch: the message is resolved and put into the queue for a batch.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot};

use super::answer::{Answer, NotAccepted};
use super::batch::Job;
use super::guesses::{Guessed, Guesses};
use super::parse::{Parsed, Parser};
use super::resolve::{Resolved, Resolver};
use super::services::ProcessorServices;

#[derive(Debug)]
pub(super) struct Intake {
    pub(super) parser: Parser,
    resolver: Resolver,
    codes: Guesses,
    pins: Guesses,
    /// By bank that verifies PINs: a bank that is slow to tell delays the PINs of nobody else.
    bank_pins: BTreeMap<String, Guesses>,
    queue: mpsc::Sender<Job>,
}

impl Intake {
    pub(super) fn new(services: &ProcessorServices, queue: mpsc::Sender<Job>) -> Self {
        let rules = &services.rules;
        let guesses = |what, rates| Guesses::new(what, rates, &rules.links.operators, services.clock.clone());
        let banks = services.bank_pins.banks();
        Self {
            parser: Parser::new(services),
            resolver: Resolver::new(services),
            codes: guesses(Guessed::Card, rules.code_rates),
            pins: guesses(Guessed::Pin, rules.pin_rates),
            bank_pins: banks.map(|bank| (bank.to_owned(), guesses(Guessed::Pin, rules.pin_rates))).collect(),
            queue,
        }
    }

    /// Processes a customer's message and returns after the commit. If too many codes or PINs were wrong, those of this
    /// message are not checked.
    pub(super) async fn message(&self, mut parsed: Parsed) -> Result<Answer, NotAccepted> {
        let pins = parsed.verifying_bank().and_then(|bank| self.bank_pins.get(bank)).unwrap_or(&self.pins);
        let pin = pins.of_message(&mut parsed).await;
        let code = self.codes.of_message(&mut parsed).await;
        let answered = self.resolved(parsed).await;
        code.settle(&answered);
        pin.settle(&answered);
        answered
    }

    /// Processes a client's order and returns after the commit.
    pub(super) async fn order(&self, parsed: Parsed) -> Result<Answer, NotAccepted> {
        let code = self.codes.of_client(&parsed).await?;
        let answered = self.resolved(parsed).await;
        code.settle(&answered);
        answered
    }

    /// Resolves a message and returns after its batch is committed.
    pub(super) async fn resolved(&self, parsed: Parsed) -> Result<Answer, NotAccepted> {
        let request = self.resolver.resolve(parsed).await?;
        let (sender, answer) = oneshot::channel();
        self.enqueue(request, sender)?;
        answer.await.unwrap_or(Err(NotAccepted::Stopping))
    }

    fn enqueue(
        &self,
        request: Resolved,
        answer: oneshot::Sender<Result<Answer, NotAccepted>>,
    ) -> Result<(), NotAccepted> {
        self.queue.try_send(Job { request, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })
    }

    /// Number of messages that wait for a transaction.
    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}
