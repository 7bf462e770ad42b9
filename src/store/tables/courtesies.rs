//! Courtesy replies by phone, and the messages whose reply was withheld.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use crate::domain::{ContentHash, Courtesies, LoadedRows, Msisdn, Repeated, Withheld};
use crate::store::db::{Connection, InsertInto, Sql, columns, insert, row, rows};
use crate::store::value::{self, Keys};
use crate::store::{Store, StoreError, Writes};

const ONE: &str = "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
    FROM courtesies WHERE phone = $1";
/// PostgreSQL locks these rows in one order, after all other tables.
const LOCKED: Sql = Sql {
    sqlite: "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
        FROM courtesies WHERE phone IN (SELECT value FROM json_each($1))",
    postgres: "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
        FROM courtesies WHERE phone = ANY($1) ORDER BY phone FOR NO KEY UPDATE",
};
/// The same without a lock, for a batch whose transaction has not begun.
const KNOWN: Sql = Sql {
    sqlite: LOCKED.sqlite,
    postgres: "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
        FROM courtesies WHERE phone = ANY($1)",
};
const WITHHELD: &str = "SELECT why FROM withheld_replies WHERE message_key = $1";

static WRITE: LazyLock<InsertInto> = LazyLock::new(|| {
    let unless_changed = "ON CONFLICT (phone) DO UPDATE SET answered = excluded.answered, text = excluded.text,
        times = excluded.times, text_at = excluded.text_at, withheld = excluded.withheld,
        withheld_at = excluded.withheld_at, version = excluded.version
        WHERE courtesies.version = excluded.version - 1";
    let columns = "phone, answered, text, times, text_at, withheld, withheld_at, version";
    InsertInto::table("courtesies", columns, unless_changed)
});
static WRITE_WITHHELD: LazyLock<InsertInto> =
    LazyLock::new(|| InsertInto::table("withheld_replies", "message_key, why, at", ""));

/// A message whose reply was withheld.
#[derive(Debug, Clone)]
pub struct WithheldReply {
    pub message_key: String,
    pub why: Withheld,
    pub at: DateTime<Utc>,
}

struct Row {
    phone: Msisdn,
    /// JSON list of microseconds since 1970.
    answered: String,
    text: Option<ContentHash>,
    times: u32,
    text_at: Option<DateTime<Utc>>,
    withheld: u64,
    withheld_at: Option<DateTime<Utc>>,
    version: i64,
}

columns!(in "courtesies", Row: phone, answered, text, times, text_at, withheld, withheld_at, version);

impl Row {
    fn courtesies(self) -> Result<Courtesies, StoreError> {
        let corrupt = |problem: String| StoreError::corrupt("courtesies", problem);
        let answered: Vec<i64> = serde_json::from_str(&self.answered).map_err(|error| corrupt(error.to_string()))?;
        let instant = |micros| {
            DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt("an answer at no instant".to_owned()))
        };
        let last = self.text.zip(self.text_at).map(|(text, at)| Repeated { text, times: self.times, at });
        let answered = answered.into_iter().map(instant).collect::<Result<_, _>>()?;
        Ok(Courtesies { answered, last, withheld: self.withheld, withheld_at: self.withheld_at })
    }
}

/// The instants of the replies, as stored.
fn answered(known: &Courtesies) -> String {
    let micros: Vec<String> = known.answered.iter().map(|at| at.timestamp_micros().to_string()).collect();
    format!("[{}]", micros.join(","))
}

/// Adds the records of these phones. Returns the versions of their rows.
pub(in crate::store) async fn load(
    connection: Connection<'_>,
    phones: &[Msisdn],
    locks: bool,
    loaded: &mut LoadedRows,
) -> Result<HashMap<Msisdn, i64>, StoreError> {
    let mut versions = HashMap::new();
    if phones.is_empty() {
        return Ok(versions);
    }
    let phones: Keys<String> = phones.iter().map(|phone| phone.digits()).collect();
    let known = if locks { LOCKED } else { KNOWN };
    for row in rows!(connection, Row, known, [phones])? {
        let phone = row.phone;
        versions.insert(phone, row.version);
        loaded.courtesies.insert(phone, row.courtesies()?);
    }
    Ok(versions)
}

pub(in crate::store) async fn write(
    mut connection: Connection<'_>,
    writes: &Writes,
    versions: &HashMap<Msisdn, i64>,
) -> Result<(), StoreError> {
    let mut known: Vec<&(Msisdn, Courtesies)> = writes.courtesies.iter().collect();
    known.sort_unstable_by_key(|(phone, _)| phone.digits());
    insert!(connection.again(), WRITE, &known, row => [
        row.0,
        answered(&row.1),
        row.1.last.map(|last| last.text.0.to_vec()),
        row.1.last.map_or(0, |last| i64::from(last.times)),
        row.1.last.map(|last| last.at),
        i64::try_from(row.1.withheld).unwrap_or(i64::MAX),
        row.1.withheld_at,
        versions.get(&row.0).copied().unwrap_or(0) + 1,
    ])?;
    insert!(connection, WRITE_WITHHELD, &writes.withheld, reply => [&reply.message_key, reply.why, reply.at])
}

impl Store {
    /// Returns the record of the courtesy replies to a phone.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn courtesies(&self, phone: Msisdn) -> Result<Option<Courtesies>, StoreError> {
        row!(self.reader(), Row, ONE, [phone])?.map(Row::courtesies).transpose()
    }

    /// Returns the reason why the reply to this message was withheld; `None` if it was not.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn withheld(&self, message_key: &str) -> Result<Option<Withheld>, StoreError> {
        let why = row!(self.reader(), (String,), WITHHELD, [message_key])?;
        why.map(|(why,)| value::read("withheld_replies", why)).transpose()
    }
}
