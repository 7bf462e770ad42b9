//! A single session with the events of its tests.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::smpp::address::Address;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::{Bind, BindResp, Body, MessageResp, Sm};
use crate::smpp::tlv::Tlvs;
use crate::smpp::{CommandStatus, Framer, decode};

/// A session with a clock that the test sets.
pub(super) struct Side {
    pub(super) session: Session<u32>,
    pub(super) actions: Actions<u32>,
    pub(super) now: Duration,
}

impl Side {
    pub(super) fn new(role: Role) -> Self {
        let settings = Settings { window: 3, peer_window: 4, ..Settings::new(role) };
        Self { session: Session::new(settings, Duration::ZERO), actions: Actions::default(), now: Duration::ZERO }
    }

    pub(super) fn event(&mut self, event: Event<u32>) -> Vec<Action<u32>> {
        self.session.handle(self.now, event, &mut self.actions);
        self.actions.drain().collect()
    }

    pub(super) fn receive(&mut self, pdu: &Pdu) -> Vec<Action<u32>> {
        self.event(Event::Received(frame(pdu)))
    }

    pub(super) fn written(&mut self) -> Vec<Pdu> {
        let mut framer = Framer::new();
        framer.push(&self.actions.out.split());
        std::iter::from_fn(|| framer.next_frame().unwrap()).map(|frame| decode(&frame).unwrap()).collect()
    }

    pub(super) fn answered(&mut self) -> Vec<(CommandId, u32, CommandStatus)> {
        self.written().iter().map(|pdu| (pdu.command(), pdu.sequence, pdu.status)).collect()
    }

    pub(super) fn wait(&mut self, seconds: u64) -> Vec<Action<u32>> {
        self.now += Duration::from_secs(seconds);
        self.event(Event::Tick)
    }

    /// An SMSC with a bound peer.
    pub(super) fn smsc(mode: BindMode) -> Self {
        let mut side = Self::new(Role::Smsc);
        let ticket = ticket(&side.receive(&Pdu::request(1, Body::Bind(bind(mode)))));
        let bound = side.event(Event::BindDecision { ticket, verdict: Ok(()) });
        assert!(matches!(bound[..], [Action::Bound { .. }]));
        assert_eq!(side.answered(), [(mode.response(), 1, CommandStatus::OK)]);
        side
    }

    /// A bound ESME; the sequence number 1 is used.
    pub(super) fn esme(mode: BindMode) -> Self {
        let mut side = Self::new(Role::Esme);
        side.event(Event::Bind(Box::new(bind(mode))));
        let resp = BindResp { mode, system_id: Bytes::from_static(b"SMSC"), tlvs: Tlvs::default() };
        side.receive(&Pdu::request(1, Body::BindResp(resp)));
        assert_eq!(side.session.bound(), Some(mode));
        side.written();
        side
    }

    pub(super) fn send(&mut self, token: u32) -> Vec<Action<u32>> {
        self.event(Event::Send(token, Box::new(Body::SubmitSm(sm()))))
    }
}

pub(super) fn frame(pdu: &Pdu) -> Frame {
    let mut out = bytes::BytesMut::new();
    encode(pdu, &mut out).unwrap();
    Frame::new(out.freeze()).unwrap()
}

pub(super) fn bind(mode: BindMode) -> Bind {
    Bind {
        mode,
        system_id: Octets::from_text("mbush").unwrap(),
        password: Octets::from_text("secret08").unwrap(),
        system_type: Octets::default(),
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    }
}

pub(super) fn sm() -> Sm {
    Sm { destination: Address::new(1, 1, "38349111222").unwrap(), ..Sm::default() }
}

pub(super) fn submit(sequence: u32) -> Pdu {
    Pdu::request(sequence, Body::SubmitSm(sm()))
}

pub(super) fn deliver(sequence: u32) -> Pdu {
    Pdu::request(sequence, Body::DeliverSm(sm()))
}

pub(super) fn submitted(sequence: u32, status: CommandStatus) -> Pdu {
    Pdu { status, sequence, body: Body::SubmitSmResp(MessageResp::new("17")) }
}

pub(super) fn ticket(actions: &[Action<u32>]) -> Ticket {
    match actions {
        [Action::Request(ticket, _) | Action::Authenticate(ticket, _)] => *ticket,
        other => panic!("not one request: {other:?}"),
    }
}

pub(super) fn answer(ticket: Ticket, status: CommandStatus) -> Event<u32> {
    Event::Answer { ticket, status, body: None }
}

pub(super) fn closed(actions: &[Action<u32>]) -> Option<CloseReason> {
    actions.iter().find_map(|action| if let Action::Close(reason) = action { Some(*reason) } else { None })
}

pub(super) fn completed(actions: &[Action<u32>]) -> Vec<(u32, Completion)> {
    let all = actions.iter();
    all.filter_map(|action| if let Action::Completed(token, end) = action { Some((*token, end.clone())) } else { None })
        .collect()
}

pub(super) const OK: CommandStatus = CommandStatus::OK;
pub(super) const TRX: BindMode = BindMode::Transceiver;
