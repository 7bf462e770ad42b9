//! Changes in the life of numbers that a batch itself makes: a top-up brings a number back.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::convert::parsed;
use crate::domain::{AccountKey, Needs, Recorded, Snapshot};
use crate::store::life::ADD_EVENT;
use crate::store::{AccountEvent, StoreError};

const LAST: &str = "SELECT e.account, e.number, e.to_state, e.valid_until FROM account_events e
    WHERE e.account = ANY($1) AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = e.account)";

/// Reads into `known` what was recorded last of the accounts in it whose validity is over. Who
/// records of an account holds it as this batch does.
pub(super) async fn load(
    connection: &mut PgConnection,
    wanted: &Needs,
    known: &mut Snapshot,
) -> Result<(), StoreError> {
    let ended = known.ended(wanted.ended_before);
    if ended.is_empty() {
        return Ok(());
    }
    let table = "account_events";
    let rows: Vec<(String, i64, String, Option<DateTime<Utc>>)> =
        sqlx::query_as(LAST).bind(ended).fetch_all(connection).await?;
    for (account, number, state, valid_until) in rows {
        let recorded = Recorded { life: parsed(table, &state)?, valid_until };
        known.recorded.insert(parsed(table, &account)?, (number, recorded));
    }
    Ok(())
}

/// They are few: each is written by itself.
pub(super) async fn write(
    connection: &mut PgConnection,
    events: &[(AccountKey, i64, AccountEvent)],
) -> Result<(), StoreError> {
    for (account, number, event) in events {
        let added = sqlx::query(ADD_EVENT)
            .bind(account.to_string())
            .bind(number)
            .bind(event.at)
            .bind(event.from.as_str())
            .bind(event.to.as_str())
            .bind(&event.why)
            .bind(&event.by)
            .bind(event.valid_until)
            .execute(&mut *connection)
            .await?;
        if added.rows_affected() == 0 {
            return Err(StoreError::Conflict { table: "account_events" });
        }
    }
    Ok(())
}
