-- Limits of single accounts. An account without a row has those of the configuration.

CREATE TABLE quota (
    account   INTEGER PRIMARY KEY                     -- whose limits these are
              REFERENCES account (id) ON DELETE CASCADE,
    storage   INTEGER,                                -- bytes of messages at most; -1: no limit; NULL: as configured
    messages  INTEGER,                                -- messages in all mailboxes at most; likewise
    mailboxes INTEGER                                 -- mailboxes at most; likewise
) STRICT;
