-- What an SMSC said became of a reply that it had taken.
ALTER TABLE outbox ADD COLUMN receipt TEXT CHECK (receipt IN ('delivered', 'undeliverable'));
ALTER TABLE outbox ADD COLUMN receipt_at INTEGER;
-- Receipts write an identifier with other zeros and letters than the answer to the submission.
CREATE INDEX outbox_remote ON outbox (link, ltrim(lower(remote_id), '0')) WHERE remote_id IS NOT NULL;
