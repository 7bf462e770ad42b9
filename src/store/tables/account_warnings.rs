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

/// Warnings that are not being sent now.
const PUT_OFF: &str = "UPDATE outbox SET due_at = $1
    WHERE state = 'open' AND link = $2 AND due_at < $1 AND (lease IS NULL OR due_at <= $3)
        AND message_key >= 'warning:' AND message_key < 'warning;'";

/// Prefix of the keys of warnings in the outbox; replies have the key of their message there.
pub const WARNING_KEYS: &str = "warning:";

/// A warning that was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountWarning {
    /// Time at which it was put into the outbox.
    pub at: DateTime<Utc>,
    /// Days before the end of validity.
    pub days: u16,
    /// The end of validity that it announces.
    pub valid_until: DateTime<Utc>,
    /// Identifier of its row in the outbox.
    pub outbox: Uuid,
}

columns!(in "account_warnings", AccountWarning: at, days, valid_until, outbox);

/// Records a warning and puts it into the outbox. Returns `false` if the number was sent this warning before.
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
    /// Postpones the unsent warnings of this link until this instant. Returns their number.
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

    /// Returns the warnings that a number was sent, those of the latest end of validity first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn account_warnings(&self, key: &AccountKey, most: u32) -> Result<Vec<AccountWarning>, StoreError> {
        rows!(self.reader(), AccountWarning, WARNINGS, [key, most])
    }
}
