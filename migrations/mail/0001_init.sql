-- mail.db: the mail of one account.
--
-- A message's bytes are stored once (message, header, body); each appearance of it in a mailbox is an entry.
-- Times are Unix seconds. Sizes are bytes. Flags are a bit mask: 1 \Seen, 2 \Answered, 4 \Flagged, 8 \Deleted, 16 \Draft.

CREATE TABLE mailbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
    name        TEXT NOT NULL UNIQUE,              -- UTF-8 in NFC, levels separated by '/'; INBOX in capitals
    uidvalidity INTEGER NOT NULL,                  -- RFC 3501 UIDVALIDITY; never used twice in this file
    uidnext     INTEGER NOT NULL,                  -- the next message's UID; only rises
    modseq      INTEGER NOT NULL,                  -- RFC 7162 HIGHESTMODSEQ; at least 1, only rises
    recent      INTEGER NOT NULL,                  -- UIDs from here on have not been \Recent to any session
    messages    INTEGER NOT NULL,                  -- count of the entries
    unseen      INTEGER NOT NULL,                  -- count of the entries without \Seen
    deleted     INTEGER NOT NULL,                  -- count of the entries with \Deleted
    size        INTEGER NOT NULL,                  -- sum of the entries' sizes
    special_use TEXT NOT NULL                      -- RFC 6154 attributes such as \Sent, separated by spaces, or empty
) STRICT;

CREATE TABLE keyword (
    mailbox INTEGER NOT NULL REFERENCES mailbox(id) ON DELETE CASCADE, -- where it was used
    ord     INTEGER NOT NULL,                                          -- 0, 1, 2 in the order of first use
    name    TEXT NOT NULL,                                             -- as first written
    PRIMARY KEY (mailbox, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
    name TEXT PRIMARY KEY -- a mailbox's name, whether that mailbox is there or not
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id          INTEGER PRIMARY KEY, -- rises with every message stored; the highest row is never deleted, so never used twice
    size        INTEGER NOT NULL,    -- RFC822.SIZE
    header_size INTEGER NOT NULL,    -- bytes of it that are in header; the rest is in body
    sent        INTEGER,             -- the Date field; NULL when missing or unreadable
    sent_zone   INTEGER,             -- its zone in minutes east of UTC
    envelope    BLOB,                -- RFC 3501 ENVELOPE as wire text
    structure   BLOB,                -- RFC 3501 BODYSTRUCTURE as wire text, with extension data
    parts       BLOB,                -- the tree of parts with their byte offsets, packed
    head_text   BLOB                 -- decoded and case-folded address and subject fields, for search
) STRICT;

CREATE TABLE header (
    message INTEGER PRIMARY KEY, -- message.id
    data    BLOB NOT NULL        -- one byte of encoding (0 as is, 1 Zstandard, 2 S2), then the header with its blank line
) STRICT;

CREATE TABLE body (
    id   INTEGER PRIMARY KEY, -- message.id << 18 | chunk << 2 | piece; a chunk is 64 KiB of the bytes after the header
    data BLOB NOT NULL        -- the pieces of a chunk together: one byte of encoding (0 as is, 1 Zstandard, 2 S2), then its bytes
) STRICT;

CREATE TABLE entry (
    mailbox  INTEGER NOT NULL, -- mailbox.id
    uid      INTEGER NOT NULL, -- RFC 3501 UID
    message  INTEGER NOT NULL, -- message.id
    flags    INTEGER NOT NULL, -- system flags
    modseq   INTEGER NOT NULL, -- the mailbox's modseq when flags or keywords last changed
    size     INTEGER NOT NULL, -- message.size, to load an index without reading messages
    date     INTEGER NOT NULL, -- RFC 3501 INTERNALDATE
    saved    INTEGER NOT NULL, -- RFC 8514 SAVEDATE
    keywords TEXT,             -- sorted, separated by spaces; NULL for none
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE shared (
    message INTEGER PRIMARY KEY, -- message.id of a message with more than one entry
    entries INTEGER NOT NULL     -- how many
) STRICT;

CREATE TABLE orphan (
    message  INTEGER PRIMARY KEY, -- message.id of a message without an entry, whose bytes wait for Purge
    mailbox  INTEGER NOT NULL,    -- where its last entry was
    uid      INTEGER NOT NULL,    -- and under which UID
    since    INTEGER NOT NULL     -- when it was expunged
) STRICT;

CREATE TABLE expunged (
    mailbox INTEGER NOT NULL REFERENCES mailbox(id) ON DELETE CASCADE, -- where
    modseq  INTEGER NOT NULL,                                          -- the mailbox's modseq given to the expunge
    first   INTEGER NOT NULL,                                          -- first UID of a run
    last    INTEGER NOT NULL,                                          -- last UID of it, included
    PRIMARY KEY (mailbox, modseq, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE imported (
    mailbox INTEGER NOT NULL REFERENCES mailbox(id) ON DELETE CASCADE, -- where
    key     BLOB NOT NULL,                                             -- the importer's name of the message
    uid     INTEGER NOT NULL,                                          -- the UID it was given; the entry may be gone
    PRIMARY KEY (mailbox, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY, -- uidvalidity: the highest one given to a mailbox
    value INTEGER NOT NULL  -- a number
) STRICT, WITHOUT ROWID;
