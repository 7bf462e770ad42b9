//! A simulated SMSC. It delivers texts to its clients and accepts their submissions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::client::ClientSide;
use super::faults::Faults;
use super::message::{NotDelivered, Text, message, messages};
use super::settings::SmscSettings;
use super::shared::{Client, Counters, Shared, Submitted};
use crate::links::smpp::driver::Connection;
use crate::smpp::CommandStatus;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::{Body, Sm};
use crate::smpp::session::{Completion, Role, Settings};
use crate::smpp::tlv::tag;
use crate::text::data_coding::DefaultAlphabet;
use crate::text::segments::encode_for_submit;

/// `ussd_service_op` of a request that a phone dials.
const PSSR_INDICATION: u8 = 1;
/// `ussd_service_op` of a user's answer to a screen.
const USSR_CONFIRM: u8 = 18;

/// A simulated SMSC. It runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Smsc {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Smsc {
    /// # Errors
    /// The address is not available.
    pub async fn start(settings: SmscSettings) -> std::io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(settings));
        let stop = CancellationToken::new();
        shared.tasks.spawn(listen(listener, shared.clone(), stop.clone()));
        Ok(Self { shared, address, stop })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn counters(&self) -> Counters {
        self.shared.counts.read()
    }

    /// Messages that are submitted from now on.
    pub fn submitted(&self) -> broadcast::Receiver<Submitted> {
        self.shared.observe()
    }

    /// Requests of clients from now on, unchanged.
    pub fn requests(&self) -> broadcast::Receiver<Body> {
        self.shared.observe_requests()
    }

    /// Sets the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults() = faults;
    }

    /// Waits until a client is bound to receive.
    pub async fn receiver_bound(&self) {
        self.wait_for(|clients| clients.iter().any(|client| client.mode.receives())).await;
    }

    /// Deliveries to one session that may wait for a response at once.
    pub(super) fn window(&self) -> usize {
        self.shared.settings.window.max(1)
    }

    /// Number of bound sessions.
    pub fn sessions(&self) -> usize {
        self.shared.clients.borrow().len()
    }

    /// Delivers a text in as many parts as it needs. Returns the first status that is not OK, or OK.
    ///
    /// # Errors
    /// It was not delivered, or the outcome is unknown.
    pub async fn deliver(&self, text: &Text) -> Result<CommandStatus, NotDelivered> {
        let messages = messages(text, self.shared.settings.long, self.shared.next_reference())?;
        let sending = messages.into_iter().map(|message| self.deliver_sm(message));
        let statuses = futures_util::future::try_join_all(sending).await?;
        Ok(statuses.into_iter().find(|status| !status.is_ok()).unwrap_or(CommandStatus::OK))
    }

    /// Delivers a dialled code, as the request that begins a USSD session.
    ///
    /// # Errors
    /// As [`Smsc::deliver`].
    pub async fn dial(&self, dialled: &Text) -> Result<CommandStatus, NotDelivered> {
        self.ussd(dialled, PSSR_INDICATION).await
    }

    /// Delivers a user's answer to a screen.
    ///
    /// # Errors
    /// As [`Smsc::deliver`].
    pub async fn answer(&self, answer: &Text) -> Result<CommandStatus, NotDelivered> {
        self.ussd(answer, USSR_CONFIRM).await
    }

    async fn ussd(&self, text: &Text, operation: u8) -> Result<CommandStatus, NotDelivered> {
        let (data_coding, octets) = encode_for_submit(&text.text, DefaultAlphabet::default());
        let mut message = message(text, octets, data_coding, 0)?;
        let tlvs = message.tlvs.with(tag::USSD_SERVICE_OP, &[operation]);
        message.tlvs = tlvs.map_err(|problem| NotDelivered::Unfit(problem.to_string()))?;
        self.deliver_sm(message).await
    }

    /// Delivers a `deliver_sm` unchanged.
    ///
    /// # Errors
    /// As [`Smsc::deliver`].
    pub async fn deliver_sm(&self, message: Sm) -> Result<CommandStatus, NotDelivered> {
        let client = self.shared.receiver().ok_or(NotDelivered::NobodyBound)?;
        let permit = client.window.acquire().await.map_err(|_| NotDelivered::NobodyBound)?;
        self.shared.counts.delivered.fetch_add(1, Ordering::Relaxed);
        let answer = client.handle.request(Body::DeliverSm(message));
        if self.shared.faults().cuts_now() {
            // The future is polled once, so that the message is sent; then the connection is cut.
            let cut = async {
                tokio::task::yield_now().await;
                client.cut.cancel();
                std::future::pending::<()>().await;
            };
            return tokio::select! {
                completion = answer => self.completed(&completion),
                () = cut => Err(NotDelivered::Unanswered),
            };
        }
        let completion = answer.await;
        drop(permit);
        self.completed(&completion)
    }

    /// Cuts all connections without an unbind.
    pub fn cut(&self) {
        for client in self.shared.clients.borrow().iter() {
            client.cut.cancel();
        }
    }

    /// Unbinds all clients and stops listening.
    pub async fn stop(self) {
        self.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    fn completed(&self, completion: &Completion) -> Result<CommandStatus, NotDelivered> {
        let status = match completion {
            Completion::Answered(pdu) => pdu.status,
            Completion::Nacked(status) => *status,
            Completion::Refused(_) => return Err(NotDelivered::NobodyBound),
            Completion::Unknown(_) => return Err(NotDelivered::Unanswered),
        };
        self.shared.counts.acknowledged.fetch_add(u64::from(status.is_ok()), Ordering::Relaxed);
        Ok(status)
    }

    async fn wait_for(&self, wanted: impl Fn(&[Client]) -> bool) {
        let mut clients = self.shared.clients.subscribe();
        // The sender lives as long as `self`.
        let _alive = clients.wait_for(|clients| wanted(clients)).await.is_ok();
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                shared.counts.connections.fetch_add(1, Ordering::Relaxed);
                shared.tasks.spawn(serve(stream, shared.clone(), stop.clone()));
            }
            // Most likely there are no free descriptors; some will be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, stop: CancellationToken) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let settings = Settings {
        system_id: Octets::from_text("mbush-smsc").unwrap_or_default(),
        window: shared.settings.window,
        response: shared.settings.response_timeout,
        enquire_link: shared.settings.enquire_link,
        ..Settings::new(Role::Smsc)
    };
    let connection = Connection::new(settings);
    let (handle, cut) = (connection.handle(), CancellationToken::new());
    let side = ClientSide { shared, handle: handle.clone(), cut: cut.clone() };
    let (reader, writer) = stream.into_split();
    let running = connection.run(reader, writer, side);
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = cut.cancelled() => return,
        () = stop.cancelled() => {
            handle.drain();
            running.await
        }
    };
    tracing::debug!(%ended, "simulated SMSC: session ended");
}
