//! Quarantined messages.

use super::Store;
use super::convert::{instant, micros, parsed};
use crate::store::StoreError;
use crate::store::columns::columns;
use crate::store::quarantine::{ONE, Quarantined, SETTLE, Settled, WAITING, from_json, message};

struct Row {
    key: String,
    link: String,
    sender: String,
    short_code: String,
    body: String,
    received_at: i64,
    outcome: String,
    trace: Option<String>,
    grammars: String,
    reply: Option<String>,
    settled: Option<String>,
    by: Option<String>,
    note: Option<String>,
    at: Option<i64>,
}

columns!(
    sqlite Row: key, link, sender, short_code, body, received_at, outcome, trace, grammars, reply, settled, by, note,
        at
);

impl Store {
    pub(crate) async fn quarantine(&self, most: u32) -> Result<Vec<Quarantined>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(WAITING).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.into_iter().map(Quarantined::try_from).collect()
    }

    pub(crate) async fn quarantined(&self, key: &str) -> Result<Option<Quarantined>, StoreError> {
        let row: Option<Row> = sqlx::query_as(ONE).bind(key).fetch_optional(&self.readers).await?;
        row.map(Quarantined::try_from).transpose()
    }

    pub(crate) async fn settle_quarantined(&self, key: &str, settled: &Settled) -> Result<bool, StoreError> {
        let done = sqlx::query(SETTLE)
            .bind(key)
            .bind(settled.how.as_str())
            .bind(&settled.by)
            .bind(&settled.note)
            .bind(micros(settled.at))
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl TryFrom<Row> for Quarantined {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let settled = match (row.settled, row.by, row.note, row.at) {
            (Some(how), Some(by), Some(note), Some(at)) => {
                Some(Settled { how: parsed("quarantine", &how)?, by, note, at: instant("quarantine", at)? })
            }
            _ => None,
        };
        let received_at = instant("inbox", row.received_at)?;
        Ok(Self {
            message: message((row.key, row.link, row.sender, row.short_code, row.body, received_at))?,
            outcome: from_json(&row.outcome)?,
            trace: row.trace,
            grammars: row.grammars,
            reply: row.reply,
            settled,
        })
    }
}
