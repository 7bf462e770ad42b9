-- Requests that move no money and are handed to another system or to staff.
CREATE TABLE forwards (
    id          uuid    NOT NULL PRIMARY KEY,
    message_key text    NOT NULL,
    bank        text    NOT NULL,
    form        text    NOT NULL,
    -- What is asked for, as its form names it.
    name        text    NOT NULL,
    -- The link and the short code that it came by, and that its answer goes back by.
    link        text    NOT NULL,
    short_code  text    NOT NULL,
    -- NULL for a bank's machine, which gets no SMS.
    phone       text,
    -- The phone's address as it came, if its link replies to it.
    source      text,
    -- The values of the text as JSON, without secrets.
    fields      text    NOT NULL,
    language    text    NOT NULL,
    -- The text that the phone is sent if the other system has none.
    reply       text,
    state       text    NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'settled')),
    attempts    bigint  NOT NULL,
    -- The time that it waits since: that of the message, or of the last order to try again.
    since       timestamptz NOT NULL,
    next_at     timestamptz NOT NULL,
    lease       uuid,
    -- The last answer of the other system, or the reason why there was none.
    answer      text,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    -- The member of staff who settled it or had it tried again, and the note.
    by          text,
    note        text
);
CREATE INDEX forwards_waiting ON forwards (name, next_at) WHERE state = 'waiting';
CREATE INDEX forwards_failed ON forwards (name, created_at) WHERE state = 'failed';
