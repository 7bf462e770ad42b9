//! The transaction of one batch: at most two reads for most messages, and one or two writes per table, whatever its size.
//!
//! It differs from SQLite's because it locks the rows that it reads, and because each statement is a round trip to the
//! server: one array per column carries all rows of a table.
//!
//! A batch reads without a lock first, and is a single statement if it writes no other tables than those of every
//! top-up. Then only the checks of point 2 protect it.
//!
//! Several nodes run batches at once. Each statement of READ COMMITTED sees what was committed before it began, and:
//! 1. In a transaction, `load` locks the accounts that exist, in the order of their names. Another batch with one of
//!    them waits here until the first has ended, and then reads the account *and, in a later statement, the requests*
//!    as the first left them. So the same request on two nodes is one top-up and one duplicate.
//! 2. Rows that do not exist cannot be locked. Each row is therefore written only if it is as this batch has read it:
//!    an account by its version, a request by its times, a message by its key. The slower batch writes fewer rows than
//!    given (or violates the key), fails with [`StoreError::Conflict`], and finds the result of the faster one when it
//!    is run again.
//! 3. All batches lock and write rows in one order (table by table, sorted by key), so that they cannot deadlock.

use std::collections::{BTreeSet, HashMap};

use sqlx::{FromRow, Row};

use super::writes::{Rows, Write};
use super::{cards, outbox, usage};
use crate::domain::{AccountKey, Earlier, Fingerprint, LoadedRows, Needs};
use crate::store::causes::Causes;
use crate::store::chain::{self, Chained};
use crate::store::db::ServerConnection;
use crate::store::hot::{Ended, Loaded, Versions};
use crate::store::rows::ContentOf;
use crate::store::tables::AccountRow;
use crate::store::value::{read, shown};
use crate::store::{Answered, Carried, Lease, StoreError, Writes};

/// Accounts, locked in the order of their names.
const LOCKED: &str =
    "SELECT name, balance_minor, state, valid_until, language, opened_at, held_minor, version, entries, head, last_transfer
    FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";
/// Those of these accounts that another transaction has locked.
const HELD: &str =
    "WITH free AS (SELECT name FROM accounts WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE SKIP LOCKED)
    SELECT name FROM accounts WHERE name = ANY($1) AND name NOT IN (SELECT name FROM free)";
/// Answers to messages, requests that were carried out, and accounts, in one statement, which locks nothing. The columns
/// are those of accounts; `found` is the table that a row is of.
const KNOWN: &str = "SELECT 'inbox' AS found, key AS name, NULL::bigint AS balance_minor, outcome AS state,
        NULL::timestamptz AS valid_until, reply AS language, received_at AS opened_at, NULL::bigint AS held_minor,
        NULL::bigint AS version, NULL::bigint AS entries, content AS head, NULL::uuid AS last_transfer
    FROM inbox WHERE key = ANY($1)
    UNION ALL SELECT 'requests', NULL, NULL, NULL, NULL, NULL, at, NULL, times, NULL, fingerprint, transfer
    FROM requests WHERE fingerprint = ANY($2)
    UNION ALL SELECT 'accounts', name, balance_minor, state, valid_until, language, opened_at, held_minor, version, entries,
        head, last_transfer
    FROM accounts WHERE name = ANY($3)";

/// One transaction; dropping it without [`Batch::commit`] rolls it back.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(in crate::store) on: ServerConnection,
    pub(in crate::store) versions: Versions,
    /// The only statement of the batch, which is its own transaction.
    pending: Option<Write>,
}

impl Batch {
    pub(in crate::store) fn new(on: ServerConnection) -> Self {
        Self { on, versions: Versions::default(), pending: None }
    }

    pub(in crate::store) async fn lock(&mut self) -> Result<(), StoreError> {
        self.on.begin().await
    }

    pub(crate) async fn held(&mut self, accounts: &[AccountKey]) -> Result<BTreeSet<AccountKey>, StoreError> {
        let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let held: Vec<String> = sqlx::query_scalar(HELD).bind(names).fetch_all(&mut *self.on).await?;
        held.into_iter().map(|name| read("accounts", name)).collect()
    }

    /// In a transaction, accounts are locked first: a transaction that holds one of them may still write the messages and
    /// requests that are read afterwards.
    pub(crate) async fn load(&mut self, wanted: &Needs, keys: &[&str]) -> Result<Loaded, StoreError> {
        let mut loaded = LoadedRows::default();
        let mut names: Vec<String> = wanted.accounts.iter().map(ToString::to_string).collect();
        if self.on.has_begun() && !names.is_empty() {
            let rows = sqlx::query_as(LOCKED).bind(std::mem::take(&mut names)).fetch_all(&mut *self.on).await?;
            for row in rows {
                self.add_account(row, &mut loaded);
            }
        }
        let answered = self.load_known(wanted, keys, names, &mut loaded).await?;
        self.versions.usage = usage::load(&mut self.on, &wanted.usage, &mut loaded).await?;
        self.versions.lockouts = cards::load(&mut self.on, &wanted.lookups, &mut loaded).await?;
        Ok((loaded, answered))
    }

    fn add_account(&mut self, row: AccountRow, loaded: &mut LoadedRows) {
        let (account, head) = row.split();
        self.versions.heads.insert(account.key.clone(), head);
        loaded.accounts.insert(account.key.clone(), account);
    }

    async fn load_known(
        &mut self,
        wanted: &Needs,
        keys: &[&str],
        accounts: Vec<String>,
        loaded: &mut LoadedRows,
    ) -> Result<HashMap<String, Answered>, StoreError> {
        let mut answered = HashMap::new();
        let prints: Vec<&[u8]> = wanted.fingerprints.iter().map(|print| &print.0[..]).collect();
        if keys.is_empty() && prints.is_empty() && accounts.is_empty() {
            return Ok(answered);
        }
        let known = sqlx::query(KNOWN).bind(keys).bind(prints).bind(accounts);
        for row in known.fetch_all(&mut *self.on).await? {
            match row.try_get("found")? {
                "inbox" => {
                    let (content, outcome) = (row.try_get("head")?, row.try_get("state")?);
                    let (content, outcome) = (read("inbox", content)?, read("inbox", outcome)?);
                    let (reply, received_at) = (row.try_get("language")?, row.try_get("opened_at")?);
                    answered.insert(row.try_get("name")?, Answered { content, outcome, reply, received_at });
                }
                "requests" => {
                    let print: Fingerprint = read("requests", row.try_get("head")?)?;
                    self.versions.times.insert(print, row.try_get("version")?);
                    let (transfer, at) = (row.try_get("last_transfer")?, row.try_get("opened_at")?);
                    loaded.earlier.insert(print, Earlier { transfer, at });
                }
                _ => self.add_account(AccountRow::from_row(&row)?, loaded),
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
        let Chained { transfers, accounts } = chain::link(&self.versions.heads, writes, causes)?;
        messages.sort_unstable_by_key(|(row, _)| &row.message.key);
        let mut requests: Vec<&Carried> = writes.requests.iter().collect();
        requests.sort_unstable_by_key(|carried| carried.fingerprint.0);
        let (new, known): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|(.., head)| head.version == 1);
        let requests = requests.into_iter().map(|carried| (carried, self.versions.times(carried)));
        let (first, repeated): (Vec<_>, Vec<_>) = requests.partition(|(_, times)| *times == 1);
        let rows = Rows {
            messages: &messages,
            opened: &new,
            accounts: &known,
            transfers: &transfers,
            first: &first,
            repeated: &repeated,
            replies: &writes.outbox,
            leases,
            ended,
        };
        let write = rows.bind();
        if !self.on.has_begun() && !writes.have_others() && !outbox::have_parts(ended) {
            self.pending = Some(write).filter(|_| !rows.are_empty());
            return Ok(());
        }
        self.on.begin().await?;
        outbox::write_parts(&mut self.on, ended).await?;
        write.run(&mut self.on).await?;
        cards::write(&mut self.on, writes, &self.versions.lockouts).await
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(write) = self.pending.take() else { return self.on.commit().await };
        let done = write.run(&mut self.on).await;
        if done.as_ref().err().is_none_or(StoreError::is_undone) {
            self.on.keep();
        }
        done
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        self.on.rollback().await
    }

    pub(crate) async fn write_usage(&mut self, writes: &Writes) -> Result<(), StoreError> {
        usage::write(&mut self.on, writes, &self.versions).await
    }
}
