//! The places of what a query means: from keys that rows have anyway, and from the values that they are searched by, in
//! segments and in the rows after them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Finder;
use super::query::{Meaning, is_of_day};
use super::subject::{Cursor, Subject};
use super::values;
use crate::domain::{Cause, Fingerprint, Msisdn, Transfer};
use crate::store::{SearchEntry, SearchMarks, Sought, StoreError};

/// Most rows after the segments that are compared, and SMS of one identifier.
const TAIL_MAX: u32 = 100_000;
const SMS_MAX: u32 = 100;
/// Digits at the end of a number that are the same in every spelling.
const LAST_DIGITS: usize = 7;

/// The span of time and the number of places that are asked for.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) from: DateTime<Utc>,
    /// Places come behind this one.
    pub(super) before: Cursor,
    pub(super) most: usize,
}

impl Bounds {
    pub(super) fn has(&self, place: &Cursor) -> bool {
        place.at >= self.from && *place < self.before
    }
}

impl Finder {
    /// The places of what a query means but words, the newest first.
    pub(super) async fn places(&self, meanings: &[Meaning], bounds: &Bounds) -> Result<Vec<Cursor>, StoreError> {
        // Read once: a segment that is written meanwhile must not hide what the rows after the older ones have.
        let (marks, mut places) = (self.store.search_marks().await?, BTreeSet::new());
        for meaning in meanings {
            let subjects = self.direct(meaning).await?;
            places.extend(self.placed(subjects).await?);
            if let Some(value) = value_of(meaning) {
                places.extend(self.indexed(meaning, &value, bounds, marks).await?);
            }
        }
        Ok(places.into_iter().rev().filter(|place| bounds.has(place)).take(bounds.most).collect())
    }

    /// Messages that repeated a transfer.
    pub(super) async fn repetitions(&self, transfer: Uuid, bounds: &Bounds) -> Result<Vec<Cursor>, StoreError> {
        let (value, marks) = (values::of_repeated(transfer), self.store.search_marks().await?);
        let mut places: BTreeSet<Cursor> = self.segments(&value, bounds, marks).await?.into_iter().collect();
        places.extend(self.unapplied_tail(&value, marks).await?);
        Ok(places.into_iter().rev().filter(|place| bounds.has(place)).take(bounds.most).collect())
    }

    /// Subjects that are found by a key.
    async fn direct(&self, meaning: &Meaning) -> Result<Vec<Subject>, StoreError> {
        let store = &self.store;
        Ok(match meaning {
            Meaning::Receipt(receipt) => of_transfers(&store.transfers_of_receipt(receipt).await?),
            Meaning::Transfer(id) => of_transfers(&store.found_transfers(&[*id]).await?),
            Meaning::Message(id) => self.messages(id).await?,
            Meaning::Key(key) => {
                let keys =
                    self.names.clients.iter().flat_map(|client| {
                        ["topup", "voucher", "reversal"].map(|what| format!("{client}:{what}:{key}"))
                    });
                keys.map(Subject::Message).collect()
            }
            Meaning::Reference(reference) => {
                let prints = self.names.banks.iter().map(|bank| Fingerprint::of_reference(bank, reference));
                let transfers = store.carried_out(&prints.collect::<Vec<_>>()).await?;
                of_transfers(&store.found_transfers(&transfers).await?)
            }
            Meaning::Voucher(serial) => {
                let used = store.voucher(*serial).await?.and_then(|card| card.used);
                let transfer: Vec<Uuid> = used.map(|used| used.transfer).into_iter().collect();
                of_transfers(&store.found_transfers(&transfer).await?)
            }
            Meaning::Number(_) | Meaning::Stan(_) | Meaning::Rrn { .. } | Meaning::Words(_) => Vec::new(),
        })
    }

    /// By the whole key, by what the peer of a link calls a message, and by what an SMSC calls an SMS.
    async fn messages(&self, id: &str) -> Result<Vec<Subject>, StoreError> {
        let simple = id.parse::<Uuid>().ok().map(|id| id.simple().to_string());
        let of_links = self
            .names
            .links
            .iter()
            .flat_map(|link| std::iter::once(id).chain(simple.as_deref()).map(move |id| format!("{link}:{id}")));
        let mut subjects: Vec<Subject> = of_links.chain([id.to_owned()]).map(Subject::Message).collect();
        for (id, key) in self.store.sms_by_remote_id(&self.names.links, id, SMS_MAX).await? {
            subjects.extend([Subject::Message(key), Subject::Sms(id)]);
        }
        Ok(subjects)
    }

    /// The places of those of these subjects that exist. An SMS has one only if no message caused it.
    async fn placed(&self, subjects: Vec<Subject>) -> Result<Vec<Cursor>, StoreError> {
        let (mut keys, mut transfers, mut sms) = (Vec::new(), Vec::new(), Vec::new());
        for subject in subjects {
            match subject {
                Subject::Message(key) => keys.push(key),
                Subject::Transfer(id) => transfers.push(id),
                Subject::Sms(id) => sms.push(id),
            }
        }
        let mut places = Vec::new();
        let mut known = BTreeSet::new();
        let mut sent = if sms.is_empty() { Vec::new() } else { self.store.found_sms(&sms).await? };
        keys.extend(sent.iter().map(|sms| sms.message_key.clone()));
        if !keys.is_empty() {
            for message in self.store.found_messages(&keys).await? {
                known.insert(message.key.clone());
                places.push(place(message.received_at, &Subject::Message(message.key)));
            }
        }
        if !transfers.is_empty() {
            let found = self.store.found_transfers(&transfers).await?;
            places.extend(found.iter().map(|transfer| place(transfer.at, &Subject::Transfer(transfer.id))));
        }
        sent.retain(|sms| !known.contains(&sms.message_key));
        places.extend(sent.iter().map(|sms| place(sms.created_at, &Subject::Sms(sms.id))));
        Ok(places)
    }

    async fn indexed(
        &self,
        meaning: &Meaning,
        value: &str,
        bounds: &Bounds,
        marks: SearchMarks,
    ) -> Result<Vec<Cursor>, StoreError> {
        let mut places = self.segments(value, bounds, marks).await?;
        places.extend(self.unapplied_tail(value, marks).await?);
        places.extend(self.moved_tail(meaning, value, marks).await?);
        if let Meaning::Number(number) = meaning {
            places.extend(self.sms_tail(*number, value, marks).await?);
        }
        if let Meaning::Rrn { day, .. } = meaning {
            places.retain(|place| values::trace_of(&place.subject).is_some_and(|(time, _)| is_of_day(time, day)));
        }
        Ok(places)
    }

    async fn segments(&self, value: &str, bounds: &Bounds, marks: SearchMarks) -> Result<Vec<Cursor>, StoreError> {
        let before = (bounds.before.at, bounds.before.subject.as_str());
        let most = u32::try_from(bounds.most).unwrap_or(u32::MAX);
        let found = self.store.search(marks.segment, Sought { value, from: bounds.from, before, most }).await?;
        Ok(found.into_iter().map(|(at, subject)| Cursor { at, subject }).collect())
    }

    /// Transfers after the segments. The database compares them roughly first.
    async fn moved_tail(&self, meaning: &Meaning, value: &str, marks: SearchMarks) -> Result<Vec<Cursor>, StoreError> {
        let pattern = pattern_of(meaning);
        let ids = (marks.transfers, Uuid::max());
        let found = self.store.moved_traces_like(ids, &pattern, TAIL_MAX).await?;
        Ok(having(value, found.iter().flat_map(|trace| values::of_moved(&self.plan, trace))))
    }

    async fn unapplied_tail(&self, value: &str, marks: SearchMarks) -> Result<Vec<Cursor>, StoreError> {
        let times = (marks.messages, Cursor::start().at);
        let found = self.store.last_unapplied_traces(times, TAIL_MAX).await?;
        Ok(having(value, found.iter().flat_map(|trace| values::of_unapplied(&self.plan, trace))))
    }

    async fn sms_tail(&self, number: Msisdn, value: &str, marks: SearchMarks) -> Result<Vec<Cursor>, StoreError> {
        let ids = (marks.outbox, Uuid::max());
        let found = self.store.sms_traces(ids, Some(&number.digits()), TAIL_MAX).await?;
        Ok(having(value, found.iter().flat_map(|trace| values::of_sms(&self.plan, trace))))
    }
}

pub(super) fn place(at: DateTime<Utc>, subject: &Subject) -> Cursor {
    Cursor { at, subject: subject.to_string() }
}

/// The places of the entries with a value.
fn having(value: &str, entries: impl Iterator<Item = SearchEntry>) -> Vec<Cursor> {
    let found = entries.filter(|entry| entry.value == value);
    found.map(|entry| Cursor { at: entry.at, subject: entry.subject }).collect()
}

fn of_transfers(transfers: &[Transfer]) -> Vec<Subject> {
    let subject = |transfer: &Transfer| match &transfer.cause {
        Cause::Message(key) => Subject::Message(key.clone()),
        Cause::Operator(_) | Cause::System(_) => Subject::Transfer(transfer.id),
    };
    transfers.iter().map(subject).collect()
}

/// The stored value of what is searched by one.
fn value_of(meaning: &Meaning) -> Option<String> {
    match meaning {
        Meaning::Number(number) => Some(values::of_number(*number)),
        Meaning::Reference(reference) => Some(values::of_reference(reference)),
        Meaning::Stan(trace) | Meaning::Rrn { trace, .. } => Some(values::of_trace(trace)),
        _ => None,
    }
}

/// A pattern of LIKE that every row with the value has: `_` stands for any character in it too.
fn pattern_of(meaning: &Meaning) -> String {
    let part = match meaning {
        Meaning::Number(number) => {
            let digits = number.digits();
            digits.get(digits.len().saturating_sub(LAST_DIGITS)..).unwrap_or_default().to_owned()
        }
        Meaning::Reference(reference) => reference.to_ascii_uppercase().replace(['%', '\\'], "_"),
        Meaning::Stan(trace) | Meaning::Rrn { trace, .. } => format!("-{trace}-"),
        _ => String::new(),
    };
    format!("%{part}%")
}
