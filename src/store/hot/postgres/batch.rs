//! The transaction of one batch: at most three reads, and one or two writes per table, whatever its size.
//!
//! It differs from SQLite's because it locks the rows that it reads, and because each statement is a round trip to the
//! server: one array per column carries all rows of a table.
//!
//! Several nodes run batches at once. Each statement of READ COMMITTED sees what was committed before it began, and:
//! 1. `load` locks the accounts that exist, in the order of their names. Another batch with one of them waits here
//!    until the first has ended, and then reads the account *and, in a later statement, the requests* as the first left
//!    them. So the same request on two nodes is one top-up and one duplicate.
//! 2. Rows that do not exist cannot be locked. Each row is therefore written only if it is as this batch has read it:
//!    an account by its version, a request by its times, a message by its key. The slower batch writes fewer rows than
//!    given (or violates the key), fails with [`StoreError::Conflict`], and finds the result of the faster one when it
//!    is run again.
//! 3. All batches lock and write rows in one order (table by table, sorted by key), so that they cannot deadlock.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use sqlx::Row;
use uuid::Uuid;

use super::outbox::{FINISH, bind_ended};
use super::{Insert, cards, column};
use crate::domain::limits::UsageKey;
use crate::domain::{Account, AccountKey, Earlier, Fingerprint, LoadedRows, Needs, OutboundSms, ReasonCode, Stored};
use crate::store::causes::Causes;
use crate::store::chain::{self, Chained, Entry, Head, Linked};
use crate::store::db::Lent;
use crate::store::delivery::source_column;
use crate::store::hot::{Ended, Loaded};
use crate::store::rows::ContentOf;
use crate::store::tables::AccountRow;
use crate::store::value::{read, shown};
use crate::store::{Answered, Carried, InboxRow, Lease, StoreError, Writes};

const ACCOUNTS: &str =
    "SELECT name, balance_cents, state, valid_until, language, opened_at, held_cents, version, entries, head, last_transfer
    FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";
/// Those of these accounts that another transaction has locked.
const HELD: &str =
    "WITH free AS (SELECT name FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE SKIP LOCKED)
    SELECT name FROM accounts WHERE name = ANY($1) AND name NOT IN (SELECT name FROM free)";
/// Answers to messages and requests that were carried out, in one statement.
const KNOWN: &str = "SELECT key, content, outcome, reply, received_at, NULL::uuid AS transfer, NULL::bigint AS times
    FROM inbox WHERE key = ANY($1)
    UNION ALL SELECT NULL, fingerprint, NULL, NULL, at, transfer, times FROM requests WHERE fingerprint = ANY($2)";

// The arrays are unnested in the list of columns; in FROM, each of them would be copied first.
const WRITE_INBOX: &str = "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form,
        grammars, ending, outcome, reply, trace, transfer)
    SELECT unnest($1::text[]), unnest($2::bytea[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
        unnest($6::text[]), unnest($7::timestamptz[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),
        unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::text[]), unnest($15::uuid[])";
const OPEN_ACCOUNTS: &str =
    "INSERT INTO accounts (name, balance_cents, state, valid_until, language, held_cents, version,
        entries, head, last_transfer, opened_at)
    SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::timestamptz[]), unnest($5::text[]),
        unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]), unnest($9::bytea[]), unnest($10::uuid[]),
        unnest($11::timestamptz[])";
const WRITE_ACCOUNTS: &str = "UPDATE accounts SET balance_cents = new.balance_cents, state = new.state,
        valid_until = new.valid_until, language = new.language, held_cents = new.held_cents, version = new.version,
        entries = new.entries, head = new.head, last_transfer = new.last_transfer
    FROM (SELECT unnest($1::text[]) AS name, unnest($2::bigint[]) AS balance_cents, unnest($3::text[]) AS state,
        unnest($4::timestamptz[]) AS valid_until, unnest($5::text[]) AS language, unnest($6::bigint[]) AS held_cents,
        unnest($7::bigint[]) AS version, unnest($8::bigint[]) AS entries, unnest($9::bytea[]) AS head,
        unnest($10::uuid[]) AS last_transfer) AS new
    WHERE accounts.name = ANY(ARRAY[new.name]) AND accounts.version = new.version - 1";
const WRITE_TRANSFERS: &str =
    "INSERT INTO transfers (id, kind, debit, credit, amount_cents, message_key, action, system,
        at, debit_entry, debit_previous, debit_balance_cents, debit_prior, credit_entry, credit_previous,
        credit_balance_cents, credit_prior, valid_before, valid_after, reverses, hold, reason, requests, hash)
    SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bigint[]),
        unnest($6::text[]), unnest($7::uuid[]), unnest($8::text[]), unnest($9::timestamptz[]), unnest($10::bigint[]),
        unnest($11::bytea[]), unnest($12::bigint[]), unnest($13::uuid[]), unnest($14::bigint[]), unnest($15::bytea[]),
        unnest($16::bigint[]), unnest($17::uuid[]), unnest($18::timestamptz[]), unnest($19::timestamptz[]),
        unnest($20::uuid[]), unnest($21::uuid[]), unnest($22::text[]), unnest($23::bytea[]), unnest($24::bytea[])";
const WRITE_REQUESTS: &str = "INSERT INTO requests (fingerprint, transfer, at, times)
    SELECT unnest($1::bytea[]), unnest($2::uuid[]), unnest($3::timestamptz[]), unnest($4::bigint[])";
const REPEAT_REQUESTS: &str = "UPDATE requests SET transfer = again.transfer, at = again.at, times = again.times
    FROM (SELECT unnest($1::bytea[]) AS fingerprint, unnest($2::uuid[]) AS transfer, unnest($3::timestamptz[]) AS at,
        unnest($4::bigint[]) AS times) AS again
    WHERE requests.fingerprint = ANY(ARRAY[again.fingerprint]) AND requests.times = again.times - 1";
const WRITE_OUTBOX: &str =
    "INSERT INTO outbox (id, message_key, link, sender, recipient, recipient_source, text, created_at, due_at,
        lease, state, attempts)
    SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
        unnest($6::text[]), unnest($7::text[]), unnest($8::timestamptz[]), unnest($9::timestamptz[]),
        unnest($10::uuid[]), 'open', 0";

/// The tables that a batch writes with one statement, in this order.
const TABLES: [(&str, &str); 8] = [
    ("inbox", WRITE_INBOX),
    ("accounts", OPEN_ACCOUNTS),
    ("accounts", WRITE_ACCOUNTS),
    ("transfers", WRITE_TRANSFERS),
    ("requests", WRITE_REQUESTS),
    ("requests", REPEAT_REQUESTS),
    ("outbox", WRITE_OUTBOX),
    ("outbox", FINISH),
];

/// All statements of [`TABLES`] as one, so that they take one round trip to the server. It returns the number of rows
/// that each of them has written.
static WRITE: LazyLock<String> = LazyLock::new(|| {
    let (mut with, mut counts, mut parameters) = (Vec::new(), Vec::new(), 0);
    for (place, (_, text)) in TABLES.iter().enumerate() {
        let (numbered, count) = numbered_from(parameters, text);
        with.push(format!("w{place} AS ({numbered} RETURNING 1)"));
        counts.push(format!("(SELECT count(*) FROM w{place})"));
        parameters += count;
    }
    format!("WITH {} SELECT ARRAY[{}]", with.join(", "), counts.join(", "))
});

/// The statement with its parameters numbered after so many others, and the number of its parameters.
fn numbered_from(others: usize, text: &str) -> (String, usize) {
    let mut pieces = text.split('$');
    let (mut numbered, mut most) = (pieces.next().unwrap_or_default().to_owned(), 0);
    for piece in pieces {
        let end = piece.find(|character: char| !character.is_ascii_digit()).unwrap_or(piece.len());
        let (digits, rest) = piece.split_at(end);
        let number: usize = digits.parse().unwrap_or_default();
        most = most.max(number);
        numbered.push_str(&format!("${}{rest}", number + others));
    }
    (numbered, most)
}

/// The columns of a row of [`KNOWN`]: of a message its key, of a request none.
type KnownRow = (Option<String>, Vec<u8>, Option<String>, Option<String>, DateTime<Utc>, Option<Uuid>, Option<i64>);

/// One transaction; dropping it without [`Batch::commit`] rolls it back.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(in crate::store) transaction: Lent,
    heads: HashMap<AccountKey, Head>,
    times: HashMap<Fingerprint, i64>,
    pub(super) usage_versions: HashMap<UsageKey, i64>,
    lockouts: HashMap<String, i64>,
}

impl Batch {
    pub(in crate::store) fn new(transaction: Lent) -> Self {
        Self {
            transaction,
            heads: HashMap::new(),
            times: HashMap::new(),
            usage_versions: HashMap::new(),
            lockouts: HashMap::new(),
        }
    }

    pub(crate) async fn held(&mut self, accounts: &[AccountKey]) -> Result<BTreeSet<AccountKey>, StoreError> {
        let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let held: Vec<String> = sqlx::query_scalar(HELD).bind(names).fetch_all(&mut *self.transaction).await?;
        held.into_iter().map(|name| read("accounts", name)).collect()
    }

    /// Accounts are locked first: a transaction that holds one of them may still write the messages and requests that
    /// are read afterwards.
    pub(crate) async fn load(&mut self, wanted: &Needs, keys: &[&str]) -> Result<Loaded, StoreError> {
        let mut loaded = LoadedRows::default();
        if !wanted.accounts.is_empty() {
            let names: Vec<String> = wanted.accounts.iter().map(ToString::to_string).collect();
            let rows: Vec<AccountRow> = sqlx::query_as(ACCOUNTS).bind(names).fetch_all(&mut *self.transaction).await?;
            for row in rows {
                let (account, head) = row.split();
                self.heads.insert(account.key.clone(), head);
                loaded.accounts.insert(account.key.clone(), account);
            }
        }
        let answered = self.load_known(wanted, keys, &mut loaded).await?;
        self.load_usage(&wanted.usage, &mut loaded).await?;
        self.lockouts = cards::load(&mut self.transaction, &wanted.lookups, &mut loaded).await?;
        Ok((loaded, answered))
    }

    async fn load_known(
        &mut self,
        wanted: &Needs,
        keys: &[&str],
        loaded: &mut LoadedRows,
    ) -> Result<HashMap<String, Answered>, StoreError> {
        let mut answered = HashMap::new();
        let prints: Vec<&[u8]> = wanted.fingerprints.iter().map(|print| &print.0[..]).collect();
        if keys.is_empty() && prints.is_empty() {
            return Ok(answered);
        }
        let rows: Vec<KnownRow> =
            sqlx::query_as(KNOWN).bind(keys).bind(prints).fetch_all(&mut *self.transaction).await?;
        for row in rows {
            match row {
                (Some(key), content, Some(outcome), reply, received_at, ..) => {
                    let (content, outcome) = (read("inbox", content)?, read("inbox", outcome)?);
                    answered.insert(key, Answered { content, outcome, reply, received_at });
                }
                (_, print, _, _, at, Some(transfer), Some(times)) => {
                    let print: Fingerprint = read("requests", print)?;
                    self.times.insert(print, times);
                    loaded.earlier.insert(print, Earlier { transfer, at });
                }
                _ => return Err(StoreError::corrupt("requests", "a row without a transfer")),
            }
        }
        Ok(answered)
    }

    pub(crate) async fn write(
        &mut self,
        writes: &Writes,
        leases: &[Option<Lease>],
        ended: &Ended,
    ) -> Result<(), StoreError> {
        let mut messages = ContentOf::rows(&writes.inbox)?;
        let causes = Causes::of(writes, &messages, shown);
        let Chained { transfers, accounts } = chain::link(&self.heads, writes, causes)?;
        messages.sort_unstable_by_key(|(row, _)| &row.message.key);
        let mut requests: Vec<&Carried> = writes.requests.iter().collect();
        requests.sort_unstable_by_key(|carried| carried.fingerprint.0);
        let (new, known): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|(.., head)| head.version == 1);
        let times = |carried: &Carried| self.times.get(&carried.fingerprint).copied().unwrap_or(0) + 1;
        let (first, repeated): (Vec<_>, Vec<_>) =
            requests.into_iter().map(|carried| (carried, times(carried))).partition(|(_, times)| *times == 1);
        self.write_parts(ended).await?;
        let write = bind_inbox(sqlx::query(WRITE.as_str()), &messages);
        let write = bind_accounts(bind_opened(write, &new), &known);
        let write = bind_requests(bind_requests(bind_transfers(write, &transfers), &first), &repeated);
        let write = bind_ended(bind_outbox(write, &writes.outbox, leases), ended);
        let written: Vec<i64> = write.fetch_one(&mut *self.transaction).await?.try_get(0)?;
        let given =
            [messages.len(), new.len(), known.len(), transfers.len(), first.len(), repeated.len(), writes.outbox.len()];
        for ((table, _), (given, written)) in TABLES.iter().zip(given.iter().zip(&written)) {
            // Fewer were written, because another transaction has changed one.
            if i64::try_from(*given) != Ok(*written) {
                return Err(StoreError::Conflict { table });
            }
        }
        cards::write(&mut self.transaction, writes, &self.lockouts).await
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        self.transaction.rollback().await
    }

    /// Fails if fewer rows were written than given, because another transaction has changed one.
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

fn bind_inbox(write: Insert<'static>, rows: &[(&InboxRow, ContentOf)]) -> Insert<'static> {
    write
        .bind(column(rows, |(row, _)| row.message.key.as_str()))
        .bind(column(rows, |(_, content)| &content.hash[..]))
        .bind(column(rows, |(row, _)| row.message.link.as_str()))
        .bind(column(rows, |(row, _)| shown(&row.message.from)))
        .bind(column(rows, |(row, _)| shown(&row.message.to)))
        .bind(column(rows, |(_, content)| content.body.as_str()))
        .bind(column(rows, |(row, _)| row.message.received_at))
        .bind(column(rows, |(row, _)| row.bank.as_deref()))
        .bind(column(rows, |(row, _)| row.form.as_deref()))
        .bind(column(rows, |(row, _)| row.grammars.as_str()))
        .bind(column(rows, |(row, _)| row.outcome.kind()))
        .bind(column(rows, |(_, content)| content.outcome.as_str()))
        .bind(column(rows, |(row, _)| row.reply.as_deref().map(shown)))
        .bind(column(rows, |(row, _)| row.trace.as_deref().map(shown)))
        .bind(column(rows, |(_, content)| content.transfer))
}

type Written<'a> = (&'a Account, String, Head);

fn bind_accounts(write: Insert<'static>, rows: &[Written<'_>]) -> Insert<'static> {
    write
        .bind(column(rows, |(_, name, _)| name.as_str()))
        .bind(column(rows, |(account, ..)| account.balance_cents))
        .bind(column(rows, |(account, ..)| account.state.as_str()))
        .bind(column(rows, |(account, ..)| account.valid_until))
        .bind(column(rows, |(account, ..)| account.language.as_ref().map(Stored::code)))
        .bind(column(rows, |(account, ..)| account.held_cents))
        .bind(column(rows, |(.., head)| head.version))
        .bind(column(rows, |(.., head)| head.entries))
        .bind(column(rows, |(.., head)| &head.hash[..]))
        .bind(column(rows, |(.., head)| head.last))
}

fn bind_opened(write: Insert<'static>, rows: &[Written<'_>]) -> Insert<'static> {
    bind_accounts(write, rows).bind(column(rows, |(account, ..)| account.opened_at))
}

fn bind_transfers(write: Insert<'static>, rows: &[Linked<'_>]) -> Insert<'static> {
    let (debits, credits) = (column(rows, |row| row.debit_entry), column(rows, |row| row.credit_entry));
    let write = write
        .bind(column(rows, |row| row.transfer.id))
        .bind(column(rows, |row| row.transfer.movement.kind.as_str()))
        .bind(column(rows, |row| row.debit.as_str()))
        .bind(column(rows, |row| row.credit.as_str()))
        .bind(column(rows, |row| row.transfer.movement.amount.cents()))
        .bind(column(rows, |row| row.transfer.cause.message()))
        .bind(column(rows, |row| row.transfer.cause.action()))
        .bind(column(rows, |row| row.transfer.cause.system()))
        .bind(column(rows, |row| row.transfer.at));
    bind_entries(bind_entries(write, &debits), &credits)
        .bind(column(rows, |row| row.transfer.movement.validity.and_then(|change| change.before)))
        .bind(column(rows, |row| row.transfer.movement.validity.and_then(|change| change.after)))
        .bind(column(rows, |row| row.transfer.movement.reverses))
        .bind(column(rows, |row| row.transfer.movement.hold))
        .bind(column(rows, |row| row.transfer.movement.reason.map(ReasonCode::as_str)))
        .bind(column(rows, |row| row.requests.as_deref()))
        .bind(column(rows, |row| &row.hash[..]))
}

fn bind_entries(write: Insert<'static>, rows: &[Option<Entry>]) -> Insert<'static> {
    write
        .bind(column(rows, |entry| entry.map(|entry| entry.number)))
        .bind(column(rows, |entry| entry.as_ref().map(|entry| &entry.previous[..])))
        .bind(column(rows, |entry| entry.map(|entry| entry.balance_cents)))
        .bind(column(rows, |entry| entry.and_then(|entry| entry.prior)))
}

fn bind_requests(write: Insert<'static>, rows: &[(&Carried, i64)]) -> Insert<'static> {
    write
        .bind(column(rows, |(row, _)| &row.fingerprint.0[..]))
        .bind(column(rows, |(row, _)| row.done.transfer))
        .bind(column(rows, |(row, _)| row.done.at))
        .bind(column(rows, |(_, times)| *times))
}

fn bind_outbox(write: Insert<'static>, rows: &[OutboundSms], leases: &[Option<Lease>]) -> Insert<'static> {
    let due = rows.iter().zip(leases).map(|(sms, lease)| lease.map_or(sms.created_at, |lease| lease.until));
    write
        .bind(column(rows, |sms| sms.id))
        .bind(column(rows, |sms| sms.message_key.as_str()))
        .bind(column(rows, |sms| sms.link.as_str()))
        .bind(column(rows, |sms| shown(&sms.from)))
        .bind(column(rows, |sms| shown(&sms.to)))
        .bind(column(rows, source_column))
        .bind(column(rows, |sms| shown(&sms.text)))
        .bind(column(rows, |sms| sms.created_at))
        .bind(due.collect::<Vec<_>>())
        .bind(column(leases, |lease| lease.map(|lease| lease.id)))
}
