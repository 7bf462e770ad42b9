//! The state of a reply after an attempt.

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::section::Dispatch as Settings;
use crate::links::SendOutcome;
use crate::store::{Delivery, Leased};

/// Shortest wait if the peer asks to slow down or there is no session.
const NOT_NOW_FIRST: TimeDelta = TimeDelta::seconds(1);
const NOT_NOW_MAX: TimeDelta = TimeDelta::seconds(60);
/// A reply that waits for a session waits this fraction of its age again, so that a long outage does not cause an
/// attempt every second for every reply.
const NOT_NOW_PART: i32 = 8;

/// Returns the state of a reply after this outcome at `now`.
pub(super) fn after(outcome: &SendOutcome, reply: &Leased, settings: &Settings, now: DateTime<Utc>) -> Delivery {
    let attempts = reply.attempts.saturating_add(1);
    match outcome {
        SendOutcome::Sent { remote_ids } => Delivery::Sent { remote_ids: remote_ids.clone() },
        SendOutcome::Throttled | SendOutcome::NotBound | SendOutcome::Unreachable { .. } => {
            not_now(reply, now, outcome)
        }
        SendOutcome::Partial { taken, .. } => {
            Delivery::Unknown { error: outcome.to_string(), remote_ids: taken.clone() }
        }
        SendOutcome::Rejected { reason, permanent: true } => Delivery::Failed { error: reason.clone() },
        SendOutcome::Rejected { reason, permanent: false }
            if attempts >= settings.attempts_max && reply.report.is_none() =>
        {
            Delivery::Failed { error: format!("{reason}, at attempt {attempts}") }
        }
        SendOutcome::Rejected { reason, permanent: false } => {
            Delivery::Retry { due_at: now + backoff(settings, attempts), error: reason.clone(), counts: true }
        }
        // A repeated report is harmless; a missing one leaves the ESME without the outcome.
        SendOutcome::Unknown { reason } if reply.report.is_some() => {
            Delivery::Retry { due_at: now + backoff(settings, attempts), error: reason.clone(), counts: true }
        }
        SendOutcome::Unknown { reason } if attempts > settings.unanswered_resends => {
            Delivery::Unknown { error: reason.clone(), remote_ids: Vec::new() }
        }
        SendOutcome::Unknown { reason } => {
            let due_at = now + TimeDelta::seconds(i64::from(settings.unanswered_wait_seconds));
            Delivery::Retry { due_at, error: reason.clone(), counts: true }
        }
    }
}

/// Longest time that a reply waits, in a lease or between two attempts.
pub(super) fn longest_wait(settings: &Settings) -> TimeDelta {
    let seconds = settings.lease_seconds.max(settings.unanswered_wait_seconds);
    let retry = TimeDelta::milliseconds(i64::from(settings.retry_max_ms));
    TimeDelta::seconds(i64::from(seconds)).max(retry).max(NOT_NOW_MAX)
}

fn not_now(reply: &Leased, now: DateTime<Utc>, outcome: &SendOutcome) -> Delivery {
    let wait = ((now - reply.sms.created_at) / NOT_NOW_PART).clamp(NOT_NOW_FIRST, NOT_NOW_MAX);
    Delivery::Retry { due_at: now + wait, error: outcome.to_string(), counts: false }
}

/// Doubles with each attempt, up to the longest wait.
fn backoff(settings: &Settings, attempts: u32) -> TimeDelta {
    let doubled = 1_u64.checked_shl(attempts.saturating_sub(1).min(40)).unwrap_or(u64::MAX);
    let wait = u64::from(settings.retry_first_ms).saturating_mul(doubled).min(u64::from(settings.retry_max_ms));
    TimeDelta::milliseconds(i64::try_from(wait).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Ending, OutboundSms, Report};

    fn reply(attempts: u32) -> Leased {
        let sms = OutboundSms {
            id: Uuid::nil(),
            message_key: "ipko:1".into(),
            link: "ipko".into(),
            from: "50005".into(),
            to: "38349123456".into(),
            to_source: None,
            text: "ok".into(),
            created_at: now(),
        };
        Leased { sms, report: None, attempts, lease: Uuid::nil() }
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn run(outcome: &SendOutcome, attempts: u32) -> Delivery {
        after(outcome, &reply(attempts), &Settings::default(), now())
    }

    fn busy() -> SendOutcome {
        SendOutcome::Rejected { reason: "0x14".into(), permanent: false }
    }

    #[test]
    fn a_temporary_refusal_waits_longer_each_time_then_is_given_up() {
        let waits: Vec<i64> = [0, 1, 2, 18]
            .into_iter()
            .map(|attempts| match run(&busy(), attempts) {
                Delivery::Retry { due_at, counts: true, .. } => (due_at - now()).num_milliseconds(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [500, 1_000, 2_000, 300_000]);
        assert!(matches!(run(&busy(), 19), Delivery::Failed { .. }));
    }

    #[test]
    fn a_link_that_is_down_or_throttles_uses_up_no_attempt() {
        for outcome in [SendOutcome::NotBound, SendOutcome::Throttled] {
            assert!(matches!(run(&outcome, 1_000), Delivery::Retry { counts: false, .. }));
        }
    }

    #[test]
    fn a_long_outage_is_asked_about_less_and_less_often() {
        let wait = |age_seconds| {
            let now = now() + TimeDelta::seconds(age_seconds);
            match after(&SendOutcome::NotBound, &reply(0), &Settings::default(), now) {
                Delivery::Retry { due_at, .. } => (due_at - now).num_seconds(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!([0, 8, 80, 4_000].map(wait), [1, 1, 10, 60]);
    }

    #[test]
    fn silence_is_followed_by_one_more_attempt_after_a_wait_and_then_by_an_ending() {
        let silence = SendOutcome::Unknown { reason: "no answer".into() };
        assert!(matches!(run(&silence, 0), Delivery::Retry { due_at, .. } if due_at == now() + TimeDelta::seconds(60)));
        assert!(matches!(run(&silence, 1), Delivery::Unknown { .. }));
    }

    #[test]
    fn a_text_whose_first_parts_were_taken_is_not_sent_again() {
        let remote_ids = vec![Some("a1".to_owned()), None];
        let partial = SendOutcome::Partial { taken: remote_ids.clone(), of: 3, reason: "no answer in time".into() };
        let error = "2 of 3 parts were taken, the next was not: no answer in time".to_owned();
        assert_eq!(run(&partial, 0), Delivery::Unknown { error, remote_ids });
    }

    #[test]
    fn a_report_is_sent_until_somebody_answers() {
        let report = Report {
            ending: Ending::Applied,
            error_code: 0,
            submitted_at: DateTime::UNIX_EPOCH,
            done_at: now(),
            numbering: None,
        };
        let reported = Leased { report: Some(report), ..reply(1_000) };
        let silence = SendOutcome::Unknown { reason: "no answer".into() };
        for outcome in [silence, busy()] {
            assert!(matches!(after(&outcome, &reported, &Settings::default(), now()), Delivery::Retry { .. }));
        }
    }

    #[test]
    fn a_permanent_refusal_is_an_ending() {
        let outcome = SendOutcome::Rejected { reason: "0x0B".into(), permanent: true };
        assert_eq!(run(&outcome, 0), Delivery::Failed { error: "0x0B".into() });
    }
}
