//! Reads for staff. They use the readers' pool and see the last commit.

use super::Store;
use super::convert::AccountRow;
use crate::domain::{Account, AccountKey};
use crate::store::rows::TotalsRow;
use crate::store::{StoreError, Totals};

const ACCOUNT: &str =
    "SELECT name, balance_cents, state, valid_until, language, opened_at, held_cents, version, entries, head,
        last_transfer
    FROM accounts WHERE name = $1";
const CLEARING: &str = "SELECT coalesce(sum(CASE WHEN debit = $1 THEN amount_cents ELSE -amount_cents END), 0)
    FROM transfers WHERE debit = $1 OR credit = $1";
const TOTALS: &str = "SELECT
    (SELECT count(*) FROM transfers), (SELECT coalesce(sum(amount_cents), 0) FROM transfers),
    (SELECT coalesce(sum(balance_cents), 0) FROM accounts), (SELECT count(*) FROM inbox),
    (SELECT count(*) FROM inbox WHERE ending = 'applied'), (SELECT count(*) FROM outbox WHERE state = 'open'),
    (SELECT count(*) FROM transfers WHERE kind IN ('top_up', 'voucher')),
    (SELECT count(*) FROM transfers r JOIN transfers o ON o.id = r.reverses WHERE r.reverses IS NOT NULL
        AND o.kind IN ('top_up', 'voucher')),
    (SELECT coalesce(sum(balance_cents), 0) FROM accounts WHERE name >= 'dealer:' AND name < 'dealer;')";

impl Store {
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    pub(crate) async fn account(&self, key: &AccountKey) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> =
            sqlx::query_as(ACCOUNT).bind(key.to_string()).fetch_optional(&self.readers).await?;
        row.map(Account::try_from).transpose()
    }

    pub(crate) async fn given_cents(&self, account: &AccountKey) -> Result<i64, StoreError> {
        let name = account.to_string();
        Ok(sqlx::query_scalar(CLEARING).bind(name).fetch_one(&self.readers).await?)
    }

    pub(crate) async fn totals(&self) -> Result<Totals, StoreError> {
        let row: TotalsRow = sqlx::query_as(TOTALS).fetch_one(&self.readers).await?;
        Ok(Totals::of(row))
    }
}
