-- Scratch cards. Codes are nowhere: a card is found by the keyed hash of its code, and by its serial, which is batch and
-- place. A batch moves as a whole, in its row; a card has a state of its own only where it differs from its batch.
CREATE TABLE voucher_batches (
    number       INTEGER NOT NULL PRIMARY KEY,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    count        INTEGER NOT NULL CHECK (count > 0),
    -- Days of validity; without them those of the tier of the amount.
    days         INTEGER,
    key          TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('generating', 'generated', 'printed', 'distributed', 'active', 'blocked',
                     'expired', 'void')),
    expires_at   INTEGER NOT NULL,
    generated_by TEXT    NOT NULL,
    generated_at INTEGER NOT NULL,
    -- SHA-256 of the print file.
    file         BLOB    CHECK (file IS NOT NULL OR state IN ('generating', 'void')),
    proposed_by  TEXT,
    version      INTEGER NOT NULL
) STRICT;

-- The transfer and what goes with it are there when the card is used, and only then.
CREATE TABLE vouchers (
    hash     BLOB    NOT NULL PRIMARY KEY,
    batch    INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    state    TEXT    CHECK (state IN ('used', 'blocked', 'void')),
    sender   TEXT,
    number   TEXT,
    transfer BLOB,
    used_at  INTEGER,
    CHECK ((transfer IS NOT NULL) = (state IS NOT NULL AND state = 'used'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vouchers_serial ON vouchers (batch, place);
CREATE INDEX vouchers_own ON vouchers (batch, state) WHERE state IS NOT NULL;

-- Each step of a batch, and each that staff made with one card: who, why, when. (A use is in the card's own row.)
CREATE TABLE voucher_events (
    batch      INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    place      INTEGER,
    state_from TEXT    NOT NULL,
    state_to   TEXT    NOT NULL,
    by         TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (batch, id)
) STRICT, WITHOUT ROWID;

-- Who wrote wrong codes. `version` is how often the row was written: a batch that saw another writes nothing.
CREATE TABLE voucher_lockouts (
    sender  TEXT    NOT NULL PRIMARY KEY,
    wrong   INTEGER NOT NULL,
    locks   INTEGER NOT NULL,
    until   INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
