-- Parts of replies that did not fit one segment. An SMSC gives each an identifier of its own, and says of each what became
-- of it. (A reply of one segment has its identifier in the outbox.)
CREATE TABLE outbox_parts (
    outbox     uuid    NOT NULL,
    number     integer NOT NULL CHECK (number >= 1),
    link       text    NOT NULL,
    -- NULL where the SMSC gave none.
    remote_id  text,
    receipt    text CHECK (receipt IN ('delivered', 'undeliverable')),
    receipt_at timestamptz,
    PRIMARY KEY (outbox, number),
    CHECK ((receipt IS NULL) = (receipt_at IS NULL))
);
CREATE INDEX outbox_parts_remote ON outbox_parts (link, ltrim(lower(remote_id), '0')) WHERE remote_id IS NOT NULL;

-- Receipts that were answered because they are here, and name no reply that is known yet: each is tried again a few times.
CREATE TABLE early_receipts (
    link          text    NOT NULL,
    -- The identifier without leading zeros, in small letters.
    remote_id     text    NOT NULL,
    -- The last digits of the phone.
    phone         text    NOT NULL,
    -- All spellings of the identifier, the likeliest first. JSON.
    spellings     text    NOT NULL,
    -- Why the phone does not get the reply; NULL where it has it.
    undeliverable text,
    received_at   timestamptz NOT NULL,
    tries         integer NOT NULL,
    due_at        timestamptz NOT NULL,
    PRIMARY KEY (link, remote_id, phone)
);
CREATE INDEX early_receipts_due ON early_receipts (due_at);
CREATE INDEX early_receipts_age ON early_receipts (link, received_at);
