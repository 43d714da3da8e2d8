-- Sessions know by the id of an app password that it let them in: an id is never given to another one. And where a
-- password was last used from is kept.

CREATE TABLE credential_next (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of creation, never used twice
    account    INTEGER NOT NULL                   -- whose it is
               REFERENCES account (id) ON DELETE CASCADE,
    label      TEXT    NOT NULL,                  -- the device an app password is for; '' is the password itself
    stored_key BLOB    NOT NULL,                  -- SCRAM-SHA-256 StoredKey (RFC 5802, 3)
    server_key BLOB    NOT NULL,                  -- SCRAM-SHA-256 ServerKey
    created    INTEGER NOT NULL,                  -- when it was set
    used       INTEGER NOT NULL DEFAULT 0,        -- last log-in with it, exact to five minutes; 0: never
    used_from  TEXT    NOT NULL DEFAULT '',       -- the client's address then; '' where that is not known
    UNIQUE (account, label)
) STRICT;

INSERT INTO credential_next (id, account, label, stored_key, server_key, created, used)
    SELECT id, account, label, stored_key, server_key, created, used FROM credential;

DROP TABLE credential;

ALTER TABLE credential_next RENAME TO credential;
