//! Parts of long messages. Each is stored before it is acknowledged, and deleted after the complete message is in the
//! inbox.

use std::collections::HashMap;
use std::convert::identity;

use chrono::{DateTime, Utc};

use crate::domain::{AddressType, Numbering, ReportWanted};
use crate::store::db::{Sql, columns, execute, on, one, rows};
use crate::store::{Batch, Store, StoreError};

const RIPE: Sql = Sql {
    sqlite: "SELECT link, sender, short_code, reference, generation FROM parts WHERE state <> 'done'
    GROUP BY link, sender, short_code, reference, generation
    HAVING count(*) = max(total) OR min(state) = 'given_up' OR min(received_at) < $1 LIMIT $2",
    postgres: "SELECT link, sender, short_code, reference, generation FROM parts WHERE state IN ('waiting', 'given_up')
    GROUP BY link, sender, short_code, reference, generation
    HAVING count(*) = max(total) OR min(state) = 'given_up' OR min(received_at) < $1 LIMIT $2",
};
const IS_WAITING: &str = "SELECT count(*) FROM parts WHERE link = $1 AND key = $2 AND state = 'waiting'";
const HAS_DONE: &str = "SELECT EXISTS (SELECT 1 FROM parts WHERE state = 'done' AND received_at < $1)";
const FORGET: &str = "DELETE FROM parts WHERE state = 'done' AND received_at < $1";

/// The message that a part belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Whole {
    /// Identifies the message among those that are incomplete.
    pub sign: Sign,
    /// Number of earlier messages with this sign.
    pub generation: i64,
}

/// The fields by which parts belong together, until the sender uses the reference again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sign {
    pub link: String,
    pub from: String,
    pub to: String,
    /// Reference number of the concatenated message.
    pub reference: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub whole: Whole,
    /// Number of the part, from 1.
    pub number: u8,
    /// Total number of parts.
    pub total: u8,
    /// Key of the short message that carried the part.
    pub key: String,
    /// User data as received.
    pub octets: Vec<u8>,
    /// The octets begin with a user data header.
    pub has_header: bool,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// The alphabet that the sender uses for data coding 0.
    pub alphabet: String,
    /// Type of the source address that the network states.
    pub from_type: Option<AddressType>,
    /// Endings for which the sender wants a report.
    pub report: ReportWanted,
    pub received_at: DateTime<Utc>,
    /// Time at which the session was bound.
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// The part waits for others.
    Waiting,
    /// The sender began another message with the same sign; staff get the parts that arrived.
    GivenUp,
    /// The complete message is in the inbox.
    Done,
}

/// The waiting parts of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Number of parts.
    pub parts: i64,
    /// Number of their octets.
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
}

impl std::str::FromStr for PartState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is not a state"))
    }
}

/// Bit of the column `report` for the numbering of the message.
const NUMBERED: i64 = 4;

/// The column `report`: 1 for success, 2 for failure, and 4 if the octets above the lowest one have types of number and
/// numbering plans.
pub(super) fn report_bits(wanted: ReportWanted) -> i64 {
    let flags = i64::from(wanted.on_success) | i64::from(wanted.on_failure) << 1;
    let Some(Numbering { from, to }) = wanted.numbering else { return flags };
    let octets = i64::from(u32::from_be_bytes([from.0, from.1, to.0, to.1]));
    flags | NUMBERED | octets << 8
}

fn report_of(bits: i64) -> ReportWanted {
    let [.., from_ton, from_npi, to_ton, to_npi, _] = bits.to_be_bytes();
    let numbering = Numbering { from: (from_ton, from_npi), to: (to_ton, to_npi) };
    ReportWanted {
        on_success: bits & 1 != 0,
        on_failure: bits & 2 != 0,
        numbering: (bits & NUMBERED != 0).then_some(numbering),
    }
}

/// Reads the type of the source address from two columns.
fn address_type(ton: Option<u8>, npi: Option<u8>) -> Option<AddressType> {
    Some(AddressType { ton: ton?, npi: npi? })
}

columns!(
    in "parts", Sign: link, reference;
    from = identity(sender), to = identity(short_code)
);
columns!(in "parts", Whole: generation; ..sign);
columns!(
    in "parts", Part: number, total, key, octets, has_header, data_coding, alphabet, received_at;
    redelivery_doubt_since = identity(session_since), from_type = address_type(sender_ton, sender_npi),
    report = report_of(report);
    ..whole
);

pub(super) struct PartRow {
    part: Part,
    state: PartState,
}

columns!(in "parts", PartRow: state; ..part);

pub(super) fn with_states(rows: Vec<PartRow>) -> Vec<(Part, PartState)> {
    rows.into_iter().map(|PartRow { part, state }| (part, state)).collect()
}

impl Store {
    /// Returns up to `most` messages that can be passed on: complete, abandoned, or begun before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ripe_parts(&self, oldest: DateTime<Utc>, most: u32) -> Result<Vec<Whole>, StoreError> {
        rows!(self.reader(), Whole, RIPE, [oldest, most])
    }

    /// Returns all parts with the sign of this message, also those of other messages, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_beside(&self, whole: &Whole) -> Result<Vec<(Part, PartState)>, StoreError> {
        on!(&self.database, store => store.parts_under(&whole.sign).await)
    }

    /// Returns `true` if a part with this key waits for others.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting_part(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        one!(self.reader(), (i64,), IS_WAITING, [link, key]).map(|(count,)| count > 0)
    }

    /// Returns `true` if there are parts whose message went into the inbox before `oldest`. Uses a reading connection.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_done_parts(&self, oldest: DateTime<Utc>) -> Result<bool, StoreError> {
        one!(self.reader(), (bool,), HAS_DONE, [oldest]).map(|(has_done,)| has_done)
    }

    /// Deletes the parts whose message went into the inbox before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_parts(&self, oldest: DateTime<Utc>) -> Result<u64, StoreError> {
        execute!(self.writer(), FORGET, [oldest])
    }
}

impl Batch {
    /// Returns all parts with these signs, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_under(&mut self, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
        on!(&mut self.tuned, batch => batch.parts_under(signs).await)
    }

    /// Returns the waiting parts of these links. A link without any is not in the map.
    ///
    /// # Errors
    /// The database fails.
    pub async fn parts_held(&mut self, links: &[String]) -> Result<HashMap<String, Held>, StoreError> {
        on!(&mut self.tuned, batch => batch.parts_held(links).await)
    }

    /// Deletes waiting parts that were redelivered parts of completed messages.
    ///
    /// # Errors
    /// The database fails.
    pub async fn withdraw_parts(&mut self, parts: &[(Whole, u8)]) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Ok(());
        }
        on!(&mut self.tuned, batch => batch.withdraw_parts(parts).await)
    }

    /// Writes waiting parts, and abandons waiting messages whose sign is used again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node wrote one of them first; or the database fails.
    pub async fn keep_parts(&mut self, parts: &[Part], given_up: &[Whole]) -> Result<(), StoreError> {
        let written = on!(&mut self.tuned, batch => batch.keep_parts(parts, given_up).await)?;
        if written == parts.len() as u64 { Ok(()) } else { Err(StoreError::Conflict { table: "parts" }) }
    }

    /// Marks these messages as complete in this transaction. Their parts are deleted later.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_parts(&mut self, wholes: &[&Whole], now: DateTime<Utc>) -> Result<(), StoreError> {
        if wholes.is_empty() {
            return Ok(());
        }
        on!(&mut self.tuned, batch => batch.finish_parts(wholes, now).await)
    }
}
