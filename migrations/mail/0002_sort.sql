-- What SORT and THREAD compare, apart from the messages and close together, to be read for a whole mailbox in one pass.
-- A message without a row is one that came before this schema: its keys are made when they are first needed.

CREATE TABLE sortkey (
    message INTEGER PRIMARY KEY, -- message.id
    data    BLOB NOT NULL        -- message.id and the length of the rest as varints, then the keys, packed
) STRICT;
