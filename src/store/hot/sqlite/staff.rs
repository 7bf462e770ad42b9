//! Holds and actions of staff in a batch, and what a reversal looks at.

use std::sync::LazyLock;

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::convert::{json, micros, octets};
use super::insert::{Insert, Row};
use crate::domain::{Action, Hold, Needs, Snapshot};
use crate::store::StoreError;
use crate::store::staff::{ACTIONS_OF, ActionRow, HOLDS_OF, HoldRow, LATER_THAN, REVERSALS_OF, later, reversal};

static WRITE_HOLDS: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT INTO holds (id, account, amount_cents, state, reason, cause, placed_at, expires_at, ended_cause, ended_at,
        transfer, posted_cents)";
    let while_pending = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_cause = excluded.ended_cause,
        ended_at = excluded.ended_at, transfer = excluded.transfer, posted_cents = excluded.posted_cents
        WHERE holds.state = 'pending'";
    Insert::new("holds", head, 12, while_pending)
});
static WRITE_ACTIONS: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT INTO operator_actions (id, kind, state, account, amount_cents, reason, note, made_by, made_at,
        checked_by, checked_at, subject, transfer, card)";
    let while_proposed = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, checked_by = excluded.checked_by,
        checked_at = excluded.checked_at, transfer = excluded.transfer WHERE operator_actions.state = 'proposed'";
    Insert::new("operator_actions", head, 14, while_proposed)
});

/// Reads into `known` what is wanted beside accounts and requests.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    wanted: &Needs,
    known: &mut Snapshot,
) -> Result<(), StoreError> {
    let hex = |ids: &[Uuid]| -> Vec<String> { ids.iter().map(|id| hex::encode(id.as_bytes())).collect() };
    if !wanted.reversed.is_empty() {
        let ids = json("transfers", &hex(&wanted.reversed))?;
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(REVERSALS_OF.sqlite.as_str()).bind(&ids).fetch_all(&mut *connection).await?;
        known.reversals = rows.iter().map(reversal).collect::<Result<_, _>>()?;
        let rows: Vec<(Vec<u8>, String, i64, i64)> =
            sqlx::query_as(LATER_THAN.sqlite.as_str()).bind(&ids).fetch_all(&mut *connection).await?;
        for row in &rows {
            let (of, later) = later(row)?;
            known.later.entry(of).or_default().push(later);
        }
    }
    if !wanted.holds.is_empty() {
        let ids = json("holds", &hex(&wanted.holds))?;
        let rows: Vec<HoldRow> = sqlx::query_as(HOLDS_OF.sqlite.as_str()).bind(ids).fetch_all(&mut *connection).await?;
        for row in rows {
            let hold = Hold::try_from(row)?;
            known.holds.insert(hold.id, hold);
        }
    }
    if !wanted.actions.is_empty() {
        let ids = json("operator_actions", &hex(&wanted.actions))?;
        let rows: Vec<ActionRow> =
            sqlx::query_as(ACTIONS_OF.sqlite.as_str()).bind(ids).fetch_all(&mut *connection).await?;
        for row in rows {
            let action = Action::try_from(row)?;
            known.actions.insert(action.id, action);
        }
    }
    Ok(())
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    holds: &[Hold],
    actions: &[Action],
) -> Result<(), StoreError> {
    WRITE_HOLDS.run(connection, holds, hold).await?;
    WRITE_ACTIONS.run(connection, actions, action).await
}

fn hold<'q>(row: Row<'q>, hold: &Hold) -> Row<'q> {
    row.bind(octets(hold.id))
        .bind(hold.account.to_string())
        .bind(hold.amount.cents())
        .bind(hold.state.as_str())
        .bind(hold.reason.as_str())
        .bind(hold.cause.to_string())
        .bind(micros(hold.placed_at))
        .bind(micros(hold.expires_at))
        .bind(hold.ended.as_ref().map(|(cause, _)| cause.to_string()))
        .bind(hold.ended.as_ref().map(|(_, at)| micros(*at)))
        .bind(hold.posted.map(|(transfer, _)| octets(transfer)))
        .bind(hold.posted.map(|(_, amount)| amount.cents()))
}

fn action<'q>(row: Row<'q>, action: &Action) -> Row<'q> {
    let checked = action.checked.as_ref();
    row.bind(octets(action.id))
        .bind(action.kind.as_str())
        .bind(action.state.as_str())
        .bind(action.account.to_string())
        .bind(action.amount_cents)
        .bind(action.reason.as_str())
        .bind(action.note.clone())
        .bind(action.made.by.clone())
        .bind(micros(action.made.at))
        .bind(checked.map(|checked| checked.by.clone()))
        .bind(checked.map(|checked| micros(checked.at)))
        .bind(action.subject.map(octets))
        .bind(action.transfer.map(octets))
        .bind(action.card.map(|serial| serial.to_string()))
}
