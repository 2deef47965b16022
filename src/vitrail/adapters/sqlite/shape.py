"""The schema of the databases as they stand on disk, not as the migrations mean it."""

__all__ = ["Shape", "shape"]

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.sqlite.database import said_plainly

_FILES = ("ledger.db", "vitrail.db")


@dataclass(frozen=True, slots=True)
class Shape:
    """``tables``: columns by table. ``triggers``: their statements. ``statements``: by file, everything, comments
    included."""

    tables: Mapping[str, tuple[str, ...]]
    triggers: tuple[str, ...]
    statements: Mapping[str, tuple[str, ...]]


def shape(state_dir: Path) -> Shape:
    """Raises ``Unavailable`` or ``Corrupt``."""
    tables: dict[str, tuple[str, ...]] = {}
    triggers: list[str] = []
    statements: dict[str, tuple[str, ...]] = {}
    for name in _FILES:
        path = state_dir / name
        with said_plainly(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            rows = opened.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
            listed = rows.fetchall()
            for kind, table, _ in listed:
                if kind in ("table", "view"):
                    columns = opened.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
                    tables[table] = tuple(row[0] for row in columns)
            triggers += [sql for kind, _, sql in listed if kind == "trigger"]
            statements[name] = tuple(sql for _, _, sql in listed)
    return Shape(tables, tuple(triggers), statements)
