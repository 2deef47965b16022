-- What was seen of vehicles, of things left standing, of marks and of places. Never of a person: the checks below admit
-- no subject and no class for one, and `form` is made from pictures in which people were painted over.

CREATE TABLE sighting (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- order of writing; never used again
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which it was written
    subject         TEXT NOT NULL CHECK (subject IN ('vehicle', 'thing', 'mark', 'place')), -- what it is of
    kind            TEXT NOT NULL CHECK (kind IN ('bicycle', 'car', 'motorcycle', 'bus', 'train', 'truck', 'boat', 'backpack',
                        'umbrella', 'handbag', 'suitcase', 'surface', 'asset', 'view')), -- its class; domain/sightings.py CLASSES
    stream_id       TEXT NOT NULL,        -- stream it was seen on
    camera_id       TEXT NOT NULL,        -- camera it was seen by
    start_us        INTEGER NOT NULL,     -- first seen, microseconds UTC
    end_us          INTEGER NOT NULL CHECK (end_us >= start_us), -- last seen, microseconds UTC
    score           REAL NOT NULL CHECK (score BETWEEN 0 AND 1), -- how sure the class is, 0..1
    box             TEXT NOT NULL CHECK (json_valid(box)), -- JSON x0, y0, x1, y1: where it was seen best, 0..1
    colour          TEXT NOT NULL,        -- colour that most of it has; empty when it was not seen well
    colour_share    REAL NOT NULL CHECK (colour_share BETWEEN 0 AND 1), -- share of it that has that colour
    colour2         TEXT NOT NULL,        -- second colour; empty when there is none
    colour2_share   REAL NOT NULL CHECK (colour2_share BETWEEN 0 AND 1), -- share of it that has that one
    zones           TEXT NOT NULL CHECK (json_valid(zones)), -- JSON list of ids of the zones it was in
    path            TEXT NOT NULL CHECK (json_valid(path)), -- JSON list of x, y: places of its foot, 0..1
    heading         TEXT NOT NULL CHECK (heading IN ('', 'left', 'right', 'up', 'down')), -- across the picture
    standing_s      REAL NOT NULL,        -- longest time it stood, seconds
    speed_kmh       REAL,                 -- median speed, km/h; null where the camera is not calibrated
    length_m        REAL,                 -- its length, metres; null likewise
    form            BLOB CHECK (length(form) = 128), -- how the thing looks: 128 signed bytes; null when it was not seen well
    erase_after_us  INTEGER NOT NULL      -- retention: gone from then on, microseconds UTC
) STRICT;
CREATE INDEX sighting_by_colour ON sighting (camera_id, kind, colour, start_us);
CREATE INDEX sighting_by_second ON sighting (camera_id, kind, colour2, start_us) WHERE colour2 <> '';
CREATE INDEX sighting_by_time ON sighting (start_us);
CREATE INDEX sighting_due ON sighting (erase_after_us);
