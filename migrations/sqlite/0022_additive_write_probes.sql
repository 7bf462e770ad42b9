-- What is written to see whether the database takes writes. Nothing else reads it.
CREATE TABLE write_probes (
    id      INTEGER PRIMARY KEY,
    padding BLOB    NOT NULL
) STRICT;
