//! The floor on SQLite: rusqlite, one prepared statement a table, one execution a row.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::tables::{HASH, Tables};

const INBOX: &str =
    "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form, grammars,
    ending, outcome, reply, trace, transfer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const ACCOUNTS: &str = "INSERT INTO accounts (name, balance_minor, state, valid_until, language, opened_at, version,
    entries, head, last_transfer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET balance_minor = excluded.balance_minor, state = excluded.state,
    valid_until = excluded.valid_until, version = excluded.version, entries = excluded.entries, head = excluded.head,
    last_transfer = excluded.last_transfer";
const TRANSFERS: &str = "INSERT INTO transfers (id, kind, debit, credit, amount_minor, message_key, at, credit_entry,
    credit_previous, credit_balance_minor, credit_prior, valid_before, valid_after, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const REQUESTS: &str = "INSERT INTO requests (fingerprint, transfer, at, times) VALUES (?, ?, ?, 1)";
const OUTBOX: &str = "INSERT INTO outbox (id, message_key, link, sender, recipient, text, state, attempts, created_at,
    due_at) VALUES (?, ?, ?, ?, ?, ?, 'open', 0, ?, ?)";

/// A connection with the settings of the store.
pub(crate) struct Bare(Connection);

impl Bare {
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        let settings = "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA foreign_keys = on;
            PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -65536;";
        connection.execute_batch(settings).unwrap();
        Self(connection)
    }

    pub(crate) fn write_all(&mut self, batches: &[Tables]) {
        for tables in batches {
            self.write(tables);
        }
    }

    /// One transaction.
    fn write(&mut self, tables: &Tables) {
        let transaction = self.0.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        fill(&transaction, tables).unwrap();
        transaction.commit().unwrap();
    }
}

fn fill(connection: &Connection, tables: &Tables) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(INBOX)?;
    for inbox in &tables.inbox {
        let (row, message) = (&inbox.row, &inbox.row.message);
        let at = message.received_at.timestamp_micros();
        let ending = row.outcome.kind();
        statement.execute(params![
            message.key,
            inbox.content,
            message.link,
            message.from,
            message.to,
            inbox.body,
            at,
            row.bank,
            row.form,
            row.grammars,
            ending,
            inbox.outcome,
            row.reply,
            row.trace,
            inbox.transfer.as_bytes()
        ])?;
    }
    let mut statement = connection.prepare_cached(ACCOUNTS)?;
    for (name, balance, until, entries) in &tables.accounts {
        let until = until.timestamp_micros();
        let (none, last) = (None::<&str>, &HASH[..16]);
        statement.execute(params![name, balance, "active", until, none, until, entries, entries, HASH, last])?;
    }
    let mut statement = connection.prepare_cached(TRANSFERS)?;
    for moved in &tables.transfers {
        let transfer = &moved.transfer;
        let (id, amount, at) =
            (transfer.id.as_bytes(), transfer.movement.amount.minor(), transfer.at.timestamp_micros());
        let balance = transfer.credit_balance_minor;
        let (key, entry) = (transfer.cause.message(), moved.entry);
        statement.execute(params![
            id,
            "top_up",
            moved.debit,
            moved.credit,
            amount,
            key,
            at,
            entry,
            HASH,
            balance,
            &HASH[..16],
            at,
            at,
            HASH
        ])?;
    }
    let mut statement = connection.prepare_cached(REQUESTS)?;
    for (fingerprint, transfer) in &tables.requests {
        statement.execute(params![fingerprint, transfer.as_bytes(), 1_795_368_000_123_456_i64])?;
    }
    let mut statement = connection.prepare_cached(OUTBOX)?;
    for sms in &tables.outbox {
        let (id, at) = (sms.id.as_bytes(), sms.created_at.timestamp_micros());
        statement.execute(params![id, sms.message_key, sms.link, sms.from, sms.to, sms.text, at, at])?;
    }
    Ok(())
}
