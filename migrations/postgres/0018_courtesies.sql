-- Phones that wrote what was not understood: when they were answered (a JSON array of microseconds since 1970), which text
-- came how often in a row, and how many replies were withheld. `version` is how often the row was written: a batch that saw
-- another writes nothing.
CREATE TABLE courtesies (
    phone       text COLLATE "C" NOT NULL PRIMARY KEY,
    answered    text        NOT NULL,
    text        bytea,
    times       bigint      NOT NULL,
    text_at     timestamptz CHECK ((text IS NULL) = (text_at IS NULL)),
    withheld    bigint      NOT NULL,
    withheld_at timestamptz,
    version     bigint      NOT NULL
);

-- Messages of the inbox whose reply was withheld.
CREATE TABLE withheld_replies (
    message_key text        NOT NULL PRIMARY KEY,
    why         text        NOT NULL CHECK (why IN ('same_text', 'too_many')),
    at          timestamptz NOT NULL
);

-- The address of the message exactly as it came (JSON), where the reply goes there instead of to `recipient`.
ALTER TABLE outbox ADD COLUMN recipient_source text;

-- How the network labels the sender of a part.
ALTER TABLE parts ADD COLUMN sender_ton bigint;
ALTER TABLE parts ADD COLUMN sender_npi bigint;
