//! Parts of long messages: each is stored, then answered.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::warn;

use super::accepted::Accepted;
use super::inbound::{Inbound, labelled};
use super::reports::message_id;
use super::waiter::Waiter;
use crate::processor::InboundPart;
use crate::smpp::message::Message;
use crate::text::udh::Part;

impl Inbound {
    /// Stores a part of a long message and answers it. The other parts come later.
    pub(super) fn keep(
        self: &Arc<Self>,
        message: Message,
        (place, has_header): (Part, bool),
        received_at: DateTime<Utc>,
        waiter: Waiter,
    ) {
        if !self.speaks_for(&message.to) {
            return self.refuse_foreign(&message.to, waiter);
        }
        let part = self.part(message, (place, has_header), received_at);
        let this = self.clone();
        self.tasks.spawn(async move {
            let taken = this.application.accept_part(part).await;
            let accepted = taken.as_ref().err().copied().unwrap_or(Accepted::Committed);
            this.doubt.note_after(accepted, received_at, this.application.clock.now());
            match taken {
                Ok(key) => waiter.answer(Accepted::Committed, message_id(&key)),
                Err(accepted) => {
                    if this.may_log() {
                        warn!(link = this.terms.link, ?accepted, "a part of a message was not taken");
                    }
                    waiter.answer(accepted, "");
                }
            }
        });
    }

    fn part(&self, message: Message, (place, has_header): (Part, bool), received_at: DateTime<Utc>) -> InboundPart {
        InboundPart {
            link: self.terms.link.clone(),
            key: self.key(&message),
            key_is_given: self.given_id(&message).is_some(),
            report: self.report_wanted(&message),
            from_type: Some(labelled(&message)),
            from: message.from,
            to: message.to,
            place,
            octets: message.octets.to_vec(),
            has_header,
            data_coding: message.data_coding,
            alphabet: self.terms.alphabet,
            received_at,
            redelivery_doubt_since: self.doubt.since(),
        }
    }
}
