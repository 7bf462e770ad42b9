//! One plain sentence that says what happened.

use chrono::{DateTime, Utc};

use super::hit::Reply;
use super::said::{beneficiary, number, part, sum, time};
use super::story::Story;
use crate::domain::{
    Applied, Beneficiary, NumberingPlan, Outcome, Receipt, Rejection, Transfer, TransferKind, Withheld,
};
use crate::store::{FoundMessage, FoundSms};

/// Words the sentence about a story.
pub(super) struct Wording<'a> {
    pub(super) plan: &'a NumberingPlan,
    pub(super) now: DateTime<Utc>,
}

impl Wording<'_> {
    pub(super) fn sentence(&self, story: &Story) -> String {
        let said = match (&story.message, story.transfers.first(), story.sms.first()) {
            (Some(message), ..) => self.of_message(story, message),
            (None, Some(transfer), _) => self.of_order(story, transfer),
            (None, None, Some(sms)) => self.of_sms("SMS", sms),
            (None, None, None) => String::new(),
        };
        let mut letters = said.chars();
        let capital = letters.next().map(char::to_uppercase);
        capital.map_or_else(String::new, |capital| format!("{}{}.", capital.collect::<String>(), letters.as_str()))
    }

    fn at(&self, at: DateTime<Utc>) -> String {
        time(at, self.now)
    }

    fn of_message(&self, story: &Story, message: &FoundMessage) -> String {
        let (who, at) = (number(self.plan, &message.sender), self.at(message.received_at));
        let (ended, noun) = match &message.outcome {
            Outcome::Applied(applied) => (self.applied(story, applied, &who), "confirmation"),
            Outcome::Duplicate { .. } => (self.duplicate(story, message, &who), "reply"),
            Outcome::Informed { topic } => {
                (format!("{who} asked at {at} ({})", topic.as_str().replace('_', " ")), "answer")
            }
            Outcome::Refused(rejection) => (refused(rejection, &who, &at), "reply"),
            Outcome::Quarantined(_) => (self.quarantined(story, &who, &at), "reply"),
            Outcome::Newer(newer) => (
                format!("the message of {who} at {at} was {}, as a newer version says it", newer.ending.as_str()),
                "reply",
            ),
        };
        format!("{ended}; {}", self.reply(noun, message, &story.sms))
    }

    fn applied(&self, story: &Story, applied: &Applied, who: &str) -> String {
        let transfer = story.transfers.iter().find(|transfer| transfer.id == applied.transfer);
        let at = transfer.map(|transfer| transfer.at).or_else(|| story.message.as_ref().map(|of| of.received_at));
        let at = at.map_or_else(String::new, |at| format!(" at {}", self.at(at)));
        let (target, amount) = (beneficiary(self.plan, &applied.beneficiary), sum(applied.amount));
        let done = match applied.kind {
            TransferKind::CreditTransfer => format!("{who} sent {amount} to {target}{at}"),
            TransferKind::Stock => format!("{who} passed stock of {amount} to {target}{at}"),
            TransferKind::Reversal => format!("{amount} of {target} were taken back{at} by {who}"),
            TransferKind::Voucher => format!("{target} was topped up with {amount}{at} by a scratch card"),
            _ if !applied.others.is_empty() => {
                let each = applied
                    .each()
                    .map(|one| format!("{} with {}", beneficiary(self.plan, &one.beneficiary), sum(one.amount)));
                format!("a list was carried out{at}: {}", each.collect::<Vec<_>>().join(", "))
            }
            _ => format!("{target} was topped up with {amount}{at}"),
        };
        format!("{done}{}", self.reversed(story))
    }

    /// Author, time and reason of its reversal.
    fn reversed(&self, story: &Story) -> String {
        let Some(reversal) = story.reversals.first() else { return String::new() };
        let reason = reversal.movement.reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        format!(", and taken back at {} by {}{reason}", self.at(reversal.at), story.author(&reversal.cause))
    }

    fn duplicate(&self, story: &Story, message: &FoundMessage, who: &str) -> String {
        let at = self.at(message.received_at);
        let Outcome::Duplicate { of, .. } = &message.outcome else { return String::new() };
        let first =
            story.first.as_ref().map_or_else(String::new, |_| format!(" (receipt {})", Receipt::of(of.transfer)));
        format!(
            "{who} asked at {at} for what had been done at {}{first}, and nothing moved again{}",
            self.at(of.at),
            self.reversed(story)
        )
    }

    fn quarantined(&self, story: &Story, who: &str, at: &str) -> String {
        let read = format!("the message of {who} at {at} could not be read");
        let Some(settled) = &story.settled else { return format!("{read}, and waits for staff") };
        let (how, when) = (settled.how.as_str(), self.at(settled.at));
        let done = story.applied().map_or_else(String::new, |applied| {
            format!(": {} was topped up with {}", beneficiary(self.plan, &applied.beneficiary), sum(applied.amount))
        });
        format!("{read}, and was {how} by {} at {when}{done}{}", settled.by, self.reversed(story))
    }

    fn of_order(&self, story: &Story, main: &Transfer) -> String {
        let (movement, at) = (&main.movement, self.at(main.at));
        let whom = beneficiary(self.plan, &Beneficiary::of_account(movement.dated()));
        let reason = movement.reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        let (amount, author) = (sum(movement.amount), story.author(&main.cause));
        let done = match movement.kind {
            TransferKind::Reversal => format!("{amount} of {whom} were taken back at {at} by {author}{reason}"),
            kind => {
                let kind = kind.as_str().replace('_', " ");
                format!(
                    "{amount} went from {} to {} at {at}: {kind} by {author}{reason}",
                    movement.debit, movement.credit
                )
            }
        };
        let told = story.sms.first().map_or_else(|| "no SMS was sent".to_owned(), |sms| self.of_sms("SMS", sms));
        format!("{done}{}; {told}", self.reversed(story))
    }

    /// The state of the reply to a message.
    fn reply(&self, noun: &str, message: &FoundMessage, sms: &[FoundSms]) -> String {
        if let Some(reply) = sms.iter().find(|sms| sms.message_key == message.key) {
            return self.of_sms(noun, reply);
        }
        match message.withheld {
            Some(Withheld::SameText) => {
                format!("the {noun} was withheld, because the same text was answered often enough")
            }
            Some(Withheld::TooMany) => format!("the {noun} was withheld, because the phone had enough such replies"),
            None => "no SMS was due".to_owned(),
        }
    }

    /// `the confirmation was delivered to 049 111 222 at 14:02:09`
    fn of_sms(&self, noun: &str, sms: &FoundSms) -> String {
        let to = number(self.plan, &sms.recipient);
        let at = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| format!(" at {}", self.at(at)));
        let why = sms.last_error.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let (sent, told) = (at(sms.finished_at), at(sms.receipt_at));
        match Reply::of_sms(sms) {
            Reply::Delivered => format!("the {noun} was delivered to {to}{told}"),
            Reply::Undelivered => {
                format!("the {noun} was sent to {to}{sent}, and the network did not deliver it{why}")
            }
            Reply::Sent => format!("the {noun} was sent to {to}{sent}, and the network has not said that it arrived"),
            Reply::Waiting => format!("the {noun} to {to} waits to be sent by the link {}{why}", sms.link),
            Reply::Failed => format!("the {noun} to {to} was not sent{why}"),
            _ => format!("the {noun} to {to} may have been sent{sent}{why}"),
        }
    }
}

fn refused(rejection: &Rejection, who: &str, at: &str) -> String {
    let why = part(rejection.reason.meaning());
    format!("the message of {who} at {at} was refused, and no money moved: {why}")
}
