-- A transfer may have another cause than a message, may take another one back, and may capture what a hold kept.

-- What pending holds keep of the balance.
ALTER TABLE accounts ADD COLUMN held_cents bigint NOT NULL DEFAULT 0 CHECK (held_cents >= 0);

ALTER TABLE transfers
    ALTER COLUMN message_key DROP NOT NULL,
    -- What made it move, exactly one: a message of the inbox, an action of staff, or a part of the program.
    ADD COLUMN action uuid,
    ADD COLUMN system text,
    -- The end of validity of the customer's account before and after it; both NULL where it leaves that alone.
    ADD COLUMN valid_before timestamptz,
    ADD COLUMN valid_after timestamptz,
    -- The transfer that it takes back, the hold that it captures, and why staff ordered it.
    ADD COLUMN reverses uuid,
    ADD COLUMN hold uuid,
    ADD COLUMN reason text,
    ADD CHECK (num_nonnulls(message_key, action, system) = 1),
    ADD CHECK ((reverses IS NOT NULL) = (kind = 'reversal')),
    ADD CHECK ((hold IS NOT NULL) = (kind = 'capture'));
-- A transfer is taken back once.
CREATE UNIQUE INDEX transfers_reverses ON transfers (reverses) WHERE reverses IS NOT NULL;

-- What staff ordered. What has a checker was proposed by one and carried out or turned down by another.
CREATE TABLE operator_actions (
    id           uuid NOT NULL PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('reversal', 'adjustment', 'place_hold', 'post_hold', 'void_hold')),
    state        text NOT NULL CHECK (state IN ('proposed', 'done', 'rejected')),
    account      text COLLATE "C" NOT NULL,
    -- Negative where it takes from the account.
    amount_cents bigint NOT NULL CHECK (amount_cents <> 0),
    reason       text NOT NULL,
    note         text NOT NULL,
    made_by      text NOT NULL,
    made_at      timestamptz NOT NULL,
    checked_by   text CHECK (checked_by <> made_by),
    checked_at   timestamptz,
    -- The transfer that it takes back, or the hold that it is about.
    subject      uuid,
    -- The transfer that it made.
    transfer     uuid,
    CHECK ((state = 'proposed') = (kind = 'adjustment' AND checked_by IS NULL)),
    CHECK ((checked_by IS NULL) = (checked_at IS NULL))
);
CREATE INDEX operator_actions_open ON operator_actions (made_at) WHERE state = 'proposed';

-- Money that stays on an account and cannot be spent until it is taken (posted), or let go (voided, expired).
CREATE TABLE holds (
    id           uuid NOT NULL PRIMARY KEY,
    account      text COLLATE "C" NOT NULL,
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    state        text NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    reason       text NOT NULL,
    -- What placed it, as `message:KEY`, `operator:ID` or `system:NAME`.
    cause        text NOT NULL,
    placed_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    -- What ended it, and when.
    ended_cause  text,
    ended_at     timestamptz,
    -- The transfer that took it, and how much of it.
    transfer     uuid,
    posted_cents bigint CHECK (posted_cents > 0 AND posted_cents <= amount_cents),
    CHECK ((state = 'pending') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_cause IS NULL)),
    CHECK ((state = 'posted') = (transfer IS NOT NULL) AND (transfer IS NULL) = (posted_cents IS NULL))
);
CREATE INDEX holds_pending ON holds (account) WHERE state = 'pending';
CREATE INDEX holds_due ON holds (expires_at) WHERE state = 'pending';
