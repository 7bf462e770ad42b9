//! The transaction of one batch: one read, and a few writes per table.
//!
//! A batch may read before its transaction begins, on another connection, while the batch before it is written: each row
//! is written only if it still has the version that was read, or still does not exist.
//!
//! It differs from PostgreSQL's because each row of a result and each statement is handed over to the thread of the
//! connection, which takes longer than the work itself: accounts are read as one JSON text, and rows are written as
//! VALUES lists of a few, prepared sizes.
//!
//! Rows that are only inserted are inserted with OR FAIL. A statement that may have to be undone alone keeps a copy of
//! each page that it touches, and here a failure rolls the whole transaction back anyway.

use std::sync::LazyLock;

use sqlx::SqliteConnection;
use uuid::Uuid;
use uuid::fmt::Simple;

use super::convert::{AccountRow, AnsweredRow, RequestRow, Shown, from_json, json, micros, octets};
use super::{cards, outbox, usage};
use crate::domain::{Account, LoadedRows, Needs, OutboundSms, ReasonCode, Stored};
use crate::store::causes::Causes;
use crate::store::chain::{self, Chained, Entry, Head, Linked};
use crate::store::db::{FileConnection, Insert, Row, Script};
use crate::store::delivery::source_column;
use crate::store::hot::{Ended, Loaded, Versions};
use crate::store::rows::ContentOf;
use crate::store::{Carried, InboxRow, Lease, StoreError, Writes};

/// Accounts, answers to messages, and requests that were carried out: all rows as three texts in one statement, because
/// the hand-over of a statement or a row between threads takes longer than reading it.
const KNOWN: &str = "SELECT
    (SELECT json_group_array(json_array(name, balance_minor, state, valid_until, language, opened_at, held_minor,
            version, entries, hex(head), hex(last_transfer)))
        FROM json_each(?1) AS wanted CROSS JOIN accounts WHERE name = wanted.value),
    (SELECT json_group_array(json_array(i.key, hex(i.content), i.outcome, i.reply, i.received_at))
        FROM json_each(?2) AS wanted CROSS JOIN inbox i WHERE i.key = wanted.value),
    (SELECT json_group_array(json_array(hex(fingerprint), hex(transfer), at, times))
        FROM json_each(?3) AS wanted CROSS JOIN requests WHERE fingerprint = unhex(wanted.value))";

static WRITE_INBOX: LazyLock<Insert> = LazyLock::new(|| {
    let head =
        "INSERT OR FAIL INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form, grammars, ending,
        outcome, reply, trace, transfer)";
    Insert::new("inbox", head, 15, "")
});
static OPEN_ACCOUNTS: LazyLock<Insert> = LazyLock::new(|| {
    let head =
        "INSERT OR FAIL INTO accounts (name, balance_minor, state, valid_until, language, held_minor, version, entries,
        head, last_transfer, opened_at)";
    Insert::new("accounts", head, 11, "")
});
/// A version that is not the one before becomes NULL, which is not allowed, so that the statement fails. Accounts are
/// never deleted.
static WRITE_ACCOUNTS: LazyLock<Insert> = LazyLock::new(|| {
    let head = "UPDATE OR FAIL accounts SET balance_minor = column2, state = column3, valid_until = column4,
        language = column5, held_minor = column6, version = iif(version = column7 - 1, column7, NULL),
        entries = column8, head = column9, last_transfer = column10 FROM (";
    Insert::new("accounts", head, 10, ") WHERE name = column1")
});
/// Most transfers are of this kind: a message brings credit, and the other columns are NULL.
static WRITE_TOP_UPS: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT OR FAIL INTO transfers (id, kind, debit, credit, amount_minor, message_key, at, credit_entry,
        credit_previous, credit_balance_minor, credit_prior, valid_before, valid_after, requests, hash)";
    Insert::new("transfers", head, 15, "")
});
static WRITE_TRANSFERS: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT OR FAIL INTO transfers (id, kind, debit, credit, amount_minor, message_key, at, credit_entry,
        credit_previous, credit_balance_minor, credit_prior, valid_before, valid_after, requests, hash, action, system,
        debit_entry, debit_previous, debit_balance_minor, debit_prior, reverses, hold, reason)";
    Insert::new("transfers", head, 24, "")
});
static WRITE_REQUESTS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::of("requests", "INSERT OR FAIL INTO requests (fingerprint, transfer, at, times)", "(?, ?, ?, 1)", "")
});
/// As with the version of an account, the statement fails if the request was carried out since it was read.
static REPEAT_REQUESTS: LazyLock<Insert> = LazyLock::new(|| {
    let unless_changed = "ON CONFLICT (fingerprint) DO UPDATE SET transfer = excluded.transfer, at = excluded.at,
        times = iif(requests.times = excluded.times - 1, excluded.times, NULL)";
    Insert::new("requests", "INSERT OR FAIL INTO requests (fingerprint, transfer, at, times)", 4, unless_changed)
});
static WRITE_OUTBOX: LazyLock<Insert> = LazyLock::new(|| {
    let head =
        "INSERT OR FAIL INTO outbox (id, message_key, link, sender, recipient, recipient_source, text, created_at,
        due_at, lease, state, attempts)";
    Insert::of("outbox", head, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 0)", "")
});

/// One transaction; dropping it without [`Batch::commit`] rolls it back.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(in crate::store) on: FileConnection,
    pub(in crate::store) versions: Versions,
    /// The only statements of the batch, which are a transaction of their own.
    pending: Option<Script>,
}

impl Batch {
    pub(in crate::store) fn new(on: FileConnection) -> Self {
        Self { on, versions: Versions::default(), pending: None }
    }

    pub(in crate::store) async fn lock(&mut self) -> Result<(), StoreError> {
        self.on.begin().await
    }

    /// The IMMEDIATE transaction, if it has begun, locks the database until the commit.
    pub(crate) async fn load(&mut self, wanted: &Needs, keys: &[&str]) -> Result<Loaded, StoreError> {
        let (loaded, versions) = load(&mut self.on, wanted, keys).await?;
        self.versions = versions;
        Ok(loaded)
    }

    pub(crate) async fn write(
        &mut self,
        writes: &Writes,
        leases: &[Option<Lease>],
        ended: &Ended,
    ) -> Result<(), StoreError> {
        let contents = ContentOf::rows(&writes.inbox)?;
        let causes = Causes::of(writes, &contents, |text| text.into());
        let Chained { transfers, accounts } = chain::link(&self.versions.heads, writes, causes)?;
        let requests = writes.requests.iter().map(|carried| (carried, self.versions.times(carried)));
        let (first, repeated): (Vec<_>, Vec<_>) = requests.partition(|(_, times)| *times == 1);
        let (new, known): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|(.., head)| head.version == 1);
        let transfers_most = transfers.len();
        let (top_ups, others): (Vec<_>, Vec<_>) = transfers.into_iter().partition(is_top_up);
        let replies: Vec<Reply<'_>> = writes.outbox.iter().zip(leases).collect();
        let mut script = Script::for_rows(contents.len().max(transfers_most).max(replies.len()));
        WRITE_INBOX.add(&mut script, &contents, message);
        OPEN_ACCOUNTS.add(&mut script, &new, opened);
        WRITE_ACCOUNTS.add(&mut script, &known, account);
        WRITE_TOP_UPS.add(&mut script, &top_ups, top_up);
        WRITE_TRANSFERS.add(&mut script, &others, transfer);
        WRITE_REQUESTS.add(&mut script, &first, request);
        REPEAT_REQUESTS.add(&mut script, &repeated, repeated_request);
        WRITE_OUTBOX.add(&mut script, &replies, reply);
        if script.is_empty() && ended.finished.is_empty() && !writes.have_others() {
            return Ok(());
        }
        outbox::add_ended(&mut script, ended)?;
        if !self.on.has_begun() && !writes.have_others() {
            self.pending = Some(script);
            return self.on.reserve().await;
        }
        self.on.begin().await?;
        script.run(&mut self.on).await?;
        cards::write(&mut self.on, writes, &self.versions.lockouts).await
    }

    pub(crate) async fn write_usage(&mut self, writes: &Writes) -> Result<(), StoreError> {
        usage::write(&mut self.on, writes, &self.versions).await
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.pending {
            Some(script) => self.on.commit_alone(script).await,
            None => self.on.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        self.on.rollback().await
    }
}

/// Reads what decisions need, and the versions of the rows.
async fn load(
    connection: &mut SqliteConnection,
    wanted: &Needs,
    keys: &[&str],
) -> Result<(Loaded, Versions), StoreError> {
    let mut versions = Versions::default();
    let mut loaded = LoadedRows::default();
    let names: Vec<Shown<'_, _>> = wanted.accounts.iter().map(Shown).collect();
    let prints: Vec<Simple> = wanted.fingerprints.iter().map(|print| Uuid::from_bytes(print.0).simple()).collect();
    let (accounts, answers, requests): (String, String, String) = sqlx::query_as(KNOWN)
        .bind(json("accounts", &names)?)
        .bind(json("inbox", keys)?)
        .bind(json("requests", &prints)?)
        .fetch_one(&mut *connection)
        .await?;
    for row in from_json::<AccountRow>("accounts", &accounts)? {
        let (account, head) = row.split()?;
        versions.heads.insert(account.key.clone(), head);
        loaded.accounts.insert(account.key.clone(), account);
    }
    for row in from_json::<RequestRow>("requests", &requests)? {
        let (print, earlier, times) = row.split()?;
        versions.times.insert(print, times);
        loaded.earlier.insert(print, earlier);
    }
    let answers = from_json::<AnsweredRow>("inbox", &answers)?.into_iter();
    let answered = answers.map(AnsweredRow::split).collect::<Result<_, _>>()?;
    versions.usage = usage::load(connection, &wanted.usage, &mut loaded).await?;
    versions.lockouts = cards::load(connection, &wanted.lookups, &mut loaded).await?;
    Ok(((loaded, answered), versions))
}

fn message<'q>(row: Row<'q>, (inbox, content): &(&InboxRow, ContentOf)) -> Row<'q> {
    let message = &inbox.message;
    row.text(message.key.as_str())
        .bind(&content.hash[..])
        .text(message.link.as_str())
        .text(message.from.as_str())
        .text(message.to.as_str())
        .text(content.body.as_str())
        .bind(micros(message.received_at))
        .text(inbox.bank.as_deref())
        .text(inbox.form.as_deref())
        .text(inbox.grammars.as_str())
        .text(inbox.outcome.kind())
        .text(content.outcome.as_str())
        .text(inbox.reply.as_deref())
        .text(inbox.trace.as_deref())
        .bind(content.transfer.as_ref().map(|id| &id.as_bytes()[..]))
}

fn account<'q>(row: Row<'q>, (account, name, head): &(&Account, String, Head)) -> Row<'q> {
    row.text(name.as_str())
        .bind(account.balance_minor)
        .text(account.state.as_str())
        .bind(account.valid_until.map(micros))
        .text(account.language.as_ref().map(Stored::code))
        .bind(account.held_minor)
        .bind(head.version)
        .bind(head.entries)
        .bind(&head.hash[..])
        .bind(head.last.map(octets))
}

fn opened<'q>(row: Row<'q>, new: &(&Account, String, Head)) -> Row<'q> {
    account(row, new).bind(micros(new.0.opened_at))
}

/// Returns `true` if the columns of [`top_up`] are sufficient.
fn is_top_up(linked: &Linked<'_>) -> bool {
    let (cause, movement) = (&linked.transfer.cause, &linked.transfer.movement);
    cause.message().is_some()
        && linked.debit_entry.is_none()
        && movement.reverses.is_none()
        && movement.hold.is_none()
        && movement.reason.is_none()
}

fn top_up<'q>(row: Row<'q>, linked: &Linked<'_>) -> Row<'q> {
    let (transfer, movement) = (linked.transfer, &linked.transfer.movement);
    let row = row
        .bind(&transfer.id.as_bytes()[..])
        .text(movement.kind.as_str())
        .text(linked.debit.as_str())
        .text(linked.credit.as_str())
        .bind(movement.amount.minor())
        .text(transfer.cause.message())
        .bind(micros(transfer.at));
    entry(row, linked.credit_entry.as_ref())
        .bind(movement.validity.and_then(|change| change.before).map(micros))
        .bind(movement.validity.and_then(|change| change.after).map(micros))
        .bind(linked.requests.as_deref())
        .bind(&linked.hash[..])
}

fn transfer<'q>(row: Row<'q>, linked: &Linked<'_>) -> Row<'q> {
    let (cause, movement) = (&linked.transfer.cause, &linked.transfer.movement);
    let row = top_up(row, linked).bind(cause.action().map(octets)).text(cause.system());
    entry(row, linked.debit_entry.as_ref())
        .bind(movement.reverses.map(octets))
        .bind(movement.hold.map(octets))
        .text(movement.reason.map(ReasonCode::as_str))
}

fn entry<'q>(row: Row<'q>, entry: Option<&Entry>) -> Row<'q> {
    row.bind(entry.map(|entry| entry.number))
        .bind(entry.map(|entry| &entry.previous[..]))
        .bind(entry.map(|entry| entry.balance_minor))
        .bind(entry.and_then(|entry| entry.prior).map(octets))
}

fn request<'q>(row: Row<'q>, (carried, _): &(&Carried, i64)) -> Row<'q> {
    row.bind(&carried.fingerprint.0[..]).bind(&carried.done.transfer.as_bytes()[..]).bind(micros(carried.done.at))
}

fn repeated_request<'q>(row: Row<'q>, repeated: &(&Carried, i64)) -> Row<'q> {
    request(row, repeated).bind(repeated.1)
}

/// A reply, and the lease under which the dispatcher of this process gets it after the commit.
type Reply<'a> = (&'a OutboundSms, &'a Option<Lease>);

fn reply<'q>(row: Row<'q>, (sms, lease): &Reply<'_>) -> Row<'q> {
    row.bind(&sms.id.as_bytes()[..])
        .text(sms.message_key.as_str())
        .text(sms.link.as_str())
        .text(sms.from.as_str())
        .text(sms.to.as_str())
        .text(source_column(sms).as_deref())
        .text(sms.text.as_str())
        .bind(micros(sms.created_at))
        .bind(micros(lease.map_or(sms.created_at, |lease| lease.until)))
        .bind(lease.map(|lease| octets(lease.id)))
}
