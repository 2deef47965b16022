"""Numbered changes of the schema, one SQL file each, applied once and in order when a database is opened."""

__all__ = ["migrate", "newest"]

import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from vitrail.domain.errors import Invalid

_APPLICATION_ID = {"main": 0x56545231, "ledger": 0x56544C31}
"""Written into the file's header (``VTR1``, ``VTL1``), so that a foreign SQLite file is never taken for ours."""


def newest(kind: str) -> int:
    """The schema version this code knows."""
    return len(_scripts(kind))


def migrate(connection: sqlite3.Connection, path: Path, kind: str) -> None:
    """Bring the file up to date, in one transaction. ``Invalid`` when it was written by a newer Vitrail, or
    by some other program."""
    connection.execute("BEGIN")  # one view: another process may be creating the same file
    try:
        version = _version(connection, path, kind)
    finally:
        connection.execute("ROLLBACK")
    if version == newest(kind):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection, path, kind), newest(kind)):
            for statement in _statements(_scripts(kind)[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID[kind]}")
        connection.execute(f"PRAGMA user_version = {newest(kind)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path, kind: str) -> int:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != _APPLICATION_ID[kind] and (application or version or tables):
        raise Invalid(f"{path.name} belongs to another program", where=str(path), remedy="choose another state folder")
    if version > newest(kind):
        raise Invalid(
            f"{path.name} was written by a newer Vitrail (schema {version}, this one knows {newest(kind)})",
            where=str(path),
            remedy="install the newer version again; schemas are never taken back",
        )
    return version


def _scripts(kind: str) -> list[str]:
    folder = resources.files(__package__) / kind
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def _statements(script: str) -> Iterator[str]:
    """Split at the semicolons that end a statement; those inside triggers do not."""
    waiting = ""
    for piece in script.split(";"):
        waiting += piece + ";"
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""
