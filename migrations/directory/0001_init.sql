-- directory.db: who has an account, under which addresses, and with what secrets. One file for all accounts.
-- Times are Unix seconds. Texts are UTF-8 in the canonical form that backend gives them.

CREATE TABLE account (
    id         INTEGER PRIMARY KEY,           -- inside this file only
    folder     TEXT    NOT NULL UNIQUE,       -- random; the name of the account's folder, and its id outside this file
    name       TEXT    NOT NULL UNIQUE,       -- what its owner logs in with, canonical
    disabled   INTEGER NOT NULL DEFAULT 0     -- 1: nobody may log in; mail still arrives
               CHECK (disabled IN (0, 1)),
    salt       BLOB    NOT NULL,              -- SCRAM salt, the same for every credential of the account
    iterations INTEGER NOT NULL               -- SCRAM iteration count, the same for every credential of the account
               CHECK (iterations >= 4096),    -- RFC 7677, 4
    created    INTEGER NOT NULL               -- when the account was made
) STRICT;

CREATE TABLE address (
    address TEXT    NOT NULL PRIMARY KEY,     -- local@domain; local alone: in any domain; @domain: whatever else it has
    account INTEGER NOT NULL                  -- who receives its mail and may log in by it
            REFERENCES account (id) ON DELETE CASCADE,
    created INTEGER NOT NULL                  -- when the address was added
) STRICT, WITHOUT ROWID;

CREATE INDEX address_account ON address (account);

CREATE TABLE credential (
    id         INTEGER PRIMARY KEY,           -- in order of creation
    account    INTEGER NOT NULL               -- whose it is
               REFERENCES account (id) ON DELETE CASCADE,
    label      TEXT    NOT NULL,              -- the device an app password is for; '' is the password itself
    stored_key BLOB    NOT NULL,              -- SCRAM-SHA-256 StoredKey (RFC 5802, 3)
    server_key BLOB    NOT NULL,              -- SCRAM-SHA-256 ServerKey
    created    INTEGER NOT NULL,              -- when it was set
    used       INTEGER NOT NULL DEFAULT 0,    -- last log-in with it, exact to the hour; 0: never
    UNIQUE (account, label)
) STRICT;

CREATE TABLE secret (
    name  TEXT NOT NULL PRIMARY KEY,          -- what it is for: 'decoy' makes the salts, of users that exist and that do not
    value BLOB NOT NULL                       -- random, made once
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (
    folder TEXT    NOT NULL PRIMARY KEY,      -- folder of a removed account that may still hold mail
    since  INTEGER NOT NULL                   -- when the account was removed
) STRICT, WITHOUT ROWID;
