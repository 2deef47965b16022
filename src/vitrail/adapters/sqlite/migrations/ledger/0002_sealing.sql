-- Keys that open the personal words of entries (guard/sealing.py). Entries never change and never go; a key goes at its
-- time, and the words with it, while hashes, links and signed heads stay as they are.

CREATE TABLE sealing_key (
    id             TEXT PRIMARY KEY, -- SHA-256 of the secret, hex: entries name the key by it
    subject        TEXT NOT NULL,    -- account whose words it opens
    period         TEXT NOT NULL,    -- calendar month (UTC) of the entries, such as 2026-11
    secret         BLOB NOT NULL CHECK (length(secret) = 32), -- random AES-256 key
    erase_after_us INTEGER NOT NULL, -- when it is destroyed, microseconds UTC; fixed when it is made
    UNIQUE (subject, period)
) STRICT;

CREATE TRIGGER sealing_key_never_changes BEFORE UPDATE ON sealing_key
BEGIN SELECT raise(ABORT, 'a key is never changed'); END;
