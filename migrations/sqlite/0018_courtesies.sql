-- Phones that wrote what was not understood: when they were answered (a JSON array of microseconds since 1970), which text
-- came how often in a row, and how many replies were withheld. `version` is how often the row was written: a batch that saw
-- another writes nothing.
CREATE TABLE courtesies (
    phone       TEXT    NOT NULL PRIMARY KEY,
    answered    TEXT    NOT NULL,
    text        BLOB,
    times       INTEGER NOT NULL,
    text_at     INTEGER CHECK ((text IS NULL) = (text_at IS NULL)),
    withheld    INTEGER NOT NULL,
    withheld_at INTEGER,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages of the inbox whose reply was withheld.
CREATE TABLE withheld_replies (
    message_key TEXT    NOT NULL PRIMARY KEY,
    why         TEXT    NOT NULL CHECK (why IN ('same_text', 'too_many')),
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The address of the message exactly as it came (JSON), where the reply goes there instead of to `recipient`.
ALTER TABLE outbox ADD COLUMN recipient_source TEXT;

-- How the network labels the sender of a part.
ALTER TABLE parts ADD COLUMN sender_ton INTEGER;
ALTER TABLE parts ADD COLUMN sender_npi INTEGER;
