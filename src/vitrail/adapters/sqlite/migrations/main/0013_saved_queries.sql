-- Searches that somebody keeps in a case, to ask again.

CREATE TABLE saved_query (
    id         TEXT PRIMARY KEY,       -- random
    case_id    TEXT NOT NULL REFERENCES case_file (id), -- of which case; goes with it
    words      TEXT NOT NULL,          -- what they call it
    query      TEXT NOT NULL,          -- description and filters, as an address's query
    made_by    TEXT NOT NULL,          -- staff account that kept it
    made_us    INTEGER NOT NULL        -- when, microseconds UTC
) STRICT;
CREATE INDEX saved_query_by_case ON saved_query (case_id, made_us);
