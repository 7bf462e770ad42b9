//! Pages of all tables, as of one instant.

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::Store;
use crate::store::StoreError;
use crate::store::audit::{
    Counts, LedgerAccount, LedgerAction, LedgerCards, LedgerEntry, LedgerEvent, LedgerHold, LedgerMessage,
    LedgerRequest, LedgerTransfer, LooseEntry, PAGE,
};
use crate::store::tables::account_events::{AUDITED, UNEXPLAINED};

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const COUNTS: &str =
    "SELECT (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM inbox WHERE ending = 'applied') AS messages,
    (SELECT count(*) FROM holds) AS holds, (SELECT count(*) FROM operator_actions WHERE state = 'done') AS actions";
const TRANSFERS: &str = "SELECT uuid_send(t.id) AS id, t.kind, t.debit, t.credit, t.amount_cents, t.message_key, uuid_send(t.action) AS action,
        t.system, (extract(epoch FROM t.at) * 1000000)::bigint AS at_us,
        t.debit_entry, t.debit_previous, t.debit_balance_cents, t.credit_entry, t.credit_previous,
        t.credit_balance_cents, (extract(epoch FROM t.valid_before) * 1000000)::bigint AS valid_before_us,
        (extract(epoch FROM t.valid_after) * 1000000)::bigint AS valid_after_us, uuid_send(t.reverses) AS reverses,
        uuid_send(t.hold) AS hold, t.reason, t.requests, t.hash, i.ending, uuid_send(i.transfer) AS message_transfer,
        i.content AS message_content, i.link AS message_link, i.sender AS message_sender,
        i.short_code AS message_short_code, i.body AS message_body,
        (extract(epoch FROM i.received_at) * 1000000)::bigint AS message_received_us,
        i.bank AS message_bank, i.form AS message_form, i.grammars AS message_grammars, i.outcome AS message_outcome,
        i.reply AS message_reply, i.trace AS message_trace, a.kind AS action_kind, a.account AS action_account,
        a.amount_cents AS action_cents, a.reason AS action_reason, a.note AS action_note, a.made_by AS action_made_by,
        (extract(epoch FROM a.made_at) * 1000000)::bigint AS action_made_us, a.checked_by AS action_checked_by,
        (extract(epoch FROM a.checked_at) * 1000000)::bigint AS action_checked_us,
        uuid_send(a.subject) AS action_subject, a.card AS action_card,
        a.state AS action_state, uuid_send(a.transfer) AS action_transfer, o.kind AS original_kind, o.debit AS original_debit,
        o.credit AS original_credit, o.amount_cents AS original_cents, h.account AS hold_account,
        uuid_send(h.transfer) AS hold_transfer, h.posted_cents AS hold_cents
    FROM transfers t LEFT JOIN inbox i ON i.key = t.message_key LEFT JOIN operator_actions a ON a.id = t.action
        LEFT JOIN transfers o ON o.id = t.reverses LEFT JOIN holds h ON h.id = t.hold
    WHERE t.id >= $1 ORDER BY t.id LIMIT $2";
const REQUESTS: &str = "SELECT r.fingerprint, uuid_send(r.transfer) AS transfer,
        (extract(epoch FROM r.at) * 1000000)::bigint AS at_us, t.requests AS transfer_requests
    FROM requests r LEFT JOIN transfers t ON t.id = r.transfer WHERE r.fingerprint = ANY($1)";
const ACCOUNTS: &str =
    "SELECT name, balance_cents, entries, head, uuid_send(last_transfer) AS last_transfer, held_cents, (SELECT coalesce(sum(h.amount_cents), 0)::bigint FROM holds h
        WHERE h.account = accounts.name AND h.state = 'pending') AS pending_cents,
        (extract(epoch FROM valid_until) * 1000000)::bigint AS valid_until_us,
        (SELECT (extract(epoch FROM e.valid_until) * 1000000)::bigint FROM account_events e WHERE e.account = accounts.name
            ORDER BY e.number DESC LIMIT 1) AS recorded_until_us
    FROM accounts WHERE name >= $1 ORDER BY name LIMIT $2";
/// Entries of each account, walked back from one, with a limit of steps.
const ENTRIES: &str = "WITH RECURSIVE walk (account, this, step) AS (
        SELECT account, this, 1 FROM UNNEST($1::text[], $2::uuid[]) AS begun (account, this)
        UNION ALL
        SELECT w.account, CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END, w.step + 1
        FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND w.step < $3)
    SELECT w.account, t.credit_entry AS number, t.credit_previous AS previous, t.credit_balance_cents AS balance_cents,
        t.amount_cents AS cents, uuid_send(t.id) AS id, t.hash, uuid_send(t.credit_prior) AS prior, w.step,
        (extract(epoch FROM t.valid_after) * 1000000)::bigint AS valid_after_us,
        t.kind <> 'reversal' AND coalesce(t.valid_before, t.valid_after) IS NOT NULL AS is_dated
    FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND t.credit = w.account AND t.credit_entry IS NOT NULL
    UNION ALL
    SELECT w.account, t.debit_entry, t.debit_previous, t.debit_balance_cents, -t.amount_cents, uuid_send(t.id) AS id, t.hash,
        uuid_send(t.debit_prior) AS prior, w.step, (extract(epoch FROM t.valid_after) * 1000000)::bigint,
        t.kind = 'reversal' AND coalesce(t.valid_before, t.valid_after) IS NOT NULL
    FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND t.debit = w.account AND t.debit_entry IS NOT NULL
    ORDER BY step";
/// The first side of a transfer that neither its account nor a later transfer refers to. Searched only if one is
/// missing.
const LOOSE: &str = "WITH named (id, account) AS (
        SELECT credit_prior, credit FROM transfers WHERE credit_prior IS NOT NULL
        UNION ALL SELECT debit_prior, debit FROM transfers WHERE debit_prior IS NOT NULL
        UNION ALL SELECT last_transfer, name FROM accounts WHERE last_transfer IS NOT NULL),
    side (id, account) AS (
        SELECT id, credit FROM transfers WHERE credit_entry IS NOT NULL
        UNION ALL SELECT id, debit FROM transfers WHERE debit_entry IS NOT NULL)
    SELECT uuid_send(s.id) AS id, s.account, a.name IS NOT NULL AS has_account
    FROM side s LEFT JOIN named n ON n.id = s.id AND n.account = s.account LEFT JOIN accounts a ON a.name = s.account
    WHERE n.id IS NULL ORDER BY s.id LIMIT 1";
const MESSAGES: &str = "SELECT i.key, uuid_send(i.transfer) AS transfer, t.message_key AS transfer_message
    FROM inbox i LEFT JOIN transfers t ON t.id = i.transfer
    WHERE i.key >= $1 AND i.ending = 'applied' ORDER BY i.key LIMIT $2";

const UNPAID_CARD: &str = "SELECT v.batch, v.place
    FROM vouchers v LEFT JOIN voucher_batches b ON b.number = v.batch
        LEFT JOIN transfers t ON t.id = v.transfer AND t.kind = 'voucher' AND t.amount_cents = b.amount_cents
            AND t.debit = 'voucher_liability:' || lpad(v.batch::text, 5, '0') AND t.credit = 'subscriber:' || v.number
    WHERE v.state = 'used' AND t.id IS NULL ORDER BY v.batch, v.place LIMIT 1";
const CARDS: &str = "SELECT count(*) AS used, count(DISTINCT transfer) AS named,
        (SELECT count(*) FROM transfers WHERE kind = 'voucher') AS transfers
    FROM vouchers WHERE state = 'used'";
const HOLDS: &str = "SELECT uuid_send(h.id) AS id, h.state, h.account, a.name IS NOT NULL AS has_account,
        uuid_send(t.hold) AS transfer_hold
    FROM holds h LEFT JOIN accounts a ON a.name = h.account LEFT JOIN transfers t ON t.id = h.transfer
    WHERE h.id >= $1 ORDER BY h.id LIMIT $2";
const ACTIONS: &str =
    "SELECT uuid_send(a.id) AS id, a.kind, uuid_send(a.transfer) AS transfer, uuid_send(t.action) AS transfer_action,
        h.id IS NOT NULL AS has_hold, t.kind AS transfer_kind, a.card IS NOT NULL AS is_card,
        a.amount_cents,
        CASE a.account WHEN t.credit THEN t.amount_cents WHEN t.debit THEN -t.amount_cents END AS moved_cents
    FROM operator_actions a LEFT JOIN transfers t ON t.id = a.transfer LEFT JOIN holds h ON h.id = a.subject
    WHERE a.id >= $1 AND a.state = 'done' ORDER BY a.id LIMIT $2";

/// A read-only transaction.
#[derive(Debug)]
pub(crate) struct Snapshot(pub(super) Transaction<'static, Postgres>);

impl Store {
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot(self.pool.begin_with(BEGIN).await?))
    }
}

impl Snapshot {
    pub(crate) async fn counts(&mut self) -> Result<Counts, StoreError> {
        Ok(sqlx::query_as(COUNTS).fetch_one(&mut *self.0).await?)
    }

    pub(crate) async fn unpaid_card(&mut self) -> Result<Option<(i64, i64)>, StoreError> {
        Ok(sqlx::query_as(UNPAID_CARD).fetch_optional(&mut *self.0).await?)
    }

    pub(crate) async fn cards(&mut self) -> Result<LedgerCards, StoreError> {
        Ok(sqlx::query_as(CARDS).fetch_one(&mut *self.0).await?)
    }

    pub(crate) async fn transfers(&mut self, after: Option<&[u8]>) -> Result<Vec<LedgerTransfer>, StoreError> {
        let Some(from) = id_after(after) else { return Ok(Vec::new()) };
        Ok(sqlx::query_as(TRANSFERS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn requests(&mut self, prints: &[&[u8]]) -> Result<Vec<LedgerRequest>, StoreError> {
        Ok(sqlx::query_as(REQUESTS).bind(prints).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn accounts(&mut self, after: Option<&str>) -> Result<Vec<LedgerAccount>, StoreError> {
        Ok(sqlx::query_as(ACCOUNTS).bind(above(after)).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn entries(
        &mut self,
        begun: &[(&str, &[u8])],
        steps: i64,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let (accounts, these): (Vec<&str>, Vec<Uuid>) =
            begun.iter().map(|(account, this)| (*account, Uuid::from_slice(this).unwrap_or_default())).unzip();
        Ok(sqlx::query_as(ENTRIES).bind(accounts).bind(these).bind(steps).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn loose_entry(&mut self) -> Result<Option<LooseEntry>, StoreError> {
        Ok(sqlx::query_as(LOOSE).fetch_optional(&mut *self.0).await?)
    }

    pub(crate) async fn messages(&mut self, after: Option<&str>) -> Result<Vec<LedgerMessage>, StoreError> {
        Ok(sqlx::query_as(MESSAGES).bind(above(after)).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn holds(&mut self, after: Option<&[u8]>) -> Result<Vec<LedgerHold>, StoreError> {
        let Some(from) = id_above(after) else { return Ok(Vec::new()) };
        Ok(sqlx::query_as(HOLDS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn events(&mut self, account: &str, number: i64) -> Result<Vec<LedgerEvent>, StoreError> {
        Ok(sqlx::query_as(AUDITED).bind(account).bind(number).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn unexplained_state(&mut self) -> Result<Option<(String, String)>, StoreError> {
        Ok(sqlx::query_as(UNEXPLAINED).fetch_optional(&mut *self.0).await?)
    }

    pub(crate) async fn actions(&mut self, after: Option<&[u8]>) -> Result<Vec<LedgerAction>, StoreError> {
        let Some(from) = id_above(after) else { return Ok(Vec::new()) };
        Ok(sqlx::query_as(ACTIONS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }
}

/// The smallest identifier after this one; `None` after the greatest.
pub(super) fn id_after(after: Option<&[u8]>) -> Option<Uuid> {
    match after.and_then(|id| Uuid::from_slice(id).ok()) {
        None => Some(Uuid::nil()),
        Some(last) => last.as_u128().checked_add(1).map(Uuid::from_u128),
    }
}

/// The smallest text after this one (PostgreSQL cannot store U+0000); the smallest of all without one.
fn above(after: Option<&str>) -> String {
    after.map(|text| format!("{text}\u{1}")).unwrap_or_default()
}

/// The smallest identifier after this one, or the smallest of all without one; `None` after the greatest.
fn id_above(after: Option<&[u8]>) -> Option<Uuid> {
    match after.and_then(|id| Uuid::from_slice(id).ok()) {
        None => Some(Uuid::nil()),
        Some(last) => last.as_u128().checked_add(1).map(Uuid::from_u128),
    }
}
