//! The report to the machine that submitted a message, decided in the transaction that decides the ending.

use chrono::{DateTime, Utc};

use crate::domain::{Body, OutboundSms, Outcome, Report};
use crate::processor::parse::Envelope;

/// Characters of a message that a report about it repeats.
const TEXT_MAX: usize = 20;

/// The report, if the sender wants one after this ending: from the short code to the sender, with the beginning of its text.
/// It is a delivery receipt and no SMS: no route leads elsewhere than to its sender, and it may have no text.
pub(in crate::processor) fn report(
    envelope: &Envelope,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Option<(OutboundSms, Report)> {
    let wanted = envelope.report.wanted;
    if !wanted.is_after(outcome.ending()) {
        return None;
    }
    let message = &envelope.message;
    let text = match &message.body {
        Body::Text(text) | Body::Masked { text, .. } => text.chars().take(TEXT_MAX).collect(),
        Body::Order(_) | Body::Undecodable { .. } => String::new(),
    };
    let receipt = OutboundSms {
        id: envelope.report.id,
        message_key: message.key.clone(),
        link: message.link.clone(),
        from: message.to.clone(),
        // Its sender knows the address that it gave.
        to: envelope.before.as_ref().map_or(&message.from, |before| &before.from).clone(),
        to_source: None,
        text,
        created_at: now,
    };
    let report = Report::of(outcome, message.received_at, now);
    Some((receipt, Report { numbering: wanted.numbering, ..report }))
}
