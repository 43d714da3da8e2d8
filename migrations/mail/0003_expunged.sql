-- How far back expunges are remembered: RFC 7162, 5. Older ones are dropped after a while.

ALTER TABLE mailbox ADD COLUMN
    forgotten INTEGER NOT NULL DEFAULT 0; -- expunges up to this mod-sequence may be missing in expunged

ALTER TABLE expunged ADD COLUMN
    at INTEGER NOT NULL DEFAULT 0; -- when

UPDATE expunged SET at = unixepoch();
