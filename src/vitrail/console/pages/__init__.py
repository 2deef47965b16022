"""One file per page, with its routes."""
