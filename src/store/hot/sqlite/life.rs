//! The life of numbers: the pages of a sweep, and what it and staff record.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::Store;
use super::convert::{AccountRow, id, instant, json, micros, parsed};
use crate::domain::{AccountKey, OutboundSms, Recorded};
use crate::store::StoreError;
use crate::store::columns::columns;
use crate::store::life::{
    ADD_EVENT, ADD_SMS, ADD_WARNING, AccountEvent, AccountWarning, EVENTS, HOLD, LifeRow, LifeWritten, PAGE, PUT_OFF,
    SET, SweepLease, SweepMark, SweepTerms, Swept, TAKE, WARNINGS, days,
};

/// IMMEDIATE holds them still.
const VERSIONS: &str = "SELECT name, version FROM accounts WHERE name IN (SELECT value FROM json_each($1))";

struct SweptRow {
    account: AccountRow,
    events: i64,
    recorded_state: Option<String>,
    recorded_until: Option<i64>,
    warned_days: Option<i64>,
    topped_up_at: Option<i64>,
}

columns!(sqlite SweptRow: events, recorded_state, recorded_until, warned_days, topped_up_at; flatten account);

struct EventRow {
    at: i64,
    from_state: String,
    to_state: String,
    why: String,
    by: String,
    valid_until: Option<i64>,
}

columns!(sqlite EventRow: at, from_state, to_state, why, by, valid_until);

impl Store {
    pub(crate) async fn sweep_range(
        &self,
        from: &str,
        before: &str,
        horizon: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        let page = sqlx::query_as(PAGE).bind(from).bind(before).bind(i64::from(most)).bind(micros(horizon));
        let rows: Vec<SweptRow> = page.fetch_all(&self.readers).await?;
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
            .bind(lease.holder.as_bytes().as_slice())
            .bind(micros(terms.until))
            .bind(micros(terms.now))
            .bind(micros(far))
            .bind(micros(terms.finished_before))
            .fetch_optional(&self.writer)
            .await?;
        Ok(taken.map(|(cursor,)| cursor))
    }

    pub(crate) async fn put_off_warnings(
        &self,
        link: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let put_off = sqlx::query(PUT_OFF).bind(micros(until)).bind(link).bind(micros(now));
        Ok(put_off.execute(&self.writer).await?.rows_affected())
    }

    pub(crate) async fn account_events(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountEvent>, StoreError> {
        let events = sqlx::query_as(EVENTS).bind(key.to_string()).bind(i64::from(most));
        let rows: Vec<EventRow> = events.fetch_all(&self.readers).await?;
        rows.into_iter().map(AccountEvent::try_from).collect()
    }

    pub(crate) async fn account_warnings(
        &self,
        key: &AccountKey,
        most: u32,
    ) -> Result<Vec<AccountWarning>, StoreError> {
        let warnings = sqlx::query_as(WARNINGS).bind(key.to_string()).bind(i64::from(most));
        let rows: Vec<(i64, i64, i64, Vec<u8>)> = warnings.fetch_all(&self.readers).await?;
        let table = "account_warnings";
        rows.into_iter()
            .map(|(at, before, valid_until, outbox)| {
                Ok(AccountWarning {
                    at: instant(table, at)?,
                    days: days(table, before)?,
                    valid_until: instant(table, valid_until)?,
                    outbox: id(table, &outbox)?,
                })
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
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(mark) = mark
            && !hold(&mut transaction, mark).await?
        {
            return Ok(LifeWritten::default());
        }
        if !rows.is_empty() {
            let names: Vec<String> = rows.iter().map(|row| row.account.to_string()).collect();
            let versions: HashMap<String, i64> = sqlx::query_as(VERSIONS)
                .bind(json("accounts", &names)?)
                .fetch_all(&mut *transaction)
                .await?
                .into_iter()
                .collect();
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

async fn hold(connection: &mut SqliteConnection, mark: &SweepMark) -> Result<bool, StoreError> {
    let held = sqlx::query(HOLD)
        .bind(mark.lease.name)
        .bind(mark.lease.holder.as_bytes().as_slice())
        .bind(micros(mark.until))
        .bind(&mark.cursor)
        .bind(mark.finished_at.map(micros))
        .execute(connection)
        .await?;
    Ok(held.rows_affected() == 1)
}

async fn one(
    connection: &mut SqliteConnection,
    row: &LifeRow,
    name: &str,
    written: &mut LifeWritten,
) -> Result<(), StoreError> {
    written.accounts += 1;
    if let Some((state, valid_until)) = row.set {
        let set = sqlx::query(SET).bind(name).bind(state.as_str()).bind(valid_until.map(micros));
        set.execute(&mut *connection).await?;
    }
    for (number, event) in (row.events_before + 1..).zip(&row.events) {
        let added = sqlx::query(ADD_EVENT)
            .bind(name)
            .bind(number)
            .bind(micros(event.at))
            .bind(event.from.as_str())
            .bind(event.to.as_str())
            .bind(&event.why)
            .bind(&event.by)
            .bind(event.valid_until.map(micros))
            .execute(&mut *connection)
            .await?;
        written.events += usize::from(added.rows_affected() == 1);
    }
    let Some((days, valid_until, sms)) = &row.warning else { return Ok(()) };
    let added = sqlx::query(ADD_WARNING)
        .bind(name)
        .bind(micros(*valid_until))
        .bind(i64::from(*days))
        .bind(micros(sms.created_at))
        .bind(sms.id.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    if added.rows_affected() == 1 {
        send(connection, sms).await?;
        written.warnings += 1;
    }
    Ok(())
}

async fn send(connection: &mut SqliteConnection, sms: &OutboundSms) -> Result<(), StoreError> {
    sqlx::query(ADD_SMS)
        .bind(sms.id.as_bytes().as_slice())
        .bind(&sms.message_key)
        .bind(&sms.link)
        .bind(&sms.from)
        .bind(&sms.to)
        .bind(&sms.text)
        .bind(micros(sms.created_at))
        .execute(connection)
        .await?;
    Ok(())
}

impl TryFrom<SweptRow> for Swept {
    type Error = StoreError;

    fn try_from(row: SweptRow) -> Result<Self, Self::Error> {
        let table = "account_events";
        let valid_until = row.recorded_until.map(|at| instant(table, at)).transpose()?;
        let recorded = row.recorded_state.as_deref().map(|state| parsed(table, state)).transpose()?;
        Ok(Self {
            version: row.account.head()?.version,
            account: row.account.try_into()?,
            events: row.events,
            recorded: recorded.map(|life| Recorded { life, valid_until }),
            topped_up_at: row.topped_up_at.map(|at| instant("transfers", at)).transpose()?,
            warned_days: row.warned_days.map(|warned| days("account_warnings", warned)).transpose()?,
        })
    }
}

impl TryFrom<EventRow> for AccountEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, Self::Error> {
        let table = "account_events";
        Ok(Self {
            at: instant(table, row.at)?,
            from: parsed(table, &row.from_state)?,
            to: parsed(table, &row.to_state)?,
            why: row.why,
            by: row.by,
            valid_until: row.valid_until.map(|at| instant(table, at)).transpose()?,
        })
    }
}
