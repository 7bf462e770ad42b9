//! One result of a search.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::Finder;
use super::said;
use super::subject::{Cursor, Subject};
use super::values::{beneficiary, text_of};
use crate::domain::{Amount, Beneficiary, Outcome, Receipt, Transfer};
use crate::store::{FoundMessage, FoundSms, StoreError};

/// A message, a transfer that no message caused, or an SMS that no message caused.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    pub at: DateTime<Utc>,
    /// Its place, to continue after.
    pub cursor: Cursor,
    /// `message`, `transfer` or `sms`.
    pub what: &'static str,
    /// Key of the message, or identifier.
    pub key: String,
    pub link: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub bank: Option<String>,
    pub form: Option<String>,
    pub text: Option<String>,
    /// `applied`, `duplicate`, `informed`, `refused` or `quarantined`; of a transfer, its kind.
    pub outcome: Option<String>,
    /// The reason of a refusal.
    pub reason: Option<String>,
    pub amount_minor: Option<i64>,
    /// The number, user name or account that is topped up.
    pub target: Option<String>,
    pub receipt: Option<Receipt>,
    /// The state of the reply.
    pub reply: Reply,
}

/// The state of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The network says that the phone has it.
    Delivered,
    /// The network says that the phone does not get it.
    Undelivered,
    /// The network took it, and has not said more.
    Sent,
    /// It waits to be sent.
    Waiting,
    /// It was given up.
    Failed,
    /// It may have been sent: the network did not answer.
    Unknown,
    /// It was not sent, because the phone had enough replies.
    Withheld,
    /// None was due: a machine was answered on its link.
    None,
}

impl Reply {
    /// The state of a message's reply: the first of its SMS.
    pub(super) fn of(message: &FoundMessage, sms: &[&FoundSms]) -> Self {
        let reply = sms.iter().find(|sms| sms.message_key == message.key);
        match (reply, message.withheld) {
            (Some(reply), _) => Self::of_sms(reply),
            (None, Some(_)) => Self::Withheld,
            (None, None) => Self::None,
        }
    }

    pub(super) fn of_sms(sms: &FoundSms) -> Self {
        match sms.state.as_str() {
            "delivered" => Self::Delivered,
            "undeliverable" => Self::Undelivered,
            "sent" => Self::Sent,
            "open" => Self::Waiting,
            "failed" => Self::Failed,
            _ => Self::Unknown,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Sent => "sent",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Withheld => "withheld",
            Self::None => "none",
        }
    }
}

impl Finder {
    /// The results at these places.
    pub(super) async fn hits(&self, places: Vec<Cursor>) -> Result<Vec<Hit>, StoreError> {
        let subjects: Vec<Subject> = places.iter().filter_map(|place| place.subject.parse().ok()).collect();
        let (mut keys, mut transfers, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for subject in &subjects {
            match subject {
                Subject::Message(key) => keys.push(key.clone()),
                Subject::Transfer(id) => transfers.push(*id),
                Subject::Sms(id) => ids.push(*id),
            }
        }
        let mut rows = Rows::default();
        if !keys.is_empty() {
            let messages = self.store.found_messages(&keys).await?;
            rows.messages = messages.into_iter().map(|message| (message.key.clone(), message)).collect();
            rows.sms = self.store.sms_of_messages(&keys).await?;
        }
        if !transfers.is_empty() {
            let found = self.store.found_transfers(&transfers).await?;
            rows.transfers = found.into_iter().map(|transfer| (transfer.id, transfer)).collect();
        }
        if !ids.is_empty() {
            rows.sms.extend(self.store.found_sms(&ids).await?);
        }
        Ok(places.into_iter().filter_map(|place| self.hit(place, &rows)).collect())
    }

    fn hit(&self, cursor: Cursor, rows: &Rows) -> Option<Hit> {
        match cursor.subject.parse().ok()? {
            Subject::Message(key) => {
                let message = rows.messages.get(&key)?;
                let sms: Vec<&FoundSms> = rows.sms.iter().filter(|sms| sms.message_key == key).collect();
                Some(self.of_message(cursor, message, &sms))
            }
            Subject::Transfer(id) => rows.transfers.get(&id).map(|transfer| self.of_transfer(cursor, transfer)),
            Subject::Sms(id) => rows.sms.iter().find(|sms| sms.id == id).map(|sms| self.of_sms(cursor, sms)),
        }
    }

    pub(super) fn of_message(&self, cursor: Cursor, message: &FoundMessage, sms: &[&FoundSms]) -> Hit {
        let outcome = &message.outcome;
        let rejected = outcome.rejection().map(|rejection| &rejection.details);
        let target = beneficiary(outcome).or_else(|| rejected.and_then(|details| details.item.as_ref())).cloned();
        let target = target.or_else(|| rejected.and_then(|details| details.number).map(Beneficiary::Number));
        Hit {
            at: message.received_at,
            what: "message",
            key: message.key.clone(),
            link: Some(message.link.clone()),
            from: Some(message.sender.clone()),
            to: Some(message.short_code.clone()),
            bank: message.bank.clone(),
            form: message.form.clone(),
            text: text_of(&message.body).map(str::to_owned),
            outcome: Some(outcome.kind().to_owned()),
            reason: outcome.reason().map(str::to_owned),
            amount_minor: amount(outcome).map(Amount::minor),
            target: target.map(|target| said::beneficiary(&self.plan, &target)),
            receipt: receipt(outcome),
            reply: Reply::of(message, sms),
            cursor,
        }
    }

    fn of_transfer(&self, cursor: Cursor, transfer: &Transfer) -> Hit {
        let movement = &transfer.movement;
        Hit {
            at: transfer.at,
            what: "transfer",
            key: transfer.id.to_string(),
            link: None,
            from: Some(movement.debit.to_string()),
            to: Some(movement.credit.to_string()),
            bank: None,
            form: None,
            text: None,
            outcome: Some(movement.kind.to_string()),
            reason: movement.reason.map(|reason| reason.to_string()),
            amount_minor: Some(movement.amount.minor()),
            target: Some(said::beneficiary(&self.plan, &Beneficiary::of_account(movement.dated()))),
            receipt: Some(Receipt::of(transfer.id)),
            reply: Reply::None,
            cursor,
        }
    }

    fn of_sms(&self, cursor: Cursor, sms: &FoundSms) -> Hit {
        Hit {
            at: sms.created_at,
            what: "sms",
            key: sms.id.to_string(),
            link: Some(sms.link.clone()),
            from: Some(sms.sender.clone()),
            to: Some(said::number(&self.plan, &sms.recipient)),
            bank: None,
            form: None,
            text: Some(sms.text.clone()),
            outcome: None,
            reason: None,
            amount_minor: None,
            target: None,
            receipt: None,
            reply: Reply::of_sms(sms),
            cursor,
        }
    }
}

/// The rows that results are made of.
#[derive(Default)]
struct Rows {
    messages: HashMap<String, FoundMessage>,
    sms: Vec<FoundSms>,
    transfers: HashMap<Uuid, Transfer>,
}

/// The amount of an ending, if it has one.
pub(super) fn amount(outcome: &Outcome) -> Option<Amount> {
    match outcome {
        Outcome::Applied(applied) => Some(applied.amount),
        Outcome::Duplicate { amount, .. } => *amount,
        Outcome::Newer(newer) => newer.detail("amount_minor"),
        Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) => None,
    }
}

/// The receipt of what was done, now or before.
fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Duplicate { amount: Some(_), of, .. } => Some(Receipt::of(of.transfer)),
        other => other.transfer().map(Receipt::of),
    }
}
