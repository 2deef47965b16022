-- What each microphone hears every day, as counts: the thresholds of a place survive a restart. Nothing of any sound.

CREATE TABLE sound_habit (
    mic_id       TEXT NOT NULL CHECK (mic_id <> ''), -- whose
    kind         TEXT NOT NULL,        -- which kind of event
    mandate_id   TEXT NOT NULL,        -- mandate under which it was last written
    listened_us  INTEGER NOT NULL CHECK (listened_us >= 0), -- how long it has listened, microseconds
    count        INTEGER NOT NULL CHECK (count >= 0), -- happenings that came near the kind's threshold
    total        REAL NOT NULL,        -- sum of how far they came above what is counted, log odds
    PRIMARY KEY (mic_id, kind)
) STRICT;
