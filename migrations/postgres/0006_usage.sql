-- What was used of limits, by subject (`payer:38349111222`, `target:subscriber:38349123456`) and period (`2026-11-22`,
-- `2026-11`, `recent`). Only what has a limit is counted. `version` is how many batches have written the row: a batch that
-- saw another one writes nothing.
CREATE TABLE usage (
    subject      text COLLATE "C" NOT NULL,
    period       text COLLATE "C" NOT NULL,
    amount_cents bigint NOT NULL,
    top_ups      bigint NOT NULL,
    -- Of `recent`: when the last ones were, in microseconds, as a JSON array.
    recent       text,
    version      bigint NOT NULL,
    PRIMARY KEY (subject, period)
) WITH (fillfactor = 80);

-- User names that are registered to phones, each for one service.
CREATE TABLE enrolments (
    phone    text COLLATE "C" NOT NULL,
    service  text NOT NULL,
    username text NOT NULL,
    -- Who registered it, and when.
    by       text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (phone, service)
);
