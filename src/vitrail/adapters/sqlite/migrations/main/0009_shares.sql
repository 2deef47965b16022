-- Links to bundles, for those they are for.

CREATE TABLE share (
    id           TEXT PRIMARY KEY,     -- random
    bundle_id    TEXT NOT NULL REFERENCES bundle (id), -- what it opens
    case_id      TEXT NOT NULL REFERENCES case_file (id), -- of which case
    token_sha256 TEXT NOT NULL UNIQUE, -- SHA-256 of the link's secret, hex; the secret itself is told once
    asked_by     TEXT NOT NULL,        -- staff account that asked
    reason       TEXT NOT NULL,        -- why
    asked_us     INTEGER NOT NULL,     -- when, microseconds UTC
    expires_us   INTEGER NOT NULL,     -- it opens nothing from then on, microseconds UTC
    most         INTEGER NOT NULL CHECK (most > 0), -- downloads allowed
    taken        INTEGER NOT NULL CHECK (taken BETWEEN 0 AND most), -- downloads so far
    answered_by  TEXT NOT NULL,        -- staff account of the second person; empty before
    answer       TEXT NOT NULL,        -- the second person's reason; empty before
    answered_us  INTEGER,              -- when, microseconds UTC; null before
    granted      INTEGER NOT NULL CHECK (granted IN (0, 1)), -- 1 when the second person agreed
    revoked_us   INTEGER,              -- when somebody took it back, microseconds UTC; null before
    CHECK (granted = 0 OR (answered_us IS NOT NULL AND answered_by <> asked_by AND answer <> ''))
) STRICT;
CREATE INDEX share_by_case ON share (case_id);
