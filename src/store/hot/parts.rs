//! Parts of long messages: each is acknowledged because it is here, and leaves when its whole is in the inbox.

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

/// The message that parts belong to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Whole {
    /// The mark by which its sender makes them recognisable.
    pub sign: Sign,
    /// Number of messages under this sign before it.
    pub generation: i64,
}

/// The mark by which a sender makes the parts of one message recognisable, until it uses the reference again.
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
    /// The message that it belongs to.
    pub whole: Whole,
    /// Its number, from 1.
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
    /// The alphabet that its sender means by data coding 0.
    pub alphabet: String,
    /// The network's label of its sender.
    pub from_type: Option<AddressType>,
    /// After which endings its sender wants a report.
    pub report: ReportWanted,
    /// Instant at which it came.
    pub received_at: DateTime<Utc>,
    /// Instant at which the session that it came on was bound.
    pub session_since: Option<DateTime<Utc>>,
}

/// The state of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// It waits for the others.
    Waiting,
    /// Its sender began another message under the same sign: what came of this one is for staff.
    GivenUp,
    /// The whole is in the inbox.
    Done,
}

/// The parts that wait on one link.
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
}

impl std::str::FromStr for PartState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is not a state"))
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

fn report_of(bits: i64) -> ReportWanted {
    let [.., from_ton, from_npi, to_ton, to_npi, _] = bits.to_be_bytes();
    let numbering = Numbering { from: (from_ton, from_npi), to: (to_ton, to_npi) };
    ReportWanted {
        on_success: bits & 1 != 0,
        on_failure: bits & 2 != 0,
        numbering: (bits & NUMBERED != 0).then_some(numbering),
    }
}

/// The network's label of a sender, of two columns.
fn address_type(ton: Option<u8>, npi: Option<u8>) -> Option<AddressType> {
    Some(AddressType { ton: ton?, npi: npi? })
}

columns!(
    in "parts", Sign: link, reference;
    from = identity(sender), to = identity(short_code)
);
columns!(in "parts", Whole: generation; ..sign);
columns!(
    in "parts", Part: number, total, key, octets, has_header, data_coding, alphabet, received_at, session_since;
    from_type = address_type(sender_ton, sender_npi), report = report_of(report);
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
    /// Up to `most` messages that can go on: whole, given up, or begun before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ripe_parts(&self, oldest: DateTime<Utc>, most: u32) -> Result<Vec<Whole>, StoreError> {
        rows!(self.reader(), Whole, RIPE, [oldest, most])
    }

    /// All parts under the sign of this message, those of others too, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_beside(&self, whole: &Whole) -> Result<Vec<(Part, PartState)>, StoreError> {
        on!(&self.database, store => store.parts_under(&whole.sign).await)
    }

    /// Returns `true` if a part that waits for others came as the message of this key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_waiting_part(&self, link: &str, key: &str) -> Result<bool, StoreError> {
        one!(self.reader(), (i64,), IS_WAITING, [link, key]).map(|(count,)| count > 0)
    }

    /// Returns `true` if there are parts whose whole went into the inbox before `oldest`; asked on a reading connection.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_done_parts(&self, oldest: DateTime<Utc>) -> Result<bool, StoreError> {
        one!(self.reader(), (bool,), HAS_DONE, [oldest]).map(|(has_done,)| has_done)
    }

    /// Forgets the parts whose whole went into the inbox before `oldest`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_parts(&self, oldest: DateTime<Utc>) -> Result<u64, StoreError> {
        execute!(self.writer(), FORGET, [oldest])
    }
}

impl Batch {
    /// All parts under these signs, by generation and number.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn parts_under(&mut self, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
        on!(&mut self.tuned, batch => batch.parts_under(signs).await)
    }

    /// Returns the parts that wait on these links; a link on which none waits is not in the map.
    ///
    /// # Errors
    /// The database fails.
    pub async fn parts_held(&mut self, links: &[String]) -> Result<HashMap<String, Held>, StoreError> {
        on!(&mut self.tuned, batch => batch.parts_held(links).await)
    }

    /// Takes back parts that wait, each by its number: they were deliveries of what is done.
    ///
    /// # Errors
    /// The database fails.
    pub async fn withdraw_parts(&mut self, parts: &[(Whole, u8)]) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Ok(());
        }
        on!(&mut self.tuned, batch => batch.withdraw_parts(parts).await)
    }

    /// Writes parts that wait, and gives up on what waited under a sign that is used again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node wrote one of them first; or the database fails.
    pub async fn keep_parts(&mut self, parts: &[Part], given_up: &[Whole]) -> Result<(), StoreError> {
        let written = on!(&mut self.tuned, batch => batch.keep_parts(parts, given_up).await)?;
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
        on!(&mut self.tuned, batch => batch.finish_parts(wholes, now).await)
    }
}
