-- Values of messages of the inbox that only their forms know: a JSON array of objects with name, type and value. A secret
-- is stars.
CREATE TABLE message_fields (
    message_key TEXT NOT NULL PRIMARY KEY,
    fields      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
