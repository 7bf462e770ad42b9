-- A transfer may have another cause than a message, may take another one back, and may capture what a hold kept.

-- What pending holds keep of the balance.
ALTER TABLE accounts ADD COLUMN held_cents INTEGER NOT NULL DEFAULT 0 CHECK (held_cents >= 0);

-- SQLite lets a column become optional only in a new table.
CREATE TABLE transfers_next (
    id                   BLOB    NOT NULL PRIMARY KEY,
    kind                 TEXT    NOT NULL,
    debit                TEXT    NOT NULL,
    credit               TEXT    NOT NULL CHECK (credit <> debit),
    amount_cents         INTEGER NOT NULL CHECK (amount_cents > 0),
    -- What made it move, exactly one: a message of the inbox, an action of staff, or a part of the program.
    message_key          TEXT,
    action               BLOB,
    system               TEXT,
    at                   INTEGER NOT NULL,
    debit_entry          INTEGER,
    debit_previous       BLOB,
    debit_balance_cents  INTEGER,
    credit_entry         INTEGER,
    credit_previous      BLOB,
    credit_balance_cents INTEGER,
    -- The end of validity of the customer's account before and after it; both NULL where it leaves that alone.
    valid_before         INTEGER,
    valid_after          INTEGER,
    -- The transfer that it takes back, the hold that it captures, and why staff ordered it.
    reverses             BLOB,
    hold                 BLOB,
    reason               TEXT,
    -- SHA-256 over all of the above.
    hash                 BLOB    NOT NULL,
    CHECK ((message_key IS NOT NULL) + (action IS NOT NULL) + (system IS NOT NULL) = 1),
    CHECK ((reverses IS NOT NULL) = (kind = 'reversal')),
    CHECK ((hold IS NOT NULL) = (kind = 'capture'))
) STRICT, WITHOUT ROWID;
INSERT INTO transfers_next (id, kind, debit, credit, amount_cents, message_key, at, debit_entry, debit_previous,
        debit_balance_cents, credit_entry, credit_previous, credit_balance_cents, hash)
    SELECT id, kind, debit, credit, amount_cents, message_key, at, debit_entry, debit_previous,
        debit_balance_cents, credit_entry, credit_previous, credit_balance_cents, hash FROM transfers;
DROP TABLE transfers;
ALTER TABLE transfers_next RENAME TO transfers;
CREATE UNIQUE INDEX transfers_credit ON transfers (credit, credit_entry) WHERE credit_entry IS NOT NULL;
CREATE UNIQUE INDEX transfers_debit ON transfers (debit, debit_entry) WHERE debit_entry IS NOT NULL;
-- A transfer is taken back once.
CREATE UNIQUE INDEX transfers_reverses ON transfers (reverses) WHERE reverses IS NOT NULL;

-- What staff ordered. What has a checker was proposed by one and carried out or turned down by another.
CREATE TABLE operator_actions (
    id           BLOB    NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('reversal', 'adjustment', 'place_hold', 'post_hold', 'void_hold')),
    state        TEXT    NOT NULL CHECK (state IN ('proposed', 'done', 'rejected')),
    account      TEXT    NOT NULL,
    -- Negative where it takes from the account.
    amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    reason       TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    made_by      TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    checked_by   TEXT CHECK (checked_by <> made_by),
    checked_at   INTEGER,
    -- The transfer that it takes back, or the hold that it is about.
    subject      BLOB,
    -- The transfer that it made.
    transfer     BLOB,
    CHECK ((state = 'proposed') = (kind = 'adjustment' AND checked_by IS NULL)),
    CHECK ((checked_by IS NULL) = (checked_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_actions_open ON operator_actions (made_at) WHERE state = 'proposed';

-- Money that stays on an account and cannot be spent until it is taken (posted), or let go (voided, expired).
CREATE TABLE holds (
    id           BLOB    NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    state        TEXT    NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    reason       TEXT    NOT NULL,
    -- What placed it, as `message:KEY`, `operator:ID` or `system:NAME`.
    cause        TEXT    NOT NULL,
    placed_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- What ended it, and when.
    ended_cause  TEXT,
    ended_at     INTEGER,
    -- The transfer that took it, and how much of it.
    transfer     BLOB,
    posted_cents INTEGER CHECK (posted_cents > 0 AND posted_cents <= amount_cents),
    CHECK ((state = 'pending') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_cause IS NULL)),
    CHECK ((state = 'posted') = (transfer IS NOT NULL) AND (transfer IS NULL) = (posted_cents IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_pending ON holds (account) WHERE state = 'pending';
CREATE INDEX holds_due ON holds (expires_at) WHERE state = 'pending';
