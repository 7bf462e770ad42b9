-- What staff did about a quarantined message. A message without a row here waits for them.
CREATE TABLE quarantine (
    message_key TEXT    NOT NULL PRIMARY KEY,
    settled     TEXT    NOT NULL CHECK (settled IN ('replayed', 'discarded')),
    -- Who did it, and why or with what result.
    by          TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
