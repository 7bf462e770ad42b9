-- A row of the outbox with a report is no reply: it tells the machine that submitted a message how that ended. JSON.
ALTER TABLE outbox ADD COLUMN report text;

-- Parts of long messages, each acknowledged because it is here. What a sender does under the same reference after
-- another message is the next generation.
CREATE TABLE parts (
    link          text COLLATE "C" NOT NULL,
    sender        text COLLATE "C" NOT NULL,
    short_code    text COLLATE "C" NOT NULL,
    reference     bigint      NOT NULL,
    generation    bigint      NOT NULL,
    number        bigint      NOT NULL CHECK (number BETWEEN 1 AND total),
    total         bigint      NOT NULL CHECK (total <= 255),
    -- Key of the message that it came as.
    key           text COLLATE "C" NOT NULL,
    -- User data as it came, and how to read it.
    octets        bytea       NOT NULL,
    has_header    boolean     NOT NULL,
    data_coding   bigint      NOT NULL,
    alphabet      text        NOT NULL,
    -- After which endings its sender wants a report: 1 success, 2 failure, 3 both.
    report        bigint      NOT NULL,
    received_at   timestamptz NOT NULL,
    session_since timestamptz,
    -- `waiting` for the others; `given_up`, because its sender began another message under the same reference; `done`
    -- when the whole is in the inbox: kept for a while, so that the part is known if it comes again.
    state         text        NOT NULL CHECK (state IN ('waiting', 'given_up', 'done')),
    PRIMARY KEY (link, sender, short_code, reference, generation, number)
);
CREATE INDEX parts_age ON parts (state, received_at);
