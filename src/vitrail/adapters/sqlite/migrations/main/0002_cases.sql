-- Cases, what they keep from erasure and ask to see; requests of people who were filmed; emergency accounts.

CREATE TABLE case_file (
    id           TEXT PRIMARY KEY,     -- random
    kind         TEXT NOT NULL CHECK (kind IN ('inquiry', 'rights')), -- domain/cases.py CaseKind
    reference    TEXT NOT NULL CHECK (reference <> ''),   -- number under which the authority runs it
    legal_basis  TEXT NOT NULL CHECK (legal_basis <> ''), -- what allows it
    reason       TEXT NOT NULL CHECK (reason <> ''),      -- what it is about, as its opener typed it
    opened_by    TEXT NOT NULL,        -- staff account
    members      TEXT NOT NULL CHECK (json_valid(members)), -- JSON list of staff accounts that may work in it
    cameras      TEXT NOT NULL CHECK (json_valid(cameras)), -- JSON list of cameras that may be looked at in it
    start_us     INTEGER NOT NULL,     -- span that may be looked at: start, microseconds UTC
    end_us       INTEGER NOT NULL CHECK (end_us >= start_us), -- and end, microseconds UTC
    opened_us    INTEGER NOT NULL,     -- when it was opened, microseconds UTC
    expires_us   INTEGER NOT NULL,     -- when it ends by itself, microseconds UTC
    closed_us    INTEGER               -- when somebody closed it, microseconds UTC; null before
) STRICT;

CREATE TABLE hold (
    id           TEXT PRIMARY KEY,     -- random
    case_id      TEXT NOT NULL REFERENCES case_file (id), -- for which case
    camera_id    TEXT NOT NULL,        -- whose recordings and alerts
    start_us     INTEGER NOT NULL,     -- of which span: start, microseconds UTC
    end_us       INTEGER NOT NULL CHECK (end_us > start_us), -- and end, microseconds UTC
    reason       TEXT NOT NULL,        -- why, as its issuer typed it
    issued_by    TEXT NOT NULL,        -- staff account
    issued_us    INTEGER NOT NULL,     -- when, microseconds UTC
    until_us     INTEGER NOT NULL,     -- it ends by itself then, microseconds UTC
    released_us  INTEGER               -- when somebody let it go, microseconds UTC; null before
) STRICT;
CREATE INDEX hold_by_camera ON hold (camera_id, start_us);
CREATE INDEX hold_by_case ON hold (case_id);

CREATE TABLE unmasking (
    id           TEXT PRIMARY KEY,     -- random
    case_id      TEXT NOT NULL REFERENCES case_file (id), -- for which case
    camera_id    TEXT NOT NULL,        -- camera
    start_us     INTEGER NOT NULL,     -- span: start, microseconds UTC
    end_us       INTEGER NOT NULL CHECK (end_us > start_us), -- and end, microseconds UTC
    region       TEXT NOT NULL CHECK (json_valid(region)), -- JSON x0, y0, x1, y1: part of the picture, 0..1
    asked_by     TEXT NOT NULL,        -- staff account that asked
    reason       TEXT NOT NULL,        -- why
    asked_us     INTEGER NOT NULL,     -- when, microseconds UTC
    expires_us   INTEGER NOT NULL,     -- asked: not answered any more from then on; granted: not shown, microseconds UTC
    answered_by  TEXT NOT NULL,        -- staff account of the second person; empty before
    answer       TEXT NOT NULL,        -- the second person's reason; empty before
    answered_us  INTEGER,              -- when, microseconds UTC; null before
    granted      INTEGER NOT NULL CHECK (granted IN (0, 1)), -- 1 when the second person agreed
    CHECK (granted = 0 OR (answered_us IS NOT NULL AND answered_by <> asked_by AND answer <> ''))
) STRICT;
CREATE INDEX unmasking_by_case ON unmasking (case_id);

CREATE TABLE request (
    id              TEXT PRIMARY KEY,     -- random
    kind            TEXT NOT NULL CHECK (kind IN ('access', 'erasure', 'objection', 'complaint')), -- domain/rights.py
    received_us     INTEGER NOT NULL,     -- when it came, microseconds UTC
    due_us          INTEGER NOT NULL,     -- when it must be answered, microseconds UTC
    words           TEXT NOT NULL,        -- what was asked, in the asker's words; emptied at erase_after_us
    contact         TEXT NOT NULL,        -- where the answer goes; emptied at erase_after_us
    entered_by      TEXT NOT NULL,        -- staff account that entered it
    camera_id       TEXT NOT NULL,        -- place asked about; empty when none
    start_us        INTEGER,              -- span asked about: start, microseconds UTC; null when none
    end_us          INTEGER,              -- and end, microseconds UTC; null when none
    case_id         TEXT NOT NULL,        -- case that keeps and shows the footage; empty when none
    answer          TEXT CHECK (answer IN ('granted', 'partly', 'refused')), -- null while it waits
    grounds         TEXT NOT NULL,        -- why it was refused (domain/rights.py GROUNDS); empty otherwise
    answer_words    TEXT NOT NULL,        -- what was answered
    answered_by     TEXT NOT NULL,        -- staff account; empty before
    answered_us     INTEGER,              -- when, microseconds UTC; null while it waits
    erase_after_us  INTEGER NOT NULL,     -- words and contact are emptied from then on, microseconds UTC
    CHECK ((start_us IS NULL) = (end_us IS NULL)),
    CHECK ((answer IS NULL) = (answered_us IS NULL)),
    CHECK (answer IS NOT 'refused' OR grounds <> '')
) STRICT;
CREATE INDEX request_due ON request (erase_after_us);

ALTER TABLE account ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0 CHECK (emergency IN (0, 1)); -- 1: break-glass
ALTER TABLE account ADD COLUMN broken_us INTEGER;   -- emergency account: when it was used, microseconds UTC; null before
ALTER TABLE account ADD COLUMN reviewed_us INTEGER; -- when an officer had looked into that use, microseconds UTC
