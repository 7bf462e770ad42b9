-- Credit that somebody wants to send and has yet to confirm. A row never changes: whether it still waits is its hold's state.
CREATE TABLE transfer_offers (
    sender       text   NOT NULL,
    -- Identifiers grow with time: the last one is the greatest.
    hold         uuid   NOT NULL,
    receiver     text   NOT NULL,
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    fee_cents    bigint CHECK (fee_cents > 0),
    PRIMARY KEY (sender, hold)
);
