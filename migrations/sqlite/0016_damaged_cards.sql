-- The serial of the scratch card that an adjustment makes good, because it can no longer be read.
ALTER TABLE operator_actions ADD COLUMN card TEXT;
