//! What a message asks for, as an order of a client; and its answer.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::{debug, warn};

use super::code;
use super::original::{ACQUIRER, Original, plain};
use crate::domain::{Amount, Clock, Outcome, Receipt};
use crate::iso8583::{Codec, Message};
use crate::links::clients::{Clients, NotTaken, Wanted};
use crate::links::faults::FaultLog;
use crate::processor::{Answer, NotAccepted};

/// Fields that an answer repeats.
const ECHOED: [u8; 14] = [2, 3, 4, 7, 11, 12, 13, 32, 33, 37, 41, 42, 49, 70];
const PROCESSING: u8 = 3;
const AMOUNT: u8 = 4;
const TRACE: u8 = 11;
const APPROVAL: u8 = 38;
const CODE: u8 = 39;
const CURRENCY: u8 = 49;
const NETWORK: u8 = 70;
const REPLACEMENT: u8 = 95;
/// The euro, in ISO 4217.
const EURO: &str = "978";
/// Characters of field 38.
const APPROVAL_LENGTH: usize = 6;

/// What to do about octets.
pub(super) enum Given {
    /// Send this.
    Answer(Vec<u8>),
    /// Carry this out.
    Order(Box<Order>),
    /// Nothing: it is somebody's answer.
    Nothing,
    /// There is nobody who could be answered.
    Close,
}

/// A request that is carried out.
pub(super) struct Order {
    request: Message,
    client: String,
    key: String,
    wish: Wish,
}

enum Wish {
    TopUp { number: String, amount: Amount },
    Reversal,
}

/// Reads requests and carries them out.
pub(super) struct Desk {
    clients: Clients,
    codec: Arc<dyn Codec>,
    framing: crate::iso8583::Framing,
    clock: Clock,
    faults: FaultLog,
}

impl Desk {
    pub(super) fn new(clients: Clients, codec: Arc<dyn Codec>, framing: crate::iso8583::Framing, clock: Clock) -> Self {
        Self { clients, codec, framing, clock, faults: FaultLog::default() }
    }

    /// Whether a line about this address is to be written.
    pub(super) fn may_log_of(&self, address: IpAddr) -> bool {
        self.faults.admits_from(address)
    }

    /// Whether any client is at this address.
    pub(super) fn admits(&self, remote: IpAddr) -> bool {
        self.clients.is_switch_at(remote)
    }

    /// What is answered at once is answered here; `signed_on` is the connection's.
    pub(super) fn read(&self, octets: &[u8], remote: IpAddr, signed_on: &mut bool) -> Given {
        let request = match self.codec.decode(octets) {
            Ok(request) => request,
            Err(malformed) => {
                metrics::counter!("mbush_iso8583_malformed_total").increment(1);
                debug!(%malformed, "a malformed ISO 8583 message");
                // What has a type and a trace number can be told what is wrong; whoever sends other octets is out of step.
                return match malformed.read {
                    Some(read) if read.mti.answer().is_some() && read.get(TRACE).is_some() => {
                        self.plain_answer(&read, code::FORMAT_ERROR)
                    }
                    _ => Given::Close,
                };
            }
        };
        if request.mti.answer().is_none() {
            return Given::Nothing;
        }
        let read = match (request.mti.class(), request.mti.function()) {
            (8, 0) => Err(self.network(&request, remote, signed_on)),
            (2 | 4, _) if !*signed_on => Err(code::NOT_PERMITTED),
            (2, 0) => self.top_up(&request, remote),
            (4, 0 | 2) => self.reversal(&request, remote),
            _ => Err(code::INVALID_TRANSACTION),
        };
        match read {
            Ok((client, key, wish)) => Given::Order(Box::new(Order { request, client, key, wish })),
            Err(code) => self.plain_answer(&request, code),
        }
    }

    /// Sign-on, sign-off and echo.
    fn network(&self, request: &Message, remote: IpAddr, signed_on: &mut bool) -> &'static str {
        let acquirer = request.get(ACQUIRER).map(plain);
        if acquirer.is_some_and(|acquirer| self.clients.by_acquirer(&acquirer, remote).is_none()) {
            return code::NOT_PERMITTED;
        }
        match request.get(NETWORK) {
            Some("001") => *signed_on = true,
            Some("002") => *signed_on = false,
            Some("301") => {}
            Some(_) => return code::INVALID_TRANSACTION,
            None => return code::FORMAT_ERROR,
        }
        code::APPROVED
    }

    fn top_up(&self, request: &Message, remote: IpAddr) -> Result<(String, String, Wish), &'static str> {
        let places = self.codec.places();
        let field = |number: u8| request.get(number).ok_or(code::FORMAT_ERROR);
        let original = Original::of(request, self.clock.now()).ok_or(code::FORMAT_ERROR)?;
        let (processing, currency, cents) = (field(PROCESSING)?, field(CURRENCY)?, field(AMOUNT)?);
        let number = field(places.number)?.trim().to_owned();
        if !places.processing_codes.iter().any(|known| known == processing) || currency != EURO {
            return Err(code::INVALID_TRANSACTION);
        }
        let amount = cents.parse().ok().and_then(|cents| Amount::from_cents(cents).ok()).ok_or(code::INVALID_AMOUNT)?;
        let client = self.clients.by_acquirer(original.acquirer(), remote).ok_or(code::NOT_PERMITTED)?;
        Ok((client.name().to_owned(), original.key().to_owned(), Wish::TopUp { number, amount }))
    }

    fn reversal(&self, request: &Message, remote: IpAddr) -> Result<(String, String, Wish), &'static str> {
        let original = Original::of_reversal(request, self.clock.now()).ok_or(code::FORMAT_ERROR)?;
        let is_part =
            request.get(REPLACEMENT).is_some_and(|amounts| amounts.bytes().any(|b| (b'1'..=b'9').contains(&b)));
        if is_part {
            return Err(code::INVALID_TRANSACTION);
        }
        let client = self.clients.by_acquirer(original.acquirer(), remote).ok_or(code::NOT_PERMITTED)?;
        Ok((client.name().to_owned(), original.key().to_owned(), Wish::Reversal))
    }

    /// The answer, after the commit. `None` where nobody knows what became of it: the switch will reverse it, and that is
    /// right whatever it was.
    pub(super) async fn carry_out(&self, order: Order) -> Option<Vec<u8>> {
        let client = self.clients.by_name(&order.client)?;
        let done = match &order.wish {
            Wish::TopUp { number, amount } => {
                let wanted = Wanted { number, amount: *amount };
                self.clients.top_up(client, &order.key, wanted).await
            }
            Wish::Reversal => self.clients.withdraw(client, &order.key).await.map_err(NotTaken::NotAccepted),
        };
        let answer = match done {
            Ok(answer) => self.ended(&order, answer).await?,
            Err(NotTaken::Refused(rejection)) => coded(&order.request, code::of(rejection.reason))?,
            Err(NotTaken::NotAccepted(NotAccepted::Conflict)) => coded(&order.request, code::DUPLICATE)?,
            Err(NotTaken::NotAccepted(NotAccepted::QueueFull | NotAccepted::Stopping)) => {
                coded(&order.request, code::INOPERATIVE)?
            }
            Err(NotTaken::NotAccepted(NotAccepted::Store)) => {
                if self.faults.admits(&order.client) {
                    warn!(client = order.client, "an ISO 8583 request is left without an answer");
                }
                return None;
            }
        };
        self.octets(&answer)
    }

    async fn ended(&self, order: &Order, answer: Answer) -> Option<Message> {
        let places = self.codec.places();
        let (code, receipt) = match (&answer.outcome, &order.wish) {
            (Outcome::Applied(applied), _) => (code::APPROVED, Some(Receipt::of(applied.transfer))),
            (Outcome::Informed { .. }, _) => (code::APPROVED, None),
            // Staff were faster: what the switch wants is so.
            (outcome, Wish::Reversal) if is_gone(outcome) => (code::APPROVED, None),
            (outcome, _) => (outcome.rejection().map_or(code::NO_ACTION, |rejection| code::of(rejection.reason)), None),
        };
        let client = self.clients.by_name(&order.client)?;
        if answer.replayed && matches!(order.wish, Wish::TopUp { .. }) && code == code::APPROVED {
            // It may have been taken back since then.
            let state = self.clients.state(client, &order.key).await.ok()?;
            if state.is_taken_back {
                return coded(&order.request, code::NO_ACTION);
            }
        }
        let mut message = coded(&order.request, code)?;
        if let Some(receipt) = receipt.map(|receipt| receipt.to_string()) {
            let approval = receipt.get(receipt.len().saturating_sub(APPROVAL_LENGTH)..).unwrap_or_default();
            message.set(APPROVAL, approval);
            message.set(places.receipt, receipt);
        }
        if code != code::APPROVED
            && let Some(text) = answer.reply
        {
            let printable = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
            message.set(places.text, text.chars().map(printable).collect::<String>());
        }
        Some(message)
    }

    fn plain_answer(&self, request: &Message, code: &str) -> Given {
        let octets = coded(request, code).and_then(|answer| self.octets(&answer));
        octets.map_or(Given::Close, Given::Answer)
    }

    /// Behind its length. A spec that lacks a field of an answer is a mistake of the configuration.
    fn octets(&self, answer: &Message) -> Option<Vec<u8>> {
        let octets = self.codec.encode(answer).inspect_err(|error| {
            if self.faults.admits("iso8583.spec") {
                warn!(%error, "an ISO 8583 answer cannot be written; see iso8583.spec");
            }
        });
        octets.ok().and_then(|octets| self.framing.frame(&octets))
    }
}

/// What was to be taken back is taken back already.
fn is_gone(outcome: &Outcome) -> bool {
    outcome.rejection().is_some_and(|rejection| rejection.reason == crate::domain::Reason::AlreadyReversed)
}

/// The answer to this request with this code.
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
