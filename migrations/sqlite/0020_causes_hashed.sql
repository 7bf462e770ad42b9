-- The fingerprints of the requests that it carried out, 16 octets each. They are hashed with it, together with the message or
-- the action of staff that caused it. Rows of before have none, and hash as they did.
ALTER TABLE transfers ADD COLUMN requests BLOB;
