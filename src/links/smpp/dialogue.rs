//! What is dialled, and what is answered to a menu: the next screen, or the message that all of it comes to.

use std::sync::Arc;

use tracing::{debug, warn};

use super::accepted::Accepted;
use super::conversation::Turn;
use super::inbound::{Inbound, labelled};
use super::ussd::{Dialled, Operation, stated};
use super::waiter::Waiter;
use crate::domain::{AddressType, Body, Channel, InboundSms, ReportWanted};
use crate::links::SendOutcome;
use crate::menus::Step;
use crate::smpp::CommandStatus;
use crate::smpp::message::Message;
use crate::text::address::is_printable;

/// Longest code that is looked at, in characters: as long as an address of SMPP.
const SHORT_CODE_MAX: usize = 20;
/// Stands for an answer that cannot be decoded: no screen has it.
const NO_ANSWER: &str = "\u{fffd}";

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
        let Some(open) = self.opened(message, &short_code, waiter) else { return };
        let now = self.start.elapsed();
        let has_menu = self.application.menus.load().of(&short_code).is_some();
        let turn = match operation {
            Operation::Answer => self.conversations.answer(&open.dialled, &text, key.clone(), now),
            Operation::Request | Operation::Notice => None,
        };
        match turn {
            Some(turn) => self.show(open, turn),
            None if has_menu && (text.is_empty() || operation == Operation::Answer) => {
                let turn = self.conversations.begin(&open.dialled, short_code, key, now);
                self.show(open, turn);
            }
            None => self.leave_menu(open, Turn { short_code, answers: Vec::new(), key }, Body::Text(text)),
        }
    }

    /// Takes a step whose octets are no text. In a menu it is an answer that no screen has; otherwise it is a message that
    /// nobody can read, and its reply closes the dialogue.
    pub(super) fn unread(self: &Arc<Self>, message: &Message, body: Body, key: String, waiter: Waiter) {
        // The address may hold what was dialled, too.
        let (short_code, _) = self.ussd.read(&message.to, "");
        let Some(open) = self.opened(message, &short_code, waiter) else { return };
        let is_answer = stated(message) == Some(Operation::Answer);
        let now = self.start.elapsed();
        let turn = || self.conversations.answer(&open.dialled, NO_ANSWER, key.clone(), now);
        match is_answer.then(turn).flatten() {
            Some(turn) => self.show(open, turn),
            None => self.leave_menu(open, Turn { short_code, answers: Vec::new(), key }, body),
        }
    }

    /// The dialogue of a step, where the link speaks for what was dialled; otherwise the step is refused.
    fn opened(self: &Arc<Self>, message: &Message, short_code: &str, waiter: Waiter) -> Option<Open> {
        if !short_code.is_empty() && !is_printable(short_code, SHORT_CODE_MAX) {
            waiter.refuse(CommandStatus::INVALID_DESTINATION);
            return None;
        }
        if !self.speaks_for(short_code) {
            self.refuse_foreign(short_code, waiter);
            return None;
        }
        let dialled = Dialled::of(message, self.phone(message), self.ussd.names_operations);
        let source = (message.from.clone(), labelled(message));
        Some(Open { dialled, source, report: self.report_wanted(message), waiter })
    }

    /// Goes where the answers lead. A screen moves nothing and is answered for before it is shown.
    fn show(self: &Arc<Self>, open: Open, turn: Turn) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let language = this.application.language(&open.dialled.from).await;
            let step =
                this.application.menus.load().of(&turn.short_code).map(|menu| menu.after(&turn.answers, language));
            let (text, wants_answer) = match step {
                Some(Step::Ask(text)) => (text, true),
                Some(Step::End(text)) => (text, false),
                Some(Step::Send(text)) => return this.leave_menu(open, turn, Body::Text(text)),
                // The menu was taken away meanwhile.
                None => return open.waiter.answer(Accepted::Unavailable, ""),
            };
            // Nothing is kept of a screen, so that its answer names nothing.
            open.waiter.answer(Accepted::Committed, "");
            match this.submitter.show(&open.dialled, &text, wants_answer).await {
                SendOutcome::Sent { .. } => debug!(link = this.terms.link, key = turn.key, "a screen was shown"),
                outcome if this.may_log() => {
                    warn!(link = this.terms.link, key = turn.key, %outcome, "a screen was not shown");
                }
                _ => {}
            }
        });
    }

    /// A message for the grammar; its reply closes the dialogue.
    fn leave_menu(self: &Arc<Self>, open: Open, turn: Turn, body: Body) {
        let Open { dialled, source, report, waiter } = open;
        self.ussd.open(&turn.key, dialled, self.start.elapsed());
        let sms = self.sms(turn.key, (source, turn.short_code), body, self.application.clock.now());
        self.commit_allowed(InboundSms { channel: Channel::Ussd, ..sms }, report, waiter);
    }
}
