-- Requests that move no money and are handed to another system or to staff.
CREATE TABLE forwards (
    id          BLOB    NOT NULL PRIMARY KEY,
    message_key TEXT    NOT NULL,
    bank        TEXT    NOT NULL,
    form        TEXT    NOT NULL,
    -- What is asked for, as its form names it.
    name        TEXT    NOT NULL,
    -- The link and the short code that it came by, and that its answer goes back by.
    link        TEXT    NOT NULL,
    short_code  TEXT    NOT NULL,
    -- NULL for a bank's machine, which gets no SMS.
    phone       TEXT,
    -- The phone's address as it came, if its link replies to it.
    source      TEXT,
    -- The values of the text as JSON, without secrets.
    fields      TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    -- The text that the phone is sent if the other system has none.
    reply       TEXT,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'settled')),
    attempts    INTEGER NOT NULL,
    -- The time that it waits since: that of the message, or of the last order to try again.
    since       INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    lease       BLOB,
    -- The last answer of the other system, or the reason why there was none.
    answer      TEXT,
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    -- The member of staff who settled it or had it tried again, and the note.
    by          TEXT,
    note        TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX forwards_waiting ON forwards (name, next_at) WHERE state = 'waiting';
CREATE INDEX forwards_failed ON forwards (name, created_at) WHERE state = 'failed';
