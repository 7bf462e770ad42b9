-- Parts of replies that did not fit one segment. An SMSC gives each an identifier of its own, and says of each what became
-- of it. (A reply of one segment has its identifier in the outbox.)
CREATE TABLE outbox_parts (
    outbox     BLOB    NOT NULL,
    number     INTEGER NOT NULL CHECK (number >= 1),
    link       TEXT    NOT NULL,
    -- NULL where the SMSC gave none.
    remote_id  TEXT,
    receipt    TEXT CHECK (receipt IN ('delivered', 'undeliverable')),
    receipt_at INTEGER,
    PRIMARY KEY (outbox, number),
    CHECK ((receipt IS NULL) = (receipt_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_parts_remote ON outbox_parts (link, ltrim(lower(remote_id), '0')) WHERE remote_id IS NOT NULL;

-- Receipts that were answered because they are here, and name no reply that is known yet: each is tried again a few times.
CREATE TABLE early_receipts (
    link          TEXT    NOT NULL,
    -- The identifier without leading zeros, in small letters.
    remote_id     TEXT    NOT NULL,
    -- The last digits of the phone.
    phone         TEXT    NOT NULL,
    -- All spellings of the identifier, the likeliest first. JSON.
    spellings     TEXT    NOT NULL,
    -- Why the phone does not get the reply; NULL where it has it.
    undeliverable TEXT,
    received_at   INTEGER NOT NULL,
    tries         INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    PRIMARY KEY (link, remote_id, phone)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_receipts_due ON early_receipts (due_at);
CREATE INDEX early_receipts_age ON early_receipts (link, received_at);
