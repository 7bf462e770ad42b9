//! Behaviour of a session, event by event.

use super::testing::*;
use super::*;
use crate::smpp::CommandStatus;
use crate::smpp::pdu::{Bind, BindResp, Body, Sm};
use crate::smpp::tlv::Tlvs;

#[test]
fn a_refused_bind_is_answered_and_closed() {
    for status in [CommandStatus::INVALID_PASSWORD, CommandStatus::INVALID_SYSTEM_ID, CommandStatus::BIND_FAILED] {
        let mut side = Side::new(Role::Smsc);
        let ticket = ticket(&side.receive(&Pdu::request(9, Body::Bind(bind(TRX)))));
        let actions = side.event(Event::BindDecision { ticket, verdict: Err(status) });
        assert_eq!(closed(&actions), Some(CloseReason::BindRefused(status)));
        assert_eq!(side.answered(), [(CommandId::BindTransceiverResp, 9, status)]);
    }
}

#[test]
fn a_peer_of_3_4_is_told_our_version_and_one_of_3_3_is_not() {
    for (version, told) in [(0x33, None), (0x34, Some(0x34)), (0x50, Some(0x34))] {
        let mut side = Side::new(Role::Smsc);
        let request = Body::Bind(Bind { interface_version: version, ..bind(TRX) });
        let ticket = ticket(&side.receive(&Pdu::request(1, request)));
        side.event(Event::BindDecision { ticket, verdict: Ok(()) });
        let Body::BindResp(resp) = &side.written()[0].body else { panic!() };
        assert_eq!(resp.interface_version(), told);
    }
}

#[test]
fn what_comes_glued_to_the_bind_is_served_after_it() {
    let mut side = Side::new(Role::Smsc);
    let bind_ticket = ticket(&side.receive(&Pdu::request(1, Body::Bind(bind(TRX)))));
    for pdu in [Pdu::request(2, Body::EnquireLink), submit(3), Pdu::request(4, Body::Bind(bind(TRX)))] {
        assert!(side.receive(&pdu).is_empty());
    }
    side.receive(&Pdu::request(5, Body::Unbind));
    assert_eq!(side.answered(), [], "nothing overtakes the bind");
    let actions = side.event(Event::BindDecision { ticket: bind_ticket, verdict: Ok(()) });
    let [Action::Bound { .. }, Action::Request(submitted, pdu), Action::Notice(_)] = &actions[..] else {
        panic!("{actions:?}")
    };
    assert_eq!(pdu.sequence, 3);
    let (bound, alive) = ((CommandId::BindTransceiverResp, 1, OK), (CommandId::EnquireLinkResp, 2, OK));
    let again = (CommandId::BindTransceiverResp, 4, CommandStatus::ALREADY_BOUND);
    assert_eq!(side.answered(), [bound, alive, again]);
    let actions = side.event(answer(*submitted, OK));
    assert_eq!(side.answered(), [(CommandId::SubmitSmResp, 3, OK), (CommandId::UnbindResp, 5, OK)]);
    assert_eq!(closed(&actions), Some(CloseReason::UnboundByPeer));
}

/// The window is 4; an unbind is kept in addition.
#[test]
fn no_more_waits_for_a_bind_than_the_window_holds_but_for_an_unbind() {
    let mut side = Side::new(Role::Smsc);
    let bind_ticket = ticket(&side.receive(&Pdu::request(1, Body::Bind(bind(TRX)))));
    for sequence in 2..=6 {
        side.receive(&submit(sequence));
    }
    assert_eq!(side.answered(), [(CommandId::SubmitSmResp, 6, CommandStatus::QUEUE_FULL)]);
    side.receive(&Pdu::request(7, Body::Unbind));
    let actions = side.event(Event::BindDecision { ticket: bind_ticket, verdict: Ok(()) });
    for action in actions {
        if let Action::Request(ticket, _) = action {
            side.event(answer(ticket, OK));
        }
    }
    let sequences: Vec<u32> = side.answered().iter().map(|pdu| pdu.1).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 7]);
}

#[test]
fn what_an_smsc_sends_before_it_answers_our_bind_is_served_after_it() {
    let mut side = Side::new(Role::Esme);
    side.event(Event::Bind(Box::new(bind(TRX))));
    side.written();
    assert!(side.receive(&deliver(9)).is_empty());
    side.receive(&Pdu::request(10, Body::EnquireLink));
    side.receive(&Pdu::request(11, Body::Unbind));
    assert_eq!(side.answered(), [(CommandId::EnquireLinkResp, 10, OK)], "it may ask whether we live");
    let actions = side.receive(&Pdu::request(1, Body::BindResp(BindResp::refusal(TRX))));
    let [Action::Bound { .. }, Action::Request(delivered, pdu)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(pdu.sequence, 9);
    let actions = side.event(answer(*delivered, OK));
    assert_eq!(side.answered(), [(CommandId::DeliverSmResp, 9, OK), (CommandId::UnbindResp, 11, OK)]);
    assert_eq!(closed(&actions), Some(CloseReason::UnboundByPeer));
}

#[test]
fn who_sends_only_nonsense_before_a_bind_is_shown_the_door() {
    let unknown = || {
        let octets: Vec<u8> = [16, 0x0BAD_u32, 0, 7].into_iter().flat_map(u32::to_be_bytes).collect();
        Event::Received(Frame::new(octets.into()).unwrap())
    };
    let mut side = Side::new(Role::Smsc);
    for _ in 0..2 {
        // A valid PDU does not count.
        side.receive(&Pdu::request(1, Body::EnquireLink));
        assert_eq!(closed(&side.event(unknown())), None);
        assert_eq!(closed(&side.receive(&submitted(9, OK))), None);
    }
    assert_eq!(closed(&side.receive(&submit(2))), Some(CloseReason::Stranger));
    assert_eq!(side.answered().last(), Some(&(CommandId::SubmitSmResp, 2, CommandStatus::WRONG_BIND_STATUS)));
    let mut bound = Side::smsc(TRX);
    for _ in 0..1_000 {
        assert_eq!(closed(&bound.event(unknown())), None, "who is bound is a peer, and is answered");
    }
    assert_eq!(bound.answered().len(), 1_000);
}

#[test]
fn a_second_bind_and_operations_in_the_wrong_state_get_their_own_response() {
    let mut side = Side::smsc(BindMode::Receiver);
    side.receive(&Pdu::request(5, Body::Bind(bind(BindMode::Transmitter))));
    side.receive(&submit(6));
    let wrong = CommandStatus::WRONG_BIND_STATUS;
    let expected =
        [(CommandId::BindTransmitterResp, 5, CommandStatus::ALREADY_BOUND), (CommandId::SubmitSmResp, 6, wrong)];
    assert_eq!(side.answered(), expected);

    let mut unbound = Side::new(Role::Smsc);
    unbound.receive(&submit(1));
    unbound.receive(&Pdu::request(2, Body::Unbind));
    assert_eq!(unbound.answered(), [(CommandId::SubmitSmResp, 1, wrong), (CommandId::UnbindResp, 2, wrong)]);

    let mut transmitter = Side::esme(BindMode::Transmitter);
    transmitter.receive(&submit(1));
    transmitter.receive(&Pdu::request(2, Body::Bind(bind(TRX))));
    let already = (CommandId::BindTransceiverResp, 2, CommandStatus::ALREADY_BOUND);
    assert_eq!(transmitter.answered(), [(CommandId::SubmitSmResp, 1, wrong), already]);
}

#[test]
fn what_an_smsc_delivers_on_a_transmitter_is_taken_there() {
    let mut transmitter = Side::esme(BindMode::Transmitter);
    let ticket = ticket(&transmitter.receive(&deliver(1)));
    transmitter.event(answer(ticket, OK));
    assert_eq!(transmitter.answered(), [(CommandId::DeliverSmResp, 1, OK)]);
}

/// Every outcome of a request frees its place in the window.
#[test]
fn an_end_of_any_kind_gives_the_place_in_the_window_back() {
    for status in [OK, CommandStatus::THROTTLED, CommandStatus::SYSTEM_ERROR, CommandStatus(0x412)] {
        let mut side = Side::esme(TRX);
        for round in 0..10 {
            for token in 0..3 {
                assert!(side.send(token).is_empty(), "round {round}, {status}: there is room");
            }
            assert_eq!(completed(&side.send(3)), [(3, Completion::Refused(Refusal::WindowFull))]);
            for (_, sequence, _) in side.answered() {
                let ended =
                    if round % 2 == 0 { submitted(sequence, status) } else { Pdu::generic_nack(status, sequence) };
                assert_eq!(completed(&side.receive(&ended)).len(), 1);
            }
        }
        side.send(0);
        assert_eq!(completed(&side.wait(10)), [(0, Completion::Unknown(Unanswered::TimedOut))]);
        assert!(
            (0..3).all(|token| side.send(token).is_empty()),
            "a request without an answer gives its place back too"
        );
    }
}

/// Every answer of ours frees a place in the peer's window.
#[test]
fn an_answer_of_any_kind_gives_the_peer_its_place_back() {
    let mut side = Side::smsc(TRX);
    for (round, status) in (0..).zip([OK, CommandStatus::SYSTEM_ERROR, CommandStatus::THROTTLED, OK]) {
        let tickets: Vec<Ticket> = (1..=4).map(|n| ticket(&side.receive(&submit(round * 10 + n)))).collect();
        side.receive(&submit(round * 10 + 5));
        for ticket in tickets {
            side.event(answer(ticket, status));
        }
        let statuses: Vec<CommandStatus> = side.answered().iter().map(|pdu| pdu.2).collect();
        assert_eq!(statuses, [CommandStatus::QUEUE_FULL, status, status, status, status]);
    }
}

#[test]
fn a_request_is_answered_once_and_only_when_the_shell_says() {
    let mut side = Side::esme(TRX);
    let ticket = ticket(&side.receive(&deliver(40)));
    assert_eq!(side.answered(), []);
    side.event(answer(ticket, OK));
    side.event(answer(ticket, CommandStatus::SYSTEM_ERROR));
    assert_eq!(side.answered(), [(CommandId::DeliverSmResp, 40, OK)]);
}

#[test]
fn answers_may_come_in_any_order() {
    let mut side = Side::esme(TRX);
    let tickets: Vec<_> = (1..=3).map(|sequence| ticket(&side.receive(&deliver(sequence)))).collect();
    for ticket in tickets.into_iter().rev() {
        side.event(answer(ticket, OK));
    }
    assert_eq!(side.answered().iter().map(|answer| answer.1).collect::<Vec<_>>(), [3, 2, 1]);
}

#[test]
fn more_requests_than_the_window_are_refused_at_once() {
    let mut side = Side::smsc(TRX);
    for sequence in 1..=5 {
        side.receive(&submit(sequence));
    }
    assert_eq!(side.session.pending(), 4);
    assert_eq!(side.answered(), [(CommandId::SubmitSmResp, 5, CommandStatus::QUEUE_FULL)]);
}

#[test]
fn our_own_window_is_kept() {
    let mut side = Side::esme(TRX);
    for token in 0..3 {
        assert!(side.send(token).is_empty());
    }
    assert_eq!(completed(&side.send(3)), [(3, Completion::Refused(Refusal::WindowFull))]);
    assert_eq!(side.answered().len(), 3);
    let actions = side.receive(&submitted(3, OK));
    assert!(matches!(&completed(&actions)[..], [(1, Completion::Answered(pdu))] if pdu.status == OK));
    assert!(side.send(4).is_empty());
}

#[test]
fn what_cannot_be_sent_comes_back_at_once() {
    let mut receiver = Side::esme(BindMode::Receiver);
    assert_eq!(completed(&receiver.send(1)), [(1, Completion::Refused(Refusal::NotBound))]);
    let mut side = Side::esme(TRX);
    let actions = side.event(Event::Send(2, Box::new(Body::EnquireLinkResp)));
    assert_eq!(completed(&actions), [(2, Completion::Refused(Refusal::NotARequest))]);
    let tlvs = Tlvs::default().with(crate::smpp::tlv::tag::MESSAGE_PAYLOAD, &vec![0; 65_535]).unwrap();
    let actions = side.event(Event::Send(3, Box::new(Body::SubmitSm(Sm { tlvs, ..sm() }))));
    assert_eq!(completed(&actions), [(3, Completion::Refused(Refusal::TooLong))]);
    assert_eq!(side.answered(), []);
}

#[test]
fn a_nack_ends_the_request_that_it_names() {
    let mut side = Side::esme(TRX);
    side.send(7);
    let actions = side.receive(&Pdu::generic_nack(CommandStatus::INVALID_COMMAND_ID, 2));
    assert_eq!(completed(&actions), [(7, Completion::Nacked(CommandStatus::INVALID_COMMAND_ID))]);
    let actions = side.receive(&Pdu::generic_nack(CommandStatus::INVALID_COMMAND_LENGTH, 0));
    assert!(matches!(actions[..], [Action::Notice(Notice::UnexpectedResponse { sequence: 0, .. })]));
}

#[test]
fn a_response_to_nothing_or_of_another_command_is_not_answered() {
    let mut side = Side::esme(TRX);
    side.send(7);
    side.written();
    for pdu in [submitted(99, OK), Pdu::request(2, Body::EnquireLinkResp)] {
        assert!(matches!(side.receive(&pdu)[..], [Action::Notice(Notice::UnexpectedResponse { .. })]));
    }
    assert_eq!(side.answered(), []);
    assert_eq!(completed(&side.receive(&submitted(2, OK))).len(), 1, "the real answer still counts");
}

#[test]
fn a_submit_without_an_answer_is_unknown() {
    let mut side = Side::esme(TRX);
    side.send(7);
    assert_eq!(completed(&side.wait(10)), [(7, Completion::Unknown(Unanswered::TimedOut))]);
    side.send(8);
    let actions = side.event(Event::Disconnected);
    assert_eq!(completed(&actions), [(8, Completion::Unknown(Unanswered::Closed))]);
    assert_eq!(completed(&side.send(9)), [(9, Completion::Refused(Refusal::NotBound))]);
}

#[test]
fn a_stream_that_cannot_be_followed_is_nacked_and_closed() {
    let mut side = Side::smsc(TRX);
    let fatal = crate::smpp::Fatal::CommandLength { length: 7, sequence: Some(3) };
    assert_eq!(closed(&side.event(Event::Broken(fatal))), Some(CloseReason::Broken(fatal)));
    assert_eq!(side.answered(), [(CommandId::GenericNack, 3, CommandStatus::INVALID_COMMAND_LENGTH)]);
    assert!(side.receive(&submit(4)).is_empty());
    assert_eq!(side.answered(), []);
}

#[test]
fn sequence_numbers_wrap_and_pass_over_those_in_flight() {
    let mut side = Side::esme(TRX);
    side.send(1);
    side.session.outstanding.set_last_sequence(outstanding::SEQUENCE_MAX - 1);
    side.send(2);
    side.send(3);
    let sequences: Vec<_> = side.answered().iter().map(|pdu| pdu.1).collect();
    assert_eq!(sequences, [2, outstanding::SEQUENCE_MAX, 1]);
    side.receive(&submitted(outstanding::SEQUENCE_MAX, OK));
    side.send(4);
    assert_eq!(side.answered()[0].1, 3, "2 is still in flight");
}
