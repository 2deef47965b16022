-- Roots of the subtrees of 1,024 entries each: a cache, so that a proof out of millions of entries need not read them all.

CREATE TABLE block (
    idx  INTEGER PRIMARY KEY CHECK (idx >= 0), -- the entries from idx * 1024 to before (idx + 1) * 1024
    root BLOB NOT NULL CHECK (length(root) = 32) -- root over their leaf hashes (RFC 9162)
) STRICT;

CREATE TRIGGER block_never_changes BEFORE UPDATE ON block
BEGIN SELECT raise(ABORT, 'the ledger is never changed'); END;

CREATE TRIGGER block_never_goes BEFORE DELETE ON block
BEGIN SELECT raise(ABORT, 'the ledger is never erased'); END;
