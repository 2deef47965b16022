-- What is known of declared walls and furniture, to go on with after a restart: a file each stream, people left out.

CREATE TABLE place_memory (
    stream_id       TEXT PRIMARY KEY,     -- whose places
    mandate_id      TEXT NOT NULL CHECK (mandate_id <> ''), -- mandate under which it was learnt; of no use under another
    camera_id       TEXT NOT NULL,        -- camera that sees them
    sha256          TEXT NOT NULL,        -- of the file, hexadecimal
    size_bytes      INTEGER NOT NULL,     -- of the file, bytes
    kept_us         INTEGER NOT NULL,     -- when it was written, microseconds UTC
    erase_after_us  INTEGER NOT NULL      -- gone from then on, unless it is written anew before, microseconds UTC
) STRICT;
CREATE INDEX place_memory_due ON place_memory (erase_after_us);
