-- Instants are microseconds since 1970 in UTC; identifiers are 16 octets, hashes 32; money is in cents.

-- Every inbound message, under the key that makes it one message for ever, with its ending.
CREATE TABLE inbox (
    key          TEXT    NOT NULL PRIMARY KEY,
    content      BLOB    NOT NULL,
    link         TEXT    NOT NULL,
    sender       TEXT    NOT NULL,
    short_code   TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    received_at  INTEGER NOT NULL,
    bank         TEXT,
    form         TEXT,
    grammars     TEXT    NOT NULL,
    ending       TEXT    NOT NULL CHECK (ending IN ('applied', 'duplicate', 'informed', 'refused', 'quarantined')),
    outcome      TEXT    NOT NULL,
    reply        TEXT,
    trace        TEXT,
    -- The transfer that it made; `mbush audit` follows it both ways.
    transfer     BLOB    CHECK ((transfer IS NOT NULL) = (ending = 'applied'))
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_quarantine ON inbox (received_at) WHERE ending = 'quarantined';

-- Accounts whose balance a decision looks at. A bank's clearing position is not here: it is summed from the transfers.
CREATE TABLE accounts (
    name          TEXT    NOT NULL PRIMARY KEY,
    balance_cents INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    valid_until   INTEGER,
    language      TEXT,
    opened_at     INTEGER NOT NULL,
    -- How many batches have written it: a batch that saw another version writes nothing.
    version       INTEGER NOT NULL,
    -- How many entries it has, one for each side of a transfer that is its own, and the hash of the last one's transfer.
    entries       INTEGER NOT NULL,
    head          BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- Movements of money; a row is never changed or deleted. A side whose account keeps a balance is that account's next
-- entry: its number, the hash of the account's transfer before it (zeros for the first), the balance after it.
CREATE TABLE transfers (
    id                   BLOB    NOT NULL PRIMARY KEY,
    kind                 TEXT    NOT NULL,
    debit                TEXT    NOT NULL,
    credit               TEXT    NOT NULL CHECK (credit <> debit),
    amount_cents         INTEGER NOT NULL CHECK (amount_cents > 0),
    message_key          TEXT    NOT NULL,
    at                   INTEGER NOT NULL,
    debit_entry          INTEGER,
    debit_previous       BLOB,
    debit_balance_cents  INTEGER,
    credit_entry         INTEGER,
    credit_previous      BLOB,
    credit_balance_cents INTEGER,
    -- SHA-256 over all of the above.
    hash                 BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transfers_credit ON transfers (credit, credit_entry) WHERE credit_entry IS NOT NULL;
CREATE UNIQUE INDEX transfers_debit ON transfers (debit, debit_entry) WHERE debit_entry IS NOT NULL;

-- The last time that each request was carried out: what a duplicate is recognised by. `times` is how often it was:
-- a batch that saw another number writes nothing.
CREATE TABLE requests (
    fingerprint BLOB    NOT NULL PRIMARY KEY,
    transfer    BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    times       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Replies on their way out. An open row is due at `due_at`; a lease moves that instant ahead.
CREATE TABLE outbox (
    id          BLOB    NOT NULL PRIMARY KEY,
    message_key TEXT    NOT NULL,
    link        TEXT    NOT NULL,
    sender      TEXT    NOT NULL,
    recipient   TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'sent', 'failed', 'unknown')),
    attempts    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    lease       BLOB,
    finished_at INTEGER,
    remote_id   TEXT,
    last_error  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (link, due_at) WHERE state = 'open';
CREATE INDEX outbox_message ON outbox (message_key);
