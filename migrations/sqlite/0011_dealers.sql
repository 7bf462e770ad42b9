-- Dealers, each below another or none. The stock of one is the account `dealer:NAME`; who is blocked has one that is
-- suspended; its PIN is that account's.
CREATE TABLE dealers (
    name     TEXT    NOT NULL PRIMARY KEY,
    parent   TEXT REFERENCES dealers (name) CHECK (parent <> name),
    added_by TEXT    NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The phones that act for them: each for one.
CREATE TABLE dealer_phones (
    phone    TEXT    NOT NULL PRIMARY KEY,
    dealer   TEXT    NOT NULL REFERENCES dealers (name),
    added_by TEXT    NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dealer_phones_dealer ON dealer_phones (dealer);

-- Days whose summary is on its way to a phone.
CREATE TABLE dealer_days (
    day    TEXT NOT NULL,
    phone  TEXT NOT NULL,
    PRIMARY KEY (day, phone)
) STRICT, WITHOUT ROWID;
