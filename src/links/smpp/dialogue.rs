//! What is dialled, and what is answered to a menu: the next screen, or the message that all of it comes to.

use std::sync::Arc;

use tracing::{debug, warn};

use super::conversation::Turn;
use super::inbound::{Inbound, labelled};
use super::ingress::Accepted;
use super::reports::message_id;
use super::ussd::{Dialled, Operation};
use super::waiter::Waiter;
use crate::domain::{AddressType, Body, Channel, InboundSms, ReportWanted};
use crate::links::SendOutcome;
use crate::menus::Step;
use crate::smpp::message::Message;

/// A message of a dialogue that wants its answer.
struct Open {
    dialled: Dialled,
    /// Its sender.
    source: (String, AddressType),
    report: ReportWanted,
    waiter: Waiter,
}

impl Inbound {
    /// Takes what a user dialled or answered. Where the short code has a menu, who dials it alone begins a dialogue, and so
    /// does who answers in one that is not known any more.
    pub(super) fn dialled(
        self: &Arc<Self>,
        message: &Message,
        operation: Operation,
        text: &str,
        key: String,
        waiter: Waiter,
    ) {
        let (short_code, text) = self.ussd.read(&message.to, text);
        if !self.speaks_for(&short_code) {
            return self.refuse_foreign(&short_code, waiter);
        }
        let (dialled, now) = (Dialled::of(message, self.phone(message)), self.start.elapsed());
        let has_menu = self.application.menus.load().of(&short_code).is_some();
        let turn = match operation {
            Operation::Answer => self.conversations.answer(&dialled, &text, key.clone(), now),
            Operation::Request | Operation::Notice => None,
        };
        let source = (message.from.clone(), labelled(message));
        let open = Open { dialled, source, report: self.report_wanted(message), waiter };
        match turn {
            Some(turn) => self.show(open, turn),
            None if has_menu && (text.is_empty() || operation == Operation::Answer) => {
                let turn = self.conversations.begin(&open.dialled, short_code, key, now);
                self.show(open, turn);
            }
            None => self.leave_menu(open, Turn { short_code, answers: Vec::new(), key }, text),
        }
    }

    /// Goes where the answers lead. A screen moves nothing and is answered for before it is shown.
    fn show(self: &Arc<Self>, open: Open, turn: Turn) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let language = this.application.ingress.language(&open.dialled.from).await;
            let step =
                this.application.menus.load().of(&turn.short_code).map(|menu| menu.after(&turn.answers, language));
            let (text, wants_answer) = match step {
                Some(Step::Ask(text)) => (text, true),
                Some(Step::End(text)) => (text, false),
                Some(Step::Send(text)) => return this.leave_menu(open, turn, text),
                // The menu was taken away meanwhile.
                None => return open.waiter.answer(Accepted::Unavailable, ""),
            };
            open.waiter.answer(Accepted::Committed, message_id(&turn.key));
            match this.submitter.show(&open.dialled, &text, wants_answer).await {
                SendOutcome::Sent { .. } => debug!(link = this.terms.link, key = turn.key, "a screen was shown"),
                outcome => warn!(link = this.terms.link, key = turn.key, %outcome, "a screen was not shown"),
            }
        });
    }

    /// A text that the grammar reads; the reply closes the dialogue.
    fn leave_menu(self: &Arc<Self>, open: Open, turn: Turn, text: String) {
        let Open { dialled, source, report, waiter } = open;
        self.ussd.open(&turn.key, dialled, self.start.elapsed());
        let sms = self.sms(turn.key, (source, turn.short_code), Body::Text(text), self.application.clock.now());
        self.commit_allowed(InboundSms { channel: Channel::Ussd, ..sms }, report, waiter);
    }
}
