-- Dealers, each below another or none. The stock of one is the account `dealer:NAME`; who is blocked has one that is
-- suspended; its PIN is that account's.
CREATE TABLE dealers (
    name     text COLLATE "C" NOT NULL PRIMARY KEY,
    parent   text COLLATE "C" REFERENCES dealers (name) CHECK (parent <> name),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL
);

-- The phones that act for them: each for one.
CREATE TABLE dealer_phones (
    phone    text COLLATE "C" NOT NULL PRIMARY KEY,
    dealer   text COLLATE "C" NOT NULL REFERENCES dealers (name),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL
);
CREATE INDEX dealer_phones_dealer ON dealer_phones (dealer);

-- Days whose summary is on its way to a phone.
CREATE TABLE dealer_days (
    day    text COLLATE "C" NOT NULL,
    phone  text COLLATE "C" NOT NULL,
    PRIMARY KEY (day, phone)
);
