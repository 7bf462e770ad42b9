//! Property tests with events that proptest generates. Well-formed PDUs are more frequent here than with a fuzzer.
//! `witness_tests` checks the invariants.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::witness_tests::Witness;
use super::*;
use crate::smpp::codec_tests::any_body;
use crate::smpp::pdu::{Bind, BindResp, Body, Sm};
use crate::smpp::{CommandStatus, decode};

#[derive(Debug, Clone)]
enum Step {
    Pdu(u32, u32, Body),
    Octets(u32, Vec<u8>),
    Respond(Index, u32),
    Send(Body),
    Answer(Index, bool),
    Decide(Index, bool),
    Wait(u64),
    Probe(u64),
    Limit(usize, usize),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let status = || prop::sample::select(vec![0, 0, 0, 0x58]);
    let command = prop::sample::select(CommandId::ALL).prop_map(CommandId::code);
    prop_oneof![
        8 => (1..12_u32, status(), any_body()).prop_map(|(sequence, status, body)| Step::Pdu(sequence, status, body)),
        2 => (prop_oneof![command, any::<u32>()], vec(any::<u8>(), 0..30))
            .prop_map(|(command, body)| Step::Octets(command, body)),
        3 => (any::<Index>(), status()).prop_map(|(index, status)| Step::Respond(index, status)),
        3 => prop_oneof![
            any_body(),
            Just(Body::SubmitSm(Sm::default())),
            Just(Body::DeliverSm(Sm::default())),
        ].prop_map(Step::Send),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(index, ok)| Step::Answer(index, ok)),
        3 => (any::<Index>(), prop::bool::weighted(0.9)).prop_map(|(index, ok)| Step::Decide(index, ok)),
        1 => (0..8_u64).prop_map(Step::Wait),
        1 => (0..4_u64).prop_map(Step::Probe),
        1 => (0..6_usize, 0..6_usize).prop_map(|(window, peer_window)| Step::Limit(window, peer_window)),
        1 => Just(Step::Drain),
    ]
}

fn take(step: Step, witness: &mut Witness) {
    let status = |ok| if ok { CommandStatus::OK } else { CommandStatus::SYSTEM_ERROR };
    let which = |index: Index, all: usize| index.index(all.max(1));
    match step {
        Step::Pdu(sequence, status, body) => {
            witness.receive_pdu(&Pdu { status: CommandStatus(status), sequence, body });
        }
        Step::Octets(command, body) => witness.receive_raw(command, 0, 5, &body),
        Step::Respond(index, status) => {
            let in_flight = witness.in_flight();
            if let Some(&(sequence, command)) = in_flight.get(which(index, in_flight.len())) {
                let response = command.response().unwrap();
                witness.receive_raw(response.code(), status, sequence, &[]);
            }
        }
        Step::Send(body) => witness.send(body),
        Step::Answer(index, ok) => witness.answer(which(index, witness.tickets()), status(ok), None),
        Step::Decide(index, ok) => {
            let verdict = if ok { Ok(()) } else { Err(CommandStatus::INVALID_PASSWORD) };
            witness.decide(which(index, witness.tickets()), verdict);
        }
        Step::Wait(seconds) => witness.wait(Duration::from_secs(seconds)),
        Step::Probe(seconds) => witness.other(Event::Probe(Duration::from_secs(seconds))),
        Step::Limit(window, peer_window) => witness.limit(window, peer_window),
        Step::Drain => witness.other(Event::Drain),
    }
}

fn a_bind() -> Bind {
    let body = [b"mbush\0secret08\0\0".as_slice(), &[0x34, 0, 0, 0]].concat();
    let header = [16 + u32::try_from(body.len()).unwrap(), BindMode::Transceiver.request().code(), 0, 1];
    let octets: Vec<u8> = header.into_iter().flat_map(u32::to_be_bytes).chain(body).collect();
    match decode(&Frame::new(octets.into()).unwrap()) {
        Ok(Pdu { body: Body::Bind(bind), .. }) => bind,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn an_smsc_keeps_its_word_whatever_comes(accepted in any::<bool>(), steps in vec(step(), 0..60)) {
        let mut witness = Witness::new(Role::Smsc);
        witness.receive_pdu(&Pdu::request(1, Body::Bind(a_bind())));
        if accepted {
            witness.decide(0, Ok(()));
        }
        for step in steps {
            take(step, &mut witness);
        }
        witness.finish();
    }

    #[test]
    fn an_esme_keeps_its_word_whatever_comes(accepted in any::<bool>(), steps in vec(step(), 0..60)) {
        let mut witness = Witness::new(Role::Esme);
        witness.other(Event::Bind(Box::new(a_bind())));
        if accepted {
            witness.receive_pdu(&Pdu::request(1, Body::BindResp(BindResp::refusal(BindMode::Transceiver))));
        }
        for step in steps {
            take(step, &mut witness);
        }
        witness.finish();
    }
}
