//! One connection: octets from a socket through the framer into the session, and what the session says back out.
//!
//! One task owns all three, so that there is nothing to lock. It never waits for the application: requests of the peer
//! go to a [`Peer`], which answers through the [`Handle`] whenever it is done. What has gathered until the socket can
//! be written is written at once.

mod handle;
mod peer;

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

pub use handle::Handle;
use handle::{Command, FLUSH_TIMEOUT};
pub use peer::{Ended, Peer};

use super::meter::Meter;
use crate::smpp::Framer;
use crate::smpp::session::{Action, Actions, CloseReason, Completion, Event, Session, Settings};

/// Octets that may wait for a slow reader; then its session is dropped. They are bounded anyway by the two windows.
const OUT_OCTETS_MAX: usize = 1024 * 1024;
/// Above this, nothing more is read until the peer has read.
const OUT_OCTETS_FULL: usize = 256 * 1024;
/// How long a peer may read nothing of what waits for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Commands taken at one wake-up before the socket gets its turn.
const COMMANDS_PER_TURN: usize = 256;

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;

/// A connection before it runs.
#[derive(Debug)]
pub struct Connection {
    handle: Handle,
    commands: mpsc::UnboundedReceiver<Command>,
    settings: Settings,
    meter: Arc<Meter>,
}

impl Connection {
    /// A connection whose session has these settings.
    pub fn new(settings: Settings) -> Self {
        let (sender, commands) = mpsc::unbounded_channel();
        Self { handle: Handle::new(sender), commands, settings, meter: Arc::default() }
    }

    /// The way to it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What it counts.
    pub fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    /// Runs until the session ends or the socket fails.
    pub async fn run<R, W>(self, reader: R, writer: W, peer: impl Peer) -> Ended
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send,
    {
        let start = Instant::now();
        let running = Running {
            session: Session::new(self.settings, Duration::ZERO),
            framer: Framer::new(),
            actions: Actions::default(),
            handle: self.handle,
            peer,
            meter: self.meter,
            start,
            written: start,
            unflushed: false,
            ended: None,
        };
        running.run(reader, writer, self.commands).await
    }
}

struct Running<P> {
    session: Session<oneshot::Sender<Completion>>,
    framer: Framer,
    actions: Actions<oneshot::Sender<Completion>>,
    handle: Handle,
    peer: P,
    meter: Arc<Meter>,
    start: Instant,
    /// When the peer last read something, or had nothing to read.
    written: Instant,
    /// Something was written that a layer in between, TLS, may still hold.
    unflushed: bool,
    ended: Option<Ended>,
}

/// What woke the task.
enum Wake {
    Read(std::io::Result<usize>),
    Wrote(std::io::Result<Written>),
    Command(Option<Command>),
    Time,
}

/// What one turn at the writer did.
enum Written {
    Octets(usize),
    Flushed,
}

/// Writes what can be written or, where all is, hands it on. May be given up at any await: nothing is lost.
async fn push<W: AsyncWrite + Unpin>(writer: &mut W, out: &mut BytesMut) -> std::io::Result<Written> {
    if out.is_empty() {
        writer.flush().await?;
        return Ok(Written::Flushed);
    }
    writer.write_buf(out).await.map(Written::Octets)
}

impl<P: Peer> Running<P> {
    async fn run<R, W>(mut self, mut reader: R, mut writer: W, mut commands: mpsc::UnboundedReceiver<Command>) -> Ended
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send,
    {
        let ended = loop {
            if let Some(ended) = self.ended.take() {
                break ended;
            }
            let waiting = self.actions.out.len();
            let deadline = self.deadline();
            let wake = tokio::select! {
                read = reader.read_buf(self.framer.buffer()), if waiting < OUT_OCTETS_FULL => Wake::Read(read),
                wrote = push(&mut writer, &mut self.actions.out), if waiting > 0 || self.unflushed => Wake::Wrote(wrote),
                command = commands.recv() => Wake::Command(command),
                () = tokio::time::sleep_until(deadline) => Wake::Time,
            };
            self.wake(wake, &mut commands);
        };
        self.finish(&ended, &mut writer, &mut commands).await;
        ended
    }

    fn wake(&mut self, wake: Wake, commands: &mut mpsc::UnboundedReceiver<Command>) {
        if self.actions.out.is_empty() && !self.unflushed {
            self.written = Instant::now();
        }
        match wake {
            Wake::Read(Ok(0)) => self.event(Event::Disconnected),
            Wake::Read(Ok(_)) => self.frames(),
            Wake::Wrote(Ok(written)) => self.wrote(&written),
            Wake::Read(Err(error)) | Wake::Wrote(Err(error)) => self.end(Ended::Socket(error)),
            Wake::Command(first) => {
                let mut next = first;
                for _ in 0..COMMANDS_PER_TURN {
                    let Some(command) = next.take() else { break };
                    self.command(command);
                    next = commands.try_recv().ok();
                }
                if let Some(command) = next {
                    self.command(command);
                }
            }
            Wake::Time => self.event(Event::Tick),
        }
        self.judge_reader();
    }

    fn frames(&mut self) {
        while self.ended.is_none() {
            match self.framer.next_frame() {
                Ok(Some(frame)) => self.event(Event::Received(frame)),
                Ok(None) => return self.event(Event::Partial(self.framer.is_partial())),
                Err(fatal) => return self.event(Event::Broken(fatal)),
            }
        }
    }

    fn command(&mut self, command: Command) {
        let event = match command {
            Command::Bind(bind) => Event::Bind(bind),
            Command::Request(body, outcome) => Event::Send(outcome, body),
            Command::Answer(ticket, status, body) => {
                self.meter.answered(status);
                Event::Answer { ticket, status, body }
            }
            Command::Decide(ticket, verdict) => Event::BindDecision { ticket, verdict },
            Command::Limit(window, peer_window) => Event::Limit { window, peer_window },
            Command::Probe(wait) => Event::Probe(wait),
            Command::Drain => Event::Drain,
        };
        self.event(event);
    }

    /// Hands an event to the session, and what it asks for to whom it concerns.
    fn event(&mut self, event: Event<oneshot::Sender<Completion>>) {
        self.session.handle(self.start.elapsed(), event, &mut self.actions);
        let mut ended = None;
        for action in self.actions.drain() {
            match action {
                Action::Authenticate(ticket, bind) => self.peer.authenticate(ticket, *bind, &self.handle),
                Action::Bound { mode, .. } => self.peer.bound(mode, &self.handle),
                Action::Request(ticket, pdu) => {
                    self.meter.received();
                    self.peer.request(ticket, *pdu, &self.handle);
                }
                // Whoever has stopped waiting needs no outcome.
                Action::Completed(outcome, completion) => {
                    self.meter.completed(&completion);
                    drop(outcome.send(completion));
                }
                Action::Notice(notice) => {
                    self.meter.noticed(&notice);
                    self.peer.notice(notice);
                }
                Action::Close(reason) => ended = Some(Ended::Session(reason)),
            }
        }
        self.ended = self.ended.take().or(ended);
    }

    fn wrote(&mut self, written: &Written) {
        match written {
            Written::Octets(0) => return self.end(Ended::SlowReader),
            Written::Octets(_) => self.unflushed = true,
            Written::Flushed => self.unflushed = false,
        }
        self.written = Instant::now();
        if self.actions.out.is_empty() && self.actions.out.capacity() > OUT_OCTETS_FULL {
            // A burst is over: thousands of idle sessions must not keep its room.
            self.actions.out = BytesMut::new();
        }
    }

    fn judge_reader(&mut self) {
        let waiting = self.actions.out.len();
        let stalled = (waiting > 0 || self.unflushed) && self.written.elapsed() >= WRITE_TIMEOUT;
        if self.ended.is_none() && (stalled || waiting > OUT_OCTETS_MAX) {
            self.end(Ended::SlowReader);
        }
    }

    /// An end that the session did not decide: those who wait for answers are told.
    fn end(&mut self, ended: Ended) {
        self.event(Event::Disconnected);
        self.ended = Some(ended);
    }

    fn deadline(&self) -> Instant {
        let session = self.session.deadline().map(|deadline| self.start + deadline);
        let write = (self.unflushed || !self.actions.out.is_empty()).then(|| self.written + WRITE_TIMEOUT);
        let far = Instant::now() + Duration::from_hours(1);
        session.into_iter().chain(write).min().unwrap_or(far)
    }

    /// Writes what is left, closes the socket, and tells every request that still comes that it was not sent.
    async fn finish<W>(mut self, ended: &Ended, writer: &mut W, commands: &mut mpsc::UnboundedReceiver<Command>)
    where
        W: AsyncWrite + Unpin + Send,
    {
        commands.close();
        // Not `try_recv`, which misses a request that is just being handed over: its sender would wait for ever.
        while let Some(command) = commands.recv().await {
            self.command(command);
        }
        if matches!(ended, Ended::Session(reason) if *reason != CloseReason::Disconnected) {
            let flush = async {
                writer.write_all_buf(&mut self.actions.out).await?;
                writer.shutdown().await
            };
            // The peer may be gone already: there is nobody left to tell.
            drop(tokio::time::timeout(FLUSH_TIMEOUT, flush).await);
        }
    }
}
