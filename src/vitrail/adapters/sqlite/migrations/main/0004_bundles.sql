-- Cases handed over: what goes into a bundle, who asked and who agreed.

CREATE TABLE bundle (
    id           TEXT PRIMARY KEY,     -- random
    case_id      TEXT NOT NULL REFERENCES case_file (id), -- of which case
    parts        TEXT NOT NULL CHECK (json_valid(parts)), -- JSON list of camera, start and end (microseconds UTC)
    view         TEXT NOT NULL CHECK (view IN ('keys', 'full')), -- domain/bundles.py View
    bare         INTEGER NOT NULL CHECK (bare IN (0, 1)), -- 1: holds packets as they were recorded, not masked
    language     TEXT NOT NULL CHECK (language IN ('en', 'fr')), -- of the report
    recipient    TEXT NOT NULL CHECK (recipient <> ''), -- whom it is for, as typed; a public body as a rule
    asked_by     TEXT NOT NULL,        -- staff account that asked
    reason       TEXT NOT NULL,        -- why
    asked_us     INTEGER NOT NULL,     -- when, microseconds UTC
    until_us     INTEGER NOT NULL,     -- erased then, or when its case ends, microseconds UTC
    answered_by  TEXT NOT NULL,        -- staff account of the second person; empty before, or when none is needed
    answer       TEXT NOT NULL,        -- the second person's reason; empty before
    answered_us  INTEGER,              -- when, microseconds UTC; null before
    granted      INTEGER NOT NULL CHECK (granted IN (0, 1)), -- 1 when the second person agreed
    made_us      INTEGER,              -- when it was finished, microseconds UTC; null before
    sha256       TEXT NOT NULL,        -- of the finished file, hex; empty before
    size_bytes   INTEGER NOT NULL,     -- of the finished file, bytes; 0 before
    CHECK (granted = 0 OR (answered_us IS NOT NULL AND answered_by <> asked_by AND answer <> ''))
) STRICT;
CREATE INDEX bundle_by_case ON bundle (case_id);
