//! The life of numbers: the pages of a sweep, and what it and staff record.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;
use super::convert::{AccountRow, parsed};
use crate::domain::{AccountKey, OutboundSms, Recorded};
use crate::store::StoreError;
use crate::store::columns::columns;
use crate::store::life::{
    ADD_EVENT, ADD_SMS, ADD_WARNING, AccountEvent, AccountWarning, EVENTS, HOLD, LifeRow, LifeWritten, PAGE, PUT_OFF,
    SET, SweepLease, SweepMark, SweepTerms, Swept, TAKE, WARNINGS, days,
};

const VERSIONS: &str = "SELECT name, version FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";

struct SweptRow {
    account: AccountRow,
    events: i64,
    recorded_state: Option<String>,
    recorded_until: Option<DateTime<Utc>>,
    warned_days: Option<i64>,
    topped_up_at: Option<DateTime<Utc>>,
}

columns!(postgres SweptRow: events, recorded_state, recorded_until, warned_days, topped_up_at; flatten account);

struct EventRow {
    at: DateTime<Utc>,
    from_state: String,
    to_state: String,
    why: String,
    by: String,
    valid_until: Option<DateTime<Utc>>,
}

columns!(postgres EventRow: at, from_state, to_state, why, by, valid_until);

impl Store {
    pub(crate) async fn sweep_range(
        &self,
        from: &str,
        before: &str,
        horizon: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        let page = sqlx::query_as(PAGE).bind(from).bind(before).bind(i64::from(most)).bind(horizon);
        let rows: Vec<SweptRow> = page.fetch_all(&self.pool).await?;
        rows.into_iter().map(Swept::try_from).collect()
    }

    pub(crate) async fn take_sweep(
        &self,
        lease: SweepLease,
        terms: SweepTerms,
    ) -> Result<Option<Option<String>>, StoreError> {
        let far = terms.until + (terms.until - terms.now);
        let taken: Option<(Option<String>,)> = sqlx::query_as(TAKE)
            .bind(lease.name)
            .bind(lease.holder)
            .bind(terms.until)
            .bind(terms.now)
            .bind(far)
            .bind(terms.finished_before)
            .fetch_optional(&self.pool)
            .await?;
        Ok(taken.map(|(cursor,)| cursor))
    }

    pub(crate) async fn put_off_warnings(
        &self,
        link: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let put_off = sqlx::query(PUT_OFF).bind(until).bind(link).bind(now);
        Ok(put_off.execute(&self.pool).await?.rows_affected())
    }

    pub(crate) async fn account_events(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountEvent>, StoreError> {
        let events = sqlx::query_as(EVENTS).bind(key.to_string()).bind(i64::from(most));
        let rows: Vec<EventRow> = events.fetch_all(&self.pool).await?;
        rows.into_iter().map(AccountEvent::try_from).collect()
    }

    pub(crate) async fn account_warnings(
        &self,
        key: &AccountKey,
        most: u32,
    ) -> Result<Vec<AccountWarning>, StoreError> {
        let warnings = sqlx::query_as(WARNINGS).bind(key.to_string()).bind(i64::from(most));
        let rows: Vec<(DateTime<Utc>, i64, DateTime<Utc>, Uuid)> = warnings.fetch_all(&self.pool).await?;
        rows.into_iter()
            .map(|(at, before, valid_until, outbox)| {
                Ok(AccountWarning { at, days: days("account_warnings", before)?, valid_until, outbox })
            })
            .collect()
    }

    /// The mark first: who has lost the sweep waits for no account. Then the accounts, in the order of their names, as
    /// batches do; what is recorded about one that has changed since it was read is dropped.
    pub(crate) async fn record_life(
        &self,
        mark: Option<&SweepMark>,
        rows: &[LifeRow],
    ) -> Result<LifeWritten, StoreError> {
        let mut written = LifeWritten { held: true, ..LifeWritten::default() };
        let mut transaction = self.pool.begin().await?;
        if let Some(mark) = mark
            && !hold(&mut transaction, mark).await?
        {
            return Ok(LifeWritten::default());
        }
        if !rows.is_empty() {
            let names: Vec<String> = rows.iter().map(|row| row.account.to_string()).collect();
            let versions: HashMap<String, i64> =
                sqlx::query_as(VERSIONS).bind(&names).fetch_all(&mut *transaction).await?.into_iter().collect();
            for (row, name) in rows.iter().zip(&names) {
                if versions.get(name) == Some(&row.version) {
                    one(&mut transaction, row, name, &mut written).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(written)
    }
}

async fn hold(connection: &mut PgConnection, mark: &SweepMark) -> Result<bool, StoreError> {
    let held = sqlx::query(HOLD)
        .bind(mark.lease.name)
        .bind(mark.lease.holder)
        .bind(mark.until)
        .bind(&mark.cursor)
        .bind(mark.finished_at)
        .execute(connection)
        .await?;
    Ok(held.rows_affected() == 1)
}

async fn one(
    connection: &mut PgConnection,
    row: &LifeRow,
    name: &str,
    written: &mut LifeWritten,
) -> Result<(), StoreError> {
    written.accounts += 1;
    if let Some((state, valid_until)) = row.set {
        let set = sqlx::query(SET).bind(name).bind(state.as_str()).bind(valid_until);
        set.execute(&mut *connection).await?;
    }
    for (number, event) in (row.events_before + 1..).zip(&row.events) {
        let added = sqlx::query(ADD_EVENT)
            .bind(name)
            .bind(number)
            .bind(event.at)
            .bind(event.from.as_str())
            .bind(event.to.as_str())
            .bind(&event.why)
            .bind(&event.by)
            .bind(event.valid_until)
            .execute(&mut *connection)
            .await?;
        written.events += usize::from(added.rows_affected() == 1);
    }
    let Some((days, valid_until, sms)) = &row.warning else { return Ok(()) };
    let added = sqlx::query(ADD_WARNING)
        .bind(name)
        .bind(*valid_until)
        .bind(i64::from(*days))
        .bind(sms.created_at)
        .bind(sms.id)
        .execute(&mut *connection)
        .await?;
    if added.rows_affected() == 1 {
        send(connection, sms).await?;
        written.warnings += 1;
    }
    Ok(())
}

async fn send(connection: &mut PgConnection, sms: &OutboundSms) -> Result<(), StoreError> {
    sqlx::query(ADD_SMS)
        .bind(sms.id)
        .bind(&sms.message_key)
        .bind(&sms.link)
        .bind(&sms.from)
        .bind(&sms.to)
        .bind(&sms.text)
        .bind(sms.created_at)
        .execute(connection)
        .await?;
    Ok(())
}

impl TryFrom<SweptRow> for Swept {
    type Error = StoreError;

    fn try_from(row: SweptRow) -> Result<Self, Self::Error> {
        let table = "account_events";
        let valid_until = row.recorded_until;
        let recorded = row.recorded_state.as_deref().map(|state| parsed(table, state)).transpose()?;
        Ok(Self {
            version: row.account.head()?.version,
            account: row.account.try_into()?,
            events: row.events,
            recorded: recorded.map(|life| Recorded { life, valid_until }),
            topped_up_at: row.topped_up_at,
            warned_days: row.warned_days.map(|warned| days("account_warnings", warned)).transpose()?,
        })
    }
}

impl TryFrom<EventRow> for AccountEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, Self::Error> {
        let table = "account_events";
        Ok(Self {
            at: row.at,
            from: parsed(table, &row.from_state)?,
            to: parsed(table, &row.to_state)?,
            why: row.why,
            by: row.by,
            valid_until: row.valid_until,
        })
    }
}
