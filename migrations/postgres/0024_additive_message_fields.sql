-- Values of messages of the inbox that only their forms know: a JSON array of objects with name, type and value. A secret
-- is stars.
CREATE TABLE message_fields (
    message_key text NOT NULL PRIMARY KEY,
    fields      text NOT NULL
);
