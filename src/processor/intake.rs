//! The way of a message to its batch: it was parsed; it is resolved, and queued for the applier of its account.

use std::sync::Arc;

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
    /// One for each applier; a message goes to that of the account which it is about.
    queues: Arc<[mpsc::Sender<Job>]>,
}

impl Intake {
    pub(super) fn new(services: &ProcessorServices, queues: Arc<[mpsc::Sender<Job>]>) -> Self {
        let rules = &services.rules;
        let guesses = |what, rates| Guesses::new(what, rates, &rules.links.operators, services.clock.clone());
        Self {
            parser: Parser::new(services),
            resolver: Resolver::new(services),
            codes: guesses(Guessed::Card, rules.code_rates),
            pins: guesses(Guessed::Pin, rules.pin_rates),
            queues,
        }
    }

    /// Carries out a customer's message, and returns when it is committed. Codes and PINs are looked at unless too many were
    /// wrong.
    pub(super) async fn message(&self, mut parsed: Parsed) -> Result<Answer, NotAccepted> {
        let pin = self.pins.of_message(&mut parsed).await;
        let code = self.codes.of_message(&mut parsed).await;
        let answered = self.resolved(parsed).await;
        code.settle(&answered);
        pin.settle(&answered);
        answered
    }

    /// Carries out a client's order, and returns when it is committed.
    pub(super) async fn order(&self, parsed: Parsed) -> Result<Answer, NotAccepted> {
        let code = self.codes.of_client(&parsed).await?;
        let answered = self.resolved(parsed).await;
        code.settle(&answered);
        answered
    }

    /// Resolves a message, and returns when its batch is committed.
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
        let Some(queue) = self.queues.get(request.shard(self.queues.len())) else { return Err(NotAccepted::Stopping) };
        queue.try_send(Job { request, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })
    }

    /// Messages that wait for a transaction.
    pub(super) fn waiting(&self) -> usize {
        self.queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).sum()
    }
}
