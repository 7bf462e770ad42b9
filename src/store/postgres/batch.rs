//! The transaction of one batch: at most three reads and five writes, whatever its size.
//!
//! Nodes at once. Each statement of READ COMMITTED sees what was committed before it began, and:
//! 1. `load` locks the accounts that exist, in the order of their names; a batch that looks at one of them waits here
//!    until the other has ended, and then reads the account *and, in a later statement, the requests* as that one left
//!    them. So the same request on two nodes is one top-up and one duplicate.
//! 2. What does not exist yet cannot be locked. Each row is therefore written only where it is as this batch saw it:
//!    an account by its version, a request by its times, a message by its key. Whoever is second writes fewer rows than
//!    it meant to (or runs into the key), gives up with [`StoreError::Conflict`], and finds the first one's result when it
//!    is run again.
//! 3. Rows are locked and written in one order by all (table by table, sorted by key), so batches wait, but never in a
//!    ring.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::super::chain::{self, Chained, Entry, Head, Linked};
use super::super::rows::ContentOf;
use super::super::{Answered, Carried, InboxRow, StoreError, Writes};
use super::cards;
use super::convert::{AccountRow, shown, sixteen};
use super::{events, offers, orders, pins, staff};
use crate::domain::limits::UsageKey;
use crate::domain::{Account, AccountKey, Earlier, Fingerprint, Language, Needs, OutboundSms, ReasonCode, Snapshot};

const ACCOUNTS: &str =
    "SELECT name, balance_cents, state, valid_until, language, opened_at, held_cents, version, entries, head
    FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";
const EARLIER: &str = "SELECT fingerprint, transfer, at, times FROM requests WHERE fingerprint = ANY($1)";

const WRITE_INBOX: &str = "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form,
        grammars, ending, outcome, reply, trace, transfer)
    SELECT * FROM UNNEST($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[])";
const WRITE_ACCOUNTS: &str = "INSERT INTO accounts (name, balance_cents, state, valid_until, language, opened_at,
        held_cents, version, entries, head)
    SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[],
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[])
    ON CONFLICT (name) DO UPDATE SET balance_cents = excluded.balance_cents, state = excluded.state,
        valid_until = excluded.valid_until, language = excluded.language, held_cents = excluded.held_cents,
        version = excluded.version, entries = excluded.entries, head = excluded.head
    WHERE accounts.version = excluded.version - 1";
const WRITE_TRANSFERS: &str =
    "INSERT INTO transfers (id, kind, debit, credit, amount_cents, message_key, action, system,
        at, debit_entry, debit_previous, debit_balance_cents, credit_entry, credit_previous, credit_balance_cents,
        valid_before, valid_after, reverses, hold, reason, hash)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::uuid[],
        $8::text[], $9::timestamptz[], $10::bigint[], $11::bytea[], $12::bigint[], $13::bigint[], $14::bytea[],
        $15::bigint[], $16::timestamptz[], $17::timestamptz[], $18::uuid[], $19::uuid[], $20::text[], $21::bytea[])";
const WRITE_REQUESTS: &str = "INSERT INTO requests (fingerprint, transfer, at, times)
    SELECT * FROM UNNEST($1::bytea[], $2::uuid[], $3::timestamptz[], $4::bigint[])
    ON CONFLICT (fingerprint) DO UPDATE SET transfer = excluded.transfer, at = excluded.at, times = excluded.times
    WHERE requests.times = excluded.times - 1";
const WRITE_OUTBOX: &str = "INSERT INTO outbox (id, message_key, link, sender, recipient, text, state, attempts,
        created_at, due_at)
    SELECT id, message_key, link, sender, recipient, text, 'open', 0, created_at, created_at
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        AS reply (id, message_key, link, sender, recipient, text, created_at)";

/// One transaction; dropping it without [`Batch::commit`] undoes it.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) transaction: Transaction<'static, Postgres>,
    heads: HashMap<AccountKey, Head>,
    times: HashMap<Fingerprint, i64>,
    pub(super) usage_versions: HashMap<UsageKey, i64>,
    lockouts: HashMap<String, i64>,
}

impl Batch {
    pub(super) fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self {
            transaction,
            heads: HashMap::new(),
            times: HashMap::new(),
            usage_versions: HashMap::new(),
            lockouts: HashMap::new(),
        }
    }

    pub(crate) async fn answered(&mut self, keys: &[&str]) -> Result<HashMap<String, Answered>, StoreError> {
        orders::answered(&mut self.transaction, keys).await
    }

    /// Accounts first: whoever holds one of them may still be writing the requests that are read afterwards.
    pub(crate) async fn load(&mut self, wanted: &Needs) -> Result<Snapshot, StoreError> {
        let mut loaded = Snapshot::default();
        if !wanted.accounts.is_empty() {
            let names: Vec<String> = wanted.accounts.iter().map(ToString::to_string).collect();
            let rows: Vec<AccountRow> = sqlx::query_as(ACCOUNTS).bind(names).fetch_all(&mut *self.transaction).await?;
            for row in rows {
                let head = row.head()?;
                let account = Account::try_from(row)?;
                self.heads.insert(account.key.clone(), head);
                loaded.accounts.insert(account.key.clone(), account);
            }
        }
        events::load(&mut self.transaction, wanted, &mut loaded).await?;
        if !wanted.fingerprints.is_empty() {
            let prints: Vec<&[u8]> = wanted.fingerprints.iter().map(|print| &print.0[..]).collect();
            let rows: Vec<(Vec<u8>, Uuid, DateTime<Utc>, i64)> =
                sqlx::query_as(EARLIER).bind(prints).fetch_all(&mut *self.transaction).await?;
            for (print, transfer, at, times) in rows {
                let print = Fingerprint(sixteen("requests", &print)?);
                self.times.insert(print, times);
                loaded.earlier.insert(print, Earlier { transfer, at });
            }
        }
        self.load_usage(&wanted.usage, &mut loaded).await?;
        self.lockouts = cards::load(&mut self.transaction, &wanted.lookups, &mut loaded).await?;
        staff::load(&mut self.transaction, wanted, &mut loaded).await?;
        pins::load(&mut self.transaction, &wanted.pins, &mut loaded).await?;
        Ok(loaded)
    }

    pub(crate) async fn write(&mut self, writes: &Writes) -> Result<(), StoreError> {
        let Chained { transfers, accounts } = chain::link(&self.heads, writes)?;
        let mut messages: Vec<&InboxRow> = writes.inbox.iter().collect();
        messages.sort_unstable_by_key(|row| &row.message.key);
        let mut requests: Vec<&Carried> = writes.requests.iter().collect();
        requests.sort_unstable_by_key(|carried| carried.fingerprint.0);
        self.put("inbox", messages.len(), inbox(&messages)?).await?;
        self.put("accounts", accounts.len(), account_rows(&accounts)).await?;
        events::write(&mut self.transaction, &writes.events).await?;
        self.put("transfers", transfers.len(), transfer_rows(&transfers)).await?;
        let times = requests.iter().map(|carried| self.times.get(&carried.fingerprint).copied().unwrap_or(0) + 1);
        let times: Vec<i64> = times.collect();
        self.put("requests", requests.len(), request_rows(&requests, times)).await?;
        cards::write(&mut self.transaction, writes, &self.lockouts).await?;
        self.put("outbox", writes.outbox.len(), outbox_rows(&writes.outbox)).await?;
        self.put("holds", writes.holds.len(), staff::hold_rows(&writes.holds)).await?;
        self.put("operator_actions", writes.actions.len(), staff::action_rows(&writes.actions)).await?;
        pins::write(&mut self.transaction, &writes.pins).await?;
        offers::write(&mut self.transaction, &writes.offers).await?;
        self.write_usage(writes).await
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// Fewer rows than were given: one of them is not as this batch saw it.
    pub(super) async fn put(
        &mut self,
        table: &'static str,
        count: usize,
        insert: Insert<'_>,
    ) -> Result<(), StoreError> {
        if count == 0 {
            return Ok(());
        }
        let done = insert.execute(&mut *self.transaction).await?;
        if done.rows_affected() == count as u64 { Ok(()) } else { Err(StoreError::Conflict { table }) }
    }
}

pub(super) type Insert<'q> = Query<'q, Postgres, PgArguments>;

/// One column of some rows.
pub(super) fn column<'a, R, C>(rows: &'a [R], value: impl FnMut(&'a R) -> C) -> Vec<C> {
    rows.iter().map(value).collect()
}

fn inbox<'a>(rows: &'a [&'a InboxRow]) -> Result<Insert<'static>, StoreError> {
    let content: Vec<ContentOf> =
        rows.iter().map(|row| ContentOf::row(&row.message, &row.outcome)).collect::<Result<_, _>>()?;
    Ok(sqlx::query(WRITE_INBOX)
        .bind(column(rows, |row| row.message.key.as_str()))
        .bind(column(&content, |content| &content.hash[..]))
        .bind(column(rows, |row| row.message.link.as_str()))
        .bind(column(rows, |row| shown(&row.message.from)))
        .bind(column(rows, |row| shown(&row.message.to)))
        .bind(column(&content, |content| content.body.as_str()))
        .bind(column(rows, |row| row.message.received_at))
        .bind(column(rows, |row| row.bank.as_deref()))
        .bind(column(rows, |row| row.form.as_deref()))
        .bind(column(rows, |row| row.grammars.as_str()))
        .bind(column(rows, |row| row.outcome.kind()))
        .bind(column(&content, |content| content.outcome.as_str()))
        .bind(column(rows, |row| row.reply.as_deref().map(shown)))
        .bind(column(rows, |row| row.trace.as_deref().map(shown)))
        .bind(column(&content, |content| content.transfer)))
}

fn account_rows(rows: &[(&Account, String, Head)]) -> Insert<'static> {
    sqlx::query(WRITE_ACCOUNTS)
        .bind(column(rows, |(_, name, _)| name.as_str()))
        .bind(column(rows, |(account, ..)| account.balance_cents))
        .bind(column(rows, |(account, ..)| account.state.as_str()))
        .bind(column(rows, |(account, ..)| account.valid_until))
        .bind(column(rows, |(account, ..)| account.language.map(Language::code)))
        .bind(column(rows, |(account, ..)| account.opened_at))
        .bind(column(rows, |(account, ..)| account.held_cents))
        .bind(column(rows, |(.., head)| head.version))
        .bind(column(rows, |(.., head)| head.entries))
        .bind(column(rows, |(.., head)| &head.hash[..]))
}

fn transfer_rows(rows: &[Linked<'_>]) -> Insert<'static> {
    let (debits, credits) = (column(rows, |row| row.debit_entry), column(rows, |row| row.credit_entry));
    let insert = sqlx::query(WRITE_TRANSFERS)
        .bind(column(rows, |row| row.transfer.id))
        .bind(column(rows, |row| row.transfer.movement.kind.as_str()))
        .bind(column(rows, |row| row.debit.as_str()))
        .bind(column(rows, |row| row.credit.as_str()))
        .bind(column(rows, |row| row.transfer.movement.amount.cents()))
        .bind(column(rows, |row| row.transfer.cause.message()))
        .bind(column(rows, |row| row.transfer.cause.action()))
        .bind(column(rows, |row| row.transfer.cause.system()))
        .bind(column(rows, |row| row.transfer.at));
    entries(entries(insert, &debits), &credits)
        .bind(column(rows, |row| row.transfer.movement.validity.and_then(|change| change.before)))
        .bind(column(rows, |row| row.transfer.movement.validity.and_then(|change| change.after)))
        .bind(column(rows, |row| row.transfer.movement.reverses))
        .bind(column(rows, |row| row.transfer.movement.hold))
        .bind(column(rows, |row| row.transfer.movement.reason.map(ReasonCode::as_str)))
        .bind(column(rows, |row| &row.hash[..]))
}

fn entries(insert: Insert<'static>, rows: &[Option<Entry>]) -> Insert<'static> {
    insert
        .bind(column(rows, |entry| entry.map(|entry| entry.number)))
        .bind(column(rows, |entry| entry.as_ref().map(|entry| &entry.previous[..])))
        .bind(column(rows, |entry| entry.map(|entry| entry.balance_cents)))
}

fn request_rows(rows: &[&Carried], times: Vec<i64>) -> Insert<'static> {
    sqlx::query(WRITE_REQUESTS)
        .bind(column(rows, |row| &row.fingerprint.0[..]))
        .bind(column(rows, |row| row.done.transfer))
        .bind(column(rows, |row| row.done.at))
        .bind(times)
}

fn outbox_rows(rows: &[OutboundSms]) -> Insert<'static> {
    sqlx::query(WRITE_OUTBOX)
        .bind(column(rows, |sms| sms.id))
        .bind(column(rows, |sms| sms.message_key.as_str()))
        .bind(column(rows, |sms| sms.link.as_str()))
        .bind(column(rows, |sms| shown(&sms.from)))
        .bind(column(rows, |sms| shown(&sms.to)))
        .bind(column(rows, |sms| shown(&sms.text)))
        .bind(column(rows, |sms| sms.created_at))
}
