//! Reports to the machines that submitted messages.

use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};

use super::convert::{instant, json, micros};
use super::{Batch, Store};
use crate::domain::{OutboundSms, Report};
use crate::store::StoreError;
use crate::store::reports::{ENDED, column, due};

const WRITE: &str = "INSERT INTO outbox (id, message_key, link, sender, recipient, text, created_at, due_at, report, state,
        attempts)
    SELECT unhex(value->>0), value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, 'open', 0
    FROM json_each($1)";

impl Batch {
    pub(crate) async fn write_reports(&mut self, reports: &[(OutboundSms, Report)]) -> Result<(), StoreError> {
        let row = |(sms, report): &(OutboundSms, Report)| {
            let (created_at, due_at) = (micros(sms.created_at), micros(due(sms.created_at)));
            let (id, report) = (hex::encode(sms.id), column(report)?);
            Ok(value!([id, sms.message_key, sms.link, sms.from, sms.to, sms.text, created_at, due_at, report]))
        };
        let rows: Vec<Value> = reports.iter().map(row).collect::<Result<_, StoreError>>()?;
        sqlx::query(WRITE).bind(json("outbox", &rows)?).execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    pub(crate) async fn ended(&self, key: &str) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
        let row: Option<(String, i64)> = sqlx::query_as(ENDED).bind(key).fetch_optional(&self.readers).await?;
        row.map(|(outcome, at)| Ok((outcome, instant("inbox", at)?))).transpose()
    }
}
