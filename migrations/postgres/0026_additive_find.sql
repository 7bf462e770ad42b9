-- What messages, orders of staff and SMS are searched by: telephone numbers, references and the like. A job writes it some time
-- after the rows themselves, in segments: each holds the rows of a stretch of time, in the order of its key, so that nothing
-- is written at a random place.
CREATE TABLE search_entries (
    segment bigint NOT NULL,
    -- `n38349123456` a number, `rTRX20451` a reference, `s000137` a trace number, `d` and an identifier: the transfer that it repeats.
    value   text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    -- `m` and the key of a message, `t` and the identifier of a transfer, `s` and that of an SMS.
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (segment, value, at, subject)
);

-- A segment that is complete. Rows before its marks are in it or in one before.
CREATE TABLE search_segments (
    id           bigint NOT NULL PRIMARY KEY,
    entries      bigint NOT NULL,
    -- The earliest and the latest time of its entries.
    first_at     timestamptz,
    last_at      timestamptz,
    transfers_to uuid NOT NULL,
    outbox_to    uuid NOT NULL,
    messages_to  timestamptz NOT NULL
);

-- Messages that moved money are found in the order of time by their transfers, and the others by this.
CREATE INDEX inbox_unapplied ON inbox (received_at) WHERE ending <> 'applied';

-- How long a link was up or down on a node. The row that goes on is prolonged once a minute.
CREATE TABLE link_states (
    link   text COLLATE "C" NOT NULL,
    since  timestamptz NOT NULL,
    node   uuid NOT NULL,
    state  text NOT NULL CHECK (state IN ('up', 'down', 'untried', 'unbound')),
    until  timestamptz NOT NULL,
    -- The reason why it is down, if the link knows it.
    reason text,
    PRIMARY KEY (link, since, node)
);
CREATE INDEX link_states_until ON link_states (until);
