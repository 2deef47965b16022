-- Everything but the ledger. Times (`_us`) are integer microseconds since 1970-01-01 UTC. Media bytes are never here.
-- Every row about what a camera saw names the mandate under which it was written, and when it must be gone.

CREATE TABLE alert (
    id                  TEXT PRIMARY KEY,     -- random
    mandate_id          TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which it was made
    kind                TEXT NOT NULL,        -- event kind, as the analytic's manifest names it
    analytic            TEXT NOT NULL,        -- id of the analytic that spoke
    version             TEXT NOT NULL,        -- its version
    stream_id           TEXT NOT NULL,        -- stream it was seen on
    camera_id           TEXT NOT NULL,        -- place: camera
    zone_id             TEXT,                 -- place: zone, where one was drawn
    line_id             TEXT,                 -- place: line, where one was drawn
    start_us            INTEGER NOT NULL,     -- happening: start, microseconds UTC
    end_us              INTEGER NOT NULL CHECK (end_us >= start_us), -- happening: end so far, microseconds UTC
    ongoing             INTEGER NOT NULL CHECK (ongoing IN (0, 1)), -- 1 while it has not ended
    score               REAL NOT NULL CHECK (score BETWEEN 0 AND 1), -- certainty, 0..1
    measures            TEXT NOT NULL CHECK (json_valid(measures)), -- JSON list of [name, value, threshold, unit]
    evidence_start_us   INTEGER NOT NULL,     -- recording that shows it: start, microseconds UTC
    evidence_end_us     INTEGER NOT NULL CHECK (evidence_end_us >= evidence_start_us), -- and end, microseconds UTC
    state               TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'dismissed', 'expired')), -- where it stands
    created_us          INTEGER NOT NULL,     -- when it was put before people, microseconds UTC
    erase_after_us      INTEGER NOT NULL,     -- retention: gone from then on, microseconds UTC
    verdict_reason      TEXT,                 -- what the person who judged typed
    verdict_account_id  TEXT,                 -- staff account that judged
    verdict_at_us       INTEGER,              -- when it was judged, microseconds UTC
    verdict_spent_s     REAL,                 -- time from opening the page to the verdict, seconds
    CHECK ((state IN ('confirmed', 'dismissed')) = (verdict_at_us IS NOT NULL)),
    CHECK ((verdict_at_us IS NULL) = (verdict_reason IS NULL)),
    CHECK ((verdict_at_us IS NULL) = (verdict_account_id IS NULL)),
    CHECK ((verdict_at_us IS NULL) = (verdict_spent_s IS NULL))
) STRICT;
CREATE INDEX alert_by_time ON alert (created_us, id);
CREATE INDEX alert_by_camera ON alert (camera_id, kind, state, created_us);
CREATE INDEX alert_by_state ON alert (state, created_us);
CREATE INDEX alert_due ON alert (erase_after_us);

CREATE TRIGGER verdict_stands BEFORE UPDATE ON alert
WHEN OLD.state <> 'open' AND (NEW.state <> OLD.state OR NEW.verdict_reason IS NOT OLD.verdict_reason
    OR NEW.verdict_account_id IS NOT OLD.verdict_account_id OR NEW.verdict_at_us IS NOT OLD.verdict_at_us)
BEGIN SELECT raise(ABORT, 'a verdict is never changed'); END;

CREATE TABLE segment (
    id              TEXT PRIMARY KEY,     -- random
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which it was recorded
    camera_id       TEXT NOT NULL,        -- camera
    stream_id       TEXT NOT NULL,        -- its stream
    start_us        INTEGER NOT NULL,     -- wall time of the first frame, microseconds UTC
    end_us          INTEGER NOT NULL CHECK (end_us >= start_us), -- wall time where it ends so far, microseconds UTC
    path            TEXT NOT NULL UNIQUE CHECK (path <> ''), -- file, relative to the archive
    size_bytes      INTEGER NOT NULL,     -- size of the file, bytes
    sha256          TEXT NOT NULL,        -- digest of the file, hex; empty while it is being written
    codec           TEXT NOT NULL,        -- video codec, as FFmpeg names it
    width           INTEGER NOT NULL,     -- picture width, pixels
    height          INTEGER NOT NULL,     -- picture height, pixels
    erase_after_us  INTEGER NOT NULL,     -- retention: gone from then on, microseconds UTC
    sealed          INTEGER NOT NULL CHECK (sealed IN (0, 1)), -- 1 when finished
    CHECK (sealed = 0 OR length(sha256) = 64)
) STRICT;
CREATE INDEX segment_by_stream ON segment (stream_id, start_us);
CREATE INDEX segment_by_camera ON segment (camera_id, start_us);
CREATE INDEX segment_due ON segment (erase_after_us);
CREATE INDEX segment_growing ON segment (sealed) WHERE sealed = 0;

CREATE TABLE reading (
    id              INTEGER PRIMARY KEY,  -- order of writing
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which it was counted
    name            TEXT NOT NULL,        -- what is counted, as the analytic's manifest names it
    stream_id       TEXT NOT NULL,        -- stream it was counted on
    camera_id       TEXT NOT NULL,        -- place: camera
    zone_id         TEXT,                 -- place: zone, where one was drawn
    line_id         TEXT,                 -- place: line, where one was drawn
    at_us           INTEGER NOT NULL,     -- moment, microseconds UTC
    value           REAL NOT NULL,        -- the number, in `unit`
    unit            TEXT NOT NULL,        -- unit of `value`
    erase_after_us  INTEGER NOT NULL      -- retention: gone from then on, microseconds UTC
) STRICT;
CREATE INDEX reading_by_place ON reading (name, camera_id, at_us);
CREATE INDEX reading_due ON reading (erase_after_us);

CREATE TABLE account (
    id                TEXT PRIMARY KEY,   -- what the person types to sign in
    name              TEXT NOT NULL,      -- name of the staff member
    role              TEXT NOT NULL CHECK (role IN ('operator', 'technician', 'investigator', 'officer', 'auditor',
                                                    'administrator')), -- domain/people.py Role
    password_hash     TEXT NOT NULL,      -- argon2id, PHC string
    territory         TEXT NOT NULL CHECK (json_valid(territory)), -- JSON list of camera ids the person may see
    trained_until_us  INTEGER NOT NULL,   -- training is valid until then, microseconds UTC
    created_us        INTEGER NOT NULL,   -- when it was made, microseconds UTC
    revoked_us        INTEGER,            -- when it was revoked, microseconds UTC; null while it stands
    language          TEXT NOT NULL       -- language of the screens, ISO 639-1
) STRICT;

CREATE TABLE session (
    token_sha256  TEXT PRIMARY KEY CHECK (length(token_sha256) = 64), -- SHA-256 of the token, hex; the token is nowhere
    account_id    TEXT NOT NULL REFERENCES account (id), -- who signed in
    reason        TEXT NOT NULL,      -- what the person typed as the reason of this session
    csrf          TEXT NOT NULL,      -- value that every form of this session carries
    created_us    INTEGER NOT NULL,   -- when it began, microseconds UTC
    expires_us    INTEGER NOT NULL    -- when it ends by itself, microseconds UTC
) STRICT;
CREATE INDEX session_by_account ON session (account_id);
