-- Changes in the life of a number. Each account's are numbered from 1; a row is never changed or deleted.
CREATE TABLE account_events (
    account     TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    from_state  TEXT    NOT NULL CHECK (from_state IN ('new', 'active', 'receive_only', 'suspended')),
    to_state    TEXT    NOT NULL CHECK (to_state IN ('new', 'active', 'receive_only', 'suspended')),
    -- A word of the program's, or what staff gave as their reason; and who: `mbush`, or the name that staff gave.
    why         TEXT    NOT NULL,
    by          TEXT    NOT NULL,
    -- The end of validity after it.
    valid_until INTEGER,
    PRIMARY KEY (account, number)
) STRICT, WITHOUT ROWID;

-- Warnings that were sent: one for each end of validity and number of days before it.
CREATE TABLE account_warnings (
    account     TEXT    NOT NULL,
    valid_until INTEGER NOT NULL,
    days        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    outbox      BLOB    NOT NULL,
    PRIMARY KEY (account, valid_until, days)
) STRICT, WITHOUT ROWID;

-- Walks over a whole table in the background: which node is at it, until when nobody else takes it over, and where it is.
CREATE TABLE sweeps (
    name        TEXT    NOT NULL PRIMARY KEY,
    holder      BLOB    NOT NULL,
    until       INTEGER NOT NULL,
    cursor      TEXT,
    finished_at INTEGER
) STRICT, WITHOUT ROWID;

-- Business days that are over (Europe/Belgrade), sealed: what their transfers came to, each chained to the day before.
CREATE TABLE day_heads (
    day         TEXT    NOT NULL PRIMARY KEY,
    transfers   INTEGER NOT NULL,
    sum_cents   INTEGER NOT NULL,
    -- SHA-256 over identifiers and hashes of the day's transfers, in the order of identifiers.
    content     BLOB    NOT NULL,
    -- Hash of the head of the day before; zeros for the first.
    previous    BLOB    NOT NULL,
    sealed_at   INTEGER NOT NULL,
    -- Ed25519: the public key, and its signature over all of the above.
    public_key  BLOB    NOT NULL,
    signature   BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
