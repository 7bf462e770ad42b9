//! Observes a session: passes events to it, reads all its output, and panics if an invariant is violated. The property
//! tests and the fuzz target share it.
//!
//! - A request is answered at most once; a response or a nack is never answered.
//! - The output of one event is bounded, and so is the memory of the session.
//! - A sequence number is from 1 to 0x7FFFFFFF, and no two requests in flight share one.
//! - Every request of ours has one outcome. The session ends once, and writes nothing after its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::smpp::command::RESPONSE_BIT;
use crate::smpp::pdu::{BindMode, Body};
use crate::smpp::session::{Action, Actions, Event, Role, Session, Settings, Ticket};
use crate::smpp::{CommandId, CommandStatus, Fatal, Frame, Framer, Pdu, encode};

/// Most PDUs that one event may write: an answer, an `enquire_link` and an unbind.
const WRITTEN_MAX: usize = 3;
/// Most octets of a PDU that the session writes by itself.
const OWN_LENGTH_MAX: usize = 64;
/// The session's own requests that may wait for a response: a bind, an `enquire_link` and an unbind.
const OWN_MAX: usize = 3;

/// A request, by its `command_id` and its `sequence_number`.
type Request = (u32, u32);

/// A session under observation.
pub(crate) struct Witness {
    session: Session<usize>,
    actions: Actions<usize>,
    now: Duration,
    windows_max: (usize, usize),
    asked: BTreeMap<Request, usize>,
    told: BTreeMap<Request, usize>,
    /// Requests of the peer that only a nack can answer, by sequence number.
    nackable: BTreeMap<u32, usize>,
    in_flight: BTreeMap<u32, (CommandId, Option<usize>)>,
    tickets: Vec<Ticket>,
    sent: usize,
    completed: BTreeSet<usize>,
    closed: bool,
    bound: Option<BindMode>,
}

/// PDUs that an event may write beyond the session's own.
#[derive(Clone, Copy)]
enum Writes {
    Own,
    /// A request with this token.
    Request(usize),
    Answer,
    /// The responses to requests that followed a bind.
    Held,
}

impl Witness {
    /// A new session with windows of 4.
    pub(crate) fn new(role: Role) -> Self {
        let settings = Settings { window: 4, peer_window: 4, ..Settings::new(role) };
        Self {
            session: Session::new(settings, Duration::ZERO),
            actions: Actions::default(),
            now: Duration::ZERO,
            windows_max: (4, 4),
            asked: BTreeMap::new(),
            told: BTreeMap::new(),
            nackable: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            tickets: Vec::new(),
            sent: 0,
            completed: BTreeSet::new(),
            closed: false,
            bound: None,
        }
    }

    /// Mode of the last bind.
    pub(crate) fn bound(&self) -> Option<BindMode> {
        self.bound
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Number of requests that the shell was handed.
    pub(crate) fn tickets(&self) -> usize {
        self.tickets.len()
    }

    /// Number of responses that the session wrote, without nacks.
    pub(crate) fn answers(&self) -> usize {
        self.told.values().sum()
    }

    /// Number of our requests that had an outcome.
    pub(crate) fn outcomes(&self) -> usize {
        self.completed.len()
    }

    /// Our requests in flight: sequence number and command.
    pub(crate) fn in_flight(&self) -> Vec<(u32, CommandId)> {
        self.in_flight.iter().map(|(&sequence, &(command, _))| (sequence, command)).collect()
    }

    pub(crate) fn receive(&mut self, frame: Frame) {
        let header = *frame.header();
        if header.is_response() {
            let fits = |command: CommandId| {
                header.known() == Some(CommandId::GenericNack)
                    || (command.response().is_some() && command.response() == header.known())
            };
            if self.in_flight.get(&header.sequence).is_some_and(|&(command, _)| fits(command)) {
                self.in_flight.remove(&header.sequence);
            }
        } else if header.known().is_some() {
            *self.asked.entry((header.command, header.sequence)).or_default() += 1;
        } else {
            *self.nackable.entry(header.sequence).or_default() += 1;
        }
        // The response may be to our bind.
        let writes = if header.is_response() { Writes::Held } else { Writes::Own };
        self.event(Event::Received(frame), writes);
    }

    pub(crate) fn receive_pdu(&mut self, pdu: &Pdu) {
        let mut out = BytesMut::new();
        if encode(pdu, &mut out).is_ok() {
            self.receive(Frame::new(out.freeze()).expect("what is encoded has a header"));
        }
    }

    /// The peer sends a header with any body.
    pub(crate) fn receive_raw(&mut self, command: u32, status: u32, sequence: u32, body: &[u8]) {
        let length = u32::try_from(body.len() + 16).expect("a short body");
        let mut octets: Vec<u8> = [length, command, status, sequence].into_iter().flat_map(u32::to_be_bytes).collect();
        octets.extend(body);
        self.receive(Frame::new(Bytes::from(octets)).expect("it has a header"));
    }

    pub(crate) fn broken(&mut self, fatal: Fatal) {
        *self.nackable.entry(fatal.reply().sequence).or_default() += 1;
        self.event(Event::Broken(fatal), Writes::Own);
    }

    /// The shell sends a request.
    pub(crate) fn send(&mut self, body: Body) {
        self.sent += 1;
        self.event(Event::Send(self.sent, Box::new(body)), Writes::Request(self.sent));
    }

    /// The shell answers any request that it was handed, even one that was answered before.
    pub(crate) fn answer(&mut self, which: usize, status: CommandStatus, body: Option<Body>) {
        if let Some(ticket) = self.ticket(which) {
            self.event(Event::Answer { ticket, status, body: body.map(Box::new) }, Writes::Answer);
        }
    }

    pub(crate) fn decide(&mut self, which: usize, verdict: Result<(), CommandStatus>) {
        if let Some(ticket) = self.ticket(which) {
            self.event(Event::BindDecision { ticket, verdict }, Writes::Held);
        }
    }

    pub(crate) fn limit(&mut self, window: usize, peer_window: usize) {
        self.windows_max = (self.windows_max.0.max(window), self.windows_max.1.max(peer_window));
        self.event(Event::Limit { window, peer_window }, Writes::Own);
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.event(Event::Tick, Writes::Own);
    }

    /// Any other event that writes nothing of its own.
    pub(crate) fn other(&mut self, event: Event<usize>) {
        self.event(event, Writes::Own);
    }

    /// Cuts the connection, and checks that the session ended once and that every request had an outcome.
    pub(crate) fn finish(mut self) {
        self.event(Event::Disconnected, Writes::Own);
        assert!(self.closed && self.session.is_closed());
        assert_eq!(self.completed.len(), self.sent, "every request of ours has an outcome");
    }

    fn ticket(&self, which: usize) -> Option<Ticket> {
        self.tickets.get(which % self.tickets.len().max(1)).copied()
    }

    fn event(&mut self, event: Event<usize>, writes: Writes) {
        let was_closed = self.closed;
        self.session.handle(self.now, event, &mut self.actions);
        let mut actions = std::mem::take(&mut self.actions);
        for action in actions.drain() {
            self.act(&action, was_closed);
        }
        let octets = actions.out.split().freeze();
        assert!(!was_closed || octets.is_empty(), "nothing is written after the end");
        self.read(&octets, writes);
        let (window, peer_window) = self.windows_max;
        assert!(self.session.pending() <= peer_window + 1, "the peer's window, and a bind");
        assert!(self.session.outstanding() <= window + OWN_MAX, "our window, and the session's own");
        if !self.closed {
            assert_eq!(self.in_flight.len(), self.session.outstanding(), "it waits for what it has written");
        }
    }

    fn act(&mut self, action: &Action<usize>, was_closed: bool) {
        let unsent = matches!(action, Action::Completed(..));
        assert!(!was_closed || unsent, "after the end, requests come back and nothing else happens: {action:?}");
        match action {
            Action::Request(ticket, _) | Action::Authenticate(ticket, _) => self.tickets.push(*ticket),
            Action::Completed(token, _) => {
                assert!(self.completed.insert(*token), "one outcome for a request");
                self.in_flight.retain(|_, &mut (_, of)| of != Some(*token));
            }
            Action::Close(_) => {
                assert!(!self.closed, "one end");
                self.closed = true;
            }
            Action::Bound { mode, .. } => self.bound = Some(*mode),
            Action::Notice(_) => {}
        }
    }

    fn read(&mut self, octets: &[u8], writes: Writes) {
        let mut framer = Framer::new();
        framer.push(octets);
        let mut written = 0;
        while let Some(frame) = framer.next_frame().expect("our own lengths are right") {
            written += 1;
            self.read_one(&frame, writes);
        }
        assert!(!framer.is_partial(), "whole PDUs only");
        let held = if matches!(writes, Writes::Held) { self.windows_max.1 } else { 0 };
        assert!(written <= WRITTEN_MAX + held, "{written} PDUs for one event");
    }

    fn read_one(&mut self, frame: &Frame, writes: Writes) {
        let header = *frame.header();
        let own = frame.octets().len() <= OWN_LENGTH_MAX;
        assert!(own || matches!(writes, Writes::Request(_) | Writes::Answer), "{} octets", frame.octets().len());
        let command = header.known().expect("we write what we know");
        if command == CommandId::GenericNack {
            let left = self.nackable.get_mut(&header.sequence).filter(|left| **left > 0);
            *left.expect("a nack is for what nobody knows, once") -= 1;
        } else if header.is_response() {
            let request = (header.command & !RESPONSE_BIT, header.sequence);
            let told = self.told.entry(request).or_default();
            *told += 1;
            let asked = self.asked.get(&request).copied().unwrap_or(0);
            assert!(*told <= asked, "{command} {} asked {asked} times, answered {told} times", header.sequence);
        } else {
            assert!((1..=0x7FFF_FFFF).contains(&header.sequence), "sequence number {}", header.sequence);
            let own = BindMode::of(command).is_some() || matches!(command, CommandId::EnquireLink | CommandId::Unbind);
            let token = match writes {
                Writes::Request(token) if !own => Some(token),
                _ => None,
            };
            let before = self.in_flight.insert(header.sequence, (command, token));
            assert!(before.is_none(), "two requests in flight with number {}", header.sequence);
        }
    }
}
