//! Carries out a message as an order of a client, and answers it.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::{debug, warn};

use super::code;
use super::reading::{Asked, Reading, Refused, Transaction, refused};
use crate::domain::{Clock, Contradiction, Outcome, Reason, Receipt, Rejection, Said};
use crate::iso8583::{Codec, Framing, Message};
use crate::links::admission::AuthFailures;
use crate::links::clients::{Client, Clients, NotTaken, Wanted};
use crate::links::faults::FaultLog;
use crate::processor::{Answer, NotAccepted};

/// Fields that an answer repeats.
const ECHOED: [u8; 14] = [2, 3, 4, 7, 11, 12, 13, 32, 33, 37, 41, 42, 49, 70];
const TRACE: u8 = 11;
const APPROVAL: u8 = 38;
const CODE: u8 = 39;
/// Characters of field 38.
const APPROVAL_LENGTH: usize = 6;

/// The reaction to a message.
pub(super) enum Given {
    /// Send these octets.
    Answer(Vec<u8>),
    /// Carry out this order.
    Order(Box<Order>),
    /// Do nothing, because the message is itself an answer.
    Nothing,
    /// Close the connection, because no answer can be made.
    Close,
}

/// A request that is carried out.
pub(super) struct Order {
    request: Message,
    asked: Asked,
}

/// Reads requests, carries them out and answers them.
pub(super) struct Responder {
    clients: Clients,
    codec: Arc<dyn Codec>,
    framing: Framing,
    clock: Clock,
    auth_failures: Arc<AuthFailures>,
    faults: FaultLog,
}

impl Responder {
    pub(super) fn new(
        clients: Clients,
        (codec, framing): (Arc<dyn Codec>, Framing),
        clock: Clock,
        auth_failures: Arc<AuthFailures>,
    ) -> Self {
        Self { clients, codec, framing, clock, auth_failures, faults: FaultLog::default() }
    }

    pub(super) fn admits(&self, remote: IpAddr) -> bool {
        self.clients.is_switch_at(remote)
    }

    /// Reads a request, and answers it if the answer needs no order. `signed_on` is the acquirer that the connection
    /// has signed on as.
    pub(super) fn read(&self, octets: &[u8], remote: IpAddr, signed_on: &mut Option<String>) -> Given {
        let request = match self.codec.decode(octets) {
            Ok(request) => request,
            Err(malformed) => {
                metrics::counter!("mbush_iso8583_malformed_total").increment(1);
                debug!(%malformed, "a malformed ISO 8583 message");
                let (words, is_read) = (malformed.to_string(), malformed.reaches(TRACE));
                // No answer can be made without a type and a trace number.
                return match malformed.read.filter(|_| is_read) {
                    Some(read) if read.mti.answer().is_none() => Given::Nothing,
                    Some(read) => self.at_once(&read, code::FORMAT_ERROR, Some(&words)),
                    None => Given::Close,
                };
            }
        };
        if request.mti.answer().is_none() {
            return Given::Nothing;
        }
        match self.asked(&request, remote, signed_on) {
            Ok(Some(asked)) => Given::Order(Box::new(Order { request, asked })),
            Ok(None) => self.at_once(&request, code::APPROVED, None),
            Err(Refused { code, words }) => self.at_once(&request, code, Some(&words)),
        }
    }

    /// Returns the order in a request, or `None` if the request concerns the connection alone.
    fn asked(
        &self,
        request: &Message,
        remote: IpAddr,
        signed_on: &mut Option<String>,
    ) -> Result<Option<Asked>, Refused> {
        let (clients, places) = (&self.clients, self.codec.places());
        let reading = Reading { clients, places, auth_failures: &self.auth_failures, remote, now: self.clock.now() };
        match (request.mti.class(), request.mti.function()) {
            _ if !request.mti.is_of_acquirer() => {
                Err(refused(code::INVALID_TRANSACTION, format!("there is no type {} here", request.mti)))
            }
            (8, 0) => reading.network(request, signed_on).map(|()| None),
            (2 | 4, _) if signed_on.is_none() => Err(refused(code::NOT_PERMITTED, "sign on first")),
            (2, 0) => reading.top_up(request, signed_on.as_deref()).map(Some),
            (4, 0 | 2) => reading.reversal(request, signed_on.as_deref()).map(Some),
            _ => Err(refused(code::INVALID_TRANSACTION, format!("there is no type {} here", request.mti))),
        }
    }

    /// Returns the answer, after the commit. Returns `None` if the outcome is unknown. Then the switch reverses the
    /// order, which is right in both cases.
    pub(super) async fn carry_out(&self, order: Order) -> Option<Vec<u8>> {
        let Order { request, asked } = order;
        let answer = match self.ordered(&asked).await {
            Ok(answer) => self.ended(&request, &asked, answer).await?,
            Err(NotTaken::NotAccepted(NotAccepted::Store | NotAccepted::Unknown)) => {
                if self.faults.admits(asked.client.name()) {
                    warn!(client = asked.client.name(), "an ISO 8583 request is left without an answer");
                }
                return None;
            }
            Err(refusal) => {
                let Refused { code, words } = self.not_taken(&asked.client, &refusal);
                self.refusal(&request, code, &words)?
            }
        };
        self.octets(&answer)
    }

    async fn ordered(&self, asked: &Asked) -> Result<Answer, NotTaken> {
        let client = &asked.client;
        match &asked.transaction {
            Transaction::TopUp { number, amount } => {
                self.clients.top_up(client, &asked.key, Wanted { number, amount: *amount }).await
            }
            Transaction::Reversal { amount_minor, number } => {
                let line = number.as_ref().map(|number| self.clients.line(number)).transpose();
                let number = line.map_err(NotTaken::Refused)?.map(|line| line.msisdn);
                let said = Said { amount_minor: *amount_minor, number };
                Ok(self.clients.withdraw(client, &asked.key, said).await?)
            }
        }
    }

    fn not_taken(&self, client: &Client, refusal: &NotTaken) -> Refused {
        match refusal {
            NotTaken::Refused(rejection) => {
                refused(rejection.reason.iso8583(), self.clients.words(client, rejection, None))
            }
            NotTaken::NotAccepted(NotAccepted::Conflict) => {
                let words = "another recharge has these fields 7, 11, 32 and 41, with another number or amount";
                refused(code::DUPLICATE, words)
            }
            NotTaken::NotAccepted(NotAccepted::Contradiction(Contradiction::Amount)) => {
                refused(code::OTHER_AMOUNT, "field 4 is not the amount of the recharge")
            }
            NotTaken::NotAccepted(NotAccepted::Contradiction(Contradiction::Number)) => {
                refused(code::INVALID_TRANSACTION, "the number is not that of the recharge")
            }
            NotTaken::NotAccepted(
                NotAccepted::QueueFull
                | NotAccepted::Stopping
                | NotAccepted::Store
                | NotAccepted::Unknown
                | NotAccepted::Throttled { .. },
            ) => refused(code::INOPERATIVE, "nothing was kept; send it again"),
        }
    }

    async fn ended(&self, request: &Message, asked: &Asked, answer: Answer) -> Option<Message> {
        let done = match (&answer.outcome, &asked.transaction) {
            (Outcome::Applied(applied), _) => Ok(Some(Receipt::of(applied.transfer))),
            (Outcome::Informed { .. }, _) => Ok(None),
            (Outcome::Newer(outcome), _) if outcome.ending.is_success() => Ok(outcome.transfer.map(Receipt::of)),
            // Staff have reversed the order already, so that the reversal is answered as done.
            (outcome, Transaction::Reversal { .. }) if is_gone(outcome) => Ok(None),
            (outcome, _) => Err(outcome.rejection().map_or(code::NO_ACTION, |rejection| rejection.reason.iso8583())),
        };
        if answer.replayed && matches!(asked.transaction, Transaction::TopUp { .. }) && done.is_ok() {
            // The order may have been reversed since then.
            let state = self.clients.state(&asked.client, &asked.key).await.ok()?;
            if state.is_reversed {
                let words = self.clients.words(&asked.client, &Rejection::new(Reason::AlreadyReversed), None);
                return self.refusal(request, code::NO_ACTION, &words);
            }
        }
        match done {
            Err(code) => self.refusal(request, code, &answer.reply.unwrap_or_default()),
            Ok(receipt) => {
                let mut message = coded(request, code::APPROVED)?;
                if let Some(receipt) = receipt.map(|receipt| receipt.to_string()) {
                    let approval = receipt.get(receipt.len().saturating_sub(APPROVAL_LENGTH)..).unwrap_or_default();
                    message.set(APPROVAL, approval);
                    message.set(self.codec.places().receipt, receipt);
                }
                Some(message)
            }
        }
    }

    /// The answer with this code and the reason in words.
    fn refusal(&self, request: &Message, code: &str, words: &str) -> Option<Message> {
        let place = self.codec.places().text;
        let words = self.codec.fitting(place, words);
        let answer = coded(request, code)?;
        Some(if words.is_empty() { answer } else { answer.with(place, words) })
    }

    fn at_once(&self, request: &Message, code: &str, words: Option<&str>) -> Given {
        let answer = match words {
            Some(words) => self.refusal(request, code, words),
            None => coded(request, code),
        };
        answer.and_then(|answer| self.octets(&answer)).map_or(Given::Close, Given::Answer)
    }

    /// Encodes an answer with its length. If the spec lacks a field of an answer, the configuration is wrong.
    fn octets(&self, answer: &Message) -> Option<Vec<u8>> {
        let octets = self.codec.encode(answer).inspect_err(|error| {
            if self.faults.admits("iso8583.spec_file") {
                warn!(%error, "an ISO 8583 answer cannot be written; see iso8583.spec_file");
            }
        });
        octets.ok().and_then(|octets| self.framing.frame(&octets))
    }
}

/// Returns true if the order was reversed before.
fn is_gone(outcome: &Outcome) -> bool {
    outcome.rejection().is_some_and(|rejection| rejection.reason == Reason::AlreadyReversed)
}

fn coded(request: &Message, code: &str) -> Option<Message> {
    let mut answer = Message::new(request.mti.answer()?);
    for field in ECHOED {
        if let Some(text) = request.get(field) {
            answer.set(field, text);
        }
    }
    metrics::counter!("mbush_iso8583_answers_total", "code" => code.to_owned()).increment(1);
    answer.set(CODE, code);
    Some(answer)
}
