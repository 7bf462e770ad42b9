-- What staff did about a quarantined message. A message without a row here waits for them.
CREATE TABLE quarantine (
    message_key text COLLATE "C" NOT NULL PRIMARY KEY,
    settled     text NOT NULL CHECK (settled IN ('replayed', 'discarded')),
    -- Who did it, and why or with what result.
    by          text NOT NULL,
    note        text NOT NULL,
    at          timestamptz NOT NULL
);
