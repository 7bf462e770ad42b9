-- Scratch cards. Codes are nowhere: a card is found by the keyed hash of its code, and by its serial, which is batch and
-- place. A batch moves as a whole, in its row; a card has a state of its own only where it differs from its batch.
CREATE TABLE voucher_batches (
    number       bigint NOT NULL PRIMARY KEY,
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    count        bigint NOT NULL CHECK (count > 0),
    -- Days of validity; without them those of the tier of the amount.
    days         bigint,
    key          text NOT NULL,
    state        text NOT NULL CHECK (state IN ('generating', 'generated', 'printed', 'distributed', 'active', 'blocked',
                     'expired', 'void')),
    expires_at   timestamptz NOT NULL,
    generated_by text NOT NULL,
    generated_at timestamptz NOT NULL,
    -- SHA-256 of the print file.
    file         bytea    CHECK (file IS NOT NULL OR state IN ('generating', 'void')),
    proposed_by  text,
    version      bigint NOT NULL
);

-- The transfer and what goes with it are there when the card is used, and only then.
CREATE TABLE vouchers (
    hash     bytea NOT NULL PRIMARY KEY,
    batch    bigint NOT NULL,
    place    bigint NOT NULL,
    state    text    CHECK (state IN ('used', 'blocked', 'void')),
    sender   text,
    number   text,
    transfer uuid,
    used_at  timestamptz,
    CHECK ((transfer IS NOT NULL) = (state IS NOT NULL AND state = 'used'))
);
CREATE UNIQUE INDEX vouchers_serial ON vouchers (batch, place);
CREATE INDEX vouchers_own ON vouchers (batch, state) WHERE state IS NOT NULL;

-- Each step of a batch, and each that staff made with one card: who, why, when. (A use is in the card's own row.)
CREATE TABLE voucher_events (
    batch      bigint NOT NULL,
    id         uuid NOT NULL,
    place      bigint,
    state_from text NOT NULL,
    state_to   text NOT NULL,
    by         text NOT NULL,
    note       text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (batch, id)
);

-- Who wrote wrong codes. `version` is how often the row was written: a batch that saw another writes nothing.
CREATE TABLE voucher_lockouts (
    sender  text COLLATE "C" NOT NULL PRIMARY KEY,
    wrong   bigint NOT NULL,
    locks   bigint NOT NULL,
    until   timestamptz,
    version bigint NOT NULL
);
