//! A delivery receipt's way to whoever keeps the replies' states, and its answer.

use std::sync::Arc;

use tracing::{debug, warn};

use super::accepted::Accepted;
use super::inbound::{Inbound, Terms};
use super::receipts::{Fate, Settlement, spellings};
use super::waiter::Waiter;
use crate::smpp::CommandStatus;
use crate::smpp::message::Message;
use crate::smpp::receipt::{MessageState, Receipt};
use crate::smpp::session::Role;

/// Digits that a phone's number has at least; a short code has fewer.
const PHONE_DIGITS_MIN: usize = 7;
/// Characters of an SMSC's error code that staff are shown.
const ERROR_SHOWN_MAX: usize = 32;

impl Inbound {
    /// Takes a receipt. It is never a customer's request, on whatever link it comes.
    pub(super) fn take_receipt(self: &Arc<Self>, message: &Message, receipt: &Receipt, waiter: Waiter) {
        if self.terms.role == Role::Smsc {
            // Who submits to us is told by us what became of it, and has nothing to tell.
            return waiter.refuse(CommandStatus::INVALID_ESM_CLASS);
        }
        debug!(link = self.terms.link, id = receipt.message_id, state = ?receipt.state, "delivery receipt");
        match settlement(&self.terms, message, receipt) {
            Some(settlement) => self.settle(settlement, waiter),
            None => waiter.refuse(CommandStatus::OK),
        }
    }

    /// What is marked as a receipt and names no message tells nothing; its SMSC could not do better if it sent it again.
    pub(super) fn pass_over_receipt(&self, waiter: Waiter) {
        if self.terms.role == Role::Smsc {
            return waiter.refuse(CommandStatus::INVALID_ESM_CLASS);
        }
        metrics::counter!("mbush_receipts_unreadable_total", "link" => self.terms.link.clone()).increment(1);
        if self.may_log() {
            warn!(link = self.terms.link, "a delivery receipt that names no message");
        }
        waiter.refuse(CommandStatus::OK);
    }

    /// Answers a receipt when it is kept.
    fn settle(self: &Arc<Self>, settlement: Settlement, waiter: Waiter) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let accepted = this.application.settle(settlement).await;
            if accepted != Accepted::Committed && this.may_log() {
                warn!(link = this.terms.link, ?accepted, "a delivery receipt was not taken");
            }
            waiter.answer(accepted, "");
        });
    }
}

/// What a receipt says of a reply for good; nothing where there is nothing to keep.
fn settlement(terms: &Terms, message: &Message, receipt: &Receipt) -> Option<Settlement> {
    let fate = fate(receipt)?;
    let mut remote_ids = spellings(&receipt.message_id);
    for other in receipt.other_id.iter().flat_map(|id| spellings(id)) {
        if !remote_ids.contains(&other) {
            remote_ids.push(other);
        }
    }
    Some(Settlement { link: terms.link.clone(), remote_ids, phone: phone(terms, message).to_owned(), fate })
}

/// The phone that a receipt is about: its source by the specification, its destination where the SMSC does not turn the
/// addresses of the message round. Nothing where neither can be a phone's number.
fn phone<'m>(terms: &Terms, message: &'m Message) -> &'m str {
    let is_phone = |address: &&&'m String| {
        let digits = address.chars().filter(char::is_ascii_digit).count();
        digits >= PHONE_DIGITS_MIN && digits + 1 >= address.chars().count() && !terms.short_codes.contains(**address)
    };
    [&message.from, &message.to].iter().find(is_phone).map_or("", |address| address.as_str())
}

/// What a receipt says for good; nothing where the message is still on its way, or nobody knows.
fn fate(receipt: &Receipt) -> Option<Fate> {
    let failed = |word: &str| {
        let shown = |error: &String| error.chars().filter(|c| !c.is_control()).take(ERROR_SHOWN_MAX).collect();
        let error = receipt.error.as_ref().map(shown).filter(|error: &String| !error.is_empty());
        let reason = error.map_or_else(|| word.to_owned(), |error| format!("{word}, error {error} of the SMSC"));
        Some(Fate::Undeliverable { reason })
    };
    match receipt.state {
        MessageState::Delivered => Some(Fate::Delivered),
        MessageState::Expired => failed("expired at the SMSC"),
        MessageState::Deleted => failed("deleted at the SMSC"),
        MessageState::Undeliverable => failed("undeliverable"),
        MessageState::Rejected => failed("rejected after it was accepted"),
        MessageState::EnRoute | MessageState::Accepted | MessageState::Unknown => None,
    }
}
