-- What was used of limits, by subject (`payer:38349111222`, `target:subscriber:38349123456`) and period (`2026-11-22`,
-- `2026-11`, `recent`). Only what has a limit is counted. `version` is how many batches have written the row: a batch that
-- saw another one writes nothing.
CREATE TABLE usage (
    subject      TEXT    NOT NULL,
    period       TEXT    NOT NULL,
    amount_cents INTEGER NOT NULL,
    top_ups      INTEGER NOT NULL,
    -- Of `recent`: when the last ones were, in microseconds, as a JSON array.
    recent       TEXT,
    version      INTEGER NOT NULL,
    PRIMARY KEY (subject, period)
) STRICT, WITHOUT ROWID;

-- User names that are registered to phones, each for one service.
CREATE TABLE enrolments (
    phone    TEXT    NOT NULL,
    service  TEXT    NOT NULL,
    username TEXT    NOT NULL,
    -- Who registered it, and when.
    by       TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (phone, service)
) STRICT, WITHOUT ROWID;
