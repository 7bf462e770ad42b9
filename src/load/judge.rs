//! Judges replies: each belongs to the message whose subscriber it goes to and whose amount it names.

use super::flight::{Ending, Flight};
use super::plan::Texts;
use super::template::has_amount;

/// A reply that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    pub(super) to: &'a str,
    pub(super) text: &'a str,
    pub(super) hash: u32,
}

/// The relation of a reply to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// The expected reply, for the first time.
    Confirmed,
    /// The same text again.
    Repeated,
    /// Another expected text for a message that was confirmed already.
    Other,
    /// The same text again, after the answer to the first may have been lost with a connection.
    Resent,
    /// Tells that a message that was sent again had been done before.
    Notice,
    /// Another text.
    Wrong,
    /// No message was sent for this phone.
    Unexpected,
}

/// Returns the message that the reply belongs to, after so many cuts. `is_answer_lost` tells whether the answer to its first reply may have
/// been lost.
pub(super) fn judge(
    texts: &Texts,
    flights: &[Flight],
    reply: Reply<'_>,
    cuts: usize,
    is_answer_lost: impl Fn(&Flight) -> bool,
) -> (Option<u32>, Judgement) {
    let Some(subscriber) = texts.numbers.read(reply.to) else { return (None, Judgement::Unexpected) };
    let mut latest = None;
    for (message, flight) in of_subscriber(texts, flights, subscriber) {
        let values = texts.values(message);
        if texts.expected.iter().any(|expected| expected.is(reply.text, values)) {
            let judgement = match flight.ending {
                Ending::Replied if flight.hash != reply.hash => Judgement::Other,
                Ending::Replied if is_answer_lost(flight) => Judgement::Resent,
                Ending::Replied => Judgement::Repeated,
                _ => Judgement::Confirmed,
            };
            return (Some(message), judgement);
        }
        // Each send after the first may be told that the message had been done, and again after each cut.
        let again = usize::from(flight.sends.saturating_sub(1));
        if usize::from(flight.notices) < again * (cuts + 1) && has_amount(reply.text, values) {
            latest = latest.or(Some((message, Judgement::Notice)));
        }
        latest = latest.or(Some((message, Judgement::Wrong)));
    }
    latest.map_or((None, Judgement::Unexpected), |(message, judgement)| (Some(message), judgement))
}

/// The messages of a subscriber that were sent, the latest first, back to where the amounts repeat themselves.
fn of_subscriber<'a>(texts: &Texts, flights: &'a [Flight], subscriber: u32) -> impl Iterator<Item = (u32, &'a Flight)> {
    let pool = texts.numbers.count().max(1);
    let last = u32::try_from(flights.len()).unwrap_or(u32::MAX).checked_sub(1);
    let latest = last.filter(|&last| last >= subscriber).map(|last| last - (last - subscriber) % pool);
    let messages = std::iter::successors(latest, move |message| message.checked_sub(pool));
    let sent = messages.filter_map(|message| {
        let flight = flights.get(usize::try_from(message).ok()?)?;
        (flight.ending != Ending::Skipped).then_some((message, flight))
    });
    sent.take(texts.rounds())
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
