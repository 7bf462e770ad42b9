//! One connection. Requests are carried out concurrently, up to the window. Beyond it, nothing more is read until an
//! answer is sent, so that a switch is slowed down and nothing piles up. Answers may come in another order than their
//! requests.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::responder::Given;
use super::shared::Shared;
use crate::iso8583::Framer;
use crate::links::admission::Admitted;

/// Octets in one read.
const READ: usize = 4_096;

/// Longest time for one request. A switch that has no answer by then gives the request up and reverses it.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// The connection was closed in favour of another.
pub(super) const SHOWN_OUT: &str = "the limit of connections is reached, and it had not signed on";

/// The end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) why: &'static str,
    /// True if it had signed on at least once.
    pub(super) was_signed_on: bool,
}

impl Ended {
    pub(super) const fn unsigned(why: &'static str) -> Self {
        Self { why, was_signed_on: false }
    }
}

/// Serves the connection until either side closes it.
pub(super) async fn run<S>(stream: S, remote: IpAddr, shared: &Arc<Shared>, admitted: &Admitted) -> Ended
where
    S: AsyncRead + AsyncWrite + Send,
{
    let (reader, writer) = tokio::io::split(stream);
    let (answers, waiting) = mpsc::channel(shared.settings.window);
    let broken = CancellationToken::new();
    let (sign_on, tasks) = (SignOn::default(), JoinSet::new());
    let session = Session { shared, remote, answers, broken: &broken, admitted, sign_on, tasks };
    let patience = Duration::from_secs(shared.settings.partial_seconds.into());
    let (ended, ()) = tokio::join!(session.read(reader), write(writer, waiting, patience, &broken));
    ended
}

struct Session<'a> {
    shared: &'a Arc<Shared>,
    remote: IpAddr,
    answers: mpsc::Sender<Vec<u8>>,
    /// Cancelled if answers cannot be written any more.
    broken: &'a CancellationToken,
    admitted: &'a Admitted,
    sign_on: SignOn,
    tasks: JoinSet<()>,
}

/// The acquirer that the connection has signed on as now, and whether it has ever signed on.
#[derive(Default)]
struct SignOn {
    now: Option<String>,
    ever: bool,
}

impl Session<'_> {
    async fn read<S: AsyncRead>(mut self, reader: ReadHalf<S>) -> Ended {
        let why = self.read_all(reader).await;
        // Orders that are under way are committed in any case. They are answered if the connection still allows it.
        let drain = seconds(self.shared.settings.drain_seconds);
        if timeout(drain, async { while self.tasks.join_next().await.is_some() {} }).await.is_err() {
            warn!("requests of an ISO 8583 connection did not end in time");
        }
        Ended { why, was_signed_on: self.sign_on.ever }
    }

    async fn read_all<S: AsyncRead>(&mut self, mut reader: ReadHalf<S>) -> &'static str {
        let settings = &self.shared.settings;
        let sign_on_by = Instant::now() + seconds(settings.sign_on_seconds);
        let mut framer = Framer::new(settings.framing, settings.message_bytes_max);
        let (idle, partial) = (seconds(settings.idle_seconds), seconds(settings.partial_seconds));
        let mut octets = vec![0; READ];
        let mut begun: Option<Instant> = None;
        loop {
            if let Err(why) = self.take_all(&mut framer).await {
                return why;
            }
            if !self.sign_on.ever && Instant::now() >= sign_on_by {
                return "it did not sign on in time";
            }
            begun = framer.is_inside().then(|| begun.unwrap_or_else(Instant::now));
            let until = begun.map_or_else(|| Instant::now() + idle, |begun| begun + partial);
            let until = if self.sign_on.ever { until } else { until.min(sign_on_by) };
            let read = tokio::select! {
                () = self.shared.stop.cancelled() => return "stopping",
                () = self.broken.cancelled() => return "its answers are not taken",
                () = self.admitted.shown_out() => return SHOWN_OUT,
                read = timeout_at(until, reader.read(&mut octets)) => read,
            };
            match read {
                Err(_) if !self.sign_on.ever && Instant::now() >= sign_on_by => {}
                Err(_) if begun.is_some() => return "a message was not sent to its end in time",
                Err(_) => return "silent for too long",
                Ok(Ok(0)) => return "closed by the other side",
                Ok(Err(_)) => return "broken",
                Ok(Ok(count)) => framer.push(octets.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Takes every complete message.
    async fn take_all(&mut self, framer: &mut Framer) -> Result<(), &'static str> {
        loop {
            let frame = framer.next_frame().map_err(|error| {
                debug!(%error, "an ISO 8583 stream that cannot be read");
                "its lengths cannot be read"
            })?;
            let Some(frame) = frame else { return Ok(()) };
            // Some switches send messages of no octets to keep a connection alive.
            if frame.is_empty() {
                continue;
            }
            while self.tasks.len() >= self.shared.settings.window {
                self.tasks.join_next().await;
            }
            while self.tasks.try_join_next().is_some() {}
            self.take(&frame).await?;
        }
    }

    async fn take(&mut self, frame: &[u8]) -> Result<(), &'static str> {
        let given = self.shared.responder.read(frame, self.remote, &mut self.sign_on.now);
        if self.sign_on.now.is_some() {
            self.sign_on.ever = true;
            if !self.admitted.settle() {
                return Err(SHOWN_OUT);
            }
        } else {
            self.admitted.wait();
        }
        match given {
            Given::Answer(answer) => {
                // It fails if answers cannot be written any more. Then the connection is about to end.
                drop(self.answers.send(answer).await);
            }
            Given::Order(order) => {
                let (shared, answers) = (self.shared.clone(), self.answers.clone());
                self.tasks.spawn(async move {
                    if let Ok(Some(answer)) = timeout(ANSWER_MAX, shared.responder.carry_out(*order)).await {
                        drop(answers.send(answer).await);
                    }
                });
            }
            Given::Nothing => {}
            Given::Close => return Err("it sent what is no message"),
        }
        Ok(())
    }
}

async fn write<S: AsyncWrite>(
    mut writer: WriteHalf<S>,
    mut answers: mpsc::Receiver<Vec<u8>>,
    patience: Duration,
    broken: &CancellationToken,
) {
    while let Some(answer) = answers.recv().await {
        if !matches!(timeout(patience, writer.write_all(&answer)).await, Ok(Ok(()))) {
            broken.cancel();
            return;
        }
    }
    // If the peer has gone, there is nothing left to close.
    drop(timeout(patience, writer.shutdown()).await);
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
