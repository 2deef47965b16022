"""``BoardRecords``."""

__all__ = ["SqliteBoard"]

import sqlite3

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.board import CameraClock, ClockSource, Pin, SavedQuery
from vitrail.domain.errors import Conflict, NotFound

_NEW_PIN = """
INSERT INTO pin (id, case_id, camera_id, moment_us, thread, words, made_by, made_us, x, y, version, removed_us)
VALUES (:id, :case_id, :camera_id, :at_us, :thread, :words, :made_by, :made_us, :x, :y, :version, :removed_us)
"""
_CHANGED_PIN = """
UPDATE pin SET camera_id = :camera_id, moment_us = :at_us, thread = :thread, words = :words, x = :x, y = :y,
    made_by = :made_by, made_us = :made_us, version = :version, removed_us = :removed_us
WHERE id = :id AND version = :version - 1
"""
_NEW_CLOCK = """
INSERT INTO camera_clock (case_id, camera_id, offset_us, uncertainty_us, source, words, made_by, made_us, version)
VALUES (:case_id, :camera_id, :offset_us, :uncertainty_us, :source, :words, :made_by, :made_us, :version)
"""
_CHANGED_CLOCK = """
UPDATE camera_clock SET offset_us = :offset_us, uncertainty_us = :uncertainty_us, source = :source, words = :words,
    made_by = :made_by, made_us = :made_us, version = :version
WHERE case_id = :case_id AND camera_id = :camera_id AND version = :version - 1
"""
_ERASE = (
    """
DELETE FROM pin WHERE case_id IN (SELECT id FROM case_file WHERE closed_us IS NOT NULL OR expires_us <= :now_us)
""",
    """
DELETE FROM camera_clock
WHERE case_id IN (SELECT id FROM case_file WHERE closed_us IS NOT NULL OR expires_us <= :now_us)
""",
    """
DELETE FROM saved_query
WHERE case_id IN (SELECT id FROM case_file WHERE closed_us IS NOT NULL OR expires_us <= :now_us)
""",
)
_PIN = """
INSERT INTO pin (id, case_id, camera_id, moment_us, thread, words, made_by, made_us, x, y, version, removed_us)
VALUES (:id, :case_id, :camera_id, :at_us, :thread, :words, :made_by, :made_us, :x, :y, :version, :removed_us)
"""
_CHANGED_PIN = """
UPDATE pin SET camera_id = :camera_id, moment_us = :at_us, thread = :thread, words = :words, x = :x, y = :y,
    made_by = :made_by, made_us = :made_us, version = :version, removed_us = :removed_us
WHERE id = :id AND version = :version - 1
"""
_NEW_CLOCK = """
INSERT INTO camera_clock (case_id, camera_id, offset_us, uncertainty_us, source, words, made_by, made_us, version)
VALUES (:case_id, :camera_id, :offset_us, :uncertainty_us, :source, :words, :made_by, :made_us, :version)
"""
_CHANGED_CLOCK = """
UPDATE camera_clock SET offset_us = :offset_us, uncertainty_us = :uncertainty_us, source = :source, words = :words,
    made_by = :made_by, made_us = :made_us, version = :version
WHERE case_id = :case_id AND camera_id = :camera_id AND version = :version - 1
"""
_ENDED = "case_id IN (SELECT id FROM case_file WHERE closed_us IS NOT NULL OR expires_us <= :now_us)"
_PIN = "id case_id camera_id thread words made_by made_us x y version removed_us"
_CLOCK = "case_id camera_id offset_us uncertainty_us words made_by made_us version"


class SqliteBoard:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put_pin(self, pin: Pin) -> None:
        row = {name: getattr(pin, name) for name in (*_PIN.split(), "at_us")}
        self._put(_NEW_PIN if pin.version == 1 else _CHANGED_PIN, row, f"pin {pin.id}")

    def pin(self, pin_id: str) -> Pin:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM pin WHERE id = ?", (pin_id,)).fetchone()
        if row is None:
            raise NotFound(f"no pin {pin_id}")
        return _pin(row)

    def pins(self, case_id: str) -> list[Pin]:
        sql = "SELECT * FROM pin WHERE case_id = ? AND removed_us IS NULL ORDER BY moment_us, id"
        with self._database.read() as connection:
            return [_pin(row) for row in connection.execute(sql, (case_id,)).fetchall()]

    def put_clock(self, clock: CameraClock) -> None:
        row = {name: getattr(clock, name) for name in _CLOCK.split()} | {"source": clock.source.value}
        self._put(_NEW_CLOCK if clock.version == 1 else _CHANGED_CLOCK, row, f"the clock of {clock.camera_id}")

    def clocks(self, case_id: str) -> list[CameraClock]:
        sql = "SELECT * FROM camera_clock WHERE case_id = ? ORDER BY camera_id"
        with self._database.read() as connection:
            rows = connection.execute(sql, (case_id,)).fetchall()
        return [CameraClock(**dict(row) | {"source": ClockSource(row["source"])}) for row in rows]

    def put_query(self, query: SavedQuery) -> None:
        row = {name: getattr(query, name) for name in query.__slots__}
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO saved_query VALUES (:id, :case_id, :words, :query, :made_by, :made_us)", row
            )

    def queries(self, case_id: str) -> list[SavedQuery]:
        sql = "SELECT * FROM saved_query WHERE case_id = ? ORDER BY made_us, id"
        with self._database.read() as connection:
            return [SavedQuery(**dict(row)) for row in connection.execute(sql, (case_id,)).fetchall()]

    def drop_query(self, case_id: str, query_id: str) -> None:
        sql = "DELETE FROM saved_query WHERE case_id = ? AND id = ?"
        with self._database.write() as connection:
            if not connection.execute(sql, (case_id, query_id)).rowcount:
                raise NotFound(f"no saved search {query_id}")

    def erase(self, now_us: int) -> int:
        with self._database.write() as connection:
            gone = sum(connection.execute(sql, {"now_us": now_us}).rowcount for sql in _ERASE)
        if gone:
            self._database.scrub()
        return gone

    def _put(self, sql: str, row: dict[str, str | int | float | None], what: str) -> None:
        try:
            with self._database.write() as connection:
                changed = connection.execute(sql, row).rowcount
        except sqlite3.IntegrityError as error:
            raise _changed_meanwhile(what) from error
        if not changed:
            raise _changed_meanwhile(what)


def _pin(row: sqlite3.Row) -> Pin:
    values = dict(row)
    return Pin(at_us=values.pop("moment_us"), **values)


def _changed_meanwhile(what: str) -> Conflict:
    return Conflict(f"somebody else changed {what} meanwhile", remedy="look at it again; what you wrote is still here")
