-- Mail that is not there although an account has had some is missed: an empty mail.db in its place would give UIDs anew.

ALTER TABLE account ADD COLUMN
    has_mail INTEGER NOT NULL DEFAULT 0 CHECK (has_mail IN (0, 1)); -- 1: its mail.db has been made, and is not to be made anew
