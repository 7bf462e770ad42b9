-- Sums of money are minor units of the ledger's currency, which `ledger` names: one ledger has one currency. Its days are
-- those of one time zone. A server's start writes the row.

ALTER TABLE accounts RENAME COLUMN balance_cents TO balance_minor;
ALTER TABLE accounts RENAME COLUMN held_cents TO held_minor;
ALTER TABLE transfers RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE transfers RENAME COLUMN debit_balance_cents TO debit_balance_minor;
ALTER TABLE transfers RENAME COLUMN credit_balance_cents TO credit_balance_minor;
ALTER TABLE operator_actions RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE holds RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE holds RENAME COLUMN posted_cents TO posted_minor;
ALTER TABLE usage RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE day_heads RENAME COLUMN sum_cents TO sum_minor;
ALTER TABLE voucher_batches RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE transfer_offers RENAME COLUMN amount_cents TO amount_minor;
ALTER TABLE transfer_offers RENAME COLUMN fee_cents TO fee_minor;

CREATE TABLE ledger (
    id        smallint PRIMARY KEY CHECK (id = 1),
    currency  text NOT NULL CHECK (length(currency) = 3),
    time_zone text NOT NULL
);
