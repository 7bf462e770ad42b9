-- Credit that somebody wants to send and has yet to confirm. A row never changes: whether it still waits is its hold's state.
CREATE TABLE transfer_offers (
    sender       TEXT    NOT NULL,
    -- Identifiers grow with time: the last one is the greatest.
    hold         BLOB    NOT NULL,
    receiver     TEXT    NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    fee_cents    INTEGER CHECK (fee_cents > 0),
    PRIMARY KEY (sender, hold)
) STRICT, WITHOUT ROWID;
