//! Reads for staff. They see the last commit.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::{StatementLine, StoreError, Totals};
use super::Store;
use super::convert::{AccountRow, parsed};
use crate::domain::{Account, AccountKey, Amount, Receipt};

const ACCOUNT: &str =
    "SELECT name, balance_cents, state, valid_until, language, opened_at, held_cents, version, entries, head FROM accounts
    WHERE name = $1";
const STATEMENT: &str = "SELECT id, kind, debit, amount_cents, credit_balance_cents, at FROM transfers
    WHERE credit = $1 AND credit_entry IS NOT NULL ORDER BY credit_entry DESC LIMIT $2";
const CLEARING: &str = "SELECT coalesce(sum(amount_cents), 0)::bigint FROM transfers
    WHERE debit = $1 AND debit_entry IS NULL";
const TOTALS: &str = "SELECT
    (SELECT count(*) FROM transfers), (SELECT coalesce(sum(amount_cents), 0)::bigint FROM transfers),
    (SELECT coalesce(sum(balance_cents), 0)::bigint FROM accounts), (SELECT count(*) FROM inbox),
    (SELECT count(*) FROM inbox WHERE ending = 'applied'), (SELECT count(*) FROM outbox WHERE state = 'open')";

#[derive(sqlx::FromRow)]
struct TransferRow {
    id: Uuid,
    kind: String,
    debit: String,
    amount_cents: i64,
    credit_balance_cents: i64,
    at: DateTime<Utc>,
}

impl Store {
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn account(&self, key: &AccountKey) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = sqlx::query_as(ACCOUNT).bind(key.to_string()).fetch_optional(&self.pool).await?;
        row.map(Account::try_from).transpose()
    }

    pub(crate) async fn statement(&self, key: &AccountKey, most: u32) -> Result<Vec<StatementLine>, StoreError> {
        let rows: Vec<TransferRow> =
            sqlx::query_as(STATEMENT).bind(key.to_string()).bind(i64::from(most)).fetch_all(&self.pool).await?;
        rows.iter().map(line).collect()
    }

    pub(crate) async fn given_cents(&self, account: &AccountKey) -> Result<i64, StoreError> {
        let name = account.to_string();
        Ok(sqlx::query_scalar(CLEARING).bind(name).fetch_one(&self.pool).await?)
    }

    pub(crate) async fn totals(&self) -> Result<Totals, StoreError> {
        let (transfers, transferred_cents, balances_cents, messages, applied, outbox_open) =
            sqlx::query_as(TOTALS).fetch_one(&self.pool).await?;
        Ok(Totals { transfers, transferred_cents, balances_cents, messages, applied, outbox_open })
    }
}

fn line(row: &TransferRow) -> Result<StatementLine, StoreError> {
    let table = "transfers";
    Ok(StatementLine {
        id: row.id,
        receipt: Receipt::of(row.id),
        kind: parsed(table, &row.kind)?,
        other: parsed(table, &row.debit)?,
        amount: Amount::from_cents(row.amount_cents).map_err(|error| StoreError::corrupt(table, error.to_string()))?,
        balance_cents: row.credit_balance_cents,
        at: row.at,
    })
}
