//! A simulated switch for cash machines: signs on, tops up numbers, and loses answers on request. A lost answer makes
//! it send a reversal, repeated until it is answered.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::iso8583::{Codec, Framer, Framing, InvalidSpec, Message, Mti, Spec};

/// Longest message that is read, in octets.
const LENGTH_MAX: usize = 65_535;
/// Trace numbers have six digits.
const TRACES: u32 = 1_000_000;
/// Most repeats of a reversal without an answer.
const REPEATS_MAX: u32 = 20;

#[derive(Debug, Clone)]
pub struct AtmSettings {
    /// `host:port`.
    pub server: String,
    pub framing: Framing,
    /// Identifier as an acquiring institution (field 32).
    pub acquirer: String,
    /// Identifier of the terminal (field 41).
    pub terminal: String,
    /// Currency of all amounts, three digits of ISO 4217 (field 49).
    pub currency: String,
    /// Longest wait for an answer.
    pub patience: Duration,
}

/// Top-ups that a switch sends.
#[derive(Debug, Clone)]
pub struct Customers {
    pub number: String,
    pub amount_minor: u64,
    /// Number of top-ups.
    pub count: u32,
    /// Top-ups that may wait for an answer at once.
    pub window: usize,
    /// Percentage of answers that are treated as lost.
    pub lose_percent: u32,
}

/// Result of one top-up.
#[derive(Debug, Clone, Serialize)]
pub struct AtmCustomer {
    /// Trace number of the top-up.
    pub trace: String,
    /// Response code; `lost` if there was no answer or it was treated as lost.
    pub top_up: String,
    /// The receipt, if the top-up was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Reason for the refusal, from the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Response code of the reversal, if there was one; `lost` if no repeat was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversal: Option<String>,
    pub repeats: u32,
}

/// Results of all top-ups.
#[derive(Debug, Default, Serialize)]
pub struct AtmReport {
    /// Results in the order in which the top-ups ended.
    pub customers: Vec<AtmCustomer>,
    /// Number of top-ups by response code; `lost` if there was no answer or it was treated as lost.
    pub top_ups: BTreeMap<String, u32>,
    /// Number of reversals by response code; `lost` if no repeat was answered.
    pub reversals: BTreeMap<String, u32>,
    pub repeats: u32,
}

type Waiting = Arc<Mutex<HashMap<(Mti, String), oneshot::Sender<Message>>>>;

/// A connected switch.
pub struct Atm {
    settings: AtmSettings,
    spec: Arc<Spec>,
    writer: tokio::sync::Mutex<OwnedWriteHalf>,
    waiting: Waiting,
    reader: JoinHandle<()>,
    traces: AtomicU32,
    answers: AtomicU32,
}

impl Atm {
    /// Connects without a sign-on.
    ///
    /// # Errors
    /// The connection fails.
    pub async fn connect(settings: AtmSettings) -> io::Result<Self> {
        let spec = Arc::new(Spec::builtin().map_err(|error: InvalidSpec| io::Error::other(error))?);
        let (reader, writer) = TcpStream::connect(&settings.server).await?.into_split();
        let waiting = Waiting::default();
        let reader =
            tokio::spawn(read(reader, Framer::new(settings.framing, LENGTH_MAX), spec.clone(), waiting.clone()));
        let writer = tokio::sync::Mutex::new(writer);
        Ok(Self { settings, spec, writer, waiting, reader, traces: AtomicU32::new(0), answers: AtomicU32::new(0) })
    }

    /// Sends octets unchanged, after their length.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn send(&self, octets: &[u8]) -> io::Result<()> {
        let frame = self.settings.framing.frame(octets).ok_or_else(|| io::Error::other("too long for its length"))?;
        self.writer.lock().await.write_all(&frame).await
    }

    /// Sends a request and returns the answer; `None` if there is none in time.
    pub async fn ask(&self, request: &Message) -> Option<Message> {
        let octets = self.spec.encode(request).ok()?;
        let (sender, answer) = oneshot::channel();
        let key = (request.mti.answer()?, request.get(11)?.to_owned());
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(key, sender);
        self.send(&octets).await.ok()?;
        tokio::time::timeout(self.settings.patience, answer).await.ok()?.ok()
    }

    /// A message with the next trace number and the present time.
    pub fn message(&self, mti: Mti) -> Message {
        let trace = self.traces.fetch_add(1, Ordering::Relaxed) % TRACES;
        Message::new(mti)
            .with(7, Utc::now().format("%m%d%H%M%S").to_string())
            .with(11, format!("{trace:06}"))
            .with(32, self.settings.acquirer.as_str())
            .with(41, self.settings.terminal.as_str())
    }

    /// Signs on; returns the response code.
    pub async fn sign_on(&self) -> Option<String> {
        let request = self.message(Mti::NETWORK).with(70, "001");
        self.ask(&request).await.and_then(|answer| answer.get(39).map(str::to_owned))
    }

    /// Builds the request of a top-up.
    pub fn top_up(&self, number: &str, amount_minor: u64) -> Message {
        let message = self.message(Mti::FINANCIAL).with(3, "560000").with(4, format!("{amount_minor:012}"));
        message.with(48, number).with(49, self.settings.currency.clone())
    }

    /// Builds the reversal of a top-up.
    pub fn reversal(&self, of: &Message) -> Message {
        let field = |number: u8| of.get(number).unwrap_or_default();
        let elements = format!("{}{}{}{:0>11}{:011}", of.mti, field(11), field(7), field(32), 0);
        let message = self.message(Mti::REVERSAL).with(90, elements);
        [4, 49].into_iter().fold(message, |message, number| message.with(number, field(number)))
    }

    /// Sends a reversal until it is answered; returns the response code and the number of repeats.
    pub async fn reverse(&self, of: &Message, lose_percent: u32) -> (Option<String>, u32) {
        let mut request = self.reversal(of);
        for repeats in 0..REPEATS_MAX {
            let answer = self.ask(&request).await;
            if let Some(answer) = answer.filter(|_| !self.loses(lose_percent)) {
                return (answer.get(39).map(str::to_owned), repeats);
            }
            request.mti = request.mti.repeat();
        }
        (None, REPEATS_MAX)
    }

    /// Sends the top-ups and returns their results.
    pub async fn serve(&self, customers: &Customers) -> AtmReport {
        let mut report = AtmReport::default();
        let one = |_| self.serve_one(customers);
        let mut ended = stream::iter(0..customers.count).map(one).buffer_unordered(customers.window.max(1));
        while let Some(customer) = ended.next().await {
            *report.top_ups.entry(customer.top_up.clone()).or_default() += 1;
            if let Some(code) = &customer.reversal {
                *report.reversals.entry(code.clone()).or_default() += 1;
            }
            report.repeats += customer.repeats;
            report.customers.push(customer);
        }
        report
    }

    async fn serve_one(&self, customers: &Customers) -> AtmCustomer {
        const LOST: &str = "lost";
        let request = self.top_up(&customers.number, customers.amount_minor);
        let answer = self.ask(&request).await.filter(|_| !self.loses(customers.lose_percent));
        let field = |number: u8| answer.as_ref().and_then(|answer| answer.get(number)).map(str::to_owned);
        let (reversal, repeats) = if answer.is_some() {
            (None, 0)
        } else {
            let (code, repeats) = self.reverse(&request, customers.lose_percent).await;
            (Some(code.unwrap_or_else(|| LOST.to_owned())), repeats)
        };
        AtmCustomer {
            trace: request.get(11).unwrap_or_default().to_owned(),
            top_up: field(39).unwrap_or_else(|| LOST.to_owned()),
            receipt: field(62),
            text: field(63),
            reversal,
            repeats,
        }
    }

    /// Returns true if this answer is treated as lost. Lost answers are spread evenly.
    fn loses(&self, percent: u32) -> bool {
        let nth = self.answers.fetch_add(1, Ordering::Relaxed);
        let lost = |answers: u32| u64::from(answers) * u64::from(percent) / 100;
        lost(nth.saturating_add(1)) > lost(nth)
    }
}

impl Drop for Atm {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(mut reader: OwnedReadHalf, mut framer: Framer, spec: Arc<Spec>, waiting: Waiting) {
    let mut octets = vec![0; 4_096];
    while let Ok(count @ 1..) = reader.read(&mut octets).await {
        framer.push(octets.get(..count).unwrap_or_default());
        while let Ok(Some(frame)) = framer.next_frame() {
            let Ok(answer) = spec.decode(&frame) else { continue };
            let key = (answer.mti, answer.get(11).unwrap_or_default().to_owned());
            if let Some(sender) = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key) {
                drop(sender.send(answer));
            }
        }
    }
    // No later answer is possible.
    waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
