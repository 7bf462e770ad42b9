//! Sums over the whole ledger.

use crate::store::db::{columns, one};
use crate::store::{Store, StoreError, Totals};

/// The function `sum()` of PostgreSQL returns another type than its argument.
const TOTALS: &str = "SELECT
    (SELECT count(*) FROM transfers) AS transfers,
    (SELECT CAST(coalesce(sum(amount_minor), 0) AS bigint) FROM transfers) AS transferred_minor,
    (SELECT CAST(coalesce(sum(balance_minor), 0) AS bigint) FROM accounts) AS balances_minor,
    (SELECT count(*) FROM inbox) AS messages,
    (SELECT count(*) FROM inbox WHERE ending = 'applied') AS applied,
    (SELECT count(*) FROM outbox WHERE state = 'open') AS outbox_open,
    (SELECT count(*) FROM transfers WHERE kind IN ('top_up', 'voucher')) AS top_ups,
    (SELECT count(*) FROM transfers r JOIN transfers o ON o.id = r.reverses WHERE r.reverses IS NOT NULL
        AND o.kind IN ('top_up', 'voucher')) AS reversed,
    (SELECT CAST(coalesce(sum(balance_minor), 0) AS bigint) FROM accounts WHERE name >= 'dealer:' AND name < 'dealer;')
        AS stock_minor";

columns!(
    in "transfers", Totals: transfers, transferred_minor, balances_minor, messages, applied, outbox_open, top_ups,
        reversed, stock_minor
);

impl Store {
    /// Returns sums over the whole ledger.
    ///
    /// # Errors
    /// The database fails.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        one!(self.reader(), Totals, TOTALS, [])
    }
}
