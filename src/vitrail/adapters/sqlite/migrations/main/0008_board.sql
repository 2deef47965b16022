-- A case's board: what people pinned on its recordings, and how its cameras' clocks go.

CREATE TABLE pin (
    id           TEXT PRIMARY KEY,     -- random
    case_id      TEXT NOT NULL REFERENCES case_file (id), -- of which case
    camera_id    TEXT NOT NULL,        -- on which camera's picture
    moment_us    INTEGER NOT NULL,     -- when, on the case's clock, microseconds UTC
    thread       TEXT NOT NULL,        -- what a person follows from camera to camera, as they call it; empty: a note
    words        TEXT NOT NULL,        -- what they saw
    made_by      TEXT NOT NULL,        -- staff account that wrote this version
    made_us      INTEGER NOT NULL,     -- when it was written, microseconds UTC
    x            REAL,                 -- where it touches the ground, share of the picture from the left; null: nowhere
    y            REAL,                 -- and from the top
    version      INTEGER NOT NULL,     -- grows by one with each change
    removed_us   INTEGER,              -- when somebody took it off, microseconds UTC; null before
    CHECK ((x IS NULL) = (y IS NULL))
) STRICT;
CREATE INDEX pin_by_case ON pin (case_id, moment_us);

CREATE TABLE camera_clock (
    case_id        TEXT NOT NULL REFERENCES case_file (id), -- for which case
    camera_id      TEXT NOT NULL,      -- whose clock
    offset_us      INTEGER NOT NULL,   -- how far its recordings run ahead of the case's clock, microseconds
    uncertainty_us INTEGER NOT NULL CHECK (uncertainty_us >= 0), -- how well that is known, microseconds
    source         TEXT NOT NULL CHECK (source IN ('set', 'event')), -- domain/board.py ClockSource
    words          TEXT NOT NULL,      -- how it was found
    made_by        TEXT NOT NULL,      -- staff account
    made_us        INTEGER NOT NULL,   -- when, microseconds UTC
    version        INTEGER NOT NULL,   -- grows by one with each change
    PRIMARY KEY (case_id, camera_id)
) STRICT;
