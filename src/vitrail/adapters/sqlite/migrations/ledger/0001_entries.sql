-- The ledger: only ever appended to. Triggers forbid changing or taking out what is written; an insert can only
-- go to the end, so that "insert or replace" is no way round them.

CREATE TABLE entry (
    idx        INTEGER PRIMARY KEY CHECK (idx >= 0), -- place in the log, from 0, without gaps; leaf index of the tree
    payload    BLOB NOT NULL,                        -- canonical JSON of the entry (domain/ledger.py), UTF-8
    leaf_hash  BLOB NOT NULL CHECK (length(leaf_hash) = 32), -- SHA-256 of 0x00 and payload (RFC 9162): a cache
    link       BLOB NOT NULL CHECK (length(link) = 32)       -- SHA-256 of the link before and leaf_hash: the chain
) STRICT;

CREATE TABLE checkpoint (
    id         INTEGER PRIMARY KEY,  -- order of signing
    size       INTEGER NOT NULL,     -- number of entries covered
    root       BLOB NOT NULL,        -- Merkle root over them (RFC 9162), 32 bytes
    at_us      INTEGER NOT NULL,     -- when it was signed, microseconds UTC
    signature  BLOB NOT NULL,        -- Ed25519 over the note (guard/verification.py), 64 bytes
    public_key BLOB NOT NULL         -- raw Ed25519 key that signed, 32 bytes
) STRICT;

CREATE TRIGGER entry_goes_to_the_end BEFORE INSERT ON entry
WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry)
BEGIN SELECT raise(ABORT, 'the ledger is only appended to'); END;

CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'the ledger is never changed'); END;

CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'the ledger is never erased'); END;

CREATE TRIGGER checkpoint_goes_to_the_end BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'the ledger is only appended to'); END;

CREATE TRIGGER checkpoint_never_changes BEFORE UPDATE ON checkpoint
BEGIN SELECT raise(ABORT, 'the ledger is never changed'); END;

CREATE TRIGGER checkpoint_never_goes BEFORE DELETE ON checkpoint
BEGIN SELECT raise(ABORT, 'the ledger is never erased'); END;
