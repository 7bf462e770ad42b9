-- An account's entries are found from its last transfer back, each transfer naming the one before it on either side, and not by
-- an index: that was written at a random place with every top-up.
ALTER TABLE accounts ADD COLUMN last_transfer uuid;
ALTER TABLE transfers ADD COLUMN debit_prior uuid;
ALTER TABLE transfers ADD COLUMN credit_prior uuid;
UPDATE transfers SET credit_prior = coalesce(
        (SELECT p.id FROM transfers p WHERE p.credit = transfers.credit AND p.credit_entry = transfers.credit_entry - 1),
        (SELECT p.id FROM transfers p WHERE p.debit = transfers.credit AND p.debit_entry = transfers.credit_entry - 1))
    WHERE credit_entry > 1;
UPDATE transfers SET debit_prior = coalesce(
        (SELECT p.id FROM transfers p WHERE p.credit = transfers.debit AND p.credit_entry = transfers.debit_entry - 1),
        (SELECT p.id FROM transfers p WHERE p.debit = transfers.debit AND p.debit_entry = transfers.debit_entry - 1))
    WHERE debit_entry > 1;
UPDATE accounts SET last_transfer = coalesce(
        (SELECT p.id FROM transfers p WHERE p.credit = accounts.name AND p.credit_entry = accounts.entries),
        (SELECT p.id FROM transfers p WHERE p.debit = accounts.name AND p.debit_entry = accounts.entries))
    WHERE entries > 0;
DROP INDEX transfers_credit;
DROP INDEX transfers_debit;
