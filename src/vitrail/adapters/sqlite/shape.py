"""The databases as they stand on the disk, not as the migrations mean them: their schema, and how much they keep."""

__all__ = ["Kept", "Shape", "kept", "shape"]

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.sqlite.database import said_plainly

_FILES = ("ledger.db", "vitrail.db")
_COUNTS = (
    (_FILES[0], "entry", "SELECT count(*), NULL FROM entry"),
    (_FILES[0], "checkpoint", "SELECT count(*), NULL FROM checkpoint"),
    (_FILES[0], "sealing_key", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM sealing_key"),
    (_FILES[1], "segment", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM segment"),
    (_FILES[1], "alert", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM alert"),
    (_FILES[1], "reading", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM reading"),
    (_FILES[1], "sighting", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM sighting"),
    (_FILES[1], "upkeep_step", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM upkeep_step"),
    (_FILES[1], "notice", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM notice"),
    (_FILES[1], "place_memory", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM place_memory"),
    (_FILES[1], "request", "SELECT count(*), count(*) FILTER (WHERE erase_after_us <= :now) FROM request"),
    (_FILES[1], "case_file", "SELECT count(*), NULL FROM case_file"),
    (_FILES[1], "hold", "SELECT count(*), NULL FROM hold"),
    (_FILES[1], "unmasking", "SELECT count(*), NULL FROM unmasking"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """``tables``: columns by table. ``triggers``: their statements. ``statements``: by file, everything, comments
    included."""

    tables: Mapping[str, tuple[str, ...]]
    triggers: tuple[str, ...]
    statements: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one table; ``past_their_time``: about to be erased, or kept for a case; None where nothing has a time."""

    rows: int
    past_their_time: int | None


def shape(state_dir: Path) -> Shape:
    """Raises ``Unavailable`` or ``Corrupt``."""
    tables: dict[str, tuple[str, ...]] = {}
    triggers: list[str] = []
    statements: dict[str, tuple[str, ...]] = {}
    for name, opened in _databases(state_dir):
        listed = opened.execute("SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        tables |= _tables(opened)
        triggers += [sql for kind, sql in listed if kind == "trigger"]
        statements[name] = tuple(sql for _, sql in listed)
    return Shape(tables, tuple(triggers), statements)


def kept(state_dir: Path, now_us: int) -> dict[str, Kept]:
    """How much is kept, by table. Raises ``Unavailable`` or ``Corrupt``."""
    found: dict[str, Kept] = {}
    for database, opened in _databases(state_dir):
        for _, table, counting in (row for row in _COUNTS if row[0] == database):
            found[table] = Kept(*opened.execute(counting, {"now": now_us}).fetchone())
    return found


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    with said_plainly(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        yield opened


def _databases(state_dir: Path) -> Iterator[tuple[str, sqlite3.Connection]]:
    for name in _FILES:
        with _read_only(state_dir / name) as opened:
            yield name, opened


def _tables(opened: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    named = opened.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
    return {
        name: tuple(row[0] for row in opened.execute("SELECT name FROM pragma_table_info(?)", (name,)))
        for (name,) in named
        if not name.startswith("sqlite_")
    }
