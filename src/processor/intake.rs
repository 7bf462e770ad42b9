//! Reading a message on the task of the link that brought it, so that reading uses every core and the applier none.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Answer, NotAccepted};
use crate::domain::{Body, InboundSms, Msisdn, NumberingPlan, Reason, RechargeCommand, Rejection};
use crate::grammar::{GrammarSet, Incoming, ParseFailure, Reading};

/// A message that was read and waits for its batch.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) message: InboundSms,
    pub(super) read: Read,
    /// The sender as a number, where it is one that can be written to.
    pub(super) sender: Option<Msisdn>,
    /// Identifier of the grammars that read it.
    pub(super) grammars: String,
    /// Identifier that the reply gets.
    pub(super) reply_id: Uuid,
    pub(super) answer: oneshot::Sender<Result<Answer, NotAccepted>>,
}

/// What was read.
#[derive(Debug)]
pub(super) enum Read {
    /// A request.
    Command(Box<RechargeCommand>),
    /// A question about the short code.
    Help {
        bank: String,
        /// The bank's name for people.
        name: String,
        /// An example of the right form.
        form: String,
    },
    /// Nothing that can be carried out.
    Failed { rejection: Rejection, bank: Option<String>, trace: String },
}

/// Reads messages with the grammars of the moment.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    grammars: Arc<ArcSwap<GrammarSet>>,
    plan: Arc<NumberingPlan>,
}

impl Reader {
    pub(super) const fn new(grammars: Arc<ArcSwap<GrammarSet>>, plan: Arc<NumberingPlan>) -> Self {
        Self { grammars, plan }
    }

    pub(super) fn read(&self, message: InboundSms, answer: oneshot::Sender<Result<Answer, NotAccepted>>) -> Job {
        let grammars = self.grammars.load();
        let sender = self.sender(&message.from);
        let read = match &message.body {
            Body::Text(text) => read_text(&grammars, &message, sender, text),
            Body::Undecodable { why, .. } => {
                failed(Rejection::new(Reason::Undecodable), None, why.clone())
            }
        };
        Job { read, sender, grammars: grammars.id().to_owned(), message, reply_id: Uuid::now_v7(), answer }
    }

    /// A sender's address as a number: of the plan as people write it, or any international one.
    fn sender(&self, from: &str) -> Option<Msisdn> {
        let digits = from.strip_prefix('+').unwrap_or(from);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        match self.plan.read(digits, digits.len() < from.len()) {
            Ok(line) => Some(line.msisdn),
            Err(_) => digits.parse().ok(),
        }
    }
}

fn read_text(grammars: &GrammarSet, message: &InboundSms, sender: Option<Msisdn>, text: &str) -> Read {
    let incoming = Incoming { from: &message.from, to: &message.to, text };
    match grammars.read(&incoming) {
        Ok(Reading::Recharge(request)) => match message.to.parse() {
            Ok(short_code) => Read::Command(Box::new(RechargeCommand {
                id: Uuid::now_v7(),
                request,
                payer: sender.map_or_else(|| message.from.clone(), Msisdn::digits),
                short_code,
                received_at: message.received_at,
            })),
            Err(_) => failed(Rejection::new(Reason::UnknownShortCode), None, String::new()),
        },
        Ok(Reading::Help { bank, name, example }) => Read::Help { bank, name, form: example },
        Err(failure) => {
            let ParseFailure { rejection, bank, .. } = &*failure;
            failed(rejection.clone(), bank.clone(), failure.picture())
        }
    }
}

fn failed(rejection: Rejection, bank: Option<String>, trace: String) -> Read {
    Read::Failed { rejection, bank, trace }
}
