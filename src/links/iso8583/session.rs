//! One connection. Requests are carried out beside each other, as many as the window allows; then nothing more is read until
//! there is room, so that a switch is slowed down and nothing piles up. Answers may come in another order than their requests.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::Shared;
use super::desk::Given;
use crate::iso8583::Framer;

/// Octets that are read at once.
const READ: usize = 4_096;

/// Until either side closes it; why it ended.
pub(super) async fn run<S>(stream: S, remote: IpAddr, shared: &Arc<Shared>) -> &'static str
where
    S: AsyncRead + AsyncWrite + Send,
{
    let (reader, writer) = tokio::io::split(stream);
    let (answers, waiting) = mpsc::channel(shared.settings.window);
    let broken = CancellationToken::new();
    let session = Session { shared, remote, answers, broken: &broken, signed_on: None, tasks: JoinSet::new() };
    let patience = Duration::from_secs(shared.settings.partial_seconds.into());
    let (ended, ()) = tokio::join!(session.read(reader), write(writer, waiting, patience, &broken));
    ended
}

struct Session<'a> {
    shared: &'a Arc<Shared>,
    remote: IpAddr,
    answers: mpsc::Sender<Vec<u8>>,
    /// Answers cannot be written any more.
    broken: &'a CancellationToken,
    /// The acquirer that it has signed on as.
    signed_on: Option<String>,
    tasks: JoinSet<()>,
}

impl Session<'_> {
    async fn read<S: AsyncRead>(mut self, mut reader: ReadHalf<S>) -> &'static str {
        let settings = &self.shared.settings;
        let mut framer = Framer::new(settings.framing, settings.message_bytes_max);
        let (idle, partial) = (seconds(settings.idle_seconds), seconds(settings.partial_seconds));
        let mut octets = vec![0; READ];
        let mut begun: Option<Instant> = None;
        let ended = loop {
            match self.take_all(&mut framer).await {
                Ok(()) => {}
                Err(why) => break why,
            }
            begun = framer.is_inside().then(|| begun.unwrap_or_else(Instant::now));
            let until = begun.map_or_else(|| Instant::now() + idle, |begun| begun + partial);
            let read = tokio::select! {
                () = self.shared.stop.cancelled() => break "stopping",
                () = self.broken.cancelled() => break "its answers are not taken",
                read = timeout_at(until, reader.read(&mut octets)) => read,
            };
            match read {
                Err(_) if begun.is_some() => break "a message was not sent to its end in time",
                Err(_) => break "silent for too long",
                Ok(Ok(0)) => break "closed by the other side",
                Ok(Err(_)) => break "broken",
                Ok(Ok(count)) => framer.push(octets.get(..count).unwrap_or_default()),
            }
        };
        // What is under way is committed whatever happens here; it is answered where that is still possible.
        let drain = seconds(settings.drain_seconds);
        if timeout(drain, async { while self.tasks.join_next().await.is_some() {} }).await.is_err() {
            warn!("requests of an ISO 8583 connection did not end in time");
        }
        ended
    }

    /// Every message that is whole.
    async fn take_all(&mut self, framer: &mut Framer) -> Result<(), &'static str> {
        loop {
            let frame = framer.next_frame().map_err(|error| {
                debug!(%error, "an ISO 8583 stream that cannot be read");
                "its lengths cannot be read"
            })?;
            let Some(frame) = frame else { return Ok(()) };
            // Of no octets: what some switches keep a line alive with.
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
        match self.shared.desk.read(frame, self.remote, &mut self.signed_on) {
            Given::Answer(answer) => {
                // It fails where answers cannot be written any more: the connection is about to end.
                drop(self.answers.send(answer).await);
            }
            Given::Order(order) => {
                let (shared, answers) = (self.shared.clone(), self.answers.clone());
                self.tasks.spawn(async move {
                    if let Some(answer) = shared.desk.carry_out(*order).await {
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
    // A side that has gone has its end already.
    drop(timeout(patience, writer.shutdown()).await);
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
