//! The tables that every top-up writes, as one statement, so that they take one round trip to the server.

use std::fmt;
use std::sync::LazyLock;

use sqlx::PgConnection;
use sqlx::error::DatabaseError;

use super::{Insert, column};
use crate::domain::{Account, OutboundSms, ReasonCode, Stored};
use crate::store::chain::{Entry, Head, Linked};
use crate::store::delivery::{Ending, source_column};
use crate::store::hot::Ended;
use crate::store::rows::ContentOf;
use crate::store::value::shown;
use crate::store::{Carried, InboxRow, Lease, StoreError};

// The arrays are unnested in the list of columns; in FROM, each of them would be copied first.
const WRITE_INBOX: &str = "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form,
        grammars, ending, outcome, reply, trace, transfer)
    SELECT unnest($1::text[]), unnest($2::bytea[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
        unnest($6::text[]), unnest($7::timestamptz[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),
        unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::text[]), unnest($15::uuid[])";
const OPEN_ACCOUNTS: &str =
    "INSERT INTO accounts (name, balance_minor, state, valid_until, language, held_minor, version,
        entries, head, last_transfer, opened_at)
    SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::timestamptz[]), unnest($5::text[]),
        unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]), unnest($9::bytea[]), unnest($10::uuid[]),
        unnest($11::timestamptz[])";
const WRITE_ACCOUNTS: &str = "UPDATE accounts SET balance_minor = new.balance_minor, state = new.state,
        valid_until = new.valid_until, language = new.language, held_minor = new.held_minor, version = new.version,
        entries = new.entries, head = new.head, last_transfer = new.last_transfer
    FROM (SELECT unnest($1::text[]) AS name, unnest($2::bigint[]) AS balance_minor, unnest($3::text[]) AS state,
        unnest($4::timestamptz[]) AS valid_until, unnest($5::text[]) AS language, unnest($6::bigint[]) AS held_minor,
        unnest($7::bigint[]) AS version, unnest($8::bigint[]) AS entries, unnest($9::bytea[]) AS head,
        unnest($10::uuid[]) AS last_transfer) AS new
    WHERE accounts.name = ANY(ARRAY[new.name]) AND accounts.version = new.version - 1";
const WRITE_TRANSFERS: &str =
    "INSERT INTO transfers (id, kind, debit, credit, amount_minor, message_key, action, system,
        at, debit_entry, debit_previous, debit_balance_minor, debit_prior, credit_entry, credit_previous,
        credit_balance_minor, credit_prior, valid_before, valid_after, reverses, hold, reason, requests, hash)
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

/// A row with a lease is open.
const FINISH: &str = "UPDATE outbox SET state = ended.state, due_at = coalesce(ended.due_at, outbox.due_at),
        finished_at = ended.finished_at, remote_id = ended.remote_id, last_error = ended.error,
        attempts = outbox.attempts + ended.attempts, lease = NULL
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
        $8::bigint[]) AS ended (id, lease, state, due_at, finished_at, remote_id, error, attempts)
    WHERE outbox.id = ANY(ARRAY[ended.id]) AND outbox.lease = ended.lease";

/// The tables, in the order in which they are written. Accounts are first, because a batch that locks what it reads has
/// them locked before it writes.
const TABLES: [(&str, &str); 8] = [
    ("accounts", WRITE_ACCOUNTS),
    ("accounts", OPEN_ACCOUNTS),
    ("inbox", WRITE_INBOX),
    ("transfers", WRITE_TRANSFERS),
    ("requests", WRITE_REQUESTS),
    ("requests", REPEAT_REQUESTS),
    ("outbox", WRITE_OUTBOX),
    ("outbox", FINISH),
];

/// The error that the statement fails with if it has written fewer rows than given, so that it is undone by itself.
const DIVISION_BY_ZERO: &str = "22012";

/// All statements of [`TABLES`] as one, with the parameters of each after those of the ones before. The last parameter
/// has the number of rows that each but the last has to write.
static WRITE: LazyLock<String> = LazyLock::new(|| {
    let (mut with, mut counts, mut parameters) = (Vec::new(), Vec::new(), 0);
    for (place, (_, text)) in TABLES.iter().enumerate() {
        let (numbered, count) = numbered_from(parameters, text);
        with.push(format!("w{place} AS ({numbered} RETURNING 1)"));
        counts.push(format!("(SELECT count(*) FROM w{place})"));
        parameters += count;
    }
    counts.pop();
    format!("WITH {} SELECT 1 / (ARRAY[{}] = ${})::int", with.join(", "), counts.join(", "), parameters + 1)
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
        numbered.push('$');
        numbered.push_str(&(number + others).to_string());
        numbered.push_str(rest);
    }
    (numbered, most)
}

/// The rows of a batch, sorted by key, which is the order of locks.
pub(super) struct Rows<'a> {
    pub(super) messages: &'a [(&'a InboxRow, ContentOf)],
    pub(super) opened: &'a [Written<'a>],
    pub(super) accounts: &'a [Written<'a>],
    pub(super) transfers: &'a [Linked<'a>],
    /// Requests that are carried out for the first time.
    pub(super) first: &'a [(&'a Carried, i64)],
    pub(super) repeated: &'a [(&'a Carried, i64)],
    pub(super) replies: &'a [OutboundSms],
    /// The lease of each reply that the dispatcher of this process gets.
    pub(super) leases: &'a [Option<Lease>],
    pub(super) ended: &'a Ended,
}

impl Rows<'_> {
    /// The statement with all parameters.
    pub(super) fn bind(&self) -> Write {
        let write = bind_accounts(sqlx::query(WRITE.as_str()), self.accounts);
        let write = bind_inbox(bind_opened(write, self.opened), self.messages);
        let write = bind_transfers(write, self.transfers);
        let write = bind_requests(bind_requests(write, self.first), self.repeated);
        Write(bind_ended(bind_outbox(write, self.replies, self.leases), self.ended).bind(self.counts()))
    }

    pub(super) fn are_empty(&self) -> bool {
        self.ended.finished.is_empty() && self.counts().iter().all(|count| *count == 0)
    }

    /// The numbers of rows that the statements for all tables but the last have to write. Final states of replies that
    /// another dispatcher has leased are not written.
    fn counts(&self) -> Vec<i64> {
        let counts = [
            self.accounts.len(),
            self.opened.len(),
            self.messages.len(),
            self.transfers.len(),
            self.first.len(),
            self.repeated.len(),
            self.replies.len(),
        ];
        counts.iter().map(|count| i64::try_from(*count).unwrap_or(i64::MAX)).collect()
    }
}

/// The statement with its parameters.
pub(super) struct Write(Insert<'static>);

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Write").finish_non_exhaustive()
    }
}

impl Write {
    /// Runs it. Nothing is written if another transaction has changed one of the rows.
    pub(super) async fn run(self, connection: &mut PgConnection) -> Result<(), StoreError> {
        self.0.execute(connection).await.map(drop).map_err(|error| {
            let code = error.as_database_error().and_then(DatabaseError::code);
            // Keys that are there already are reported as such, so only an UPDATE can have found fewer rows.
            let is_short = code.is_some_and(|code| code == DIVISION_BY_ZERO);
            if is_short { StoreError::Conflict { table: "accounts or requests" } } else { error.into() }
        })
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

/// An account, its name and the head of its chain.
pub(super) type Written<'a> = (&'a Account, String, Head);

fn bind_accounts(write: Insert<'static>, rows: &[Written<'_>]) -> Insert<'static> {
    write
        .bind(column(rows, |(_, name, _)| name.as_str()))
        .bind(column(rows, |(account, ..)| account.balance_minor))
        .bind(column(rows, |(account, ..)| account.state.as_str()))
        .bind(column(rows, |(account, ..)| account.valid_until))
        .bind(column(rows, |(account, ..)| account.language.as_ref().map(Stored::code)))
        .bind(column(rows, |(account, ..)| account.held_minor))
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
        .bind(column(rows, |row| row.transfer.movement.amount.minor()))
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
        .bind(column(rows, |entry| entry.map(|entry| entry.balance_minor)))
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

fn bind_ended(write: Insert<'static>, ended: &Ended) -> Insert<'static> {
    let endings: Vec<Ending<'_>> =
        ended.finished.iter().map(|(.., delivery)| Ending::of(delivery, ended.now)).collect();
    write
        .bind(column(&ended.finished, |(id, ..)| *id))
        .bind(column(&ended.finished, |(_, lease, _)| *lease))
        .bind(column(&endings, |ending| ending.state))
        .bind(column(&endings, |ending| ending.due_at))
        .bind(column(&endings, |ending| ending.finished_at))
        .bind(column(&endings, |ending| ending.remote_id))
        .bind(column(&endings, |ending| ending.error))
        .bind(column(&endings, |ending| ending.attempts))
}
