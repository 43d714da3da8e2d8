-- RFC 5464 METADATA: the annotations of mailboxes, and those that the account's owner has put on the server.

CREATE TABLE metadata (
    mailbox INTEGER NOT NULL, -- mailbox.id, or 0 for the server
    entry   TEXT NOT NULL,    -- the entry's name in lower case, such as /private/comment
    value   BLOB NOT NULL,    -- its value
    PRIMARY KEY (mailbox, entry)
) STRICT, WITHOUT ROWID;
