-- Changes in the life of a number. Each account's are numbered from 1; a row is never changed or deleted.
CREATE TABLE account_events (
    account     text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    at          timestamptz NOT NULL,
    from_state  text NOT NULL CHECK (from_state IN ('new', 'active', 'receive_only', 'suspended')),
    to_state    text NOT NULL CHECK (to_state IN ('new', 'active', 'receive_only', 'suspended')),
    -- A word of the program's, or what staff gave as their reason; and who: `mbush`, or the name that staff gave.
    why         text NOT NULL,
    by          text NOT NULL,
    -- The end of validity after it.
    valid_until timestamptz,
    PRIMARY KEY (account, number)
);

-- Warnings that were sent: one for each end of validity and number of days before it.
CREATE TABLE account_warnings (
    account     text COLLATE "C" NOT NULL,
    valid_until timestamptz NOT NULL,
    days        bigint NOT NULL,
    at          timestamptz NOT NULL,
    outbox      uuid NOT NULL,
    PRIMARY KEY (account, valid_until, days)
);

-- Walks over a whole table in the background: which node is at it, until when nobody else takes it over, and where it is.
CREATE TABLE sweeps (
    name        text COLLATE "C" NOT NULL PRIMARY KEY,
    holder      uuid NOT NULL,
    until       timestamptz NOT NULL,
    cursor      text COLLATE "C",
    finished_at timestamptz
) WITH (fillfactor = 50);

-- Business days that are over (Europe/Belgrade), sealed: what their transfers came to, each chained to the day before.
CREATE TABLE day_heads (
    day         text COLLATE "C" NOT NULL PRIMARY KEY,
    transfers   bigint NOT NULL,
    sum_cents   bigint NOT NULL,
    -- SHA-256 over identifiers and hashes of the day's transfers, in the order of identifiers.
    content     bytea NOT NULL,
    -- Hash of the head of the day before; zeros for the first.
    previous    bytea NOT NULL,
    sealed_at   timestamptz NOT NULL,
    -- Ed25519: the public key, and its signature over all of the above.
    public_key  bytea NOT NULL,
    signature   bytea NOT NULL
);
