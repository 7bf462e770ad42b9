//! Ends of a session: silence, inactivity, `Drain`, and the peer's unbind.

use std::time::Duration;

use super::testing::*;
use super::*;
use crate::smpp::CommandStatus;
use crate::smpp::pdu::Body;

#[test]
fn a_silent_peer_is_asked_and_then_left() {
    let mut side = Side::esme(TRX);
    assert_eq!(side.session.deadline(), Some(Duration::from_secs(30)));
    assert!(side.wait(29).is_empty());
    side.wait(1);
    assert_eq!(side.answered(), [(CommandId::EnquireLink, 2, OK)]);
    side.receive(&Pdu::request(2, Body::EnquireLinkResp));
    side.wait(30);
    assert_eq!(side.answered(), [(CommandId::EnquireLink, 3, OK)]);
    assert_eq!(closed(&side.wait(10)), Some(CloseReason::NoAnswer(CommandId::EnquireLink)));
}

#[test]
fn nobody_waits_for_ever() {
    let mut unbound = Side::new(Role::Smsc);
    unbound.receive(&Pdu::request(1, Body::EnquireLink));
    assert_eq!(closed(&unbound.wait(10)), Some(CloseReason::SessionInit));

    let mut slow = Side::smsc(TRX);
    slow.event(Event::Partial(true));
    slow.now += Duration::from_secs(9);
    assert_eq!(closed(&slow.event(Event::Partial(true))), None);
    assert_eq!(closed(&slow.wait(1)), Some(CloseReason::PartialPdu));

    let mut whole = Side::smsc(TRX);
    whole.event(Event::Partial(true));
    whole.event(Event::Partial(false));
    assert_eq!(closed(&whole.wait(11)), None);
}

#[test]
fn a_busy_peer_whose_reads_always_end_within_a_pdu_is_not_late() {
    let mut busy = Side::smsc(TRX);
    for sequence in 10..40 {
        busy.now += Duration::from_secs(1);
        assert_eq!(closed(&busy.receive(&Pdu::request(sequence, Body::EnquireLink))), None);
        assert_eq!(closed(&busy.event(Event::Partial(true))), None, "{sequence}");
    }
    assert_eq!(closed(&busy.wait(10)), Some(CloseReason::PartialPdu), "the last one does not come");
}

#[test]
fn an_idle_session_is_unbound() {
    let mut side = Side::smsc(TRX);
    side.session.settings.inactivity = Some(Duration::from_secs(25));
    side.wait(20);
    side.receive(&Pdu::request(5, Body::EnquireLink));
    side.written();
    side.wait(5);
    assert_eq!(side.answered(), [(CommandId::Unbind, 1, OK)], "an enquire_link is no activity");
}

#[test]
fn a_drain_finishes_what_is_in_flight() {
    let mut side = Side::esme(TRX);
    let ticket = ticket(&side.receive(&deliver(50)));
    side.send(7);
    side.written();
    side.event(Event::Drain);
    side.receive(&deliver(51));
    assert_eq!(side.answered(), [(CommandId::DeliverSmResp, 51, CommandStatus::TEMPORARY_APPLICATION_ERROR)]);
    side.event(answer(ticket, OK));
    assert_eq!(side.answered(), [(CommandId::DeliverSmResp, 50, OK)]);
    assert_eq!(completed(&side.receive(&submitted(2, OK))).len(), 1);
    assert_eq!(side.answered(), [(CommandId::Unbind, 3, OK)]);
    assert_eq!(closed(&side.receive(&Pdu::request(3, Body::UnbindResp))), Some(CloseReason::Unbound));
}

#[test]
fn a_drain_has_a_deadline() {
    let mut side = Side::smsc(TRX);
    side.receive(&submit(50));
    side.event(Event::Drain);
    side.receive(&submit(51));
    assert_eq!(side.answered(), [(CommandId::SubmitSmResp, 51, CommandStatus::SYSTEM_ERROR)]);
    side.wait(10);
    assert_eq!(side.answered(), [(CommandId::Unbind, 1, OK)]);
    assert_eq!(closed(&side.wait(10)), Some(CloseReason::NoAnswer(CommandId::Unbind)));
}

#[test]
fn the_peers_unbind_waits_for_the_answers_that_it_is_owed() {
    let mut side = Side::smsc(TRX);
    let ticket = ticket(&side.receive(&submit(5)));
    assert_eq!(closed(&side.receive(&Pdu::request(6, Body::Unbind))), None);
    let actions = side.event(answer(ticket, OK));
    assert_eq!(closed(&actions), Some(CloseReason::UnboundByPeer));
    assert_eq!(side.answered(), [(CommandId::SubmitSmResp, 5, OK), (CommandId::UnbindResp, 6, OK)]);

    let mut idle = Side::smsc(TRX);
    assert_eq!(closed(&idle.receive(&Pdu::request(6, Body::Unbind))), Some(CloseReason::UnboundByPeer));
    assert_eq!(idle.answered(), [(CommandId::UnbindResp, 6, OK)]);
}

#[test]
fn the_peers_unbind_waits_for_the_answers_that_it_owes() {
    let mut side = Side::esme(TRX);
    side.send(7);
    side.written();
    assert_eq!(closed(&side.receive(&Pdu::request(6, Body::Unbind))), None);
    assert_eq!(side.answered(), []);
    assert_eq!(completed(&side.send(8)), [(8, Completion::Refused(Refusal::NotBound))], "nothing new is sent");
    let actions = side.receive(&submitted(2, OK));
    assert!(matches!(completed(&actions)[..], [(7, Completion::Answered(_))]));
    assert_eq!(closed(&actions), Some(CloseReason::UnboundByPeer));
    assert_eq!(side.answered(), [(CommandId::UnbindResp, 6, OK)]);

    let mut owed = Side::esme(TRX);
    owed.session.settings.drain = Duration::from_secs(3);
    owed.send(7);
    owed.written();
    owed.receive(&Pdu::request(6, Body::Unbind));
    assert_eq!(closed(&owed.wait(2)), None);
    let late = owed.wait(1);
    assert_eq!(completed(&late), [(7, Completion::Unknown(Unanswered::Closed))]);
    assert_eq!(closed(&late), Some(CloseReason::UnboundByPeer), "a peer that does not answer is not waited for longer");
    assert_eq!(owed.answered(), [(CommandId::UnbindResp, 6, OK)]);
}
