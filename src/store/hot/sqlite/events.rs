//! Changes in the life of numbers that a batch itself makes: a top-up brings a number back.

use sqlx::SqliteConnection;

use super::convert::{instant, json, micros, parsed};
use crate::domain::{AccountKey, Needs, Recorded, Snapshot};
use crate::store::life::ADD_EVENT;
use crate::store::{AccountEvent, StoreError};

const LAST: &str = "SELECT e.account, e.number, e.to_state, e.valid_until FROM json_each($1) AS ended CROSS JOIN account_events e
    ON e.account = ended.value AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = ended.value)";

/// Reads into `known` what was recorded last of the accounts in it whose validity is over. IMMEDIATE holds it still.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    wanted: &Needs,
    known: &mut Snapshot,
) -> Result<(), StoreError> {
    let ended = known.ended(wanted.ended_before);
    if ended.is_empty() {
        return Ok(());
    }
    let table = "account_events";
    let rows: Vec<(String, i64, String, Option<i64>)> =
        sqlx::query_as(LAST).bind(json(table, &ended)?).fetch_all(connection).await?;
    for (account, number, state, until) in rows {
        let valid_until = until.map(|at| instant(table, at)).transpose()?;
        let recorded = Recorded { life: parsed(table, &state)?, valid_until };
        known.recorded.insert(parsed(table, &account)?, (number, recorded));
    }
    Ok(())
}

/// They are few: each is written by itself.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    events: &[(AccountKey, i64, AccountEvent)],
) -> Result<(), StoreError> {
    for (account, number, event) in events {
        let added = sqlx::query(ADD_EVENT)
            .bind(account.to_string())
            .bind(number)
            .bind(micros(event.at))
            .bind(event.from.as_str())
            .bind(event.to.as_str())
            .bind(&event.why)
            .bind(&event.by)
            .bind(event.valid_until.map(micros))
            .execute(&mut *connection)
            .await?;
        if added.rows_affected() == 0 {
            return Err(StoreError::Conflict { table: "account_events" });
        }
    }
    Ok(())
}
