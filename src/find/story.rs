//! The rows about one result.

use chrono::DateTime;
use uuid::Uuid;

use super::Finder;
use super::places::Bounds;
use super::subject::{Cursor, Subject};
use crate::domain::{Applied, Cause, Outcome, Transfer};
use crate::store::{FoundMessage, FoundOrder, FoundSms, Settled, StoreError};

/// Most repetitions of a message that are shown.
const REPETITIONS_MAX: usize = 20;

/// The rows about one result.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) message: Option<FoundMessage>,
    /// The message as staff carried it out later.
    pub(super) replay: Option<FoundMessage>,
    /// All transfers of the message or order.
    pub(super) transfers: Vec<Transfer>,
    /// Of a duplicate: the transfer that it repeats.
    pub(super) first: Option<Transfer>,
    pub(super) reversals: Vec<Transfer>,
    pub(super) orders: Vec<FoundOrder>,
    /// SMS of the message, of its replay and of the orders.
    pub(super) sms: Vec<FoundSms>,
    /// Messages that repeated it.
    pub(super) repetitions: Vec<FoundMessage>,
    pub(super) settled: Option<Settled>,
}

impl Story {
    /// The effects of the message, at once or of its replay by staff.
    pub(super) fn applied(&self) -> Option<&Applied> {
        let mut outcomes = [&self.message, &self.replay].into_iter().flatten().map(|message| &message.outcome);
        outcomes.find_map(|outcome| if let Outcome::Applied(applied) = outcome { Some(applied) } else { None })
    }

    pub(super) fn order(&self, cause: &Cause) -> Option<&FoundOrder> {
        cause.action().and_then(|id| self.orders.iter().find(|order| order.id == id))
    }

    /// The author of a transfer: a member of staff, a sender of a message, or a part of the program.
    pub(super) fn author(&self, cause: &Cause) -> String {
        let signed = |order: &FoundOrder| match &order.checked_by {
            Some(checked) => format!("{} and {checked}", order.made_by),
            None => order.made_by.clone(),
        };
        match cause {
            Cause::Operator(_) => self.order(cause).map_or_else(|| "staff".to_owned(), signed),
            Cause::Message(key) => format!("the message {key}"),
            Cause::System(name) => name.clone(),
        }
    }
}

impl Finder {
    /// Everything about a result; `None` if it does not exist.
    pub(super) async fn story(&self, subject: &Subject) -> Result<Option<Story>, StoreError> {
        let mut story = Story::default();
        match subject {
            Subject::Message(key) => {
                if !self.read_message(key, &mut story).await? {
                    return Ok(None);
                }
            }
            Subject::Transfer(id) => {
                story.transfers = self.store.command_of(*id).await?;
                if story.transfers.is_empty() {
                    return Ok(None);
                }
            }
            Subject::Sms(id) => {
                story.sms = self.store.found_sms(&[*id]).await?;
                return Ok(Some(story).filter(|story| !story.sms.is_empty()));
            }
        }
        self.read_consequences(&mut story).await?;
        Ok(Some(story))
    }

    /// The message, its replay and its settlement, and the transfers that they made or repeat.
    async fn read_message(&self, key: &str, story: &mut Story) -> Result<bool, StoreError> {
        let replay = format!("{key}:replay");
        for message in self.store.found_messages(&[key.to_owned(), replay]).await? {
            let place = if message.key == key { &mut story.message } else { &mut story.replay };
            *place = Some(message);
        }
        let Some(message) = &story.message else { return Ok(false) };
        match &message.outcome {
            Outcome::Quarantined(_) => {
                story.settled = self.store.quarantined(key).await?.and_then(|item| item.settled);
            }
            Outcome::Duplicate { of, .. } => {
                story.first = self.store.found_transfers(&[of.transfer]).await?.pop();
            }
            _ => {}
        }
        if let Some(applied) = story.applied().cloned() {
            for item in applied.each() {
                story.transfers.extend(self.store.command_of(item.transfer).await?);
            }
        }
        Ok(true)
    }

    /// Reversals, orders of staff, repetitions and SMS.
    async fn read_consequences(&self, story: &mut Story) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = story.transfers.iter().chain(&story.first).map(|transfer| transfer.id).collect();
        if !ids.is_empty() {
            story.reversals = self.store.reversals_of(&ids).await?;
        }
        let causes: Vec<Cause> =
            story.transfers.iter().chain(&story.reversals).map(|transfer| transfer.cause.clone()).collect();
        let actions: Vec<Uuid> = causes.iter().filter_map(Cause::action).collect();
        if !actions.is_empty() {
            story.orders = self.store.found_orders(&actions).await?;
        }
        let messages = [&story.message, &story.replay].into_iter().flatten().map(|message| message.key.clone());
        let mut keys: Vec<String> = messages.collect();
        keys.extend(causes.iter().map(|cause| cause.message().map_or_else(|| cause.to_string(), str::to_owned)));
        keys.sort_unstable();
        keys.dedup();
        story.sms = self.store.sms_of_messages(&keys).await?;
        if let Some(applied) = story.applied().cloned() {
            for item in applied.each() {
                story.repetitions.extend(self.repeated_by(item.transfer).await?);
            }
        }
        Ok(())
    }

    async fn repeated_by(&self, transfer: Uuid) -> Result<Vec<FoundMessage>, StoreError> {
        let bounds = Bounds { from: DateTime::UNIX_EPOCH, before: Cursor::start(), most: REPETITIONS_MAX };
        let places = self.repetitions(transfer, &bounds).await?;
        let key = |place: Cursor| match place.subject.parse() {
            Ok(Subject::Message(key)) => Some(key),
            _ => None,
        };
        let keys: Vec<String> = places.into_iter().filter_map(key).collect();
        if keys.is_empty() { Ok(Vec::new()) } else { self.store.found_messages(&keys).await }
    }
}
