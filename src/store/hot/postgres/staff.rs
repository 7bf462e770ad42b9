//! Holds and actions of staff in a batch, and what a reversal looks at.

use sqlx::PgConnection;

use super::batch::{Insert, column};
use super::convert::shown;
use crate::domain::{Action, Hold, Needs, Snapshot};
use crate::store::StoreError;
use crate::store::staff::{ACTIONS_OF, ActionRow, HOLDS_OF, HoldRow, LATER_THAN, REVERSALS_OF, later, reversal};

const WRITE_HOLDS: &str = "INSERT INTO holds (id, account, amount_cents, state, reason, cause, placed_at, expires_at,
        ended_cause, ended_at, transfer, posted_cents)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
        $8::timestamptz[], $9::text[], $10::timestamptz[], $11::uuid[], $12::bigint[])
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_cause = excluded.ended_cause,
        ended_at = excluded.ended_at, transfer = excluded.transfer, posted_cents = excluded.posted_cents
    WHERE holds.state = 'pending'";
const WRITE_ACTIONS: &str =
    "INSERT INTO operator_actions (id, kind, state, account, amount_cents, reason, note, made_by,
        made_at, checked_by, checked_at, subject, transfer, card)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
        $8::text[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::uuid[], $13::uuid[],
        $14::text[])
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, checked_by = excluded.checked_by,
        checked_at = excluded.checked_at, transfer = excluded.transfer WHERE operator_actions.state = 'proposed'";

/// Reads into `known` what is wanted beside accounts and requests.
pub(super) async fn load(
    connection: &mut PgConnection,
    wanted: &Needs,
    known: &mut Snapshot,
) -> Result<(), StoreError> {
    if !wanted.reversed.is_empty() {
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(REVERSALS_OF.postgres.as_str()).bind(&wanted.reversed).fetch_all(&mut *connection).await?;
        known.reversals = rows.iter().map(reversal).collect::<Result<_, _>>()?;
        let rows: Vec<(Vec<u8>, String, i64, i64)> =
            sqlx::query_as(LATER_THAN.postgres.as_str()).bind(&wanted.reversed).fetch_all(&mut *connection).await?;
        for row in &rows {
            let (of, later) = later(row)?;
            known.later.entry(of).or_default().push(later);
        }
    }
    if !wanted.holds.is_empty() {
        let rows: Vec<HoldRow> =
            sqlx::query_as(HOLDS_OF.postgres.as_str()).bind(&wanted.holds).fetch_all(&mut *connection).await?;
        for row in rows {
            let hold = Hold::try_from(row)?;
            known.holds.insert(hold.id, hold);
        }
    }
    if !wanted.actions.is_empty() {
        let ids = &wanted.actions;
        let rows: Vec<ActionRow> =
            sqlx::query_as(ACTIONS_OF.postgres.as_str()).bind(ids).fetch_all(&mut *connection).await?;
        for row in rows {
            let action = Action::try_from(row)?;
            known.actions.insert(action.id, action);
        }
    }
    Ok(())
}

pub(super) fn hold_rows(rows: &[Hold]) -> Insert<'static> {
    sqlx::query(WRITE_HOLDS)
        .bind(column(rows, |hold| hold.id))
        .bind(column(rows, |hold| hold.account.to_string()))
        .bind(column(rows, |hold| hold.amount.cents()))
        .bind(column(rows, |hold| hold.state.as_str()))
        .bind(column(rows, |hold| hold.reason.as_str()))
        .bind(column(rows, |hold| hold.cause.to_string()))
        .bind(column(rows, |hold| hold.placed_at))
        .bind(column(rows, |hold| hold.expires_at))
        .bind(column(rows, |hold| hold.ended.as_ref().map(|(cause, _)| cause.to_string())))
        .bind(column(rows, |hold| hold.ended.as_ref().map(|(_, at)| *at)))
        .bind(column(rows, |hold| hold.posted.map(|(transfer, _)| transfer)))
        .bind(column(rows, |hold| hold.posted.map(|(_, amount)| amount.cents())))
}

pub(super) fn action_rows(rows: &[Action]) -> Insert<'static> {
    sqlx::query(WRITE_ACTIONS)
        .bind(column(rows, |action| action.id))
        .bind(column(rows, |action| action.kind.as_str()))
        .bind(column(rows, |action| action.state.as_str()))
        .bind(column(rows, |action| action.account.to_string()))
        .bind(column(rows, |action| action.amount_cents))
        .bind(column(rows, |action| action.reason.as_str()))
        .bind(column(rows, |action| shown(&action.note)))
        .bind(column(rows, |action| shown(&action.made.by)))
        .bind(column(rows, |action| action.made.at))
        .bind(column(rows, |action| action.checked.as_ref().map(|checked| shown(&checked.by))))
        .bind(column(rows, |action| action.checked.as_ref().map(|checked| checked.at)))
        .bind(column(rows, |action| action.subject))
        .bind(column(rows, |action| action.transfer))
        .bind(column(rows, |action| action.card.map(|serial| serial.to_string())))
}
