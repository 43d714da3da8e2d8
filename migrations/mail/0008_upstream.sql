-- Folders of other servers that mail was imported from: what a repeated import has to know to bring the difference only.

CREATE TABLE upstream (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- in the keys of its messages in imported; never used twice
    name        TEXT NOT NULL UNIQUE,              -- server, user and folder
    mailbox     INTEGER NOT NULL REFERENCES mailbox(id) ON DELETE CASCADE, -- what has its messages
    uidvalidity INTEGER NOT NULL,                  -- that the folder had when last looked at
    modseq      INTEGER NOT NULL                   -- its changes up to here were brought over; 0: it has no mod-sequences
) STRICT;

ALTER TABLE imported ADD COLUMN
    state INTEGER NOT NULL DEFAULT 0; -- the flags that the message had there when last looked at, and a hash of its keywords; 0: not noted
