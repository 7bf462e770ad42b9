-- PINs by account, hashed with a key that is not here. An account without one has the PIN that all begin with. Wrong tries are
-- remembered among those of cards, as `pin:ACCOUNT`.
CREATE TABLE pins (
    account TEXT NOT NULL PRIMARY KEY,
    -- Another one with every change.
    id      BLOB NOT NULL,
    -- Argon2id, as a PHC string.
    hash    TEXT NOT NULL,
    -- It has to be changed before its first use.
    initial INTEGER NOT NULL CHECK (initial IN (0, 1)),
    set_at  INTEGER NOT NULL,
    -- Who of the staff gave it; NULL where its owner set it.
    given_by TEXT
) STRICT, WITHOUT ROWID;
