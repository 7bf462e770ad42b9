//! The report to the machine that submitted a message, decided in the transaction of the ending.

use chrono::{DateTime, Utc};

use crate::domain::{Body, OutboundSms, Outcome, Report};
use crate::processor::parse::Envelope;

/// Number of characters of the message that its report quotes.
const TEXT_MAX: usize = 20;

/// The report, if the sender wants one for this ending: from the short code to the sender, with the beginning of the
/// text. It is a delivery receipt and not an SMS: it always goes to the sender, whatever the routes are, and may have
/// no text.
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
        Body::Order(_) | Body::Undecodable { .. } | Body::Newer(_) => String::new(),
    };
    let receipt = OutboundSms {
        id: envelope.report.id,
        message_key: message.key.clone(),
        link: message.link.clone(),
        from: message.to.clone(),
        // The sender knows the message by the address that it gave.
        to: envelope.before.as_ref().map_or(&message.from, |before| &before.from).clone(),
        to_source: None,
        text,
        created_at: now,
    };
    let report = Report::of(outcome, message.received_at, now);
    Some((receipt, Report { numbering: wanted.numbering, ..report }))
}
