"""``ReadingRecords``: counts and densities of places."""

# ruff: noqa: S608 -- the statements are put together from constants of this package; every value is a parameter.

__all__ = ["SqliteReadings"]

import sqlite3
from collections.abc import Sequence

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.scope import READING_IN_SCOPE, must_cover, scope_of
from vitrail.domain.events import Place, Reading
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.time import Interval

_INSERT = """
INSERT INTO reading (mandate_id, name, stream_id, camera_id, zone_id, line_id, at_us, value, unit, erase_after_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LATEST = f"""
SELECT name, stream_id, camera_id, zone_id, line_id, max(at_us) AS at_us, value, unit FROM reading
WHERE name = :name AND {READING_IN_SCOPE}
GROUP BY camera_id, zone_id, line_id ORDER BY camera_id, zone_id, line_id
"""
_SERIES = f"""
SELECT * FROM reading
WHERE name = :name AND camera_id = :camera_id AND at_us >= :start_us AND at_us < :end_us AND {READING_IN_SCOPE}
ORDER BY at_us, id
"""


class SqliteReadings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, permit: Permit, readings: Sequence[Reading]) -> None:
        for reading in readings:
            must_cover(permit, permit.mandate_id, reading.place.camera_id, reading.stream_id)
        rows = [
            (
                permit.mandate_id,
                r.name,
                r.stream_id,
                r.place.camera_id,
                r.place.zone_id,
                r.place.line_id,
                r.at_us,
                r.value,
                r.unit,
                r.at_us + permit.retention_us,
            )
            for r in readings
        ]
        with self._database.write() as connection:
            connection.executemany(_INSERT, rows)

    def latest(self, grant: Grant, name: str) -> list[Reading]:
        with self._database.read() as connection:
            return [_reading(row) for row in connection.execute(_LATEST, {"name": name} | scope_of(grant))]

    def series(self, grant: Grant, name: str, camera_id: str, interval: Interval) -> list[Reading]:
        asked: dict[str, str | int] = {
            "name": name,
            "camera_id": camera_id,
            "start_us": interval.start_us,
            "end_us": interval.end_us,
        }
        with self._database.read() as connection:
            return [_reading(row) for row in connection.execute(_SERIES, asked | scope_of(grant))]

    def kept(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM reading").fetchone()[0])

    def erase(self, now_us: int) -> int:
        with self._database.write() as connection:
            erased = connection.execute("DELETE FROM reading WHERE erase_after_us <= ?", (now_us,)).rowcount
        if erased:
            self._database.scrub()
        return erased


def _reading(row: sqlite3.Row) -> Reading:
    place = Place(row["camera_id"], row["zone_id"], row["line_id"])
    return Reading(row["name"], row["stream_id"], place, row["at_us"], row["value"], row["unit"])
