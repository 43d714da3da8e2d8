-- Imports that keep UIDs: no other message gets a UID that the place they come from has given out.
--
-- A uidvalidity of such a place that a mailbox had which was deleted or renamed is not to be taken again. It is in meta,
-- under "spent" with the number behind it: a table would cost each file a page.

ALTER TABLE mailbox ADD COLUMN
    reserved INTEGER NOT NULL DEFAULT 0; -- UIDs below are for messages that had them where uidvalidity comes from; 0: it is this file's own

ALTER TABLE mailbox ADD COLUMN
    source TEXT NOT NULL DEFAULT ''; -- where uidvalidity comes from: "upstream" and upstream.id, or a folder's path

-- Imports that were made before this schema go on; what their sources have given out is known when they do.
UPDATE mailbox SET (reserved, source) = (SELECT mailbox.uidnext, 'upstream ' || u.id FROM upstream u WHERE u.mailbox = mailbox.id AND u.uidvalidity = mailbox.uidvalidity)
    WHERE id IN (SELECT u.mailbox FROM upstream u WHERE u.uidvalidity = mailbox.uidvalidity);
