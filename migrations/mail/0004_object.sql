-- Object identifiers (RFC 8474) and previews (RFC 8970).
--
-- EMAILID is made of message.id and MAILBOXID of mailbox.id: neither is ever used twice in this file. What tells this
-- file's identifiers from those of others is a random number.

INSERT INTO meta (key, value) VALUES ('objects', random() & 0x3ffffffffff); -- in every object identifier of this file

ALTER TABLE message ADD COLUMN preview TEXT; -- the beginning of its text, in UTF-8; NULL: not made yet

CREATE TABLE thread (
    message INTEGER PRIMARY KEY, -- message.id; a message above the highest one here has not been threaded yet
    thread  INTEGER NOT NULL     -- message.id of the first message of the thread, which may be gone; makes THREADID
) STRICT;

CREATE INDEX thread_messages ON thread (thread);

CREATE TABLE threadname (
    name   INTEGER PRIMARY KEY, -- a hash of a Message-ID that a message has or refers to and of the message's base subject
    thread INTEGER NOT NULL     -- thread.thread of the messages with that name
) STRICT;
