//! The audit's statements. Where the databases differ, both texts stand side by side. Pages begin at the key `$1`, and the
//! last parameter is their length.

use crate::store::db::Sql;

pub(super) const COUNTS: Sql = Sql::same(
    "SELECT (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM accounts) AS accounts,
        (SELECT count(*) FROM inbox WHERE ending = 'applied') AS messages,
        (SELECT count(*) FROM holds) AS holds, (SELECT count(*) FROM operator_actions WHERE state = 'done') AS actions",
);

pub(super) const TRANSFERS: Sql = Sql::same(
    "SELECT t.id, t.kind, t.debit, t.credit, t.amount_minor, t.message_key, t.action, t.system, t.at AS at_us,
        t.debit_entry, t.debit_previous, t.debit_balance_minor, t.credit_entry, t.credit_previous,
        t.credit_balance_minor, t.valid_before AS valid_before_us, t.valid_after AS valid_after_us, t.reverses, t.hold,
        t.reason, t.requests, t.hash, i.ending, i.transfer AS message_transfer,
        i.content AS message_content, i.link AS message_link, i.sender AS message_sender,
        i.short_code AS message_short_code, i.body AS message_body, i.received_at AS message_received_us,
        i.bank AS message_bank, i.form AS message_form, i.grammars AS message_grammars, i.outcome AS message_outcome,
        i.reply AS message_reply, i.trace AS message_trace, a.kind AS action_kind, a.account AS action_account,
        a.amount_minor AS action_minor, a.reason AS action_reason, a.note AS action_note, a.made_by AS action_made_by,
        a.made_at AS action_made_us, a.checked_by AS action_checked_by, a.checked_at AS action_checked_us,
        a.subject AS action_subject, a.card AS action_card,
        a.state AS action_state, a.transfer AS action_transfer, o.kind AS original_kind, o.debit AS original_debit,
        o.credit AS original_credit, o.amount_minor AS original_minor, h.account AS hold_account,
        h.transfer AS hold_transfer, h.posted_minor AS hold_minor
    FROM transfers t LEFT JOIN inbox i ON i.key = t.message_key LEFT JOIN operator_actions a ON a.id = t.action
        LEFT JOIN transfers o ON o.id = t.reverses LEFT JOIN holds h ON h.id = t.hold
    WHERE t.id >= $1 ORDER BY t.id LIMIT $2",
);

/// By fingerprints: on SQLite one JSON array of hexadecimal texts, on PostgreSQL an array of octets.
pub(super) const REQUESTS: Sql = Sql {
    sqlite: "SELECT r.fingerprint, r.transfer, r.at AS at_us, t.requests AS transfer_requests
        FROM json_each($1) AS wanted CROSS JOIN requests r LEFT JOIN transfers t ON t.id = r.transfer
        WHERE r.fingerprint = unhex(wanted.value)",
    postgres: "SELECT r.fingerprint, r.transfer, r.at AS at_us, t.requests AS transfer_requests
        FROM requests r LEFT JOIN transfers t ON t.id = r.transfer WHERE r.fingerprint = ANY($1)",
};

pub(super) const ACCOUNTS: Sql = Sql::same(
    "SELECT name, balance_minor, entries, head, last_transfer, held_minor,
        (SELECT CAST(coalesce(sum(h.amount_minor), 0) AS bigint) FROM holds h
            WHERE h.account = accounts.name AND h.state = 'pending') AS pending_minor,
        valid_until AS valid_until_us,
        (SELECT e.valid_until FROM account_events e WHERE e.account = accounts.name ORDER BY e.number DESC LIMIT 1)
            AS recorded_until_us
    FROM accounts WHERE name >= $1 ORDER BY name LIMIT $2",
);

/// The walk back through the entries of some accounts, from the rows `account`, `this`, `step` that are given.
macro_rules! entries_from {
    ($begun:literal) => {
        concat!(
            "WITH RECURSIVE walk (account, this, step) AS (",
            $begun,
            " UNION ALL
            SELECT w.account, CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END, w.step + 1
            FROM walk w CROSS JOIN transfers t WHERE t.id = w.this AND w.step < $1)
        SELECT w.account, t.credit_entry AS number, t.credit_previous AS previous,
            t.credit_balance_minor AS balance_minor, t.amount_minor AS minor, t.id AS id, t.hash,
            t.credit_prior AS prior, w.step, t.valid_after AS valid_after_us,
            t.kind <> 'reversal' AND coalesce(t.valid_before, t.valid_after) IS NOT NULL AS is_dated
        FROM walk w CROSS JOIN transfers t
        WHERE t.id = w.this AND t.credit = w.account AND t.credit_entry IS NOT NULL
        UNION ALL
        SELECT w.account, t.debit_entry, t.debit_previous, t.debit_balance_minor, -t.amount_minor, t.id AS id, t.hash,
            t.debit_prior, w.step, t.valid_after,
            t.kind = 'reversal' AND coalesce(t.valid_before, t.valid_after) IS NOT NULL
        FROM walk w CROSS JOIN transfers t
        WHERE t.id = w.this AND t.debit = w.account AND t.debit_entry IS NOT NULL
        ORDER BY step"
        )
    };
}

/// Each account's entries from one back, `$1` steps; the beginnings are JSON on SQLite, two arrays on PostgreSQL.
pub(super) const ENTRIES: Sql = Sql {
    sqlite: entries_from!("SELECT value ->> 0, unhex(value ->> 1), 1 FROM json_each($2)"),
    postgres: entries_from!("SELECT account, this, 1 FROM UNNEST($2::text[], $3::uuid[]) AS begun (account, this)"),
};

/// The first side of a transfer that neither its account nor a later transfer names. Sought only where one is missing.
pub(super) const LOOSE: Sql = Sql::same(
    "WITH named (id, account) AS (
        SELECT credit_prior, credit FROM transfers WHERE credit_prior IS NOT NULL
        UNION ALL SELECT debit_prior, debit FROM transfers WHERE debit_prior IS NOT NULL
        UNION ALL SELECT last_transfer, name FROM accounts WHERE last_transfer IS NOT NULL),
    side (id, account) AS (
        SELECT id, credit FROM transfers WHERE credit_entry IS NOT NULL
        UNION ALL SELECT id, debit FROM transfers WHERE debit_entry IS NOT NULL)
    SELECT s.id AS id, s.account, a.name IS NOT NULL AS has_account
    FROM side s LEFT JOIN named n ON n.id = s.id AND n.account = s.account LEFT JOIN accounts a ON a.name = s.account
    WHERE n.id IS NULL ORDER BY s.id LIMIT 1",
);

pub(super) const MESSAGES: Sql = Sql::same(
    "SELECT i.key, i.transfer, t.message_key AS transfer_message
    FROM inbox i LEFT JOIN transfers t ON t.id = i.transfer
    WHERE i.key >= $1 AND i.ending = 'applied' ORDER BY i.key LIMIT $2",
);

pub(super) const HOLDS: Sql = Sql::same(
    "SELECT h.id AS id, h.state, h.account, a.name IS NOT NULL AS has_account, t.hold AS transfer_hold
    FROM holds h LEFT JOIN accounts a ON a.name = h.account LEFT JOIN transfers t ON t.id = h.transfer
    WHERE h.id >= $1 ORDER BY h.id LIMIT $2",
);

pub(super) const ACTIONS: Sql = Sql::same(
    "SELECT a.id AS id, a.kind, a.transfer AS transfer, t.action AS transfer_action,
        h.id IS NOT NULL AS has_hold, t.kind AS transfer_kind, a.card IS NOT NULL AS is_card, a.amount_minor,
        CASE a.account WHEN t.credit THEN t.amount_minor WHEN t.debit THEN -t.amount_minor END AS moved_minor
    FROM operator_actions a LEFT JOIN transfers t ON t.id = a.transfer LEFT JOIN holds h ON h.id = a.subject
    WHERE a.id >= $1 AND a.state = 'done' ORDER BY a.id LIMIT $2",
);

/// Changes in the life of accounts, each with what the one before it came to.
pub(super) const EVENTS: Sql = Sql::same(
    "SELECT e.account, e.number, e.from_state, p.to_state AS state_before, a.name IS NOT NULL AS has_account
    FROM account_events e LEFT JOIN accounts a ON a.name = e.account
        LEFT JOIN account_events p ON p.account = e.account AND p.number = e.number - 1
    WHERE (e.account, e.number) >= ($1, $2) ORDER BY e.account, e.number LIMIT $3",
);

/// The first account that is suspended without a record of it, or in use although staff suspended it last.
pub(super) const UNEXPLAINED: Sql = Sql::same(
    "SELECT a.name, a.state FROM accounts a LEFT JOIN account_events e
        ON e.account = a.name AND e.number = (SELECT max(l.number) FROM account_events l WHERE l.account = a.name)
    WHERE (a.state = 'suspended' AND coalesce(e.to_state, '') <> 'suspended')
        OR (a.state = 'active' AND e.to_state = 'suspended' AND e.by <> 'mbush')
    ORDER BY a.name LIMIT 1",
);

/// A used card without the transfer that pays it; the liability of its batch is named with five digits.
macro_rules! unpaid_card_of {
    ($batch:literal) => {
        concat!(
            "SELECT v.batch, v.place
        FROM vouchers v LEFT JOIN voucher_batches b ON b.number = v.batch
            LEFT JOIN transfers t ON t.id = v.transfer AND t.kind = 'voucher' AND t.amount_minor = b.amount_minor
                AND t.debit = 'voucher_liability:' || ",
            $batch,
            " AND t.credit = 'subscriber:' || v.number
        WHERE v.state = 'used' AND t.id IS NULL ORDER BY v.batch, v.place LIMIT 1"
        )
    };
}

pub(super) const UNPAID_CARD: Sql = Sql {
    sqlite: unpaid_card_of!("printf('%05d', v.batch)"),
    postgres: unpaid_card_of!("lpad(v.batch::text, 5, '0')"),
};

pub(super) const CARDS: Sql = Sql::same(
    "SELECT count(*) AS used, count(DISTINCT transfer) AS named,
        (SELECT count(*) FROM transfers WHERE kind = 'voucher') AS transfers
    FROM vouchers WHERE state = 'used'",
);

pub(in crate::store) const HEADS: Sql = Sql::same(
    "SELECT day, transfers, sum_minor, content, previous, sealed_at, public_key, signature
    FROM day_heads WHERE day >= $1 ORDER BY day LIMIT $2",
);

pub(in crate::store) const DAY_TRANSFERS: Sql =
    Sql::same("SELECT id, at AS at_us, amount_minor, hash FROM transfers WHERE id >= $1 ORDER BY id LIMIT $2");
