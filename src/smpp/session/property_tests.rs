//! Whatever a peer sends and whatever its shell does: no panic, no second answer, no answer to a response.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::smpp::codec_tests::any_body;
use crate::smpp::pdu::{Body, Sm};
use crate::smpp::{CommandStatus, Framer, decode};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Pdu(u32, u32, Body),
    Octets(u32, Vec<u8>),
    Send(Body),
    Answer(prop::sample::Index, bool),
    Decide(prop::sample::Index, bool),
    Wait(u64),
    Probe(u64),
    Limit(usize, usize),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![0, 0, 0, 0x58]);
    let command = prop::sample::select(CommandId::ALL).prop_map(CommandId::code);
    prop_oneof![
        8 => (1..12_u32, status, any_body()).prop_map(|(sequence, status, body)| Step::Pdu(sequence, status, body)),
        2 => (prop_oneof![command, any::<u32>()], vec(any::<u8>(), 0..30))
            .prop_map(|(command, body)| Step::Octets(command, body)),
        3 => prop_oneof![
            any_body(),
            Just(Body::SubmitSm(Sm::default())),
            Just(Body::DeliverSm(Sm::default())),
        ].prop_map(Step::Send),
        4 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(index, ok)| Step::Answer(index, ok)),
        3 => (any::<prop::sample::Index>(), prop::bool::weighted(0.9)).prop_map(|(index, ok)| Step::Decide(index, ok)),
        1 => (0..8_u64).prop_map(Step::Wait),
        1 => (0..4_u64).prop_map(Step::Probe),
        1 => (0..6_usize, 0..6_usize).prop_map(|(window, peer_window)| Step::Limit(window, peer_window)),
        1 => Just(Step::Drain),
    ]
}

/// Counts what the peer asked and what it was told.
#[derive(Default)]
struct Ledger {
    asked: BTreeMap<(u32, u32), usize>,
    told: BTreeMap<(u32, u32), usize>,
    sent: usize,
    completed: BTreeMap<usize, usize>,
    tickets: Vec<Ticket>,
    closed: usize,
}

impl Ledger {
    fn asked(&mut self, frame: &Frame) {
        let header = frame.header();
        if !header.is_response() {
            *self.asked.entry((header.command, header.sequence)).or_default() += 1;
        }
    }

    /// Responses are counted under the request that they answer; a nack may answer any of its number.
    fn read(&mut self, out: &mut BytesMut) -> Result<(), TestCaseError> {
        let mut framer = Framer::new();
        framer.push(&out.split());
        while let Some(frame) = framer.next_frame().unwrap() {
            let header = *frame.header();
            prop_assert!(decode(&frame).is_ok() || !header.is_response());
            if header.is_response() && header.known() != Some(CommandId::GenericNack) {
                *self.told.entry((header.command & 0x7FFF_FFFF, header.sequence)).or_default() += 1;
            }
        }
        prop_assert!(!framer.is_partial());
        Ok(())
    }

    fn act(&mut self, actions: &mut Actions<usize>) -> Result<(), TestCaseError> {
        prop_assert!(self.closed == 0 || actions.out.is_empty(), "nothing is written after a close");
        self.read(&mut actions.out)?;
        for action in actions.drain() {
            let late = self.closed > 0 && !matches!(action, Action::Completed(..));
            prop_assert!(!late, "after a close, requests come back unsent and nothing else happens: {:?}", action);
            match action {
                Action::Request(ticket, _) | Action::Authenticate(ticket, _) => self.tickets.push(ticket),
                Action::Completed(token, _) => *self.completed.entry(token).or_default() += 1,
                Action::Close(_) => self.closed += 1,
                Action::Bound { .. } | Action::Notice(_) => {}
            }
        }
        Ok(())
    }
}

fn raw(command: u32, status: u32, sequence: u32, body: &[u8]) -> Frame {
    let mut octets = Vec::new();
    for word in [u32::try_from(body.len()).unwrap() + 16, command, status, sequence] {
        octets.extend(word.to_be_bytes());
    }
    octets.extend(body);
    Frame::new(Bytes::from(octets)).unwrap()
}

fn event(step: Step, ledger: &mut Ledger, now: &mut Duration) -> Option<Event<usize>> {
    let status = |ok| if ok { CommandStatus::OK } else { CommandStatus::SYSTEM_ERROR };
    Some(match step {
        Step::Pdu(sequence, status, body) => {
            let mut out = BytesMut::new();
            encode(&Pdu { status: CommandStatus(status), sequence, body }, &mut out).unwrap();
            let frame = Frame::new(out.freeze()).unwrap();
            ledger.asked(&frame);
            Event::Received(frame)
        }
        Step::Octets(command, body) => {
            let frame = raw(command, 0, 5, &body);
            ledger.asked(&frame);
            Event::Received(frame)
        }
        Step::Send(body) => {
            ledger.sent += 1;
            Event::Send(ledger.sent, Box::new(body))
        }
        Step::Answer(index, ok) => {
            let ticket = *index.get(ledger.tickets.get(..).filter(|all| !all.is_empty())?);
            Event::Answer { ticket, status: status(ok), body: None }
        }
        Step::Decide(index, ok) => {
            let ticket = *index.get(ledger.tickets.get(..).filter(|all| !all.is_empty())?);
            Event::BindDecision { ticket, verdict: if ok { Ok(()) } else { Err(CommandStatus::INVALID_PASSWORD) } }
        }
        Step::Wait(seconds) => {
            *now += Duration::from_secs(seconds);
            Event::Tick
        }
        Step::Probe(seconds) => Event::Probe(Duration::from_secs(seconds)),
        Step::Limit(window, peer_window) => Event::Limit { window, peer_window },
        Step::Drain => Event::Drain,
    })
}

fn play(role: Role, first: Event<usize>, steps: Vec<Step>, ledger: &mut Ledger) -> Result<(), TestCaseError> {
    let settings = Settings { window: 4, peer_window: 4, ..Settings::new(role) };
    let mut session = Session::new(settings, Duration::ZERO);
    let mut actions = Actions::default();
    let mut now = Duration::ZERO;
    let mut next = Some(first);
    let mut steps = steps.into_iter();
    loop {
        if let Some(event) = next {
            session.handle(now, event, &mut actions);
            ledger.act(&mut actions)?;
            prop_assert!(session.pending() <= 4 + 1, "the peer's window, and a bind");
            prop_assert!(session.outstanding() <= 4 + 3, "our window, a bind, an enquire_link and an unbind");
        }
        let Some(step) = steps.next() else { break };
        next = event(step, ledger, &mut now);
    }
    session.handle(now, Event::Disconnected, &mut actions);
    ledger.act(&mut actions)
}

fn check(ledger: &Ledger) -> Result<(), TestCaseError> {
    for (request, told) in &ledger.told {
        let asked = ledger.asked.get(request).copied().unwrap_or(0);
        prop_assert!(*told <= asked, "{request:x?} asked {asked} times, answered {told} times");
    }
    prop_assert_eq!(ledger.closed, 1);
    prop_assert_eq!(ledger.completed.len(), ledger.sent, "every request of ours has an outcome");
    prop_assert!(ledger.completed.values().all(|&times| times == 1), "and only one");
    Ok(())
}

fn a_bind(mode: BindMode) -> Frame {
    let body = [b"mbush\0secret08\0\0".as_slice(), &[0x34, 0, 0, 0]].concat();
    raw(mode.request().code(), 0, 1, &body)
}

proptest! {
    #[test]
    fn an_smsc_answers_each_request_at_most_once(steps in vec(step(), 0..60)) {
        let mut ledger = Ledger::default();
        let bind = a_bind(BindMode::Transceiver);
        ledger.asked(&bind);
        play(Role::Smsc, Event::Received(bind), steps, &mut ledger)?;
        check(&ledger)?;
    }

    #[test]
    fn an_esme_answers_each_request_at_most_once(bound in any::<bool>(), mut steps in vec(step(), 0..60)) {
        let mut ledger = Ledger::default();
        let Ok(Pdu { body: Body::Bind(bind), .. }) = decode(&a_bind(BindMode::Transceiver)) else { unreachable!() };
        if bound {
            let resp = Body::BindResp(crate::smpp::pdu::BindResp::refusal(BindMode::Transceiver));
            steps.insert(0, Step::Pdu(1, 0, resp));
        }
        play(Role::Esme, Event::Bind(Box::new(bind)), steps, &mut ledger)?;
        check(&ledger)?;
    }
}
