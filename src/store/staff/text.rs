//! Statements that differ between the databases only in how identifiers and instants are written: out of the database both
//! come as 16 octets and microseconds since 1970, and into it likewise.

use std::sync::LazyLock;

/// Which database.
#[derive(Debug, Clone, Copy)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A column of identifiers, under its own name.
    fn id(self, column: &str) -> String {
        match self {
            Self::Sqlite => column.to_owned(),
            Self::Postgres => format!("uuid_send({column}) AS {column}"),
        }
    }

    /// A column of instants, under its own name.
    fn at(self, column: &str) -> String {
        match self {
            Self::Sqlite => column.to_owned(),
            Self::Postgres => format!("(extract(epoch FROM {column}) * 1000000)::bigint AS {column}"),
        }
    }

    /// A parameter that is an identifier.
    fn given_id(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => parameter.to_owned(),
            Self::Postgres => format!("encode({parameter}, 'hex')::uuid"),
        }
    }

    /// A parameter that is an instant.
    fn given_at(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => parameter.to_owned(),
            Self::Postgres => format!("(timestamptz 'epoch' + {parameter} * interval '1 microsecond')"),
        }
    }

    /// The last two octets of an identifier.
    const fn id_end(self) -> &'static str {
        match self {
            Self::Sqlite => "substr(id, 15, 2)",
            Self::Postgres => "substring(uuid_send(id) FROM 15 FOR 2)",
        }
    }

    const fn whole_number(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "::bigint",
        }
    }
}

/// One statement in both.
pub(in crate::store) struct Text {
    pub(in crate::store) sqlite: String,
    pub(in crate::store) postgres: String,
}

impl Text {
    fn new(write: impl Fn(Dialect) -> String) -> Self {
        Self { sqlite: write(Dialect::Sqlite), postgres: write(Dialect::Postgres) }
    }
}

fn transfer_columns(db: Dialect) -> String {
    let ids = ["id", "action", "reverses", "hold"].map(|column| db.id(column)).join(", ");
    let instants = ["at", "valid_before", "valid_after"].map(|column| db.at(column)).join(", ");
    format!(
        "{ids}, {instants}, kind, debit, credit, amount_cents, message_key, system, debit_balance_cents,
        credit_balance_cents, reason"
    )
}

/// The same, with who wanted it: the sender of the message, or the member of staff.
fn statement_columns(db: Dialect) -> String {
    let columns = transfer_columns(db);
    format!(
        "{columns}, coalesce((SELECT sender FROM inbox WHERE inbox.key = transfers.message_key),
            (SELECT made_by FROM operator_actions WHERE operator_actions.id = transfers.action)) AS wanted_by"
    )
}

fn hold_columns(db: Dialect) -> String {
    let ids = ["id", "transfer"].map(|column| db.id(column)).join(", ");
    let instants = ["placed_at", "expires_at", "ended_at"].map(|column| db.at(column)).join(", ");
    format!("{ids}, {instants}, account, amount_cents, state, reason, cause, ended_cause, posted_cents")
}

fn action_columns(db: Dialect) -> String {
    let ids = ["id", "subject", "transfer"].map(|column| db.id(column)).join(", ");
    let instants = ["made_at", "checked_at"].map(|column| db.at(column)).join(", ");
    format!("{ids}, {instants}, kind, state, account, amount_cents, reason, note, made_by, checked_by, card")
}

/// Transfers from one identifier to another, with these last octets or any.
pub(super) static TRANSFERS_BETWEEN: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (columns, first, last) = (transfer_columns(db), db.given_id("$1"), db.given_id("$2"));
        let end = db.id_end();
        format!(
            "SELECT {columns} FROM transfers
            WHERE id BETWEEN {first} AND {last} AND {end} BETWEEN $3 AND $4 ORDER BY transfers.id LIMIT $5"
        )
    })
});

/// What the messages of a sender moved from an instant on, without what moved beside it: from an identifier on, which begins
/// with its time. The sender may be kept in two spellings.
pub(super) static MOVED_BY: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (columns, first, from) = (transfer_columns(db), db.given_id("$1"), db.given_at("$2"));
        format!(
            "SELECT {columns} FROM transfers
            WHERE transfers.id >= {first} AND transfers.at >= {from} AND kind NOT IN ('bonus', 'commission', 'fee')
                AND EXISTS (SELECT 1 FROM inbox WHERE inbox.key = transfers.message_key AND inbox.sender IN ($3, $4))
            ORDER BY transfers.id LIMIT $5"
        )
    })
});

/// Where a message came from.
pub(super) static SENDER: LazyLock<Text> =
    LazyLock::new(|| Text::new(|_| "SELECT link, sender FROM inbox WHERE key = $1".to_owned()));

/// An account's entries from one back, the newest first, and so many at most: from the one with this identifier, or from the
/// last. The parameters are the account, the identifier or NULL, and how many.
pub(super) static ENTRIES: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (columns, first) = (statement_columns(db), db.given_id("$2"));
        format!(
            "WITH RECURSIVE walk (this, step) AS (
                SELECT coalesce({first}, (SELECT last_transfer FROM accounts WHERE name = $1)), 1
                UNION ALL
                SELECT CASE WHEN t.credit = $1 THEN t.credit_prior ELSE t.debit_prior END, walk.step + 1
                FROM walk CROSS JOIN transfers t WHERE t.id = walk.this AND walk.step < $3)
            SELECT {columns} FROM walk CROSS JOIN transfers WHERE transfers.id = walk.this ORDER BY walk.step"
        )
    })
});

/// The same of an account that is summed: by identifier, between two of them. They begin with their time, so what is read
/// is what all accounts did in the time of the statement, and no more.
pub(super) static SUMMED: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (columns, after, end) = (statement_columns(db), db.given_id("$2"), db.given_id("$6"));
        let (from, to) = (db.given_at("$3"), db.given_at("$4"));
        format!(
            "SELECT {columns} FROM transfers WHERE (credit = $1 OR debit = $1)
                AND transfers.id > {after} AND transfers.id < {end}
                AND transfers.at >= {from} AND transfers.at < {to} ORDER BY transfers.id LIMIT $5"
        )
    })
});

/// What such an account came to before an instant, among identifiers that end there.
pub(super) static POSITION: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        format!(
            "SELECT coalesce(sum(CASE WHEN credit = $1 THEN amount_cents ELSE -amount_cents END), 0){} FROM transfers
            WHERE (credit = $1 OR debit = $1) AND at < {}
                AND id < {}",
            db.whole_number(),
            db.given_at("$2"),
            db.given_id("$3")
        )
    })
});

/// Holds by identifier.
pub(super) static HOLD: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| format!("SELECT {} FROM holds WHERE id = {}", hold_columns(db), db.given_id("$1")))
});

/// Pending holds of one account, or of all.
pub(super) static PENDING_HOLDS: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let columns = hold_columns(db);
        format!(
            "SELECT {columns} FROM holds WHERE state = 'pending' AND ($1 = '' OR account = $1)
            ORDER BY holds.placed_at LIMIT $2"
        )
    })
});

/// Pending holds whose time is over.
pub(super) static DUE_HOLDS: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (columns, now) = (hold_columns(db), db.given_at("$1"));
        format!(
            "SELECT {columns} FROM holds WHERE state = 'pending' AND holds.expires_at <= {now}
            ORDER BY holds.expires_at LIMIT $2"
        )
    })
});

/// One action.
pub(super) static ACTION: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| format!("SELECT {} FROM operator_actions WHERE id = {}", action_columns(db), db.given_id("$1")))
});

/// The actions of a state, the newest first.
pub(super) static ACTIONS: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let columns = action_columns(db);
        format!(
            "SELECT {columns} FROM operator_actions WHERE state = $1 ORDER BY operator_actions.made_at DESC LIMIT $2"
        )
    })
});

/// Holds by identifier, for a batch: SQLite takes them as a JSON array of hexadecimal texts.
pub(in crate::store) static HOLDS_OF: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let columns = hold_columns(db);
        let set = match db {
            Dialect::Sqlite => "id IN (SELECT unhex(value) FROM json_each($1))",
            Dialect::Postgres => "id = ANY($1)",
        };
        format!("SELECT {columns} FROM holds WHERE {set}")
    })
});

/// Transfers by identifier, likewise.
pub(in crate::store) static TRANSFERS_OF: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let columns = transfer_columns(db);
        let set = match db {
            Dialect::Sqlite => "id IN (SELECT unhex(value) FROM json_each($1))",
            Dialect::Postgres => "id = ANY($1)",
        };
        format!("SELECT {columns} FROM transfers WHERE {set}")
    })
});

/// The same of actions.
pub(in crate::store) static ACTIONS_OF: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let columns = action_columns(db);
        let set = match db {
            Dialect::Sqlite => "id IN (SELECT unhex(value) FROM json_each($1))",
            Dialect::Postgres => "id = ANY($1)",
        };
        format!("SELECT {columns} FROM operator_actions WHERE {set}")
    })
});

/// Which of these transfers were taken back, and by which.
pub(in crate::store) static REVERSALS_OF: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (reversed, by) = (db.id("reverses"), db.id("id"));
        let set = match db {
            Dialect::Sqlite => "reverses IN (SELECT unhex(value) FROM json_each($1))",
            Dialect::Postgres => "reverses = ANY($1)",
        };
        format!("SELECT {reversed}, {by} FROM transfers WHERE {set}")
    })
});

/// What came later to the accounts of these transfers, gave validity and was not taken back: each account is walked from its
/// last transfer back to the one in question.
pub(in crate::store) static LATER_THAN: LazyLock<Text> = LazyLock::new(|| {
    Text::new(|db| {
        let (id, at, set) = match db {
            Dialect::Sqlite => ("o.id", "l.at", "o.id IN (SELECT unhex(value) FROM json_each($1))"),
            Dialect::Postgres => ("uuid_send(o.id)", "(extract(epoch FROM l.at) * 1000000)::bigint", "o.id = ANY($1)"),
        };
        format!(
            "WITH RECURSIVE later (original, account, this) AS (
                SELECT o.id, a.name, a.last_transfer FROM transfers o CROSS JOIN accounts a
                WHERE {set} AND a.name = o.credit AND a.last_transfer <> o.id
                UNION
                SELECT w.original, w.account, CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END
                FROM later w CROSS JOIN transfers t
                WHERE t.id = w.this
                    AND CASE WHEN t.credit = w.account THEN t.credit_prior ELSE t.debit_prior END <> w.original)
            SELECT {id}, l.kind, l.amount_cents, {at}
            FROM later w CROSS JOIN transfers l CROSS JOIN transfers o
            WHERE l.id = w.this AND o.id = w.original AND l.credit = w.account AND l.valid_after IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.reverses = l.id)"
        )
    })
});
