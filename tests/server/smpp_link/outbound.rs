//! What we submit, and what the dispatcher learns.

use std::time::Duration;

use futures_util::future::join_all;
use mbush::links::SendOutcome;
use mbush::simulator::Faults;
use mbush::smpp::CommandStatus;
use testkit::wait::{until, within};

use crate::smpp_link::till::{Till, link, reply, smsc};

fn statuses(all: &[CommandStatus]) -> Faults {
    Faults { submit_statuses: all.iter().copied().collect(), ..Faults::default() }
}

#[tokio::test]
async fn replies_arrive_and_their_identifiers_come_back() {
    for bind in ["transceiver", "pair"] {
        let (smsc, till) = (smsc().await, Till::open());
        let link = link(&smsc, &till, &format!("bind = \"{bind}\""));
        let out = link.outbound();
        let mut seen = smsc.submitted();
        ready(&out).await;
        let outcome = out.send(&reply("5.00 EUR u mbushen. {@}")).await;
        let got = within("a message", seen.recv()).await.unwrap();
        assert_eq!(outcome, SendOutcome::Sent { remote_ids: vec![Some(got.id)] });
        assert_eq!((got.from.as_str(), got.to.as_str()), ("50005", "38349111222"));
        assert_eq!((got.text.as_str(), got.segments), ("5.00 EUR u mbushen. {@}", 1));
    }
}

/// The SMSC knows of the bind a moment before its answer is here.
async fn ready(out: &std::sync::Arc<dyn mbush::links::Outbound>) {
    until("the way out is ready", || out.is_ready()).await;
}

#[tokio::test]
async fn a_long_reply_goes_out_in_parts() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    let out = link.outbound();
    ready(&out).await;
    let mut seen = smsc.submitted();
    let long = "Mirë se vini, ju lutem shkruani numrin dhe shumën. ".repeat(6);
    let SendOutcome::Sent { remote_ids } = out.send(&reply(&long)).await else { panic!("it is sent") };
    let got = within("a message", seen.recv()).await.unwrap();
    assert_eq!(got.text, long);
    let named: std::collections::BTreeSet<_> = remote_ids.iter().flatten().collect();
    assert_eq!(named.len(), usize::from(got.segments), "each part has an identifier of its own: {remote_ids:?}");
    assert_eq!(smsc.counters().submitted, u64::from(got.segments));
    assert!(got.segments > 1);
}

#[tokio::test]
async fn the_window_is_kept() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "window = 3");
    let out = link.outbound();
    ready(&out).await;
    smsc.set_faults(Faults { submit_delay: Duration::from_millis(20), ..Faults::default() });
    let replies: Vec<_> = (0..20).map(|number| reply(&format!("reply {number}"))).collect();
    let outcomes = join_all(replies.iter().map(|reply| out.send(reply))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, SendOutcome::Sent { .. })), "{outcomes:?}");
    assert_eq!(smsc.counters().submitted, 20);
    assert_eq!(smsc.counters().unanswered_max, 3);
}

/// However slow the machine is, no more goes out than the rate allows in the time that it took.
#[tokio::test]
async fn a_link_keeps_its_rate_in_parts_and_not_in_texts() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "throttle_segments_per_second = 50\nwindow = 100");
    let out = link.outbound();
    ready(&out).await;
    let began = std::time::Instant::now();
    let long: Vec<_> = (0..10).map(|_| reply(&"x".repeat(600))).collect();
    let outcomes = join_all(long.iter().map(|reply| out.send(reply))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, SendOutcome::Sent { .. })), "{outcomes:?}");
    let (sent, seconds) = (smsc.counters().submitted, began.elapsed().as_secs_f64());
    assert_eq!(sent, 40);
    let burst = 5.0;
    assert!(40.0 <= seconds.mul_add(50.0, burst) + 1.0, "40 segments in {seconds} s are more than 50 a second");
}

#[tokio::test]
async fn a_throttled_link_pauses_and_comes_back() {
    for status in [CommandStatus::THROTTLED, CommandStatus::QUEUE_FULL] {
        let (smsc, till) = (smsc().await, Till::open());
        let link = link(&smsc, &till, "");
        let out = link.outbound();
        ready(&out).await;
        smsc.set_faults(statuses(&[status]));
        assert_eq!(out.send(&reply("5")).await, SendOutcome::Throttled);
        assert!(!out.is_ready());
        assert_eq!(out.send(&reply("5")).await, SendOutcome::Throttled);
        assert_eq!(smsc.counters().submitted, 1, "nothing is sent during the pause");
        ready(&out).await;
        assert!(matches!(out.send(&reply("5")).await, SendOutcome::Sent { .. }));
    }
}

#[tokio::test]
async fn a_refusal_says_whether_it_is_for_good() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    let out = link.outbound();
    ready(&out).await;
    smsc.set_faults(statuses(&[CommandStatus::INVALID_DESTINATION, CommandStatus::SYSTEM_ERROR]));
    let refused = out.send(&reply("5")).await;
    assert!(
        matches!(&refused, SendOutcome::Rejected { permanent: true, reason } if reason.contains("ESME_RINVDSTADR")),
        "{refused:?}"
    );
    assert!(matches!(out.send(&reply("5")).await, SendOutcome::Rejected { permanent: false, .. }));
}

#[tokio::test]
async fn a_reply_that_no_phone_can_get_is_refused_here() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    let out = link.outbound();
    ready(&out).await;
    let nobody = mbush::domain::OutboundSms { to: "3".repeat(30), ..reply("5") };
    assert!(matches!(out.send(&nobody).await, SendOutcome::Rejected { permanent: true, .. }));
    assert_eq!(smsc.counters().submitted, 0);
}

#[tokio::test]
async fn without_an_answer_nobody_knows() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "response_timeout_seconds = 1");
    let out = link.outbound();
    ready(&out).await;
    smsc.set_faults(Faults { silent: true, ..Faults::default() });
    assert!(matches!(out.send(&reply("5")).await, SendOutcome::Unknown { .. }), "the response timer");
    let unanswered = reply("5");
    let (lost, ()) = tokio::join!(out.send(&unanswered), async {
        until("the second is submitted", || smsc.counters().submitted >= 2).await;
        smsc.cut();
    });
    assert!(matches!(lost, SendOutcome::Unknown { .. }), "the connection: {lost:?}");
    assert_eq!(smsc.counters().submitted, 2, "and nothing is sent a second time");
}

#[tokio::test]
async fn a_part_after_the_first_waits_out_a_pause() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    let out = link.outbound();
    ready(&out).await;
    let mut seen = smsc.submitted();
    smsc.set_faults(statuses(&[CommandStatus::OK, CommandStatus::THROTTLED]));
    let long = "x".repeat(300);
    assert!(matches!(out.send(&reply(&long)).await, SendOutcome::Sent { .. }));
    assert_eq!(within("a message", seen.recv()).await.unwrap().text, long, "the phone gets it whole, and once");
    assert_eq!(smsc.counters().submitted, 3);
}

#[tokio::test]
async fn a_text_whose_later_part_is_not_taken_says_how_far_it_came() {
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "response_timeout_seconds = 1");
    let out = link.outbound();
    ready(&out).await;
    smsc.set_faults(statuses(&[CommandStatus::OK, CommandStatus::SYSTEM_ERROR]));
    let long = "x".repeat(400);
    let outcome = within("an outcome", out.send(&reply(&long))).await;
    assert!(
        matches!(&outcome, SendOutcome::Partial { taken, of: 3, .. } if matches!(taken[..], [Some(_)])),
        "{outcome:?}"
    );
    assert_eq!(smsc.counters().submitted, 2, "what would follow is of no use alone");
}
