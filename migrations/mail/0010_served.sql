-- Expunged mail is kept for a time in which the server has run, besides one by a clock that may have been wrong.

ALTER TABLE orphan ADD COLUMN
    served INTEGER NOT NULL DEFAULT 0; -- seconds for which the server had run when it was expunged, as it counts them in its data folder
