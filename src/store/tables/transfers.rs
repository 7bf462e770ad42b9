//! Transfers: by identifier, by receipt, by sender; reversals; and sums.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::{
    AccountKey, AccountKind, Amount, Cause, Later, ListCommand, LoadedRows, Movement, ReasonCode, Receipt, Transfer,
    TransferKind, ValidityChange,
};
use crate::store::db::{Connection, Sql, columns, one, rows};
use crate::store::value::Keys;
use crate::store::{Store, StoreError};

/// Limit of the transfers around an identifier in memory.
const NEAR_MAX: u32 = 1_000;
/// Largest assumed difference of the nodes' clocks. A search for a sender's transfers begins earlier by this time.
const NODES_APART: TimeDelta = TimeDelta::minutes(2);

macro_rules! transfer_columns {
    () => {
        "transfers.id, transfers.kind, transfers.debit, transfers.credit, transfers.amount_minor, transfers.message_key,
        transfers.action, transfers.system, transfers.at, transfers.debit_balance_minor, transfers.credit_balance_minor,
        transfers.valid_before, transfers.valid_after, transfers.reverses, transfers.hold, transfers.reason"
    };
}
pub(super) use transfer_columns;

/// Transfers in a range of identifiers, with these last octets or any.
const BETWEEN: Sql = Sql {
    sqlite: concat!(
        "SELECT ",
        transfer_columns!(),
        " FROM transfers WHERE id BETWEEN $1 AND $2 AND substr(id, 15, 2) BETWEEN $3 AND $4 ORDER BY id LIMIT $5"
    ),
    postgres: concat!(
        "SELECT ",
        transfer_columns!(),
        " FROM transfers WHERE id BETWEEN $1 AND $2 AND substring(uuid_send(id) FROM 15 FOR 2) BETWEEN $3 AND $4
        ORDER BY id LIMIT $5"
    ),
};
const BY_ID: Sql = Sql {
    sqlite: concat!(
        "SELECT ",
        transfer_columns!(),
        " FROM transfers WHERE id IN (SELECT unhex(value) FROM json_each($1))"
    ),
    postgres: concat!("SELECT ", transfer_columns!(), " FROM transfers WHERE id = ANY($1)"),
};
/// Transfers that the messages of a sender made from an instant on, main ones only. The search begins at an identifier,
/// which begins with its time. The sender may be stored in two spellings.
const MOVED_BY: &str = concat!(
    "SELECT ",
    transfer_columns!(),
    " FROM transfers WHERE id >= $1 AND at >= $2 AND kind NOT IN ('bonus', 'commission', 'fee')
        AND EXISTS (SELECT 1 FROM inbox WHERE inbox.key = transfers.message_key AND inbox.sender IN ($3, $4))
    ORDER BY id LIMIT $5"
);
const HAS_MOVED: &str = "SELECT EXISTS (SELECT 1 FROM transfers WHERE debit = $1 OR credit = $1)";
/// The minor units that left an account, less those that came back. The function `sum()` of PostgreSQL returns another type than the column.
const GIVEN: &str =
    "SELECT CAST(coalesce(sum(CASE WHEN debit = $1 THEN amount_minor ELSE -amount_minor END), 0) AS bigint)
    FROM transfers WHERE debit = $1 OR credit = $1";
/// Those of these transfers that were reversed, with their reversals.
const REVERSALS: Sql = Sql {
    sqlite: "SELECT reverses, id FROM transfers WHERE reverses IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT reverses, id FROM transfers WHERE reverses = ANY($1)",
};

macro_rules! later_than {
    ($originals:literal) => {
        concat!(
            "WITH RECURSIVE later (original, account, this) AS (
                SELECT o.id, a.name, a.last_transfer FROM transfers o CROSS JOIN accounts a
                WHERE o.id ",
            $originals,
            " AND a.name = o.credit AND a.last_transfer <> o.id
                UNION
                SELECT w.original, w.account, CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END
                FROM later w CROSS JOIN transfers t
                WHERE t.id = w.this
                    AND CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END <> w.original)
            SELECT o.id, l.kind, l.amount_minor, l.at
            FROM later w CROSS JOIN transfers l CROSS JOIN transfers o
            WHERE l.id = w.this AND o.id = w.original AND l.credit = w.account AND l.valid_after IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.reverses = l.id)"
        )
    };
}

/// Later transfers to the accounts of these transfers that extended validity and were not reversed. Each account is
/// walked back from its last transfer to the given one.
const LATER: Sql =
    Sql { sqlite: later_than!("IN (SELECT unhex(value) FROM json_each($1))"), postgres: later_than!("= ANY($1)") };

#[derive(Debug)]
pub(super) struct TransferRow {
    id: Uuid,
    kind: TransferKind,
    debit: AccountKey,
    credit: AccountKey,
    amount_minor: Amount,
    message_key: Option<String>,
    action: Option<Uuid>,
    system: Option<String>,
    at: DateTime<Utc>,
    debit_balance_minor: Option<i64>,
    credit_balance_minor: Option<i64>,
    valid_before: Option<DateTime<Utc>>,
    valid_after: Option<DateTime<Utc>>,
    reverses: Option<Uuid>,
    hold: Option<Uuid>,
    reason: Option<ReasonCode>,
}

columns!(
    in "transfers", TransferRow: id, kind, debit, credit, amount_minor, message_key, action, system, at,
        debit_balance_minor, credit_balance_minor, valid_before, valid_after, reverses, hold, reason
);

/// The cause of a transfer; exactly one column is not NULL.
pub(super) fn cause(
    message_key: Option<String>,
    action: Option<Uuid>,
    system: Option<String>,
) -> Result<Cause, StoreError> {
    match (message_key, action, system) {
        (Some(key), None, None) => Ok(Cause::Message(key)),
        (None, Some(action), None) => Ok(Cause::Operator(action)),
        (None, None, Some(name)) => Ok(Cause::System(name)),
        _ => Err(StoreError::corrupt("transfers", "not one cause")),
    }
}

impl TryFrom<TransferRow> for Transfer {
    type Error = StoreError;

    fn try_from(row: TransferRow) -> Result<Self, StoreError> {
        let change = ValidityChange { before: row.valid_before, after: row.valid_after };
        Ok(Self {
            id: row.id,
            movement: Movement {
                kind: row.kind,
                debit: row.debit,
                credit: row.credit,
                amount: row.amount_minor,
                validity: (change.before.is_some() || change.after.is_some()).then_some(change),
                reverses: row.reverses,
                hold: row.hold,
                reason: row.reason,
            },
            debit_balance_minor: row.debit_balance_minor,
            credit_balance_minor: row.credit_balance_minor,
            cause: cause(row.message_key, row.action, row.system)?,
            at: row.at,
        })
    }
}

struct Reversal {
    reverses: Uuid,
    id: Uuid,
}

columns!(in "transfers", Reversal: reverses, id);

struct LaterRow {
    id: Uuid,
    kind: TransferKind,
    amount_minor: Amount,
    at: DateTime<Utc>,
}

columns!(in "transfers", LaterRow: id, kind, amount_minor, at);

fn transfers(rows: Vec<TransferRow>) -> Result<Vec<Transfer>, StoreError> {
    rows.into_iter().map(Transfer::try_from).collect()
}

pub(super) async fn by_id(connection: Connection<'_>, ids: Keys<Uuid>) -> Result<Vec<Transfer>, StoreError> {
    transfers(rows!(connection, TransferRow, BY_ID, [ids])?)
}

/// Adds the rows that a reversal of these transfers needs.
pub(in crate::store) async fn load_reversed(
    mut connection: Connection<'_>,
    reversed: &[Uuid],
    loaded: &mut LoadedRows,
) -> Result<(), StoreError> {
    if reversed.is_empty() {
        return Ok(());
    }
    let ids = Keys(reversed.to_vec());
    let reversals = rows!(connection.again(), Reversal, REVERSALS, [ids.clone()])?;
    loaded.reversals = reversals.into_iter().map(|row| (row.reverses, row.id)).collect();
    for LaterRow { id, kind, amount_minor: amount, at } in rows!(connection, LaterRow, LATER, [ids])? {
        loaded.later.entry(id).or_default().push(Later { kind, amount, at });
    }
    Ok(())
}

/// The smallest identifier of an instant; identifiers begin with their time.
pub(super) fn first_id_at(at: DateTime<Utc>) -> Uuid {
    let millis = at.timestamp_millis().max(0).unsigned_abs();
    Uuid::from_u128(u128::from(millis.min(0xffff_ffff_ffff)) << 80)
}

impl Store {
    /// Returns all transfers of the command that made this one, the main one first; empty if the transfer does not
    /// exist. Of a list, they are those of the one item.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn command_of(&self, transfer: Uuid) -> Result<Vec<Transfer>, StoreError> {
        let mut made = self.made_with(transfer).await?;
        if let Some(begin) = made.first().map(|first| first.id) {
            let item = Transfer::item_of(transfer, begin);
            made.retain(|other| Transfer::item_of(other.id, begin) == item);
        }
        Ok(made)
    }

    /// Returns the main transfers of the items of the list that this transfer belongs to, in the order of its message; only
    /// one if its command is no list.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn list_of(&self, transfer: Uuid) -> Result<Vec<Transfer>, StoreError> {
        let mut made = self.made_with(transfer).await?;
        if let Some(begin) = made.first().map(|first| first.id) {
            let is_main = |id| Transfer::item_of(id, begin).is_some_and(|item| Transfer::item_at(begin, item) == id);
            made.retain(|other| is_main(other.id));
        }
        Ok(made)
    }

    /// All transfers of the message or order that made this one. The first one has the identifier of the command, or of the
    /// list.
    async fn made_with(&self, transfer: Uuid) -> Result<Vec<Transfer>, StoreError> {
        let reach = u128::from(Transfer::ITEMS_APART) * ListCommand::ITEMS_MAX as u128;
        let (first, last) = (transfer.as_u128().saturating_sub(reach), transfer.as_u128().saturating_add(reach));
        let near = self.between(Uuid::from_u128(first), Uuid::from_u128(last), None).await?;
        let cause = near.iter().find(|other| other.id == transfer).map(|found| found.cause.clone());
        Ok(near.into_iter().filter(|other| Some(&other.cause) == cause.as_ref()).collect())
    }

    /// Returns the transfers with this receipt: one, except in rare cases.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn transfers_of_receipt(&self, receipt: &Receipt) -> Result<Vec<Transfer>, StoreError> {
        let Some((first, last)) = receipt.id_range() else { return Ok(Vec::new()) };
        let end = receipt.id_end();
        let found = self.between(first, last, end).await?;
        Ok(found.into_iter().filter(|transfer| Receipt::of(transfer.id) == *receipt).collect())
    }

    /// Returns the transfers that the messages of this sender made from this instant on, the oldest first. `before` is
    /// the former spelling of the sender.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn moved_by(
        &self,
        (sender, before): (&str, &str),
        from: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Transfer>, StoreError> {
        let first = first_id_at(from - NODES_APART);
        transfers(rows!(self.reader(), TransferRow, MOVED_BY, [first, from, sender, before, most])?)
    }

    async fn between(&self, first: Uuid, last: Uuid, end: Option<[u8; 2]>) -> Result<Vec<Transfer>, StoreError> {
        let (low, high) = end.map_or(([0; 2], [0xff; 2]), |end| (end, end));
        transfers(rows!(self.reader(), TransferRow, BETWEEN, [first, last, low.to_vec(), high.to_vec(), NEAR_MAX])?)
    }

    /// Returns `true` if any transfer has this account on a side. For an account without a balance, this may read all
    /// transfers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_moved(&self, account: &AccountKey) -> Result<bool, StoreError> {
        one!(self.reader(), (bool,), HAS_MOVED, [account]).map(|(has_moved,)| has_moved)
    }

    /// Returns the debt of a bank for all top-ups less reversals, in minor units: the sum of its transfers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clearing_minor(&self, bank: &str) -> Result<i64, StoreError> {
        self.given_minor(AccountKey::bank_clearing(bank)).await
    }

    /// Returns the bonuses that a rule has given, in minor units: the sum of its transfers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bonus_minor(&self, rule: &str) -> Result<i64, StoreError> {
        self.given_minor(AccountKey::new(AccountKind::Bonus, rule)).await
    }

    async fn given_minor(&self, account: AccountKey) -> Result<i64, StoreError> {
        one!(self.reader(), (i64,), GIVEN, [&account]).map(|(minor,)| minor)
    }
}
