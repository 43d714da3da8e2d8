-- Expunged messages can be brought back as they were, and erased for good.

ALTER TABLE orphan ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;    -- 0: expunged, 1: replaced by another message (RFC 8508), 2: its mailbox was deleted
ALTER TABLE orphan ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;    -- entry.flags without \Deleted
ALTER TABLE orphan ADD COLUMN size INTEGER NOT NULL DEFAULT 0;     -- entry.size
ALTER TABLE orphan ADD COLUMN date INTEGER NOT NULL DEFAULT 0;     -- entry.date
ALTER TABLE orphan ADD COLUMN keywords TEXT;                       -- entry.keywords

-- What was expunged before this schema comes back without flags, and with its Date field for INTERNALDATE.
UPDATE orphan SET (size, date) = (SELECT m.size, CASE WHEN m.sent BETWEEN 0 AND orphan.since THEN m.sent ELSE orphan.since END
    FROM message m WHERE m.id = orphan.message);

CREATE TABLE former (
    mailbox     INTEGER PRIMARY KEY, -- mailbox.id of a mailbox that was deleted, and that orphan still names
    name        TEXT NOT NULL,       -- its last name
    special_use TEXT NOT NULL,       -- as in mailbox
    subscribed  INTEGER NOT NULL     -- 1: the name was subscribed to
) STRICT;

-- Names of mailboxes that were deleted before this schema are not known.
INSERT INTO former (mailbox, name, special_use, subscribed)
    SELECT DISTINCT mailbox, 'Undeleted', '', 1 FROM orphan WHERE mailbox NOT IN (SELECT id FROM mailbox);

INSERT INTO meta (key, value) VALUES
    ('erased', 0),  -- the highest message.id that was erased: it is not given again either
    ('unclean', 0); -- counts what was erased for good; above 0: it may still be in unused parts of the files, below: it is not
