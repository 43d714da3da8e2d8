-- search.db: which words are in which messages of one account's mail.db. All of it can be made anew from there.
--
-- A segment covers the messages of a range of ids; the segments in use follow on each other without a gap. It is
-- written once; several are merged into one. Its terms are in blocks, in the order of field and term.
-- What a disk has done to a row, its sum tells, and to a number of rows, segment.blocks.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY, -- 'identity'
    value TEXT NOT NULL     -- the mail.db that this belongs to, and the rules by which texts were cut into terms
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
    id     INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
    first  INTEGER NOT NULL,                  -- the first message.id covered
    last   INTEGER NOT NULL,                  -- the last one; the ids between need not all exist
    state  INTEGER NOT NULL,                  -- 0 being written, 1 in use, 2 being erased
    opaque BLOB NOT NULL,                     -- messages that are not in the blocks: 8 bytes each, big-endian, ascending
    blocks BLOB NOT NULL,                     -- how many blocks each field has: 8 bytes each, big-endian; empty in state 0
    sum    INTEGER NOT NULL                   -- CRC-32C of id, first, last (8 bytes each), blocks, opaque; 0 in state 0
) STRICT;

CREATE TABLE terms (
    block INTEGER PRIMARY KEY, -- segment.id << 24 | field << 20 | number of the block in the field
    sum   INTEGER NOT NULL,    -- CRC-32C of block (8 bytes, big-endian) and data
    data  BLOB NOT NULL        -- the terms in order, with a zero byte before each and after the last
) STRICT;

CREATE TABLE posting (
    block INTEGER PRIMARY KEY, -- as in terms
    sum   INTEGER NOT NULL,    -- CRC-32C of block (8 bytes, big-endian) and data
    data  BLOB NOT NULL        -- for each term the messages that have it, as differences from segment.first
) STRICT;
