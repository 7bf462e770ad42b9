//! The transaction of one batch: at most three reads and five writes, whatever its size.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json as value};
use sqlx::{Sqlite, Transaction};
use tokio::sync::Notify;

use super::super::{Answered, Loaded, StoreError, Wanted, Writes};
use super::convert::{AccountRow, corrupt, id, instant, json, micros, sixteen};
use crate::domain::{Account, ContentHash, Earlier, Fingerprint};

const ANSWERED: &str = "SELECT key, content, outcome, reply FROM inbox WHERE key IN (SELECT value FROM json_each($1))";
const ACCOUNTS: &str = "SELECT name, balance_cents, state, valid_until, language, opened_at FROM accounts
    WHERE name IN (SELECT value FROM json_each($1))";
const EARLIER: &str = "SELECT fingerprint, transfer, at FROM requests
    WHERE fingerprint IN (SELECT unhex(value) FROM json_each($1))";

const WRITE_INBOX: &str = "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form,
        grammars, ending, outcome, reply, trace)
    SELECT value->>0, unhex(value->>1), value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
        value->>9, value->>10, value->>11, value->>12, value->>13 FROM json_each($1)";
const WRITE_ACCOUNTS: &str = "INSERT INTO accounts (name, balance_cents, state, valid_until, language, opened_at)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each($1) WHERE true
    ON CONFLICT (name) DO UPDATE SET balance_cents = excluded.balance_cents, state = excluded.state,
        valid_until = excluded.valid_until, language = excluded.language";
const WRITE_TRANSFERS: &str = "INSERT INTO transfers (id, kind, debit, credit, amount_cents, credit_balance_cents,
        message_key, at)
    SELECT unhex(value->>0), value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7
    FROM json_each($1)";
const WRITE_REQUESTS: &str = "INSERT INTO requests (fingerprint, transfer, at)
    SELECT unhex(value->>0), unhex(value->>1), value->>2 FROM json_each($1) WHERE true
    ON CONFLICT (fingerprint) DO UPDATE SET transfer = excluded.transfer, at = excluded.at";
const WRITE_OUTBOX: &str = "INSERT INTO outbox (id, message_key, link, sender, recipient, text, state, attempts,
        created_at, due_at)
    SELECT unhex(value->>0), value->>1, value->>2, value->>3, value->>4, value->>5, 'open', 0, value->>6, value->>6
    FROM json_each($1)";

/// One transaction; dropping it without [`Batch::commit`] undoes it.
#[derive(Debug)]
pub struct Batch {
    transaction: Transaction<'static, Sqlite>,
    replies: usize,
    replies_added: Arc<Notify>,
}

impl Batch {
    pub(super) const fn new(transaction: Transaction<'static, Sqlite>, replies_added: Arc<Notify>) -> Self {
        Self { transaction, replies: 0, replies_added }
    }

    /// The messages among these keys that were answered before.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn answered(&mut self, keys: &[&str]) -> Result<HashMap<String, Answered>, StoreError> {
        let rows: Vec<(String, Vec<u8>, String, Option<String>)> =
            sqlx::query_as(ANSWERED).bind(json("inbox", keys)?).fetch_all(&mut *self.transaction).await?;
        rows.into_iter()
            .map(|(key, content, outcome, reply)| {
                let content = ContentHash(sixteen("inbox", &content)?);
                let outcome = serde_json::from_str(&outcome).map_err(|error| corrupt("inbox", error.to_string()))?;
                Ok((key, Answered { content, outcome, reply }))
            })
            .collect()
    }

    /// What the database knows of accounts and requests. IMMEDIATE holds it still until the commit.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        let names: Vec<String> = wanted.accounts.iter().map(ToString::to_string).collect();
        if !names.is_empty() {
            let rows: Vec<AccountRow> =
                sqlx::query_as(ACCOUNTS).bind(json("accounts", &names)?).fetch_all(&mut *self.transaction).await?;
            for row in rows {
                let account = Account::try_from(row)?;
                loaded.accounts.insert(account.key.clone(), account);
            }
        }
        let fingerprints: Vec<String> = wanted.fingerprints.iter().map(|print| hex::encode(print.0)).collect();
        if !fingerprints.is_empty() {
            let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(EARLIER)
                .bind(json("requests", &fingerprints)?)
                .fetch_all(&mut *self.transaction)
                .await?;
            for (print, transfer, at) in rows {
                let earlier = Earlier { transfer: id("requests", &transfer)?, at: instant("requests", at)? };
                loaded.earlier.insert(Fingerprint(sixteen("requests", &print)?), earlier);
            }
        }
        Ok(loaded)
    }

    /// Writes each table with one statement.
    ///
    /// # Errors
    /// The database fails; nothing of the batch is kept then.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), StoreError> {
        self.replies += writes.outbox.len();
        self.put(WRITE_INBOX, "inbox", &inbox_values(writes)?).await?;
        self.put(WRITE_ACCOUNTS, "accounts", &account_values(writes)).await?;
        self.put(WRITE_TRANSFERS, "transfers", &transfer_values(writes)).await?;
        self.put(WRITE_REQUESTS, "requests", &request_values(writes)).await?;
        self.put(WRITE_OUTBOX, "outbox", &outbox_values(writes)).await
    }

    /// Makes it durable; only then is anything acknowledged.
    ///
    /// # Errors
    /// The database fails; whether the batch was kept is found out by running it again.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await?;
        if self.replies > 0 {
            self.replies_added.notify_one();
        }
        Ok(())
    }

    async fn put(&mut self, statement: &'static str, table: &'static str, rows: &[Value]) -> Result<(), StoreError> {
        if !rows.is_empty() {
            sqlx::query(statement).bind(json(table, rows)?).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

fn inbox_values(writes: &Writes) -> Result<Vec<Value>, StoreError> {
    let text = |error: serde_json::Error| corrupt("inbox", error.to_string());
    let row = |row: &super::super::InboxRow| {
        let message = &row.message;
        Ok(value!([
            message.key,
            hex::encode(message.content_hash().0),
            message.link,
            message.from,
            message.to,
            serde_json::to_string(&message.body).map_err(text)?,
            micros(message.received_at),
            row.bank,
            row.form,
            row.grammars,
            row.outcome.kind(),
            serde_json::to_string(&row.outcome).map_err(text)?,
            row.reply,
            row.trace,
        ]))
    };
    writes.inbox.iter().map(row).collect()
}

fn account_values(writes: &Writes) -> Vec<Value> {
    let row = |account: &Account| {
        value!([
            account.key.to_string(),
            account.balance_cents,
            account.state.as_str(),
            account.valid_until.map(micros),
            account.language.map(crate::domain::Language::code),
            micros(account.opened_at),
        ])
    };
    writes.accounts.iter().map(row).collect()
}

fn transfer_values(writes: &Writes) -> Vec<Value> {
    let row = |transfer: &crate::domain::Transfer| {
        value!([
            hex::encode(transfer.id),
            transfer.kind.as_str(),
            transfer.debit.to_string(),
            transfer.credit.to_string(),
            transfer.amount.cents(),
            transfer.credit_balance_cents,
            transfer.message_key,
            micros(transfer.at),
        ])
    };
    writes.transfers.iter().map(row).collect()
}

fn request_values(writes: &Writes) -> Vec<Value> {
    let row = |carried: &super::super::Carried| {
        value!([hex::encode(carried.fingerprint.0), hex::encode(carried.done.transfer), micros(carried.done.at)])
    };
    writes.requests.iter().map(row).collect()
}

fn outbox_values(writes: &Writes) -> Vec<Value> {
    let row = |sms: &crate::domain::OutboundSms| {
        value!([hex::encode(sms.id), sms.message_key, sms.link, sms.from, sms.to, sms.text, micros(sms.created_at)])
    };
    writes.outbox.iter().map(row).collect()
}
