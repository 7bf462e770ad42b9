CREATE TABLE account (
    number  text   PRIMARY KEY,
    cents   bigint NOT NULL CHECK (cents >= 0)
);

-- The gateway's identifier of a message: a repeated request finds it here.
CREATE TABLE message (
    id       text        PRIMARY KEY,
    sender   text        NOT NULL,
    receiver text        NOT NULL,
    body     text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE transfer (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message     text        NOT NULL UNIQUE REFERENCES message,
    number      text        NOT NULL REFERENCES account,
    cents       bigint      NOT NULL CHECK (cents > 0),
    minor_after bigint      NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
