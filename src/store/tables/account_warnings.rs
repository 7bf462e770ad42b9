//! Warnings that the validity of a number is about to end.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{AccountKey, OutboundSms};
use crate::store::db::{Connection, columns, execute, rows};
use crate::store::{Store, StoreError};

const WARNINGS: &str = "SELECT at, days, valid_until, outbox FROM account_warnings
    WHERE account = $1 ORDER BY valid_until DESC, days LIMIT $2";
const ADD_WARNING: &str = "INSERT INTO account_warnings (account, valid_until, days, at, outbox)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, valid_until, days) DO NOTHING";
const ADD_SMS: &str =
    "INSERT INTO outbox (id, message_key, link, sender, recipient, text, created_at, due_at, state, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 'open', 0)";

/// Those that nobody is sending at the moment.
const PUT_OFF: &str = "UPDATE outbox SET due_at = $1
    WHERE state = 'open' AND link = $2 AND due_at < $1 AND (lease IS NULL OR due_at <= $3)
        AND message_key >= 'warning:' AND message_key < 'warning;'";

/// The beginning of the keys of warnings, as those of replies name the message that they answer.
pub const WARNING_KEYS: &str = "warning:";

/// A warning that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountWarning {
    /// Instant at which it was put into the outbox.
    pub at: DateTime<Utc>,
    /// Days before the end of validity.
    pub days: u16,
    /// The end of validity that it is about.
    pub valid_until: DateTime<Utc>,
    /// Its row of the outbox.
    pub outbox: Uuid,
}

columns!(in "account_warnings", AccountWarning: at, days, valid_until, outbox);

/// Notes a warning and puts it into the outbox. Returns `false` if the number was sent this one already.
pub(super) async fn add(
    mut connection: Connection<'_>,
    account: &AccountKey,
    days: u16,
    valid_until: DateTime<Utc>,
    sms: &OutboundSms,
) -> Result<bool, StoreError> {
    let OutboundSms { id, message_key, link, from, to, text, created_at, .. } = sms;
    let is_new = execute!(connection.again(), ADD_WARNING, [account, valid_until, days, *created_at, *id])? == 1;
    if is_new {
        execute!(connection, ADD_SMS, [*id, message_key, link, from, to, text, *created_at])?;
    }
    Ok(is_new)
}

impl Store {
    /// Puts off the warnings of this link that did not go out yet until this instant; how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_off_warnings(
        &self,
        link: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        execute!(self.writer(), PUT_OFF, [until, link, now])
    }

    /// The warnings that a number was sent, those of the newest end of validity first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn account_warnings(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountWarning>, StoreError> {
        rows!(self.reader(), AccountWarning, WARNINGS, [key, most])
    }
}
