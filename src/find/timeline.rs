//! Everything about one result, in the order of time.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Finder;
use super::said::{number, sum};
use super::sentence::Wording;
use super::story::Story;
use super::subject::Subject;
use super::values::text_of;
use crate::domain::{Body, Cause, Outcome, Receipt, Rejection, Transfer};
use crate::store::{FoundMessage, FoundSms, StoreError};

/// The story of one result.
#[derive(Debug, Clone, Serialize)]
pub struct Timeline {
    /// One sentence about all of it.
    pub sentence: String,
    pub events: Vec<Event>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    pub at: DateTime<Utc>,
    /// Milliseconds since the event before; 0 for the first.
    pub after_ms: i64,
    /// `received`, `read`, `limited`, `refused`, `repeats`, `booked`, `repeated`, `settled`, `reversed`, `withheld`,
    /// `written`, `sent`, `failed`, `delivered` or `undelivered`.
    pub event: &'static str,
    pub said: String,
}

impl Finder {
    /// Returns the timeline of a result; `None` if it does not exist.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn timeline(&self, subject: &Subject) -> Result<Option<Timeline>, StoreError> {
        let Some(story) = self.story(subject).await? else { return Ok(None) };
        let wording = Wording { plan: &self.plan, now: self.clock.now() };
        Ok(Some(Timeline { sentence: wording.sentence(&story), events: self.events(&story) }))
    }

    fn events(&self, story: &Story) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(message) = &story.message {
            self.of_inbound(message, story, &mut events);
        }
        if let Some(settled) = &story.settled {
            let said = format!("{} by {}: {}", settled.how.as_str(), settled.by, settled.note);
            push(&mut events, settled.at, "settled", said);
        }
        events.extend(story.transfers.iter().map(|transfer| booked(story, transfer)));
        for repeated in &story.repetitions {
            let said = format!("the same came again from {}: a duplicate", number(&self.plan, &repeated.sender));
            push(&mut events, repeated.received_at, "repeated", format!("{said}, message {}", repeated.key));
        }
        for reversal in &story.reversals {
            let (entry, author) = (moved(reversal), story.author(&reversal.cause));
            push(&mut events, reversal.at, "reversed", format!("{entry}, by {author}{}", why(story, reversal)));
        }
        for sms in &story.sms {
            self.of_outbound(sms, &mut events);
        }
        in_order(events)
    }

    fn of_inbound(&self, message: &FoundMessage, story: &Story, events: &mut Vec<Event>) {
        let at = message.received_at;
        let (from, to, link) = (number(&self.plan, &message.sender), &message.short_code, &message.link);
        let what = match &message.body {
            Body::Order(_) => "order",
            _ => "message",
        };
        let text = text_of(&message.body).unwrap_or("(no text)");
        push(events, at, "received", format!("{what} from {from} to {to} by {link}: {text}"));
        if let Some(form) = &message.form {
            let bank = message.bank.as_deref().unwrap_or("no bank");
            let fields = message.fields.iter().map(|field| format!(", {} {}", field.name, field.value));
            let fields = fields.collect::<String>();
            push(events, at, "read", format!("as `{form}` of {bank}, grammars {}{fields}", message.grammars));
        }
        if let Some(rejection) = message.outcome.rejection() {
            if let Some(limit) = limited(rejection) {
                push(events, at, "limited", limit);
            }
            let (name, meaning) = (rejection.reason.as_str(), rejection.reason.meaning());
            push(events, at, "refused", format!("{name}: {meaning}"));
        }
        if let Outcome::Duplicate { of, .. } = &message.outcome {
            let first = story.first.as_ref().map_or_else(|| of.transfer.to_string(), moved);
            push(events, of.at, "repeats", format!("was done: {first}"));
        }
        if let Some(withheld) = message.withheld {
            push(events, at, "withheld", format!("no reply: {}", withheld.as_str().replace('_', " ")));
        }
    }

    fn of_outbound(&self, sms: &FoundSms, events: &mut Vec<Event>) {
        let to = number(&self.plan, &sms.recipient);
        push(
            events,
            sms.created_at,
            "written",
            format!("SMS from {} to {to} by {}: {}", sms.sender, sms.link, sms.text),
        );
        let id = sms.remote_id.as_ref().map_or_else(String::new, |id| format!(", identifier {id}"));
        let why = sms.last_error.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let tries = format!("attempt {}", sms.attempts.max(1));
        if let Some(at) = sms.finished_at {
            match sms.state.as_str() {
                "failed" => push(events, at, "failed", format!("SMS to {to} given up after {tries}{why}")),
                "unknown" => push(events, at, "sent", format!("SMS to {to} sent without an answer, {tries}{why}")),
                _ => push(events, at, "sent", format!("SMS to {to} taken by the network, {tries}{id}")),
            }
        } else if sms.attempts > 0 {
            push(events, sms.created_at, "failed", format!("SMS to {to} waits after {tries}{why}"));
        }
        if let Some(at) = sms.receipt_at {
            let is_delivered = sms.state == "delivered";
            let event = if is_delivered { "delivered" } else { "undelivered" };
            let said = if is_delivered { format!("SMS to {to}") } else { format!("SMS to {to}{why}") };
            push(events, at, event, said);
        }
    }
}

fn push(events: &mut Vec<Event>, at: DateTime<Utc>, event: &'static str, said: String) {
    events.push(Event { at, after_ms: 0, event, said });
}

/// Sorted by time; what happened at one instant stays as it was.
fn in_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.at);
    let mut before = events.first().map(|event| event.at);
    for event in &mut events {
        event.after_ms = before.map_or(0, |before| (event.at - before).num_milliseconds());
        before = Some(event.at);
    }
    events
}

fn booked(story: &Story, transfer: &Transfer) -> Event {
    let by = match &transfer.cause {
        Cause::Operator(_) => format!(", by {}{}", story.author(&transfer.cause), why(story, transfer)),
        Cause::Message(_) | Cause::System(_) => String::new(),
    };
    Event { at: transfer.at, after_ms: 0, event: "booked", said: format!("{}{by}", moved(transfer)) }
}

/// Both sides of a transfer, and the balances after it.
fn moved(transfer: &Transfer) -> String {
    let (movement, receipt) = (&transfer.movement, Receipt::of(transfer.id));
    let side = |account: &dyn std::fmt::Display, balance: Option<i64>| {
        let balance = balance.map_or_else(String::new, |minor| format!(" ({})", crate::domain::format_minor(minor)));
        format!("{account}{balance}")
    };
    format!(
        "{} {} from {} to {}, receipt {receipt}",
        movement.kind.as_str().replace('_', " "),
        sum(movement.amount),
        side(&movement.debit, transfer.debit_balance_minor),
        side(&movement.credit, transfer.credit_balance_minor)
    )
}

/// The reason that staff gave.
fn why(story: &Story, transfer: &Transfer) -> String {
    let note = story.order(&transfer.cause).map(|order| order.note.as_str()).filter(|note| !note.is_empty());
    let reason = transfer.movement.reason.map_or_else(String::new, |reason| format!(": {reason}"));
    note.map_or_else(|| reason.clone(), |note| format!("{reason}, {note}"))
}

/// The limit that a refusal is about.
fn limited(rejection: &Rejection) -> Option<String> {
    let details = &rejection.details;
    let parts = [
        ("limit", details.limit.as_deref()),
        ("left", details.available.as_deref()),
        ("lowest", details.min.as_deref()),
        ("highest", details.max.as_deref()),
        ("offered", details.offered.as_deref()),
    ];
    let parts: Vec<String> = parts.iter().filter_map(|(name, value)| Some(format!("{name} {}", (*value)?))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
