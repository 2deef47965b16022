"""Web pages for people. Knows services and domain; never the stores."""
