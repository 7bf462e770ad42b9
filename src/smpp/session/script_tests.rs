//! Events of a session as a short text, which a fuzzer can generate and a person can read.
//!
//! The first character is the role: `E` for an ESME, anything else for an SMSC. Letters with their arguments follow.
//! Each argument is one character, its value the distance from `0`. Blanks and unknown letters have no effect.
//!
//! | letter | arguments | event |
//! | --- | --- | --- |
//! | `b` | mode | we bind, as an ESME |
//! | `p` | kind, sequence, status | the peer sends a well-formed PDU of this kind |
//! | `m` | command, sequence, length, octets | the peer sends a PDU of this command with any body |
//! | `o` | length, octets | the peer sends any octets |
//! | `r`, `n` | which, status | the peer answers one of our requests, with its response or a nack |
//! | `s` | kind | the shell sends a request |
//! | `a`, `d` | which, status | the shell answers one of the peer's requests; decides about a bind |
//! | `w`, `v` | seconds | time passes; the peer is probed |
//! | `l` | window, window | other windows |
//! | `i` | yes or no | a PDU has begun |
//! | `q` | | the session is to end |

use std::time::Duration;

use crate::smpp::address::Address;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::submit_multi::{Destination, Destinations};
use crate::smpp::pdu::{
    AlertNotification, Bind, BindMode, BindResp, Body, CancelSm, DataSm, MessageResp, Outbind, QuerySm, QuerySmResp,
    ReplaceSm, Sm, SubmitMulti,
};
use crate::smpp::session::{Event, Role};
use crate::smpp::tlv::Tlvs;
use crate::smpp::{CommandId, CommandStatus, Framer, Pdu};

use super::witness_tests::Witness;

const MODES: [BindMode; 3] = [BindMode::Transmitter, BindMode::Receiver, BindMode::Transceiver];
const STATUSES: [CommandStatus; 6] = [
    CommandStatus::OK,
    CommandStatus::THROTTLED,
    CommandStatus::SYSTEM_ERROR,
    CommandStatus::QUEUE_FULL,
    CommandStatus::INVALID_PASSWORD,
    CommandStatus(0x7FFF_FFFF),
];

/// The rest of a script.
struct Script<'a>(std::slice::Iter<'a, u8>);

impl Script<'_> {
    fn number(&mut self) -> u8 {
        self.0.next().map_or(0, |octet| octet.wrapping_sub(b'0'))
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.number()) % all.len()]
    }

    fn octets(&mut self) -> Vec<u8> {
        let length = usize::from(self.number());
        self.0.by_ref().take(length).copied().collect()
    }

    fn seconds(&mut self) -> Duration {
        Duration::from_secs(self.number().into())
    }
}

fn bind(mode: BindMode) -> Bind {
    Bind {
        mode,
        system_id: Octets::from_text("bank").expect("it fits"),
        password: Octets::from_text("secret").expect("it fits"),
        system_type: Octets::default(),
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: Octets::default(),
    }
}

fn short_code() -> Address {
    Address::new(0, 1, "50005").expect("it fits")
}

fn sm() -> Sm {
    Sm { destination: short_code(), ..Sm::default() }
}

fn multi() -> SubmitMulti {
    let two = vec![Destination::Address(short_code()); 2];
    SubmitMulti { destinations: Destinations::new(two).expect("two fit"), ..SubmitMulti::default() }
}

/// A well-formed PDU of a kind. New kinds must be appended: the corpus refers to kinds by position.
fn body(kind: u8) -> Body {
    match kind % 24 {
        0 => Body::Bind(bind(BindMode::Transmitter)),
        1 => Body::Bind(bind(BindMode::Receiver)),
        2 => Body::Bind(bind(BindMode::Transceiver)),
        3 => Body::SubmitSm(sm()),
        4 => Body::DeliverSm(sm()),
        5 => Body::DataSm(DataSm::default()),
        6 => Body::SubmitMulti(multi()),
        7 => Body::QuerySm(QuerySm::default()),
        8 => Body::CancelSm(CancelSm::default()),
        9 => Body::ReplaceSm(ReplaceSm::default()),
        10 => Body::EnquireLink,
        11 => Body::Unbind,
        12 => Body::Outbind(Outbind::default()),
        13 => Body::AlertNotification(AlertNotification::default()),
        14 => Body::GenericNack,
        15 => Body::BindResp(BindResp {
            mode: BindMode::Transceiver,
            system_id: bytes::Bytes::new(),
            tlvs: Tlvs::default(),
        }),
        16 => Body::SubmitSmResp(MessageResp::new("7")),
        17 => Body::DeliverSmResp(MessageResp::default()),
        18 => Body::DataSmResp(MessageResp::new("7")),
        19 => Body::EnquireLinkResp,
        20 => Body::UnbindResp,
        21 => Body::CancelSmResp,
        22 => Body::ReplaceSmResp,
        _ => Body::QuerySmResp(QuerySmResp::default()),
    }
}

/// Plays a script to its end and cuts the connection. Returns the results up to then.
pub(crate) fn play(script: &[u8]) -> String {
    let Some((&role, script)) = script.split_first() else { return String::new() };
    let mut witness = Witness::new(if role == b'E' { Role::Esme } else { Role::Smsc });
    let mut script = Script(script.iter());
    while let Some(&letter) = script.0.next() {
        step(letter, &mut script, &mut witness);
    }
    let summary = summary(&witness);
    witness.finish();
    summary
}

fn summary(witness: &Witness) -> String {
    let bound = witness.bound().map_or("not bound".to_owned(), |mode| format!("bound as {mode:?}"));
    let end = if witness.is_closed() { "ended" } else { "open" };
    let (handed, answers, outcomes) = (witness.tickets(), witness.answers(), witness.outcomes());
    let waiting = witness.in_flight().len();
    format!(
        "{bound}, {end}; of the peer's {handed} handed on, {answers} answered; of ours {outcomes} done, {waiting} waiting"
    )
}

fn step(letter: u8, script: &mut Script<'_>, witness: &mut Witness) {
    match letter {
        b'b' => {
            let bind = bind(script.pick(&MODES));
            witness.other(Event::Bind(Box::new(bind)));
        }
        b'p' => {
            let (body, sequence, status) = (body(script.number()), script.number(), script.pick(&STATUSES));
            witness.receive_pdu(&Pdu { status, sequence: sequence.into(), body });
        }
        b'm' => {
            let (command, sequence) = (script.pick(CommandId::ALL), script.number());
            witness.receive_raw(command.code(), 0, sequence.into(), &script.octets());
        }
        b'o' => stream(&script.octets(), witness),
        b'r' | b'n' => respond(letter == b'n', script, witness),
        b's' => witness.send(body(script.number())),
        b'a' => {
            let (which, status) = (script.number(), script.pick(&STATUSES));
            let body = status.is_ok().then(|| body(which));
            witness.answer(which.into(), status, body);
        }
        b'd' => {
            let (which, status) = (script.number(), script.pick(&STATUSES));
            witness.decide(which.into(), if status.is_ok() { Ok(()) } else { Err(status) });
        }
        b'w' => witness.wait(script.seconds()),
        b'v' => {
            let wait = script.seconds();
            witness.other(Event::Probe(wait));
        }
        b'l' => witness.limit((script.number() % 8).into(), (script.number() % 8).into()),
        b'i' => {
            let partial = script.number() % 2 == 1;
            witness.other(Event::Partial(partial));
        }
        b'q' => witness.other(Event::Drain),
        _ => {}
    }
}

/// Any octets, as received from a socket.
fn stream(octets: &[u8], witness: &mut Witness) {
    let mut framer = Framer::new();
    framer.push(octets);
    loop {
        match framer.next_frame() {
            Ok(Some(frame)) => witness.receive(frame),
            Ok(None) => return witness.other(Event::Partial(framer.is_partial())),
            Err(fatal) => return witness.broken(fatal),
        }
    }
}

fn respond(nacks: bool, script: &mut Script<'_>, witness: &mut Witness) {
    let (which, status) = (usize::from(script.number()), script.pick(&STATUSES));
    let in_flight = witness.in_flight();
    let Some(&(sequence, command)) = in_flight.get(which % in_flight.len().max(1)) else { return };
    let response = if nacks { CommandId::GenericNack } else { command.response().unwrap_or(CommandId::GenericNack) };
    witness.receive_raw(response.code(), status.0, sequence, &[]);
}
