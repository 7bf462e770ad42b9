//! Reports to the machines that submitted messages.

use chrono::{DateTime, Utc};

use super::convert::shown;
use super::{Batch, Store};
use crate::domain::{OutboundSms, Report};
use crate::store::StoreError;
use crate::store::reports::{ENDED, column, due};

const WRITE: &str =
    "INSERT INTO outbox (id, message_key, link, sender, recipient, text, created_at, due_at, report, state,
        attempts)
    SELECT id, message_key, link, sender, recipient, text, created_at, due_at, report, 'open', 0
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
        $8::timestamptz[], $9::text[])
        AS reported (id, message_key, link, sender, recipient, text, created_at, due_at, report)";

impl Batch {
    pub(crate) async fn write_reports(&mut self, reports: &[(OutboundSms, Report)]) -> Result<(), StoreError> {
        let said: Vec<String> = reports.iter().map(|(_, report)| column(report)).collect::<Result<_, _>>()?;
        let all = reports.iter().map(|(sms, _)| sms);
        sqlx::query(WRITE)
            .bind(all.clone().map(|sms| sms.id).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| sms.message_key.as_str()).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| sms.link.as_str()).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| shown(&sms.from)).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| shown(&sms.to)).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| shown(&sms.text)).collect::<Vec<_>>())
            .bind(all.clone().map(|sms| sms.created_at).collect::<Vec<_>>())
            .bind(all.map(|sms| due(sms.created_at)).collect::<Vec<_>>())
            .bind(said)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    pub(crate) async fn ended(&self, key: &str) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
        Ok(sqlx::query_as(ENDED).bind(key).fetch_optional(&self.pool).await?)
    }
}
