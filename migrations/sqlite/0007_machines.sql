-- A row of the outbox with a report is no reply: it tells the machine that submitted a message how that ended. JSON.
ALTER TABLE outbox ADD COLUMN report TEXT;

-- Parts of long messages, each acknowledged because it is here. What a sender does under the same reference after
-- another message is the next generation.
CREATE TABLE parts (
    link          TEXT    NOT NULL,
    sender        TEXT    NOT NULL,
    short_code    TEXT    NOT NULL,
    reference     INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    number        INTEGER NOT NULL CHECK (number BETWEEN 1 AND total),
    total         INTEGER NOT NULL CHECK (total <= 255),
    -- Key of the message that it came as.
    key           TEXT    NOT NULL,
    -- User data as it came, and how to read it.
    octets        BLOB    NOT NULL,
    has_header    INTEGER NOT NULL,
    data_coding   INTEGER NOT NULL,
    alphabet      TEXT    NOT NULL,
    -- After which endings its sender wants a report: 1 success, 2 failure, 3 both.
    report        INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    session_since INTEGER,
    -- `waiting` for the others; `given_up`, because its sender began another message under the same reference; `done`
    -- when the whole is in the inbox: kept for a while, so that the part is known if it comes again.
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'given_up', 'done')),
    PRIMARY KEY (link, sender, short_code, reference, generation, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX parts_age ON parts (state, received_at);
