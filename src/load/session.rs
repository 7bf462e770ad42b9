//! One bound session of either side: sends messages, takes their answers, and takes and answers replies.
//!
//! One task owns the socket. It reads and writes as much as there is at once, and nothing is allocated for a message
//! but its text.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until};

use super::composer::Composer;
use super::content::take;
use super::engine::Next;
use super::shared::Shared;
use super::status::Status;
use super::wire::{Wire, put};
use crate::smpp::address::Address;
use crate::smpp::pdu::{Body, MessageResp, Pdu};
use crate::smpp::{CommandId, CommandStatus, Frame, Framer, decode_delivered};

/// Octets that may wait for the socket before no further message is written.
const OUT_FULL: usize = 64 * 1024;
/// Octets reserved for each read.
const READ_LENGTH: usize = 64 * 1024;
/// Sequence number of the first message: the bind had 1.
const FIRST_SEQUENCE: u32 = 2;
/// Longest wait for the peer's confirmation of an unbind.
const UNBIND_WITHIN: Duration = Duration::from_secs(2);

/// Reason for which a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The run is over.
    Stopped,
    /// The peer went away, unbound, or the connection was cut.
    Lost,
}

/// A send without its answer.
#[derive(Debug, Clone, Copy)]
struct Sent {
    message: u32,
    at: u64,
}

/// The side that this program plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Smsc,
    Esme,
}

pub(super) struct Session {
    shared: Rc<Shared>,
    role: Role,
    /// The session may send messages.
    sends: bool,
    composer: Composer,
    window: usize,
    waiting: usize,
    /// Sends by sequence number, from `first` on.
    sent: VecDeque<Option<Sent>>,
    first: u32,
    /// Answers that are given later: instant, sequence number, status.
    delayed: VecDeque<(Instant, u32, CommandStatus)>,
    out: BytesMut,
    is_cut: bool,
    ended: Option<Ended>,
}

/// Identity of a session.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) role: Role,
    pub(super) sends: bool,
    pub(super) short_code: Address,
    pub(super) run: Rc<str>,
}

impl Session {
    pub(super) fn new(shared: Rc<Shared>, terms: Terms) -> Self {
        let window = shared.engine().window();
        shared.engine().tally.binds += 1;
        let Terms { role, sends, short_code, run } = terms;
        Self {
            shared,
            role,
            sends,
            composer: Composer::new(short_code, run),
            window,
            waiting: 0,
            sent: VecDeque::new(),
            first: FIRST_SEQUENCE,
            delayed: VecDeque::new(),
            out: BytesMut::new(),
            is_cut: false,
            ended: None,
        }
    }

    /// Runs until the session ends. Messages without an answer are then sent again on another.
    pub(super) async fn run(mut self, mut wire: Wire) -> Ended {
        let Wire { stream, framer } = &mut wire;
        let (mut reader, mut writer) = stream.split();
        // The peer may have sent more with its bind.
        self.frames(framer);
        let ended = self.turns(framer, &mut reader, &mut writer).await;
        let now = self.shared.now();
        let lost: Vec<Sent> = self.sent.drain(..).flatten().collect();
        for sent in lost {
            self.shared.engine().lost(sent.message);
        }
        if self.is_cut {
            self.shared.engine().cut(now);
        }
        self.shared.pass_on(now);
        ended
    }

    async fn turns(&mut self, framer: &mut Framer, reader: &mut ReadHalf<'_>, writer: &mut WriteHalf<'_>) -> Ended {
        let stop = self.shared.stop.clone();
        let stopped = stop.cancelled();
        tokio::pin!(stopped);
        let hungry = self.shared.hungry.clone();
        loop {
            let is_hungry = self.fill();
            if self.write(writer).is_err() || self.is_cut {
                return Ended::Lost;
            }
            if let Some(ended) = self.ended {
                return ended;
            }
            let deadline = self.delayed.front().map(|(at, ..)| *at);
            let buffer = framer.buffer();
            buffer.reserve(READ_LENGTH);
            tokio::select! {
                read = reader.read_buf(buffer) => match read {
                    Ok(octets) if octets > 0 => self.frames(framer),
                    _ => return Ended::Lost,
                },
                ready = writer.writable(), if !self.out.is_empty() => if ready.is_err() {
                    return Ended::Lost;
                },
                () = hungry.notified(), if is_hungry => {}
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => self.answer_delayed(),
                () = &mut stopped => return self.unbind(framer, reader, writer).await,
            }
        }
    }

    /// Writes as much as the socket takes.
    fn write(&mut self, writer: &WriteHalf<'_>) -> std::io::Result<()> {
        while !self.out.is_empty() {
            match writer.try_write(&self.out) {
                Ok(written) => self.out.advance(written),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes the messages that may be sent; returns whether there is room for more.
    fn fill(&mut self) -> bool {
        let now = self.shared.now();
        let mut is_hungry = false;
        while self.sends && self.has_room() && !is_hungry {
            let next = self.shared.engine().next(now);
            match next {
                Next::Send(message) => self.send(message, now),
                Next::Later | Next::Nothing => is_hungry = true,
            }
        }
        self.shared.pass_on(now);
        is_hungry
    }

    fn has_room(&self) -> bool {
        self.waiting < self.window && self.out.len() < OUT_FULL && !self.is_cut && self.ended.is_none()
    }

    fn send(&mut self, message: u32, now: u64) {
        let Some(sm) = self.composer.message(message, &self.shared.engine().plan) else { return };
        let sequence = self.first.wrapping_add(u32::try_from(self.sent.len()).unwrap_or(u32::MAX));
        let body = match self.role {
            Role::Smsc => Body::DeliverSm(sm),
            Role::Esme => Body::SubmitSm(sm),
        };
        put(&Pdu::request(sequence, body), &mut self.out);
        self.sent.push_back(Some(Sent { message, at: now }));
        self.waiting += 1;
        self.is_cut = self.shared.engine().sent(message, now);
    }

    fn frames(&mut self, framer: &mut Framer) {
        let now = self.shared.now();
        while self.ended.is_none() {
            match framer.next_frame() {
                Ok(Some(frame)) => self.frame(&frame, now),
                Ok(None) => break,
                Err(_) => self.ended = Some(Ended::Lost),
            }
        }
    }

    fn frame(&mut self, frame: &Frame, now: u64) {
        let header = *frame.header();
        let answer = |body| Pdu { status: CommandStatus::OK, sequence: header.sequence, body };
        match header.known() {
            Some(CommandId::DeliverSmResp | CommandId::SubmitSmResp | CommandId::GenericNack) => {
                self.answered(header.sequence, header.status, now);
            }
            Some(CommandId::SubmitSm | CommandId::DeliverSm) => self.request(frame, now),
            Some(CommandId::EnquireLink) => put(&answer(Body::EnquireLinkResp), &mut self.out),
            Some(CommandId::Unbind) => {
                put(&answer(Body::UnbindResp), &mut self.out);
                self.ended = Some(Ended::Lost);
            }
            Some(CommandId::UnbindResp) => self.ended = Some(Ended::Stopped),
            _ if header.is_response() => {}
            _ => put(&Pdu::generic_nack(CommandStatus::INVALID_COMMAND_ID, header.sequence), &mut self.out),
        }
    }

    fn answered(&mut self, sequence: u32, status: CommandStatus, now: u64) {
        let place = usize::try_from(sequence.wrapping_sub(self.first)).unwrap_or(usize::MAX);
        let Some(sent) = self.sent.get_mut(place).and_then(Option::take) else { return };
        self.waiting -= 1;
        while let Some(None) = self.sent.front() {
            self.sent.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        self.shared.engine().answered(sent.message, sent.at, Status::Smpp(status), now);
    }

    /// A reply, or a receipt.
    fn request(&mut self, frame: &Frame, now: u64) {
        let sequence = frame.header().sequence;
        let Ok(pdu) = decode_delivered(frame) else {
            put(&Pdu::generic_nack(CommandStatus::SYSTEM_ERROR, sequence), &mut self.out);
            return;
        };
        let (status, delay) = take(&mut self.shared.engine(), &pdu.body, now);
        if delay.is_zero() {
            self.answer(sequence, status);
        } else {
            self.delayed.push_back((Instant::now() + delay, sequence, status));
        }
    }

    fn answer(&mut self, sequence: u32, status: CommandStatus) {
        let body = match (self.role, status.is_ok()) {
            (Role::Smsc, true) => Body::SubmitSmResp(MessageResp::new(format!("{sequence:08X}"))),
            (Role::Smsc, false) => Body::SubmitSmResp(MessageResp::default()),
            (Role::Esme, _) => Body::DeliverSmResp(MessageResp::default()),
        };
        put(&Pdu { status, sequence, body }, &mut self.out);
    }

    fn answer_delayed(&mut self) {
        let now = Instant::now();
        while let Some((_, sequence, status)) = self.delayed.pop_front_if(|(at, ..)| *at <= now) {
            self.answer(sequence, status);
        }
    }

    /// Ends the session in order: what was received is answered, and the peer confirms the end.
    async fn unbind(&mut self, framer: &mut Framer, reader: &mut ReadHalf<'_>, writer: &mut WriteHalf<'_>) -> Ended {
        let sequence = self.first.wrapping_add(u32::try_from(self.sent.len()).unwrap_or(u32::MAX));
        while let Some((_, sequence, status)) = self.delayed.pop_front() {
            self.answer(sequence, status);
        }
        put(&Pdu::request(sequence, Body::Unbind), &mut self.out);
        let end = async {
            while self.ended.is_none() {
                writer.write_all_buf(&mut self.out).await?;
                if reader.read_buf(framer.buffer()).await? == 0 {
                    break;
                }
                self.frames(framer);
            }
            writer.write_all_buf(&mut self.out).await
        };
        // The peer may have gone.
        drop(tokio::time::timeout(UNBIND_WITHIN, end).await);
        Ended::Stopped
    }
}
