//! Parts of long messages: each is acknowledged because it is here, and leaves when its whole is in the inbox.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::StoreError;
use super::database::{Batch, Database, Store, Transaction};
use crate::domain::{AddressType, Numbering, ReportWanted};

/// What the parts of one message share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Whole {
    /// What its sender makes them recognisable by.
    pub sign: Sign,
    /// How many messages under this sign came before it.
    pub generation: i64,
}

/// What a sender makes the parts of one message recognisable by, until it uses the reference again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sign {
    /// Name of the link that they came by.
    pub link: String,
    /// Source address.
    pub from: String,
    /// Destination address.
    pub to: String,
    /// The reference that they share.
    pub reference: u16,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Whose part it is.
    pub whole: Whole,
    /// Which one, from 1.
    pub number: u8,
    /// Of how many.
    pub total: u8,
    /// Key of the message that it came as.
    pub key: String,
    /// User data as it came.
    pub octets: Vec<u8>,
    /// A user data header opens the octets.
    pub has_header: bool,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// What its sender means by data coding 0.
    pub alphabet: String,
    /// How the network labels its sender.
    pub from_type: Option<AddressType>,
    /// After which endings its sender wants a report.
    pub report: ReportWanted,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`], in the column `session_since`.
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// Where a part is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// It waits for the others.
    Waiting,
    /// Its sender began another message under the same sign: what came of this one is for staff.
    GivenUp,
    /// The whole is in the inbox.
    Done,
}

/// What waits on one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Parts.
    pub parts: i64,
    /// Their octets.
    pub octets: i64,
}

impl PartState {
    const ALL: [Self; 3] = [Self::Waiting, Self::GivenUp, Self::Done];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::GivenUp => "given_up",
            Self::Done => "done",
        }
    }

    pub(super) fn from_column(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| StoreError::corrupt("parts", format!("`{text}` is not a state")))
    }
}

/// Bit of the column `report`: the message's numbering is in it too.
const NUMBERED: i64 = 4;

/// The column `report`: 1 after success, 2 after failure, and 4 where types of number and numbering plans stand in the
/// octets above the lowest one.
pub(super) fn report_bits(wanted: ReportWanted) -> i64 {
    let flags = i64::from(wanted.on_success) | i64::from(wanted.on_failure) << 1;
    let Some(Numbering { from, to }) = wanted.numbering else { return flags };
    let octets = i64::from(u32::from_be_bytes([from.0, from.1, to.0, to.1]));
    flags | NUMBERED | octets << 8
}

pub(super) fn report_of(bits: i64) -> ReportWanted {
    let [.., from_ton, from_npi, to_ton, to_npi, _] = bits.to_be_bytes();
    let numbering = Numbering { from: (from_ton, from_npi), to: (to_ton, to_npi) };
    ReportWanted {
        on_success: bits & 1 != 0,
        on_failure: bits & 2 != 0,
        numbering: (bits & NUMBERED != 0).then_some(numbering),
    }
}

/// How the network labels a sender, of two columns.
pub(super) fn address_type(ton: Option<i64>, npi: Option<i64>) -> Result<Option<AddressType>, StoreError> {
    let (Some(ton), Some(npi)) = (ton, npi) else { return Ok(None) };
    Ok(Some(AddressType { ton: small(ton)?, npi: small(npi)? }))
}

/// A number of the table that fits a smaller one.
pub(super) fn small<T: TryFrom<i64>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| StoreError::corrupt("parts", format!("{number} is out of range")))
}

impl Store {
    /// Up to `most` messages that can go on: whole, given up, or begun before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ripe_parts(&self, oldest: DateTime<Utc>, most: u32) -> Result<Vec<Whole>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.ripe_parts(oldest, most).await,
            Database::Postgres(store) => store.ripe_parts(oldest, most).await,
        }
    }

    /// All parts under the sign of this message, those of others too, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_beside(&self, whole: &Whole) -> Result<Vec<(Part, PartState)>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.parts_under(&whole.sign).await,
            Database::Postgres(store) => store.parts_under(&whole.sign).await,
        }
    }

    /// Whether a part that waits for others came as the message of this key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting_part(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.is_waiting_part(link, key).await,
            Database::Postgres(store) => store.is_waiting_part(link, key).await,
        }
    }

    /// Whether there are parts whose whole went into the inbox before `oldest`; asked on a reading connection.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_done_parts(&self, oldest: DateTime<Utc>) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.has_done_parts(oldest).await,
            Database::Postgres(store) => store.has_done_parts(oldest).await,
        }
    }

    /// Forgets the parts whose whole went into the inbox before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_parts(&self, oldest: DateTime<Utc>) -> Result<u64, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.forget_parts(oldest).await,
            Database::Postgres(store) => store.forget_parts(oldest).await,
        }
    }
}

impl Batch {
    /// All parts under these signs, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_under(&mut self, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
        match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.parts_under(signs).await,
            Transaction::Postgres(batch) => batch.parts_under(signs).await,
        }
    }

    /// What waits on these links; one on which nothing does is not there.
    ///
    /// # Errors
    /// The database fails.
    pub async fn parts_held(&mut self, links: &[String]) -> Result<HashMap<String, Held>, StoreError> {
        match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.parts_held(links).await,
            Transaction::Postgres(batch) => batch.parts_held(links).await,
        }
    }

    /// Takes back parts that wait, each by its number: they were deliveries of what is done.
    ///
    /// # Errors
    /// The database fails.
    pub async fn withdraw_parts(&mut self, parts: &[(Whole, u8)]) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Ok(());
        }
        match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.withdraw_parts(parts).await,
            Transaction::Postgres(batch) => batch.withdraw_parts(parts).await,
        }
    }

    /// Writes parts that wait, and gives up on what waited under a sign that is used again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node wrote one of them first; or the database fails.
    pub async fn keep_parts(&mut self, parts: &[Part], given_up: &[Whole]) -> Result<(), StoreError> {
        let written = match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.keep_parts(parts, given_up).await?,
            Transaction::Postgres(batch) => batch.keep_parts(parts, given_up).await?,
        };
        if written == parts.len() as u64 { Ok(()) } else { Err(StoreError::Conflict { table: "parts" }) }
    }

    /// The wholes of these are in the inbox with this commit. Their parts are known for a while yet.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_parts(&mut self, wholes: &[&Whole], now: DateTime<Utc>) -> Result<(), StoreError> {
        if wholes.is_empty() {
            return Ok(());
        }
        match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.finish_parts(wholes, now).await,
            Transaction::Postgres(batch) => batch.finish_parts(wholes, now).await,
        }
    }
}
