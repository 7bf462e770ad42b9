//! The currency of the ledger: one row, which a server's start writes into a ledger that has none.

use super::schema::Tables;
use super::{cannot_open, execute, row};
use crate::domain::CURRENCY;
use crate::store::{Store, StoreError};

const CURRENCY_OF: &str = "SELECT currency FROM ledger";
const CHOOSE: &str = "INSERT INTO ledger (id, currency) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";

impl Store {
    /// Checks that this program counts in the currency of the ledger.
    pub(super) async fn has_this_currency(&self, url: &str, tables: Tables) -> Result<(), StoreError> {
        match tables {
            // A copy counts nothing, and may be older than the table.
            Tables::Older => return Ok(()),
            Tables::BroughtUp => drop(execute!(self.writer(), CHOOSE, [&CURRENCY.to_string()])?),
            Tables::Usable => {}
        }
        match row!(self.reader(), (String,), CURRENCY_OF, [])? {
            Some((currency,)) if currency != CURRENCY.to_string() => Err(cannot_open(
                url,
                format!(
                    "this ledger is in {currency}, and the configuration counts in {CURRENCY}: one ledger has one currency; \
                     name the ledger's country in `[country]`, or another database in `[store] url`"
                ),
            )),
            _ => Ok(()),
        }
    }
}
