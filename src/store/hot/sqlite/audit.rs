//! Pages of all tables, as of one instant. The snapshot delays checkpoints of the write-ahead log, but not the writer.

use sqlx::{Sqlite, Transaction};

use super::Store;
use super::convert::json;
use crate::store::StoreError;
use crate::store::audit::{
    Counts, LedgerAccount, LedgerAction, LedgerCards, LedgerEntry, LedgerEvent, LedgerHold, LedgerMessage,
    LedgerRequest, LedgerTransfer, LooseEntry, PAGE,
};
use crate::store::tables::account_events::{AUDITED, UNEXPLAINED};

const COUNTS: &str =
    "SELECT (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM inbox WHERE ending = 'applied') AS messages,
    (SELECT count(*) FROM holds) AS holds, (SELECT count(*) FROM operator_actions WHERE state = 'done') AS actions";
const TRANSFERS: &str =
    "SELECT t.id, t.kind, t.debit, t.credit, t.amount_cents, t.message_key, t.action, t.system, t.at AS at_us,
        t.debit_entry, t.debit_previous, t.debit_balance_cents, t.credit_entry, t.credit_previous,
        t.credit_balance_cents, t.valid_before AS valid_before_us, t.valid_after AS valid_after_us, t.reverses, t.hold,
        t.reason, t.requests, t.hash, i.ending, i.transfer AS message_transfer,
        i.content AS message_content, i.link AS message_link, i.sender AS message_sender,
        i.short_code AS message_short_code, i.body AS message_body, i.received_at AS message_received_us,
        i.bank AS message_bank, i.form AS message_form, i.grammars AS message_grammars, i.outcome AS message_outcome,
        i.reply AS message_reply, i.trace AS message_trace, a.kind AS action_kind, a.account AS action_account,
        a.amount_cents AS action_cents, a.reason AS action_reason, a.note AS action_note, a.made_by AS action_made_by,
        a.made_at AS action_made_us, a.checked_by AS action_checked_by, a.checked_at AS action_checked_us,
        a.subject AS action_subject, a.card AS action_card,
        a.state AS action_state, a.transfer AS action_transfer, o.kind AS original_kind, o.debit AS original_debit,
        o.credit AS original_credit, o.amount_cents AS original_cents, h.account AS hold_account,
        h.transfer AS hold_transfer, h.posted_cents AS hold_cents
    FROM transfers t LEFT JOIN inbox i ON i.key = t.message_key LEFT JOIN operator_actions a ON a.id = t.action
        LEFT JOIN transfers o ON o.id = t.reverses LEFT JOIN holds h ON h.id = t.hold
    WHERE t.id >= $1 ORDER BY t.id LIMIT $2";
const REQUESTS: &str = "SELECT r.fingerprint, r.transfer, r.at AS at_us, t.requests AS transfer_requests
    FROM json_each($1) AS wanted CROSS JOIN requests r LEFT JOIN transfers t ON t.id = r.transfer
    WHERE r.fingerprint = unhex(wanted.value)";
const ACCOUNTS: &str =
    "SELECT name, balance_cents, entries, head, last_transfer, held_cents, (SELECT coalesce(sum(h.amount_cents), 0) FROM holds h
        WHERE h.account = accounts.name AND h.state = 'pending') AS pending_cents, valid_until AS valid_until_us,
        (SELECT e.valid_until FROM account_events e WHERE e.account = accounts.name ORDER BY e.number DESC LIMIT 1)
            AS recorded_until_us
    FROM accounts WHERE name >= $1 ORDER BY name LIMIT $2";
/// Entries of each account, walked back from one, with a limit of steps.
const ENTRIES: &str = "WITH RECURSIVE walk (account, this, step) AS (
        SELECT value ->> 0, unhex(value ->> 1), 1 FROM json_each($1)
        UNION ALL
        SELECT w.account, CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END, w.step + 1
        FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND w.step < $2)
    SELECT w.account, t.credit_entry AS number, t.credit_previous AS previous, t.credit_balance_cents AS balance_cents,
        t.amount_cents AS cents, t.id AS id, t.hash, t.credit_prior AS prior, w.step,
        t.valid_after AS valid_after_us,
        t.kind <> 'reversal' AND coalesce(t.valid_before, t.valid_after) IS NOT NULL AS is_dated
    FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND t.credit = w.account AND t.credit_entry IS NOT NULL
    UNION ALL
    SELECT w.account, t.debit_entry, t.debit_previous, t.debit_balance_cents, -t.amount_cents, t.id AS id, t.hash,
        t.debit_prior AS prior, w.step, t.valid_after,
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
    SELECT s.id AS id, s.account, a.name IS NOT NULL AS has_account
    FROM side s LEFT JOIN named n ON n.id = s.id AND n.account = s.account LEFT JOIN accounts a ON a.name = s.account
    WHERE n.id IS NULL ORDER BY s.id LIMIT 1";
const MESSAGES: &str = "SELECT i.key, i.transfer, t.message_key AS transfer_message
    FROM inbox i LEFT JOIN transfers t ON t.id = i.transfer
    WHERE i.key >= $1 AND i.ending = 'applied' ORDER BY i.key LIMIT $2";

const UNPAID_CARD: &str = "SELECT v.batch, v.place
    FROM vouchers v LEFT JOIN voucher_batches b ON b.number = v.batch
        LEFT JOIN transfers t ON t.id = v.transfer AND t.kind = 'voucher' AND t.amount_cents = b.amount_cents
            AND t.debit = 'voucher_liability:' || printf('%05d', v.batch) AND t.credit = 'subscriber:' || v.number
    WHERE v.state = 'used' AND t.id IS NULL ORDER BY v.batch, v.place LIMIT 1";
const CARDS: &str = "SELECT count(*) AS used, count(DISTINCT transfer) AS named,
        (SELECT count(*) FROM transfers WHERE kind = 'voucher') AS transfers
    FROM vouchers WHERE state = 'used'";
const HOLDS: &str = "SELECT h.id AS id, h.state, h.account, a.name IS NOT NULL AS has_account,
        t.hold AS transfer_hold
    FROM holds h LEFT JOIN accounts a ON a.name = h.account LEFT JOIN transfers t ON t.id = h.transfer
    WHERE h.id >= $1 ORDER BY h.id LIMIT $2";
const ACTIONS: &str = "SELECT a.id AS id, a.kind, a.transfer AS transfer, t.action AS transfer_action,
        h.id IS NOT NULL AS has_hold, t.kind AS transfer_kind, a.card IS NOT NULL AS is_card,
        a.amount_cents,
        CASE a.account WHEN t.credit THEN t.amount_cents WHEN t.debit THEN -t.amount_cents END AS moved_cents
    FROM operator_actions a LEFT JOIN transfers t ON t.id = a.transfer LEFT JOIN holds h ON h.id = a.subject
    WHERE a.id >= $1 AND a.state = 'done' ORDER BY a.id LIMIT $2";

/// A read-only transaction.
#[derive(Debug)]
pub(crate) struct Snapshot(pub(super) Transaction<'static, Sqlite>);

impl Store {
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot(self.readers.begin().await?))
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
        let from = octets_above(after);
        Ok(sqlx::query_as(TRANSFERS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn requests(&mut self, prints: &[&[u8]]) -> Result<Vec<LedgerRequest>, StoreError> {
        let prints: Vec<String> = prints.iter().map(hex::encode).collect();
        Ok(sqlx::query_as(REQUESTS).bind(json("requests", &prints)?).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn accounts(&mut self, after: Option<&str>) -> Result<Vec<LedgerAccount>, StoreError> {
        Ok(sqlx::query_as(ACCOUNTS).bind(above(after)).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn entries(
        &mut self,
        begun: &[(&str, &[u8])],
        steps: i64,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let begun: Vec<(&str, String)> = begun.iter().map(|(account, this)| (*account, hex::encode(this))).collect();
        let rows = sqlx::query_as(ENTRIES).bind(json("transfers", &begun)?).bind(steps);
        Ok(rows.fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn loose_entry(&mut self) -> Result<Option<LooseEntry>, StoreError> {
        Ok(sqlx::query_as(LOOSE).fetch_optional(&mut *self.0).await?)
    }

    pub(crate) async fn messages(&mut self, after: Option<&str>) -> Result<Vec<LedgerMessage>, StoreError> {
        Ok(sqlx::query_as(MESSAGES).bind(above(after)).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn holds(&mut self, after: Option<&[u8]>) -> Result<Vec<LedgerHold>, StoreError> {
        let from = octets_above(after);
        Ok(sqlx::query_as(HOLDS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn events(&mut self, account: &str, number: i64) -> Result<Vec<LedgerEvent>, StoreError> {
        Ok(sqlx::query_as(AUDITED).bind(account).bind(number).bind(PAGE).fetch_all(&mut *self.0).await?)
    }

    pub(crate) async fn unexplained_state(&mut self) -> Result<Option<(String, String)>, StoreError> {
        Ok(sqlx::query_as(UNEXPLAINED).fetch_optional(&mut *self.0).await?)
    }

    pub(crate) async fn actions(&mut self, after: Option<&[u8]>) -> Result<Vec<LedgerAction>, StoreError> {
        let from = octets_above(after);
        Ok(sqlx::query_as(ACTIONS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }
}

/// The smallest text after this one; the smallest of all without one.
fn above(after: Option<&str>) -> String {
    after.map(|text| format!("{text}\0")).unwrap_or_default()
}

/// The smallest octets after these; the smallest of all without them.
fn octets_above(after: Option<&[u8]>) -> Vec<u8> {
    after.map(|id| [id, &[0]].concat()).unwrap_or_default()
}
