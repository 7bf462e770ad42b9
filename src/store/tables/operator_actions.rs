//! Actions of staff.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{AccountKey, Action, ActionState, LoadedRows, ReasonCode, Signed, Stored};
use crate::store::db::{Connection, InsertInto, Sql, columns, insert, one, row, rows};
use crate::store::value::{Keys, Shown};
use crate::store::{Store, StoreError};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, state, account, amount_minor, reason, note, made_by, made_at, checked_by, checked_at, subject,
                card, transfer
            FROM operator_actions WHERE ",
            $rest
        )
    };
}

const ONE: &str = select!("id = $1");
const BY_ID: Sql =
    Sql { sqlite: select!("id IN (SELECT unhex(value) FROM json_each($1))"), postgres: select!("id = ANY($1)") };
const OF_STATE: &str = select!("state = $1 ORDER BY made_at DESC LIMIT $2");
const COUNT: &str = "SELECT count(*) FROM operator_actions WHERE state = $1";

static WRITE: LazyLock<InsertInto> = LazyLock::new(|| {
    let columns =
        "id, kind, state, account, amount_minor, reason, note, made_by, made_at, checked_by, checked_at, subject,
        transfer, card";
    let while_proposed = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, checked_by = excluded.checked_by,
        checked_at = excluded.checked_at, transfer = excluded.transfer WHERE operator_actions.state = 'proposed'";
    InsertInto::table("operator_actions", columns, while_proposed)
});

fn signed(by: String, at: DateTime<Utc>) -> Signed {
    Signed { by, at }
}

fn signed_if(by: Option<String>, at: Option<DateTime<Utc>>) -> Option<Signed> {
    by.zip(at).map(|(by, at)| signed(by, at))
}

/// An action, as lists show it.
pub type ActionListed = Action<Stored<AccountKey>, Stored<ReasonCode>>;

columns!(
    in "operator_actions", Action: id, kind, state, account, amount_minor, reason, note, subject, card, transfer;
    made = signed(made_by, made_at), checked = signed_if(checked_by, checked_at)
);
columns!(
    in "operator_actions", ActionListed: id, kind, state, account, amount_minor, reason, note, subject, card, transfer;
    made = signed(made_by, made_at), checked = signed_if(checked_by, checked_at)
);

pub(in crate::store) async fn load(
    connection: Connection<'_>,
    ids: &[Uuid],
    loaded: &mut LoadedRows,
) -> Result<(), StoreError> {
    if !ids.is_empty() {
        let actions = rows!(connection, Action, BY_ID, [Keys(ids.to_vec())])?;
        loaded.actions.extend(actions.into_iter().map(|action| (action.id, action)));
    }
    Ok(())
}

pub(in crate::store) async fn write(connection: Connection<'_>, actions: &[Action]) -> Result<(), StoreError> {
    insert!(connection, WRITE, actions, action => [
        action.id,
        action.kind,
        action.state,
        &action.account,
        action.amount_minor,
        action.reason,
        Shown(&action.note),
        Shown(&action.made.by),
        action.made.at,
        action.checked.as_ref().map(|checked| Shown(&checked.by)),
        action.checked.as_ref().map(|checked| checked.at),
        action.subject,
        action.transfer,
        action.card,
    ])
}

impl Store {
    /// Returns the action, or `None` if it does not exist.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn action(&self, id: Uuid) -> Result<Option<Action>, StoreError> {
        row!(self.reader(), Action, ONE, [id])
    }

    /// Returns the actions in a state, the newest first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn actions(&self, state: ActionState, most: u32) -> Result<Vec<ActionListed>, StoreError> {
        rows!(self.reader(), ActionListed, OF_STATE, [state, most])
    }

    /// Counts the actions in this state.
    ///
    /// # Errors
    /// The database fails.
    pub async fn actions_count(&self, state: ActionState) -> Result<i64, StoreError> {
        one!(self.reader(), (i64,), COUNT, [state]).map(|(count,)| count)
    }
}
