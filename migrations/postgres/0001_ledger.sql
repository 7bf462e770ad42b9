-- Money is in cents. Names and keys compare octet by octet, so that every node takes its locks in one order.
-- Each primary key and unique index holds the column that its table would be distributed by.

-- Every inbound message, under the key that makes it one message for ever, with its ending.
CREATE TABLE inbox (
    key          text COLLATE "C" NOT NULL PRIMARY KEY,
    content      bytea NOT NULL,
    link         text NOT NULL,
    sender       text COLLATE "C" NOT NULL,
    short_code   text NOT NULL,
    body         text NOT NULL,
    received_at  timestamptz NOT NULL,
    bank         text,
    form         text,
    grammars     text NOT NULL,
    ending       text NOT NULL CHECK (ending IN ('applied', 'duplicate', 'informed', 'refused', 'quarantined')),
    outcome      text NOT NULL,
    reply        text,
    trace        text,
    -- The transfer that it made; `mbush audit` follows it both ways.
    transfer     uuid CHECK ((transfer IS NOT NULL) = (ending = 'applied'))
);
CREATE INDEX inbox_quarantine ON inbox (received_at) WHERE ending = 'quarantined';

-- Accounts whose balance a decision looks at. A bank's clearing position is not here: it is summed from the transfers.
CREATE TABLE accounts (
    name          text COLLATE "C" NOT NULL PRIMARY KEY,
    balance_cents bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('active', 'suspended')),
    valid_until   timestamptz,
    language      text,
    opened_at     timestamptz NOT NULL,
    -- How many batches have written it: a batch that saw another version writes nothing.
    version       bigint NOT NULL,
    -- How many entries it has, one for each side of a transfer that is its own, and the hash of the last one's transfer.
    entries       bigint NOT NULL,
    head          bytea NOT NULL
) WITH (fillfactor = 80);

-- Movements of money; a row is never changed or deleted. A side whose account keeps a balance is that account's next
-- entry: its number, the hash of the account's transfer before it (zeros for the first), the balance after it.
CREATE TABLE transfers (
    id                   uuid NOT NULL PRIMARY KEY,
    kind                 text NOT NULL,
    debit                text COLLATE "C" NOT NULL,
    credit               text COLLATE "C" NOT NULL CHECK (credit <> debit),
    amount_cents         bigint NOT NULL CHECK (amount_cents > 0),
    message_key          text NOT NULL,
    at                   timestamptz NOT NULL,
    debit_entry          bigint,
    debit_previous       bytea,
    debit_balance_cents  bigint,
    credit_entry         bigint,
    credit_previous      bytea,
    credit_balance_cents bigint,
    -- SHA-256 over all of the above.
    hash                 bytea NOT NULL
);
CREATE UNIQUE INDEX transfers_credit ON transfers (credit, credit_entry) WHERE credit_entry IS NOT NULL;
CREATE UNIQUE INDEX transfers_debit ON transfers (debit, debit_entry) WHERE debit_entry IS NOT NULL;

-- The last time that each request was carried out: what a duplicate is recognised by. `times` is how often it was:
-- a batch that saw another number writes nothing.
CREATE TABLE requests (
    fingerprint bytea NOT NULL PRIMARY KEY,
    transfer    uuid NOT NULL,
    at          timestamptz NOT NULL,
    times       bigint NOT NULL
);

-- Replies on their way out. An open row is due at `due_at`; a lease moves that instant ahead.
CREATE TABLE outbox (
    id          uuid NOT NULL PRIMARY KEY,
    message_key text COLLATE "C" NOT NULL,
    link        text NOT NULL,
    sender      text NOT NULL,
    recipient   text NOT NULL,
    text        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'sent', 'failed', 'unknown')),
    attempts    bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    lease       uuid,
    finished_at timestamptz,
    remote_id   text,
    last_error  text
) WITH (fillfactor = 80);
CREATE INDEX outbox_due ON outbox (link, due_at) WHERE state = 'open';
CREATE INDEX outbox_message ON outbox (message_key);
