//! What the machine that submitted a message is told about its ending, decided in the transaction that decides the ending.

use chrono::{DateTime, Utc};

use super::intake::Job;
use crate::domain::{Body, OutboundSms, Outcome, Report};

/// Characters of a message that a report about it repeats.
const TEXT_MAX: usize = 20;

/// The report, where the sender wants one after this ending: from the short code to the sender, with the beginning of
/// what it wrote.
pub(super) fn report(job: &Job, outcome: &Outcome, now: DateTime<Utc>) -> Option<(OutboundSms, Report)> {
    let (wanted, id) = job.report;
    if !wanted.is_after(outcome.ending()) {
        return None;
    }
    let message = &job.message;
    let text = match &message.body {
        Body::Text(text) | Body::Masked { text, .. } => text.chars().take(TEXT_MAX).collect(),
        Body::Order(_) | Body::Undecodable { .. } => String::new(),
    };
    let sms = OutboundSms {
        id,
        message_key: message.key.clone(),
        link: message.link.clone(),
        from: message.to.clone(),
        // Its sender knows the address that it gave.
        to: job.before.as_ref().map_or(&message.from, |before| &before.from).clone(),
        to_source: None,
        text,
        created_at: now,
    };
    Some((sms, Report::of(outcome, message.received_at, now)))
}
