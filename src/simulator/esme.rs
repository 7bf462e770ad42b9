//! A simulated bank: an ESME that binds to a server, submits texts and receives replies.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, broadcast, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use super::faults::Faults;
use super::message::{LongStyle, NotDelivered, Text, messages};
use super::reader::Reader;
use super::settings::EsmeSettings;
use super::shared::Submitted;
use crate::links::smpp::driver::{Connection, Ended, Handle, Peer};
use crate::links::smpp::tls::connect;
use crate::smpp::message::{Message, MessageKind};
use crate::smpp::octets::InvalidOctets;
use crate::smpp::pdu::{Bind, BindMode, Body, Sm};
use crate::smpp::receipt::Receipt;
use crate::smpp::session::{CloseReason, Completion, Notice, Role, Settings, Ticket};
use crate::smpp::{CommandStatus, Pdu};
use crate::text::data_coding::DefaultAlphabet;

pub use super::message::message;

/// Received messages that a slow observer may have pending before it misses some.
const RECEIVED_BEHIND_MAX: usize = 65_536;

#[derive(Debug, thiserror::Error)]
pub enum NotBound {
    /// The connection or the TLS handshake failed.
    #[error("no connection: {0}")]
    Connection(#[from] std::io::Error),
    /// The name or the password does not fit the bind.
    #[error("name or password: {0}")]
    Unfit(#[from] InvalidOctets),
    #[error("the bind was refused: {0}")]
    Refused(CommandStatus),
    #[error("no answer to the bind: {0}")]
    Ended(String),
}

impl NotBound {
    /// The error for a session that ended before it was bound.
    fn because(ended: Result<Ended, JoinError>) -> Self {
        match ended {
            Ok(Ended::Session(CloseReason::BindRefused(status))) => Self::Refused(status),
            Ok(ended) => Self::Ended(ended.to_string()),
            Err(error) => Self::Ended(error.to_string()),
        }
    }
}

/// Result of a submitted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The first status that is not OK, or OK.
    pub status: CommandStatus,
    /// Identifiers from the server, one for each part.
    pub ids: Vec<String>,
}

/// A bound session. Dropping it ends the session.
#[derive(Debug)]
pub struct Esme {
    handle: Handle,
    window: Semaphore,
    observers: Observers,
    faults: Arc<Mutex<Faults>>,
    reference: AtomicU16,
    long: LongStyle,
    asks_receipts: bool,
    cut: CancellationToken,
    running: JoinHandle<Ended>,
}

impl Esme {
    /// # Errors
    /// The session could not be bound.
    pub async fn bind(settings: &EsmeSettings) -> Result<Self, NotBound> {
        let bind = settings.bind()?;
        let stream = TcpStream::connect(&settings.host).await?;
        stream.set_nodelay(true)?;
        let stream = connect(settings.tls.as_ref(), &settings.host, stream).await?;
        let connection = Connection::new(Settings {
            window: settings.window,
            response: settings.response_timeout,
            session_init: settings.response_timeout,
            ..Settings::new(Role::Esme)
        });
        let (handle, observers, faults) = (connection.handle(), Observers::new(), Arc::default());
        let (bound, is_bound) = oneshot::channel();
        let side = EsmeSide {
            observers: observers.clone(),
            faults: Arc::clone(&faults),
            reader: Reader::new(),
            bound: Some(bound),
        };
        handle.bind(bind);
        let cut = CancellationToken::new();
        let until = cut.clone();
        let running = tokio::spawn(async move {
            let gone = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
            until.run_until_cancelled(stream.run(connection, side)).await.unwrap_or(Ended::Socket(gone))
        });
        if is_bound.await.is_err() {
            return Err(NotBound::because(running.await));
        }
        Ok(Self {
            handle,
            window: Semaphore::new(settings.window.max(1)),
            observers,
            faults,
            reference: 0.into(),
            long: settings.long,
            asks_receipts: settings.receipts,
            cut,
            running,
        })
    }

    /// Messages that are delivered from now on.
    pub fn received(&self) -> broadcast::Receiver<Submitted> {
        self.observers.received.subscribe()
    }

    /// Receipts that are delivered from now on.
    pub fn receipts(&self) -> broadcast::Receiver<Receipt> {
        self.observers.receipts.subscribe()
    }

    /// Requests of the server from now on, unchanged.
    pub fn requests(&self) -> broadcast::Receiver<Body> {
        self.observers.requests.subscribe()
    }

    /// Sets the faults for later deliveries.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    /// Submits a text in as many parts as it needs.
    ///
    /// # Errors
    /// It was not submitted, or the outcome is unknown.
    pub async fn submit(&self, text: &Text) -> Result<Submission, NotDelivered> {
        let reference = self.reference.fetch_add(1, Ordering::Relaxed);
        let messages = messages(text, self.long, reference)?;
        let registered_delivery = u8::from(self.asks_receipts);
        let messages = messages.into_iter().map(|sm| Sm { registered_delivery, ..sm });
        let answers = futures_util::future::try_join_all(messages.map(|sm| self.submit_sm(sm))).await?;
        let status = answers.iter().map(|(status, _)| *status).find(|status| !status.is_ok());
        let ids = answers.into_iter().filter_map(|(_, id)| id).collect();
        Ok(Submission { status: status.unwrap_or(CommandStatus::OK), ids })
    }

    /// Submits a `submit_sm` unchanged; returns its status and the identifier from the server.
    ///
    /// # Errors
    /// As [`Esme::submit`].
    pub async fn submit_sm(&self, sm: Sm) -> Result<(CommandStatus, Option<String>), NotDelivered> {
        match self.request(Body::SubmitSm(sm)).await {
            Completion::Answered(pdu) => {
                let id = match &pdu.body {
                    Body::SubmitSmResp(resp) => Some(resp.message_id()).filter(|id| !id.is_empty()),
                    _ => None,
                };
                Ok((pdu.status, id))
            }
            Completion::Nacked(status) => Ok((status, None)),
            Completion::Refused(_) => Err(NotDelivered::NobodyBound),
            Completion::Unknown(_) => Err(NotDelivered::Unanswered),
        }
    }

    /// Sends any request, within the window.
    pub async fn request(&self, body: Body) -> Completion {
        let _permit = self.window.acquire().await;
        self.handle.request(body).await
    }

    /// Cuts the connection without an unbind.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Waits for the end of the session; returns the reason.
    pub async fn ended(self) -> String {
        match self.running.await {
            Ok(ended) => ended.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Unbinds in order; returns the reason of the end.
    pub async fn unbind(self) -> String {
        self.handle.drain();
        self.ended().await
    }
}

fn lock(faults: &Mutex<Faults>) -> MutexGuard<'_, Faults> {
    // Plain values are consistent even after a panic elsewhere.
    faults.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The channels to those who watch the requests of the server.
#[derive(Debug, Clone)]
struct Observers {
    received: broadcast::Sender<Submitted>,
    receipts: broadcast::Sender<Receipt>,
    requests: broadcast::Sender<Body>,
}

impl Observers {
    fn new() -> Self {
        Self {
            received: broadcast::Sender::new(RECEIVED_BEHIND_MAX),
            receipts: broadcast::Sender::new(RECEIVED_BEHIND_MAX),
            requests: broadcast::Sender::new(RECEIVED_BEHIND_MAX),
        }
    }
}

/// Handler of the requests of the server.
struct EsmeSide {
    observers: Observers,
    faults: Arc<Mutex<Faults>>,
    reader: Reader,
    bound: Option<oneshot::Sender<()>>,
}

impl EsmeSide {
    /// Passes a message to the observers, if any.
    fn take(&self, message: Message) {
        if message.kind == MessageKind::Receipt {
            if let Some(receipt) = Receipt::read(&message, DefaultAlphabet::default()) {
                drop(self.observers.receipts.send(receipt));
            }
        } else if let Some((text, segments)) = self.reader.read(&message) {
            let (from, to, id, at) = (message.from, message.to, String::new(), Utc::now());
            drop(self.observers.received.send(Submitted { from, to, text, segments, id, at, ussd_service_op: None }));
        }
    }
}

impl Peer for EsmeSide {
    fn authenticate(&mut self, ticket: Ticket, _bind: Bind, handle: &Handle) {
        // A server never binds to an ESME.
        handle.decide(ticket, Err(CommandStatus::BIND_FAILED));
    }

    fn bound(&mut self, _mode: BindMode, _handle: &Handle) {
        if let Some(bound) = self.bound.take() {
            // The waiting task may have given up.
            let _told = bound.send(());
        }
    }

    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle) {
        // There may be no observer.
        drop(self.observers.requests.send(pdu.body.clone()));
        let (status, delay, silent) = {
            let mut faults = lock(&self.faults);
            (faults.next_status(), faults.submit_delay, faults.silent)
        };
        if silent {
            return;
        }
        if let Some(message) = Message::of(&pdu.body).filter(|_| status.is_ok()) {
            self.take(message);
        }
        let handle = handle.clone();
        if delay.is_zero() {
            return handle.answer(ticket, status, None);
        }
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            handle.answer(ticket, status, None);
        });
    }

    fn notice(&mut self, notice: Notice) {
        tracing::debug!(?notice, "simulated bank");
    }
}
