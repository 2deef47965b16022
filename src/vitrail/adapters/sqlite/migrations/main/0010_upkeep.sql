-- What becomes of declared walls and furniture, and the requests about them. Neither says anything of anybody who was
-- filmed: places, times, staff and the bodies that repair.

CREATE TABLE upkeep_step (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- order of saying
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which its alert was written
    camera_id       TEXT NOT NULL,        -- camera that sees it
    wall_id         TEXT,                 -- which surface (a declared wall)
    asset_id        TEXT,                 -- or which asset
    said            TEXT NOT NULL CHECK (said IN ('alert', 'confirmed', 'dismissed', 'over', 'closed', 'repaired',
                        'whole', 'renewed')), -- domain/upkeep.py Said
    alert_id        TEXT NOT NULL,        -- because of which alert; empty when of none
    said_by         TEXT NOT NULL CHECK (said_by <> ''), -- staff account, recipient of requests, or vitrail
    said_us         INTEGER NOT NULL,     -- when, microseconds UTC
    words           TEXT NOT NULL,        -- what a technician wrote about it
    erase_after_us  INTEGER NOT NULL,     -- gone from then on, microseconds UTC
    CHECK ((wall_id IS NULL) <> (asset_id IS NULL))
) STRICT;
CREATE INDEX upkeep_step_by_camera ON upkeep_step (camera_id, id);
CREATE INDEX upkeep_step_due ON upkeep_step (erase_after_us);

CREATE TABLE notice (
    id              TEXT PRIMARY KEY,     -- alert and recipient: there is never a second
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which its alert was written
    alert_id        TEXT NOT NULL,        -- which confirmed alert it is about
    camera_id       TEXT NOT NULL,        -- camera that sees the place
    wall_id         TEXT,                 -- which surface (a declared wall)
    asset_id        TEXT,                 -- or which asset
    recipient_id    TEXT NOT NULL,        -- to whom, as site.yaml calls it
    ticket          TEXT NOT NULL CHECK (json_valid(ticket)), -- what is asked for: domain/tickets.py Ticket
    before_sha256   TEXT,                 -- picture before that may go with it: SHA-256, hexadecimal
    after_sha256    TEXT,                 -- picture after, likewise
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'unclear', 'sent', 'closed', 'failed')), -- NoticeState
    tries           INTEGER NOT NULL CHECK (tries >= 0), -- how often it was tried
    next_us         INTEGER NOT NULL,     -- not touched before, microseconds UTC
    number          TEXT NOT NULL,        -- what they call it; empty before
    voucher         TEXT NOT NULL,        -- what they gave instead of a number; empty when none
    answer          TEXT NOT NULL,        -- their last words about it
    problem         TEXT NOT NULL,        -- why it is not delivered; empty when all is well
    created_us      INTEGER NOT NULL,     -- when the alert was confirmed, microseconds UTC
    sent_us         INTEGER,              -- when they took it in, microseconds UTC; null before
    closed_us       INTEGER,              -- when they closed it, microseconds UTC; null before
    erase_after_us  INTEGER NOT NULL,     -- gone from then on, microseconds UTC
    CHECK ((wall_id IS NULL) <> (asset_id IS NULL)),
    UNIQUE (alert_id, recipient_id)
) STRICT;
CREATE INDEX notice_by_camera ON notice (camera_id, created_us);
CREATE INDEX notice_due ON notice (state, next_us);
