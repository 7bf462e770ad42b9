//! The currency and the time zone of the ledger: one row, which a server's start writes into a ledger that has none.

use super::schema::{Applied, Tables};
use super::{cannot_open, execute, row};
use crate::domain::locale::Locale;
use crate::store::{Store, StoreError};

const ROW: &str = "SELECT currency, time_zone FROM ledger";
const CHOOSE: &str = "INSERT INTO ledger (id, currency, time_zone) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING";

/// The migration that makes the table.
const MIGRATION: i64 = 25;

impl Store {
    /// Checks that this program counts in the currency of the ledger, and by its days.
    pub(super) async fn is_of_this_country(&self, url: &str, tables: Tables) -> Result<(), StoreError> {
        let ours = (Locale::get().currency.to_string(), Locale::get().time_zone.to_string());
        match tables {
            // A copy counts nothing, and may be older than the table.
            Tables::Older => return Ok(()),
            Tables::BroughtUp => drop(execute!(self.writer(), CHOOSE, [&ours.0, &ours.1])?),
            Tables::Usable => {}
        }
        match row!(self.reader(), (String, String), ROW, [])? {
            Some(theirs) if theirs != ours => Err(cannot_open(url, other(&theirs, &ours))),
            _ => Ok(()),
        }
    }
}

/// Refuses another country for tables that are older than the row, before they are brought up to date: versions without it
/// counted in those of Kosovo.
pub(super) fn allow_older(url: &str, applied: Option<&Applied>) -> Result<(), StoreError> {
    let is_older = applied.is_some_and(|applied| applied.last().is_some_and(|(version, _)| *version < MIGRATION));
    let (ours, theirs) = (Locale::get(), Locale::default());
    if !is_older || (ours.currency, ours.time_zone) == (theirs.currency, theirs.time_zone) {
        return Ok(());
    }
    let shown = |locale: &Locale| (locale.currency.to_string(), locale.time_zone.to_string());
    Err(cannot_open(url, other(&shown(&theirs), &shown(ours))))
}

fn other(theirs: &(String, String), ours: &(String, String)) -> String {
    let (currency, time_zone) = theirs;
    if *currency == ours.0 {
        return format!(
            "the days of this ledger are those of {time_zone}, and the configuration has {}: sealed days cannot be moved; \
             name the ledger's country in `[country]`, or another database in `[store] url`",
            ours.1
        );
    }
    format!(
        "this ledger is in {currency}, and the configuration counts in {}: one ledger has one currency; name the ledger's \
         country in `[country]`, or another database in `[store] url`",
        ours.0
    )
}
