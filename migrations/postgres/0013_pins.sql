-- PINs by account, hashed with a key that is not here. An account without one has the PIN that all begin with. Wrong tries are
-- remembered among those of cards, as `pin:ACCOUNT`.
CREATE TABLE pins (
    account text NOT NULL PRIMARY KEY,
    -- Another one with every change.
    id      uuid NOT NULL,
    -- Argon2id, as a PHC string.
    hash    text NOT NULL,
    -- It has to be changed before its first use.
    initial boolean NOT NULL,
    set_at  timestamptz NOT NULL,
    -- Who of the staff gave it; NULL where its owner set it.
    given_by text
);
